"""Runs tried again, forked and taken up: what was done stays done, and what was used counts once, waiting apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.support.a_crew import AHome, a_plan, plan_over
from tests.unit.pipelines.test_walk import CHAIN

from nova.core.errors import ToolFailed
from nova.core.json import Json
from nova.core.limits import TreeLimits, Usage
from nova.core.outcomes import Done, Failed, Stopped
from nova.core.reviews import Answer
from nova.core.steps import StepState
from nova.pipelines import again
from nova.pipelines.settled import Waits
from nova.pipelines.spending import worked

AT = datetime(2026, 11, 20, tzinfo=UTC)


def test_waiting_is_no_work() -> None:
    """Time counts from a leg's beginning to its parking, or to the last sign of life of a leg that was cut off."""
    moments = [
        ("RunStarted", 0), ("StepStarted", 10), ("StepEnded", 12), ("Parked", 13), ("ReviewAnswered", 900),
        ("TakenUp", 1000), ("StepStarted", 1001), ("TakenUp", 2000), ("StepEnded", 2004),
    ]  # fmt: skip
    happened = [(kind, AT + timedelta(seconds=seconds)) for kind, seconds in moments]
    assert worked(happened, None) == 3 + 1 + 4
    assert worked(happened, AT + timedelta(seconds=2010)) == 3 + 1 + 10
    assert worked([*happened, ("RunFailed", AT + timedelta(seconds=2011))], None) == 0.0, "tried again, it begins anew"


async def test_the_time_of_a_run_is_counted_over_its_legs(home: AHome) -> None:
    """A run that has used up its time does not get it again by waiting for an answer."""
    home.limits = TreeLimits(seconds_max=30)
    plan = a_plan(
        {
            "work": {"tool": "look", "with": {"a": "1"}},
            "ask": {"review": "Shall it?", "show": {"payload": "${work.output.text}"}},
            "then": {"tool": "look", "with": {"a": "${ask.output.answer}"}},
        }
    )
    run = home.begin(plan)
    clock = home.crew.tool

    async def slow(call: object) -> object:
        home.ahead += timedelta(seconds=40)
        return await clock(call)  # pyright: ignore[reportArgumentType]

    home.crew.tool = slow  # pyright: ignore[reportAttributeAccessIssue]
    assert isinstance(await home.walk(run.id), Waits)
    home.answer(home.waiting()[0].id, Answer.APPROVE)
    outcome = await home.walk(run.id, 2)
    assert isinstance(outcome, Stopped)
    assert outcome.reason == "tree.seconds"


async def test_a_fork_of_a_pipeline_is_a_run_of_a_pipeline(home: AHome) -> None:
    """A fork is walked as its original was, has what was kept before anybody can take it up, and has paid nothing."""
    run, _ = await home.go(CHAIN)
    forked = again.fork(home.waking, home.ground, run, start="two")
    assert forked.route == "Pipeline"
    assert set(home.steps(forked.id)) == {"one"}
    assert home.steps(forked.id)["one"].usage == Usage()
    assert home.queued[-1] == (forked.id, 1)


async def test_a_rejection_that_the_run_went_on_with_is_not_asked_again(home: AHome) -> None:
    """What the owner has answered stays answered when something else is tried again."""
    plan = a_plan(
        {
            "ask": {"review": "Shall it?", "show": {"payload": 1}, "on_reject": "continue"},
            "then": {"tool": "look", "with": {"a": "${ask.output.answer}"}},
        }
    )
    home.crew.tools["look"] = [ToolFailed("No.")]
    run = home.begin(plan)
    assert isinstance(await home.walk(run.id), Waits)
    home.answer(home.waiting()[0].id, Answer.REJECT, reason="No need.")
    assert isinstance(await home.walk(run.id, 2), Failed)
    again.retry(home.waking, run.id)
    assert isinstance(await home.walk(run.id, 3), Done)
    assert home.crew.did == ["look {'a': 'reject'}"] * 2


async def test_a_called_pipeline_keeps_to_its_own_budget(home: AHome) -> None:
    """The budget in the file of a called pipeline holds, though its caller may use more."""
    five: Json = [str(number) for number in range(5)]
    each: Json = {"map": five, "do": {"tool": "look", "with": {"a": "${item}"}}}
    below = a_plan({"each": each}, id="lower", outputs={"n": "${each.output.count}"}, budget={"tool_calls": 3})
    plan = plan_over(below, {"sub": {"pipeline": "lower"}})
    run, outcome = await home.go(plan, below={"lower": below})
    assert isinstance(outcome, Stopped)
    assert outcome.reason == "tree.tool_calls"
    assert "lower" in outcome.mend
    assert home.steps(run)["sub"].state is StepState.FAILED
