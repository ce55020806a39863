"""Words that are forgotten while a run with them is parked: it ends in a typed way, and nothing breaks on it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from tests.integration.terminal import repository

from nova.app import forgetting
from nova.app.house import Nova
from nova.app.why import run_of
from nova.core.outcomes import Failed, Stopped
from nova.core.runs import RunState
from nova.core.steps import WalkState
from nova.pipelines import again, reviews
from nova.testing.house import a_home, a_nova
from nova.testing.pipelines import run_pipeline, waiting

ASKS = """\
id: asks
version: 1
description: Counts the words of a file and asks.
outputs: {text: "${ask.output.answer}"}
nodes:
  words: {tool: text_counts, with: {path: a.md}}
  ask: {review: "Are these marmalades enough?", show: {payload: "${words.output.text}"}}
"""


@pytest.fixture
def nova(tmp_path: Path) -> Generator[Nova]:
    """A home with one project and one pipeline; the text of the project names a quagga."""
    folder = repository(tmp_path / "blog", a_dot_md="# A\n\nSome quagga stands here.\n")
    home = a_home(tmp_path / "home", projects={"blog": ("blog", folder)})
    (home.root / "pipelines").mkdir()
    (home.root / "pipelines" / "asks.yaml").write_text(ASKS, encoding="utf-8")
    made = a_nova(home)
    yield made
    made.close()


async def test_what_a_step_gave_is_forgotten(nova: Nova) -> None:
    """The review about it is closed, and the worker's next look wakes the run, which finds that it is to end."""
    walked = await run_pipeline(nova, "asks", {}, project="blog")
    forgetting.forget(nova, nova.everything, forgetting.plan(nova, nova.everything, "quagga"))
    assert waiting(nova, walked.run) == []
    assert reviews.wake_due(nova.pipelines.waking()) == 1
    ran = await nova.pipelines.walk(walked.run, 2)
    assert isinstance(ran.outcome, Stopped)
    assert "forgotten" in ran.outcome.evidence


async def test_the_definition_is_forgotten(nova: Nova) -> None:
    """A run whose kept definition held the words has failed and says why; nobody takes it up for ever."""
    walked = await run_pipeline(nova, "asks", {}, project="blog")
    forgetting.forget(nova, nova.everything, forgetting.plan(nova, nova.everything, "marmalades"))
    leg = again.resume(nova.pipelines.waking(), walked.run, by_force=True).leg
    ran = await nova.pipelines.walk(walked.run, leg)
    assert isinstance(ran.outcome, Failed)
    assert "forgotten" in ran.outcome.what
    assert run_of(nova, walked.run).state is RunState.FAILED
    walk = nova.pipelines.walk_of(walked.run)
    assert walk is not None
    assert walk.state is WalkState.ENDED
    assert nova.pipelines.plan_of(walked.run) is None
