"""The seven faults that agent frameworks were measured with, through a whole Nova with agents that may pass work on.

None of them ends as a plain success: each ends in a typed state, in bounded time, with evidence and what to do next.
Beside them, what tools do when they fail for a while, and what is no fault though it looks like one.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic_ai.exceptions import ModelHTTPError, ModelServerError
from tests.integration.test_handoffs import READ, RENT, Cast, House, Step, to, told

from nova.agents import trying
from nova.app.house import Nova
from nova.app.why import reason_of
from nova.cli.why import explain
from nova.core.degradations import Degradation, DegradationKind
from nova.core.errors import ToolTransient
from nova.core.events import Retried, RunFailed, RunFinished, ToolReturned
from nova.core.outcomes import Done, Failed, Outcome, Stopped
from nova.models.circuits import FAILURES_MAX
from nova.models.patience import Patience
from nova.tools.registry import toolbox
from nova.tools.spec import Arguments, Reach, Tool, ToolResult

SECONDS_MAX = 10.0
OVERLOADED = ModelHTTPError.for_category(ModelServerError, status_code=503, model_name="cast")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault and its end. says: the class of a Failed, the reason of a Stopped; evidence: words that must be there."""

    orientation: Sequence[Step]
    decisions: Sequence[Step] = (RENT,)
    ends: type[Outcome]
    says: str
    evidence: str
    asked_max: int


SEVEN = {
    "a tool raises": Fault(
        orientation=[READ, "I could not read it."], ends=Done, says="tool-failed",
        evidence="files_read broke: ValueError: the cause", asked_max=2,
    ),
    "a model raises": Fault(
        orientation=[OVERLOADED], ends=Failed, says="ProviderTransient",
        evidence="cannot answer at the moment (HTTP 503", asked_max=1,
    ),
    "an unknown handoff": Fault(
        orientation=[to("nobody")], ends=Failed, says="HandoffRefused",
        evidence="decisions, issue-triage, code-reviewer", asked_max=2,
    ),
    "an unknown tool": Fault(
        orientation=[("files_delete", {"path": "notes.md"})], ends=Failed, says="ProviderPermanent",
        evidence="it called files_delete in vain 2 times", asked_max=2,
    ),
    "an empty answer": Fault(
        orientation=[""], ends=Failed, says="ProviderPermanent", evidence="its reply was empty 2 times", asked_max=2
    ),
    "the same call for ever": Fault(
        orientation=[READ], ends=Stopped, says="identical_calls",
        evidence='files_read({"path":"notes.md"}) was called 3 times with the same arguments and result', asked_max=3,
    ),
    "ping-pong": Fault(
        orientation=[to("decisions", "You do it.")], decisions=[to("orientation", "No, you do it.")], ends=Stopped,
        says="ping_pong", evidence="to and fro 2 times, nothing new", asked_max=10,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the router's head lies, which all these tests share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def house(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[House]:
    made = House(tmp_path, cache)
    monkeypatch.setenv("NOVA_HOME", str(made.home.root))
    monkeypatch.setenv("NOVA_CACHE", str(made.home.cache))
    monkeypatch.setattr(trying, "PATIENCE", Patience(tries_max=2, wait_seconds=0.01, spent_seconds_max=5.0))
    yield made
    made.close()


def less(outcome: Outcome) -> list[Degradation]:
    """What was less than it should be, but for the price of a model that only plays a part."""
    return [one for one in outcome.degradations if one.kind is not DegradationKind.UNPRICED]


def with_tool(nova: Nova, tool: Tool) -> Nova:
    """The same Nova with another tool of that name."""
    nova.__dict__["desk"] = replace(nova.desk, tools={**nova.desk.tools, tool.name: tool})
    return nova


def reader(results: Sequence[str | Exception]) -> Tool:
    """files_read, giving these one after the other, the last again and again."""
    left = itertools.chain(results, itertools.repeat(results[-1]))

    async def run(given: Arguments, reach: Reach) -> ToolResult:
        found = next(left)
        if isinstance(found, Exception):
            raise found
        whole = await toolbox()["files_read"].run(given, reach)
        return replace(whole, headline=found)

    return replace(toolbox()["files_read"], run=run)


@pytest.mark.parametrize("name", SEVEN)
async def test_each_of_the_seven_ends_typed(house: House, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A typed state on disk, evidence in words, what to do next, few calls, and `nova why` tells all of it."""
    fault = SEVEN[name]
    played = Cast(orientation=fault.orientation, decisions=fault.decisions)
    nova = house.nova(played)
    if name == "a tool raises":
        nova = with_tool(nova, reader([ValueError("the cause")]))
    began = time.monotonic()
    got = await told(nova)
    assert time.monotonic() - began < SECONDS_MAX
    assert type(got.outcome) is fault.ends
    assert sum(len(seen) for seen in played.seen.values()) <= fault.asked_max
    reason = reason_of(nova, got.run)
    assert reason.run.outcome == got.outcome
    last = reason.events[-1].happening
    match got.outcome:
        case Failed(error=error, what=what, mend=mend):
            assert isinstance(last, RunFailed)
            assert (error, bool(mend)) == (fault.says, True)
            assert fault.evidence in what
        case Stopped(reason=says, evidence=evidence, mend=mend):
            assert isinstance(last, RunFinished)
            assert (says, bool(mend)) == (fault.says, True)
            assert fault.evidence.casefold() in evidence.casefold()
        case Done(degradations=degradations):
            [said] = [one for one in degradations if one.kind.value == fault.says]
            assert fault.evidence in said.what
            assert said.mend
        case _:
            raise AssertionError(f"{got.outcome} is no end of a fault")
    capsys.readouterr()
    explain(got.run, as_json=False)
    assert fault.evidence.casefold() in " ".join(capsys.readouterr().out.split()).casefold()


async def test_the_same_call_with_another_result_is_progress(house: House) -> None:
    """Looking again at something that changes is no loop: only the number of calls bounds it."""
    nova = house.nova(Cast(orientation=[*[READ] * 6, RENT]))
    got = await told(with_tool(nova, reader([f"Look {number}." for number in range(6)])))
    assert isinstance(got.outcome, Done)
    assert sum(isinstance(event.happening, ToolReturned) for event in got.events) == 6


async def test_a_tool_that_fails_for_a_moment_is_tried_again(house: House) -> None:
    """A reading tool whose failure may pass is called once more, with an event before and a degradation after."""
    nova = house.nova(Cast(orientation=[READ, RENT]))
    got = await told(with_tool(nova, reader([ToolTransient("files_read was busy."), "Read."])))
    assert isinstance(got.outcome, Done)
    assert got.outcome.verified
    [retry] = [event.happening for event in got.events if isinstance(event.happening, Retried)]
    assert (retry.of, retry.attempt, retry.error, retry.what) == (
        "files_read", 2, "ToolTransient", "files_read was busy.",
    )  # fmt: skip
    [said] = less(got.outcome)
    assert (said.kind, said.what) == (DegradationKind.RETRIED, "files_read was busy. It went well when tried again.")


async def test_a_tool_that_goes_on_failing_is_left_alone(house: House) -> None:
    """After five failures in a row nobody calls it any more, in no run and no process, until a time that is said."""
    busy = ToolTransient("files_read was busy.", "Try again later.")
    for _ in range(FAILURES_MAX // 2 + 1):
        got = await told(with_tool(house.nova(Cast(orientation=[READ, "No."])), reader([busy])))
        assert [one.kind for one in less(got.outcome)] == [DegradationKind.TOOL_FAILED]
    played = Cast(orientation=[READ, "It is resting."])
    got = await told(with_tool(house.nova(played), reader(["It would have worked."])))
    [said] = less(got.outcome)
    assert said.kind is DegradationKind.PROVIDER_RESTING
    assert said.what.startswith("The tool files_read was not tried: it failed 6 times in a row just now")
    assert said.mend.startswith("It is tried again after ")
    assert "FAILED: The tool files_read was not tried" in played.seen["orientation"][-1]
    [returned] = [event.happening for event in got.events if isinstance(event.happening, ToolReturned)]
    assert returned.failed == said.what


async def test_a_wrong_argument_is_no_failure_of_the_tool(house: House) -> None:
    """However often a model asks for what is not there, the tool works and is not left alone."""
    missing: Step = ("files_read", {"path": "nowhere.md"})
    for _ in range(FAILURES_MAX + 1):
        await told(house.nova(Cast(orientation=[missing, "It is not there."])))
    got = await told(house.nova(Cast(orientation=[READ, RENT])))
    assert isinstance(got.outcome, Done)
    assert less(got.outcome) == []
