"""Texts of several projects in one run of the home: no provider sees them that is not cleared for each."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integration.terminal import repository

from nova.core.degradations import DegradationKind
from nova.core.outcomes import Done
from nova.testing.house import a_home, a_nova
from nova.testing.pipelines import run_pipeline

TELLS = """\
id: tells
version: 1
description: Has somebody say what all projects are about.
outputs: {text: "${say.output.text}"}
nodes:
  all: {tool: projects_brief}
  say: {agent: memory-keeper, task: "Say it shorter:\\n${all.output.text}"}
"""
OUTSIDE = """
[providers.outside]
kind = "openai-compatible"
base_url = "http://127.0.0.1:9/v1"
cleared_for = [CLEARED]

[models]
quick = ["outside:m"]
strong = ["outside:m"]
"""


@pytest.mark.parametrize("names", [("shop", "diary"), ("shop",)])
@pytest.mark.parametrize(("cleared", "asked"), [('"home"', False), ('"internal"', True)])
async def test_a_step_with_texts_of_projects_asks_no_provider_of_the_home(
    tmp_path: Path, cleared: str, asked: bool, names: tuple[str, ...]
) -> None:
    """A provider that is cleared for the home's own texts is not sent what a step was told of the projects."""
    projects = {name: ("general", repository(tmp_path / name, a_dot_md="Words.\n")) for name in names}
    home = a_home(tmp_path / "home", projects=projects)
    home.settings_file.write_text(OUTSIDE.replace("CLEARED", cleared), encoding="utf-8")
    (home.root / "pipelines").mkdir()
    (home.root / "pipelines" / "tells.yaml").write_text(TELLS, encoding="utf-8")
    nova = a_nova(home)
    walked = await run_pipeline(nova, "tells", {})
    nova.close()
    assert isinstance(walked.outcome, Done), walked.outcome
    told = [one.what for one in walked.outcome.degradations if one.kind is DegradationKind.FALLBACK_MODEL]
    assert any("not cleared" in one for one in told) is not asked, told
