"""Models and tools that misbehave, through the whole of Nova: each run ends typed, in bounded time, and on record."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Generator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from nova.agents.run import ANSWER_CHARACTERS_MAX
from nova.app.house import Nova
from nova.coordinator.dispatch import dispatch
from nova.core.degradations import DegradationKind
from nova.core.events import Event, RunFailed, RunFinished, TextContent, ToolCalled, ToolReturned
from nova.core.limits import Limits
from nova.core.outcomes import Done, Failed, Outcome, Stopped
from nova.core.requests import Principal, Request
from nova.core.runs import RunState, outcome_from_json
from nova.store import events as stored_events
from nova.store import runs
from nova.testing import Call, Fault, Say, ScriptedModel
from nova.testing.house import a_home, a_nova
from nova.tools.registry import toolbox
from nova.tools.spec import Arguments, Reach, Tool, ToolResult, reading

NOTES = "# Notes\n\nThe rent of the workshop is 940 euros.\n"
READ = Call("files_read", {"path": "notes.md"})
ANSWER = "The rent is 940 euros (notes.md:3)."
SECONDS_MAX = 10.0
"""No fault may hold a run longer than this; without a limit most of them would last for ever."""


class House:
    """One home with one small project; ask it with any model and any limits."""

    def __init__(self, folder: Path) -> None:
        workshop = folder / "workshop"
        workshop.mkdir()
        (workshop / "notes.md").write_text(NOTES, encoding="utf-8")
        self.home = a_home(folder / "home", projects={"workshop": ("general", workshop)}, agents=["summariser"])
        self.opened: list[Nova] = []

    def nova(self, model: Model, limits: Limits | None = None, tools: dict[str, Tool] | None = None) -> Nova:
        """A Nova that answers with this model; `tools` replace those of the same name."""
        nova = a_nova(self.home, scripted=model)
        self.opened.append(nova)
        desk = replace(nova.desk, tools={**toolbox(), **(tools or {})})
        if limits is not None:
            agents = {name: replace(agent, limits=limits) for name, agent in desk.agents.items()}
            desk = replace(desk, agents=agents)
        nova.__dict__["desk"] = desk
        return nova

    async def ask(
        self, model: Model, limits: Limits | None = None, tools: dict[str, Tool] | None = None
    ) -> tuple[Outcome, list[Event]]:
        """The outcome, and the record as it is on disk afterwards. Fails when it takes too long or does not end."""
        nova = self.nova(model, limits, tools)
        started = time.monotonic()
        heard: list[Event] = []
        async with asyncio.timeout(SECONDS_MAX), aclosing(dispatch(a_request(), nova.desk)) as stream:
            async for event in stream:
                heard.append(event)  # noqa: PERF401 - a comprehension would lose what was heard before a failure
        assert time.monotonic() - started < SECONDS_MAX
        record = self.record(nova, heard[0].run)
        assert [event.number for event in record] == list(range(1, len(record) + 1))
        last = record[-1].happening
        assert isinstance(last, RunFinished | RunFailed)
        return outcome_from_json(last.outcome), record

    def record(self, nova: Nova, run: str) -> list[Event]:
        """The run's events as they are on disk."""
        with nova.database.read() as connection:
            return stored_events.of_run(connection, nova.everything, run)

    def close(self) -> None:
        """Gives the databases back."""
        for nova in self.opened:
            nova.close()


def a_request() -> Request:
    return Request(
        text="How much is the rent?", principal=Principal.OWNER, at=datetime.now(UTC), project="workshop",
        agent="summariser", agent_said_by="--agent",
    )  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Generator[House]:
    made = House(tmp_path)
    yield made
    made.close()


def failures(outcome: Outcome) -> list[str]:
    """What the outcome says about tools that failed."""
    return [one.what for one in outcome.degradations if one.kind is DegradationKind.TOOL_FAILED]


class _Nothing(Arguments):
    path: str = ""


def _broken(given: _Nothing, reach: Reach) -> ToolResult:
    raise ZeroDivisionError(f"no index for {given.path} in {reach.project}")


async def test_a_tool_that_raises_costs_its_answer_only(house: House) -> None:
    """A bug in a tool is told to the model and to the person, and the run goes on."""
    broken = {"files_read": reading("files_read", "Breaks.", _Nothing, _broken)}
    with ScriptedModel(READ, Say("I could not read it.")) as model:
        outcome, record = await house.ask(model, tools=broken)
        told = str(model.asked[1])
    assert isinstance(outcome, Done)
    assert failures(outcome) == ["files_read broke: ZeroDivisionError: no index for notes.md in workshop."]
    assert "no index for notes.md" in told
    [returned] = [event.happening for event in record if isinstance(event.happening, ToolReturned)]
    assert returned.failed == failures(outcome)[0]


async def test_an_unknown_tool_is_named(house: House) -> None:
    """A call of a tool that the agent does not have is on record and in the outcome, even when the model recovers."""
    with ScriptedModel(Call("files_delete", {"path": "notes.md"}), Say(ANSWER)) as model:
        outcome, record = await house.ask(model)
    assert isinstance(outcome, Done)
    assert failures(outcome) == ["The model called files_delete in vain: this agent has no such tool."]
    assert [event.happening.tool for event in record if isinstance(event.happening, ToolCalled)] == ["files_delete"]


async def test_an_unknown_tool_again_and_again_fails(house: House) -> None:
    """A model that insists on a tool that is not there ends as Failed after its second try."""
    model = ScriptedModel(*[Call("files_delete") for _ in range(20)])
    outcome, _ = await house.ask(model)
    assert isinstance(outcome, Failed)
    assert "files_delete" in outcome.what
    assert len(model.asked) == 2


@pytest.mark.parametrize("words", ["", "  \n\t "])
async def test_an_empty_answer_is_no_answer(house: House, words: str) -> None:
    """Nothing, or nothing but blanks, ends as Failed and never as Done with an empty text."""
    outcome, _ = await house.ask(ScriptedModel(Say(words), Say(words), Say(words)))
    assert isinstance(outcome, Failed)
    assert outcome.error == "ProviderPermanent"


async def test_a_model_may_answer_at_its_second_try(house: House) -> None:
    """One empty answer is asked again; the second, real one counts."""
    with ScriptedModel(Say(""), READ, Say(ANSWER)) as model:
        outcome, _ = await house.ask(model)
    assert isinstance(outcome, Done)
    assert outcome.verified


async def test_the_same_call_for_ever_stops_at_three(house: House) -> None:
    """The third time the same call gives the same result the run stops, with the call as evidence, and asks no more."""
    model = ScriptedModel(*[READ for _ in range(50)])
    outcome, record = await house.ask(model)
    assert isinstance(outcome, Stopped)
    assert outcome.reason == "identical_calls"
    assert 'files_read({"path":"notes.md"})' in outcome.evidence
    assert len(model.asked) == 3
    assert sum(isinstance(event.happening, ToolReturned) for event in record) == 3


@pytest.mark.parametrize("at_once", [True, False])
async def test_too_many_tool_calls_stop(house: House, at_once: bool) -> None:
    """One tool call more than allowed stops the run, whether they come one by one or all in one reply."""
    calls = tuple(Call("files_read", {"path": "notes.md", "start_line": line}) for line in range(1, 31))
    model = ScriptedModel(calls) if at_once else ScriptedModel(*calls)
    outcome, record = await house.ask(model, Limits(tool_calls_max=4, model_calls_max=40, seconds_max=9.0))
    assert isinstance(outcome, Stopped)
    assert (outcome.reason, outcome.evidence) == ("tool_calls", "4 tool calls were made")
    assert sum(isinstance(event.happening, ToolReturned) for event in record) <= 4


async def test_too_many_model_calls_stop(house: House) -> None:
    """A model that never answers is not asked once more than its limit."""
    calls = [Call("files_read", {"path": "notes.md", "start_line": line}) for line in range(1, 31)]
    model = ScriptedModel(*calls)
    outcome, _ = await house.ask(model, Limits(model_calls_max=5, tool_calls_max=40, seconds_max=9.0))
    assert isinstance(outcome, Stopped)
    assert outcome.reason == "model_calls"
    assert len(model.asked) == 5


async def test_a_huge_answer_is_cut_and_said(house: House) -> None:
    """An answer of 10 MB stops at its limit; what was said by then is kept, and the record stays small."""
    outcome, record = await house.ask(ScriptedModel(Say("word " * 2_000_000)))
    assert isinstance(outcome, Stopped)
    assert outcome.reason == "answer_characters"
    assert len(outcome.text) == ANSWER_CHARACTERS_MAX
    said = sum(len(event.happening.delta) for event in record if isinstance(event.happening, TextContent))
    assert said == ANSWER_CHARACTERS_MAX


async def test_a_huge_answer_in_one_piece_is_cut_too(house: House) -> None:
    """It makes no difference how the 10 MB arrive."""

    async def stream(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        yield "x" * 10_000_000

    outcome, _ = await house.ask(FunctionModel(stream_function=stream, model_name="scripted"))
    assert isinstance(outcome, Stopped)
    assert len(outcome.text) == ANSWER_CHARACTERS_MAX


async def test_control_characters_do_not_reach_the_record(house: House) -> None:
    """Terminal escapes, NUL, direction overrides and lone surrogates are taken out; the words stay."""
    words = "The \x1b[31mrent\x1b[0m is\x1b]0;owned\x07 \ud83d940\udc00 euros\x00\u202e\x9b2J (notes.md:3)."
    outcome, record = await house.ask(ScriptedModel(READ, Say(words)))
    assert isinstance(outcome, Done)
    assert outcome.verified
    everything = outcome.text + "".join(str(event.happening) for event in record)
    assert not set("\x1b\x07\x00\u202e\x9b\ud83d\udc00") & set(everything)
    assert "940" in outcome.text
    everything.encode("utf-8")


ODD_ARGUMENTS = [
    '["notes.md"]', '"notes.md"', "null", "3", '{"path":', '{"path": {"deep": 1}}', '{"path": NaN}',
    '{"nope": "notes.md"}', '{"path": "\\ud800"}', '{"path": "\ud800"}', '{"path": "notes.md", "start_line": 1e999}',
    '{"path": "' + "x" * 200_000 + '"}',
]  # fmt: skip


@pytest.mark.parametrize("arguments", ODD_ARGUMENTS, ids=lambda text: text[:24].encode("ascii", "replace").decode())
async def test_arguments_that_no_tool_takes_are_refused(house: House, arguments: str) -> None:
    """Arguments that are no object, or not the tool's, never run it; the model can mend them and the person is told."""
    replies: list[str | DeltaToolCalls] = [
        {0: DeltaToolCall(name="files_read", json_args=arguments, tool_call_id="odd")},
        {0: DeltaToolCall(name="files_read", json_args='{"path":"notes.md"}', tool_call_id="even")},
        ANSWER,
    ]

    async def stream(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        yield replies.pop(0)

    outcome, record = await house.ask(FunctionModel(stream_function=stream, model_name="scripted"))
    assert isinstance(outcome, Done)
    assert outcome.verified
    assert len(failures(outcome)) == 1
    returned = {event.happening.call: event.happening for event in record if isinstance(event.happening, ToolReturned)}
    assert returned["odd"].failed
    assert not returned["even"].failed
    assert sum(len(str(event.happening)) for event in record) < 60_000


async def test_a_slow_model_stops_at_the_runs_seconds(house: House) -> None:
    """A model that takes longer than the run may last ends as Stopped, with the seconds as evidence."""
    model = ScriptedModel(Say(ANSWER), latency_seconds=5.0)
    outcome, _ = await house.ask(model, Limits(seconds_max=0.2))
    assert isinstance(outcome, Stopped)
    assert (outcome.reason, outcome.evidence) == ("seconds", "0.2 seconds had passed")


async def test_an_error_that_nobody_foresaw_is_on_record(house: House) -> None:
    """A bug ends the run as Failed and says that it is one; the error itself still reaches whoever asked."""
    nova = house.nova(ScriptedModel(Fault(RuntimeError("an invariant broke"), text="The rent is ")))
    heard: list[Event] = []

    async def listen() -> None:
        async with aclosing(dispatch(a_request(), nova.desk)) as stream:
            async for event in stream:
                heard.append(event)  # noqa: PERF401 - what was heard before the error is what counts

    with pytest.raises(RuntimeError, match="an invariant broke"):
        await listen()
    last = house.record(nova, heard[0].run)[-1].happening
    assert isinstance(last, RunFailed)
    assert last.what == "Nova itself failed: RuntimeError: an invariant broke"


@pytest.mark.parametrize("when", ["before the first word", "between the words", "while a tool runs"])
async def test_a_run_that_is_stopped_in_the_middle_says_so(house: House, when: str) -> None:
    """Whoever stops listening stops the run: the record ends with Stopped by a person, and nothing goes on."""

    async def slow(given: Arguments, reach: Reach) -> ToolResult:
        await asyncio.sleep(60)
        raise AssertionError(f"{given} in {reach.project} went on after the run was stopped")

    tool = replace(toolbox()["files_read"], run=slow)
    if when == "while a tool runs":
        nova = house.nova(ScriptedModel(READ, Say(ANSWER)), tools={"files_read": tool})
    elif when == "between the words":
        nova = house.nova(ScriptedModel(Say(ANSWER * 400)))
    else:
        nova = house.nova(ScriptedModel(Say(ANSWER), latency_seconds=60.0))
    last_heard = {"before the first word": "ContextAssembled", "between the words": "TextContent"}.get(
        when, "GateDecided"
    )
    heard: list[Event] = []
    async with asyncio.timeout(SECONDS_MAX), aclosing(dispatch(a_request(), nova.desk)) as stream:
        async for event in stream:
            heard.append(event)
            if type(event.happening).__name__ == last_heard:
                break
    record = house.record(nova, heard[0].run)
    last = record[-1].happening
    assert isinstance(last, RunFinished)
    outcome = outcome_from_json(last.outcome)
    assert isinstance(outcome, Stopped)
    assert outcome.reason == "person"
    assert heard[0].run in outcome.mend
    with nova.database.read() as connection:
        [run] = runs.latest(connection, nova.everything)
    assert run.state is RunState.STOPPED
    await asyncio.sleep(0)
    assert house.record(nova, heard[0].run) == record
