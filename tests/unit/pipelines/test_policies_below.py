"""Policies of nodes that hold other nodes, and what a crash, a wait or a failed try must not lose."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.a_crew import EVERYTHING, AHome, a_plan, plan_over

from nova.core.briefs import Report
from nova.core.degradations import DegradationKind
from nova.core.errors import ToolFailed, ToolTransient
from nova.core.json import Json
from nova.core.labels import HOME, Label, Scope
from nova.core.limits import Usage
from nova.core.outcomes import Done, Failed, Stopped
from nova.core.plans import Plan
from nova.core.reviews import Answer
from nova.core.steps import Occurrence, StepState
from nova.pipelines import again, reviews
from nova.pipelines import below as below_module
from nova.pipelines.crew import AgentCall
from nova.pipelines.legs import leg
from nova.pipelines.settled import Waits
from nova.store import occurrences

LOOKED: Json = {"text": "mine", "count": 0, "lines": []}


def lower(**policy: Json) -> Plan:
    """A pipeline of one tool and what comes after it."""
    return a_plan(
        {
            "in": {"tool": "look", "with": {"a": "1"}, **policy},
            "then": {"tool": "post", "with": {"a": "${in.output.text}"}},
        },
        id="lower",
        outputs={"text": "${then.output.text}"},
    )


def upper(below: Plan, **policy: Json) -> Plan:
    """A pipeline that calls the lower one."""
    return plan_over(below, {"sub": {"pipeline": "lower", **policy}}, outputs={"text": "${sub.output.text}"})


async def test_a_pipeline_that_fails_below_is_met_by_the_policy_of_its_caller(home: AHome) -> None:
    """`otherwise` of a pipeline node stands in when the called pipeline fails, and the outcome says so."""
    home.crew.tools["look"] = [ToolFailed("No.")]
    below = lower()
    plan = upper(below, on_failure="continue-degraded", otherwise={"text": "none"})
    run, outcome = await home.go(plan, below={"lower": below})
    assert isinstance(outcome, Done)
    assert outcome.text == "none"
    assert DegradationKind.STEP_FAILED in [one.kind for one in outcome.degradations]
    assert home.steps(run)["sub"].state is StepState.DEGRADED


async def test_a_pipeline_is_tried_again_and_what_was_done_in_it_stays_done(home: AHome) -> None:
    """Retries of a pipeline node try what failed below, and only that; its degradations are told above."""
    below = a_plan(
        {
            "first": {"tool": "post", "with": {"a": "once"}},
            "second": {"tool": "look", "with": {"a": "${first.output.text}"}},
        },
        id="lower",
        outputs={"text": "${second.output.text}"},
    )
    home.crew.tools["look"] = [ToolTransient("It is busy.")]
    plan = upper(below, retries={"times": 2, "wait_seconds": 0})
    run, outcome = await home.go(plan, below={"lower": below})
    assert isinstance(outcome, Done)
    assert [one.split()[0] for one in home.crew.did] == ["post", "look", "look"]
    assert home.steps(run)["sub"].attempt == 2
    assert DegradationKind.RETRIED in [one.kind for one in outcome.degradations]


async def test_what_was_degraded_below_is_told_when_the_whole_fails(home: AHome) -> None:
    """A pipeline that noted a degradation and then failed hands it up to the outcome of the run at the top."""
    home.crew.tools["look"] = [ToolTransient("It is busy."), ToolFailed("No.")]
    below = lower(retries={"times": 1, "wait_seconds": 0})
    _, outcome = await home.go(upper(below), below={"lower": below})
    assert isinstance(outcome, Failed)
    assert outcome.what.startswith("The step sub/in failed: ")
    assert [one.kind for one in outcome.degradations] == [DegradationKind.RETRIED]


async def test_a_map_whose_element_fails_is_met_by_its_own_policy(home: AHome) -> None:
    """`otherwise` of a map stands in for all of it when one element fails for good."""
    home.crew.tools["look"] = [ToolFailed("No.")]
    each: Json = {
        "map": ["a", "b"],
        "do": {"tool": "look", "with": {"a": "${item}"}},
        "on_failure": "continue-degraded",
        "otherwise": {"items": [], "count": 0, "failed": 2},
    }
    _, outcome = await home.go(a_plan({"each": each}, outputs={"failed": "${each.output.failed}"}))
    assert isinstance(outcome, Done)
    assert outcome.text == "failed: 2"


async def test_the_owners_output_for_a_step_below_is_not_taken_for_the_whole(home: AHome) -> None:
    """What the owner gives in the place of a failed step inside of a called pipeline goes to that step alone."""
    home.crew.tools["look"] = [ToolFailed("No.")]
    below = lower(on_failure="review")
    run = home.begin(upper(below), below={"lower": below})
    assert isinstance(await home.walk(run.id), Waits)
    home.answer(home.waiting()[0].id, Answer.CHANGE, edit=LOOKED)
    outcome = await home.walk(run.id, 2)
    assert isinstance(outcome, Done)
    assert outcome.text == "mine"
    assert "post {'a': 'mine'}" in home.crew.did


async def test_the_owners_output_for_an_element_is_not_taken_for_the_map(home: AHome) -> None:
    """The same for one element of a map; the others keep what they gave."""
    home.crew.tools["look"] = [ToolFailed("No.")]
    each: Json = {
        "map": ["a", "b"],
        "do": {"tool": "look", "with": {"a": "${item}"}, "on_failure": "review"},
    }
    run = home.begin(a_plan({"each": each}, outputs={"items": "${each.output.items}"}))
    assert isinstance(await home.walk(run.id), Waits)
    home.answer(home.waiting()[0].id, Answer.CHANGE, edit=LOOKED)
    assert isinstance(await home.walk(run.id, 2), Done)
    output = home.walk_row(run.id).output
    assert isinstance(output, dict)
    items = output["items"]
    assert isinstance(items, list)
    assert [one["text"] for one in items if isinstance(one, dict)] == ["mine", "b"]


async def test_a_map_that_asked_tries_its_failed_elements_again(home: AHome) -> None:
    """After a yes to `try it again`, a map tries the elements that failed, and no other."""
    home.crew.tools["post"] = [0.0, ToolFailed("No.")]
    each: Json = {
        "map": ["a", "b"],
        "at_once": 1,
        "do": {"tool": "post", "with": {"a": "${item}"}},
        "on_failure": "review",
    }
    run = home.begin(a_plan({"each": each}, outputs={"count": "${each.output.count}"}))
    assert isinstance(await home.walk(run.id), Waits)
    home.answer(home.waiting()[0].id, Answer.APPROVE)
    outcome = await home.walk(run.id, 2)
    assert isinstance(outcome, Done), outcome
    assert home.crew.did == ["post {'a': 'a'}", "post {'a': 'b'}", "post {'a': 'b'}"]


async def test_tries_count_over_crashes(home: AHome) -> None:
    """A process that dies in the wait before a retry costs that wait's rest, not the count of tries."""
    retries: Json = {"times": 2, "wait_seconds": 60, "jitter": 0}
    run = home.begin(a_plan({"one": {"tool": "look", "with": {"a": "1"}, "retries": retries}}))
    home.crew.tools["look"] = [ToolTransient("It is busy.")] * 9
    naps: list[float] = []

    async def dies(seconds: float) -> None:
        naps.append(seconds)
        raise asyncio.CancelledError

    for number in range(2):
        task = asyncio.ensure_future(leg(replace(home.walking, sleep=dies), run.id, 1, executor=f"dead{number}"))
        await asyncio.gather(task, return_exceptions=True)
    assert naps[0] == 60
    assert 30 < naps[1] <= 60, "the second process waits the rest"
    outcome = await home.walk(run.id)
    assert isinstance(outcome, Failed)
    assert len(home.crew.did) == 3


async def test_an_owner_who_wants_it_again_gives_all_tries_again(home: AHome) -> None:
    """`nova runs retry` begins a step anew: with as many tries as its policy allows."""
    retries: Json = {"times": 1, "wait_seconds": 0}
    run = home.begin(a_plan({"one": {"tool": "look", "with": {"a": "1"}, "retries": retries}}))
    home.crew.tools["look"] = [ToolTransient("It is busy.")] * 3
    assert isinstance(await home.walk(run.id), Failed)
    again.retry(home.waking, run.id)
    assert isinstance(await home.walk(run.id, 2), Done)
    assert len(home.crew.did) == 4


async def test_a_fallback_is_told_in_the_moment_it_is_done(home: AHome) -> None:
    """No transaction stands between a fallback's output and the note that it was one."""
    home.crew.agents["writer"] = [Failed(error="ProviderPermanent", what="It is closed.")]
    plan = a_plan({"one": {"agent": "writer", "task": "go", "fallback": {"agent": "other"}}})
    run, _ = await home.go(plan)
    told = [type(event.happening).__name__ for event in home.events if event.run == run]
    ended = [place for place, kind in enumerate(told) if kind == "StepEnded"]
    assert told[ended[-1] + 1] == "Degraded"
    assert home.steps(run)["one"].degradations[-1].kind is DegradationKind.FALLBACK_AGENT


async def test_each_element_waits_for_its_own_event(home: AHome) -> None:
    """`${item}` in the `where` of a wait in a map chooses among events; one that fits another element is no answer."""
    each: Json = {"map": ["1", "2"], "do": {"wait": {"event": "webhook", "where": {"name": "${item}"}}}}
    run = home.begin(a_plan({"each": each}, outputs={"count": "${each.output.count}"}))
    assert isinstance(await home.walk(run.id), Waits)
    with home.database.write() as connection:
        label = Label(scopes=frozenset({HOME}))
        happened = Occurrence(id="o1", kind="webhook", scope=HOME, label=label, at=home.now(), data={"name": "2"})
        occurrences.append(connection, Scope.of(HOME), happened)
        reviews.wake_event(connection, home.waking, EVERYTHING, "event webhook")
    assert isinstance(await home.walk(run.id, 2), Waits)
    found = home.steps(run.id)
    assert (found["each[0]"].state, found["each[1]"].state) == (StepState.WAITING, StepState.DONE)


async def test_an_event_that_never_comes_is_met_by_the_policy(home: AHome) -> None:
    """A wait that is over without its event goes on with `otherwise` when the file says so, and that is told."""
    nothing: Json = {"waited_seconds": 0, "event": {}}
    pause: Json = {
        "wait": {"event": "webhook"},
        "timeout_seconds": 10,
        "on_failure": "continue-degraded",
        "otherwise": nothing,
    }
    run = home.begin(a_plan({"pause": pause}, outputs={"waited": "${pause.output.waited_seconds}"}))
    assert isinstance(await home.walk(run.id), Waits)
    home.ahead = timedelta(seconds=11)
    assert reviews.wake_due(home.waking) == 1
    outcome = await home.walk(run.id, 2)
    assert isinstance(outcome, Done)
    assert [one.kind for one in outcome.degradations] == [DegradationKind.STEP_FAILED]


class Paid:
    """An agent each of whose tries costs one call."""

    def __init__(self, home: AHome) -> None:
        self._agent = home.crew.agent

    async def agent(self, call: AgentCall) -> Report:
        """What the crew says, with its price."""
        return replace(await self._agent(call), usage=Usage(model_calls=1, input_tokens=10, cost_usd=1.0))


async def test_failed_tries_are_paid_for(home: AHome) -> None:
    """What a failed try has used counts in the step, in the pipeline that calls it, and once in the whole."""
    home.crew.agents["writer"] = [Failed(error="ProviderTransient", what="It is busy.")]
    home.crew.agent = Paid(home).agent
    retries: Json = {"times": 2, "wait_seconds": 0}
    below = a_plan(
        {"in": {"agent": "writer", "task": "go", "retries": retries}},
        id="lower",
        outputs={"text": "${in.output.text}"},
    )
    run, _ = await home.go(upper(below), below={"lower": below})
    assert home.row(run).usage.model_calls == 2
    assert home.steps(run)["sub"].usage.cost_usd == 2.0


async def crashed_below(home: AHome, patch: pytest.MonkeyPatch, run: str, number: int) -> None:
    """The leg dies when the called pipeline has ended, before its caller could write that down."""

    def dies(*_: object) -> None:
        raise asyncio.CancelledError

    with patch.context() as patched:
        patched.setattr(below_module, "_seen", dies)
        with pytest.raises(asyncio.CancelledError):
            await home.walk(run, number)


async def test_a_failure_below_is_met_by_the_policy_after_a_crash_too(
    home: AHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A called pipeline that had failed when the process died is not begun anew: its caller's policy decides."""
    home.crew.tools["look"] = [ToolFailed("No.")]
    below = lower()
    plan = upper(below, on_failure="continue-degraded", otherwise={"text": "none"})
    run = home.begin(plan, below={"lower": below})
    await crashed_below(home, monkeypatch, run.id, 1)
    outcome = await home.walk(run.id)
    assert isinstance(outcome, Done)
    assert outcome.text == "none"
    assert len(home.crew.did) == 1


async def test_a_rejection_below_stands_after_a_crash(home: AHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """A review that was rejected in a called pipeline is not asked again because the process died."""
    below = a_plan(
        {"in": {"review": "Shall it?", "show": {"payload": 1}}}, id="lower", outputs={"text": "${in.output.answer}"}
    )
    run = home.begin(upper(below), below={"lower": below})
    assert isinstance(await home.walk(run.id), Waits)
    home.answer(home.waiting()[0].id, Answer.REJECT, reason="No.")
    await crashed_below(home, monkeypatch, run.id, 2)
    outcome = await home.walk(run.id, 2)
    assert isinstance(outcome, Stopped), outcome
    assert outcome.reason == "rejected"
    assert home.waiting() == []
