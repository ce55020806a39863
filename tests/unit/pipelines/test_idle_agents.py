"""An agent of the catalog that this home has not engaged: another mistake than a name that is not there."""

from __future__ import annotations

import pytest

from nova.core.errors import BadFiles
from nova.core.json import Json
from nova.pipelines.known import known_of
from nova.pipelines.load import make_plan


def test_an_agent_that_is_not_engaged_is_said_to_be_so() -> None:
    """A pipeline that names an agent which is only not engaged says which command engages it."""
    parts: dict[str, Json] = {
        "id": "one",
        "version": 1,
        "description": "Asks somebody who is not here.",
        "nodes": {"a": {"agent": "summariser", "task": "Hi"}},
    }
    with pytest.raises(BadFiles, match="nova agents engage summariser"):
        make_plan(parts, known_of(["decisions"], [], idle=["decisions", "summariser"]))
