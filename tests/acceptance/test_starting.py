"""Pipelines asked for in plain words over the example workspace, with no key: listed, started, and not started."""

from __future__ import annotations

import os
from collections.abc import Generator
from datetime import UTC, datetime

import pytest

from nova.app.demo import prepare
from nova.app.house import Nova, open_nova
from nova.core.events import ToolCalled
from nova.core.outcomes import Done, Outcome
from nova.core.steps import Walk, WalkState
from nova.settings.home import Home, find_home
from nova.store import reviews, walks
from nova.testing.house import Told, ask

MORNING_AFTER = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def nova(tmp_path_factory: pytest.TempPathFactory) -> Generator[Nova]:
    """The Nova of the demonstration's home, no provider, on the morning after its last commit."""
    folder = tmp_path_factory.mktemp("starting")
    home = Home(root=folder / "home", data=folder / "home" / ".nova", cache=find_home(os.environ).cache)
    prepare(home, lambda _: None)
    one = open_nova(home, clock=lambda: MORNING_AFTER)
    yield one
    one.close()


def runs_of(nova: Nova, pipeline: str = "") -> list[Walk]:
    """The durable runs, of this pipeline or of all, newest first."""
    with nova.database.read() as connection:
        return walks.listed(connection, nova.everything, nova.pipelines.blobs, name=pipeline)


def calls(heard: Told) -> list[str]:
    """The tools that were called."""
    return [event.happening.tool for event in heard.events if isinstance(event.happening, ToolCalled)]


def text(outcome: Outcome) -> str:
    """What a person reads of an answer."""
    assert isinstance(outcome, Done), outcome
    return outcome.text


async def test_which_pipelines_there_are(nova: Nova) -> None:
    """All shipped pipelines are named with what each does, and those with a schedule with the next time."""
    heard = await ask(nova, "which pipelines do I have", project="airep")
    answer = text(heard.outcome)
    assert calls(heard) == ["pipelines_list"]
    assert all(name in answer for name in nova.pipelines.library.plans)
    assert "next Fri 2026-11-20 07:00 Europe/Berlin" in answer
    assert runs_of(nova) == []


async def test_the_release_notes_are_run(nova: Nova) -> None:
    """Words that ask for the release notes run that pipeline in the project, once, and its outputs are the answer."""
    heard = await ask(nova, "run the release notes pipeline", project="airep")
    (walk,) = runs_of(nova, "release-notes")
    assert calls(heard) == ["pipelines_start"]
    assert (walk.state, walk.inputs) == (WalkState.ENDED, {"since": "", "until": ""})
    assert f"release-notes ran and is done (run {walk.run})" in text(heard.outcome)
    assert walk.trigger == f"agent pipeline-runner in run {heard.run}"


async def test_an_input_is_what_the_owner_says_beside_its_name(nova: Nova) -> None:
    """The version said after `since` is the input of that name."""
    await ask(nova, "run the release notes pipeline since 1.3.0", project="airep", agent="pipeline-runner")
    assert {"since": "1.3.0", "until": ""} in [walk.inputs for walk in runs_of(nova, "release-notes")]


async def test_the_morning_briefing_is_started(nova: Nova) -> None:
    """A start in other words is a start, and needs no model."""
    heard = await ask(nova, "start the morning briefing", project="airep", agent="pipeline-runner")
    (walk,) = runs_of(nova, "morning-briefing")
    assert walk.state is WalkState.ENDED
    assert "morning-briefing ran and is done" in text(heard.outcome)


async def test_what_waits_is_said_with_the_command_that_answers(nova: Nova) -> None:
    """A pipeline that asks the owner something is started with the number he said, and the answer says what it asks."""
    heard = await ask(nova, "start issue-to-fix for issue 5", project="airep", agent="pipeline-runner")
    (walk,) = runs_of(nova, "issue-to-fix")
    assert isinstance(walk.inputs, dict)
    assert walk.inputs["issue"] == 5
    with nova.database.read() as connection:
        waiting = reviews.waiting(connection, nova.everything, nova.pipelines.blobs, root=walk.run)
    assert walk.state is WalkState.PARKED
    assert [f"nova reviews approve {one.id}" in text(heard.outcome) for one in waiting] == [True]


@pytest.mark.parametrize(
    "said",
    [
        "did the release notes pipeline run last night?",
        "what steps are in the site audit pipeline",
        "run the release notes pipeline every friday at 4",
        "Resume the stuck run from the step where it stopped",
    ],
)
async def test_a_question_starts_nothing(nova: Nova, said: str) -> None:
    """Whoever only speaks of a pipeline, or of another time, finds nothing started."""
    before = [walk.run for walk in runs_of(nova)]
    heard = await ask(nova, said, project="airep", agent="pipeline-runner")
    assert "pipelines_start" not in calls(heard)
    assert [walk.run for walk in runs_of(nova)] == before
