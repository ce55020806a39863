"""Answers, stops and pins that come while a run is being walked: each counts, and none breaks the record."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.support.a_crew import EVERYTHING, AHome, a_plan, plan_over

from nova.core.errors import ToolFailed, ToolTransient
from nova.core.events import Event, ReviewAsked
from nova.core.json import Json
from nova.core.outcomes import Done, Failed, Stopped
from nova.core.plans import Plan
from nova.core.reviews import Answer
from nova.core.runs import RunState
from nova.core.steps import StepState, WalkState
from nova.pipelines import again, reviews
from nova.pipelines.legs import leg
from nova.pipelines.settled import Waits
from nova.store import events, walks


def asking_beside_work() -> Plan:
    """A review, and beside it a tool that takes its time."""
    return a_plan(
        {
            "ask": {"review": "Shall it?", "show": {"payload": {"a": 1}}},
            "slow": {"tool": "look", "with": {"a": "1"}},
            "then": {"tool": "look", "with": {"a": "${ask.output.answer}"}},
        }
    )


async def until_asked(home: AHome) -> str:
    """The review, as soon as it is there."""
    async with asyncio.timeout(20):
        while not home.waiting():  # noqa: ASYNC110 - the other side is a row
            await asyncio.sleep(0.01)
    return home.waiting()[0].id


async def test_an_answer_that_comes_while_another_branch_works_breaks_nothing(home: AHome) -> None:
    """The answer is written into the record that the leg writes too; the run goes on, and its numbers have no gap."""
    home.crew.tools["look"] = [0.4]
    run = home.begin(asking_beside_work())
    walked = asyncio.create_task(home.walk(run.id))
    home.answer(await until_asked(home), Answer.APPROVE)
    assert isinstance(await walked, Done)
    assert home.row(run.id).state is RunState.DONE
    with home.database.read() as connection:
        found = events.of_run(connection, EVERYTHING, run.id)
    assert [event.number for event in found] == list(range(1, len(found) + 1))
    assert "ReviewAnswered" in [type(event.happening).__name__ for event in found]


async def test_a_pin_outlives_the_leg_that_does_not_know_of_it(home: AHome) -> None:
    """A run that is pinned while it is walked stays pinned when it parks."""
    home.crew.tools["look"] = [0.4]
    run = home.begin(asking_beside_work())
    walked = asyncio.create_task(home.walk(run.id))
    await until_asked(home)
    with home.database.write() as connection:
        walks.pin(connection, EVERYTHING, run.id, True)
    assert isinstance(await walked, Waits)
    assert home.walk_row(run.id).pinned


async def test_a_stop_that_comes_as_the_run_parks_is_not_forgotten(home: AHome) -> None:
    """A wish to stop that is written after the watcher's last look ends the run all the same."""
    run = home.begin(a_plan({"ask": {"review": "Shall it?", "show": {"payload": {"a": 1}}}}))
    walking = replace(home.walking, beat_seconds=0.2)
    asked = asyncio.Event()

    def heard(event: Event) -> None:
        if isinstance(event.happening, ReviewAsked):
            reviews.stop(home.waking, run.id, by="owner", why="enough")
            asked.set()

    outcome = await leg(replace(walking, heard=heard), run.id, 1, executor="test")
    assert asked.is_set()
    assert isinstance(outcome, Stopped)
    assert home.row(run.id).state is RunState.STOPPED
    assert home.waiting() == []


async def test_what_is_called_ends_with_its_caller(home: AHome) -> None:
    """A called pipeline that still waits when another branch breaks has ended too, with its steps and its review."""
    below = a_plan(
        {"in": {"review": "Shall it?", "show": {"payload": 1}}}, id="lower", outputs={"text": "${in.output.answer}"}
    )
    bad: dict[str, Json] = {"tool": "look", "with": {"a": "1"}, "retries": {"times": 1, "wait_seconds": 0}}
    home.crew.tools["look"] = [ToolTransient("It is busy."), ToolFailed("No.")]
    run = home.begin(plan_over(below, {"sub": {"pipeline": "lower"}, "bad": bad}), below={"lower": below})
    assert isinstance(await home.walk(run.id), Failed)
    with home.database.read() as connection:
        tree = walks.tree(connection, EVERYTHING, run.id, home.blobs)
    assert len(tree) == 2
    assert {walk.state for walk in tree} == {WalkState.ENDED}
    child = next(walk.run for walk in tree if walk.run != run.id)
    assert home.row(child).state is RunState.STOPPED
    assert {step.state for step in home.steps(child).values()} == {StepState.FAILED}
    again.retry(home.waking, run.id)
    assert isinstance(await home.walk(run.id, 2), Waits), "tried again, it asks again"
    home.answer(home.waiting()[0].id, Answer.APPROVE)
    assert isinstance(await home.walk(run.id, 3), Done)
