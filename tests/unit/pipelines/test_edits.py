"""Edits that take the place of a failed step's output, answered in a whole Nova."""

from __future__ import annotations

import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from nova.app.answering import answer
from nova.app.house import Nova
from nova.core.errors import BadInput
from nova.core.json import Json
from nova.core.outcomes import Done
from nova.core.reviews import Answer
from nova.testing.house import a_home, a_nova
from nova.testing.pipelines import run_pipeline, waiting

ASKS = """\
id: asks
version: 1
description: Counts the words of a file that is not there, and asks what to do.
outputs: {text: "${words.output.headline} ${words.output.text}"}
nodes:
  words: {tool: text_counts, with: {path: missing.md}, on_failure: review}
"""


@pytest.fixture
def nova(tmp_path: Path) -> Generator[Nova]:
    """A home with one project and one pipeline."""
    repository = tmp_path / "blog"
    repository.mkdir()
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    (repository / "a.md").write_text("# A\n\nSome words.\n", encoding="utf-8")
    home = a_home(tmp_path / "home", projects={"blog": ("blog", repository)})
    (home.root / "pipelines").mkdir()
    (home.root / "pipelines" / "asks.yaml").write_text(ASKS, encoding="utf-8")
    made = a_nova(home)
    yield made
    made.close()


@pytest.mark.parametrize("edit", ["my own words", {"text": "my own words"}])
async def test_the_owner_may_say_what_a_failed_step_gives(nova: Nova, edit: Json) -> None:
    """A text, or the fields that matter, stand in for the output of a failed step; the others are neutral."""
    walked = await run_pipeline(nova, "asks", {}, project="blog")
    assert walked.waits is not None, walked.outcome
    (review,) = waiting(nova, walked.run)
    _, leg = answer(nova, review, Answer.CHANGE, edit=edit)
    assert leg is not None
    ran = await nova.pipelines.walk(walked.run, leg)
    assert isinstance(ran.outcome, Done), ran.outcome
    assert ran.outcome.text.strip() == "my own words"


async def test_an_edit_that_is_no_output_is_refused_and_the_review_still_waits(nova: Nova) -> None:
    """What cannot be the step's output is refused in a sentence that names the field, and nothing is answered."""
    walked = await run_pipeline(nova, "asks", {}, project="blog")
    (review,) = waiting(nova, walked.run)
    with pytest.raises(BadInput, match="lines"):
        answer(nova, review, Answer.CHANGE, edit={"text": "x", "lines": 3})
    assert waiting(nova, walked.run)
