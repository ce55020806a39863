"""Agents that pass work on, through the whole of Nova: briefs, children of their own, and control that comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Generator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias, TypeVar, cast

import pytest
from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart, UserPromptPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from pydantic_ai.tools import ToolDefinition

from nova.agents.definition import Agent
from nova.agents.handoff import HAND_OFF
from nova.agents.toolset import WithValues
from nova.app.house import Nova, now
from nova.app.signs import silent
from nova.app.why import Reason, reason_of
from nova.cli import frame
from nova.cli.ask import Asking, Heard, listen
from nova.cli.why import explain
from nova.core import json
from nova.core.degradations import DegradationKind
from nova.core.errors import Unknown
from nova.core.events import GateDecided, HandedBack, HandedOff, Happening, Stalled, StopAsked
from nova.core.json import Json
from nova.core.labels import Scope
from nova.core.limits import Limits, TreeLimits
from nova.core.outcomes import Done, Failed, Outcome, Stopped
from nova.core.requests import Principal, Request
from nova.core.runs import RunState
from nova.store import runs, stops
from nova.testing.house import Told, a_home, a_nova, ask
from nova.tools.spec import Reach

NOTES = "# Notes\n\nThe rent of the workshop is 940 euros.\nThe lamp in the hall is broken.\n"
READ: tuple[str, dict[str, Json]] = ("files_read", {"path": "notes.md"})
RENT = "The rent is 940 euros (notes.md:3)."
SECONDS_MAX = 20.0

Step: TypeAlias = "str | tuple[str, dict[str, Json]] | list[tuple[str, dict[str, Json]]] | BaseException | None"


def to(agent: str, task: str = "What is the rent?", **more: Json) -> tuple[str, dict[str, Json]]:
    """A call that passes work on."""
    return HAND_OFF, {"agent": agent, "task": task, **more}


Kind = TypeVar("Kind", bound=Happening)


class Cast:
    """A model that plays a part for each agent: its replies by the agent's name; the last one is said again and again.

    A step that is None never comes; stuck counts those. seen: what each agent was shown, in order: instructions,
    request, and what tools gave back; offered: the names of its tools.
    """

    def __init__(self, latency_seconds: float = 0.0, **parts: Sequence[Step]) -> None:
        self.seen: dict[str, list[str]] = {}
        self.offered: dict[str, list[str]] = {}
        self.most_at_once = 0
        self.stuck = asyncio.Semaphore(0)
        self._at_once = 0
        self._latency_seconds = latency_seconds
        self._parts = {name.replace("_", "-"): list(steps) for name, steps in parts.items()}
        self.model = FunctionModel(stream_function=self._stream, model_name="cast")

    async def _stream(self, messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        asked = [one for one in messages if isinstance(one, ModelRequest)]
        instructions = asked[-1].instructions or ""
        name = instructions.partition("You are ")[2].partition(".")[0]
        shown = [str(part.content) for one in asked for part in one.parts if isinstance(part, UserPromptPart)]
        returned = [str(part.content) for one in asked for part in one.parts if isinstance(part, ToolReturnPart)]
        self.seen.setdefault(name, []).append("\n".join([instructions, *shown, *returned]))
        self.offered[name] = [tool.name for tool in info.function_tools]
        steps = self._parts[name]
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(self._latency_seconds)
        self._at_once -= 1
        if isinstance(step, BaseException):
            raise step
        if step is None:
            self.stuck.release()
            await asyncio.sleep(60)
            return
        if isinstance(step, str):
            yield step
            return
        calls = step if isinstance(step, list) else [step]
        turn = f"{name}-{len(self.seen[name])}"
        yield {
            place: DeltaToolCall(name=tool, json_args=json.dump(given), tool_call_id=f"{turn}-{place}")
            for place, (tool, given) in enumerate(calls)
        }


class House:
    """One home, one project, four agents; orientation may pass work on to decisions, issue-triage, code-reviewer."""

    def __init__(self, folder: Path, cache: Path) -> None:
        workshop = folder / "workshop"
        (workshop / "issues").mkdir(parents=True)
        (workshop / "notes.md").write_text(NOTES, encoding="utf-8")
        agents = ["orientation", "decisions", "issue-triage", "code-reviewer", "general-chat"]
        self.home = a_home(folder / "home", projects={"workshop": ("general", workshop)}, agents=agents, cache=cache)
        self.opened: list[Nova] = []

    def nova(self, played: Cast, tree: TreeLimits | None = None, **changed: Agent | None) -> Nova:
        """A Nova whose agents are played by this played. changed: agents with another file's words."""
        nova = a_nova(self.home, scripted=played.model)
        self.opened.append(nova)
        desk = nova.desk
        ceilings = replace(desk.ceilings, tree=tree) if tree else desk.ceilings
        agents = {name: self._plain(agent) for name, agent in desk.agents.items()}
        agents |= {name.replace("_", "-"): agent for name, agent in changed.items() if agent is not None}
        nova.__dict__["desk"] = replace(desk, ceilings=ceilings, agents=agents)
        return nova

    @staticmethod
    def _plain(agent: Agent) -> Agent:
        """With a tool that reads, and handoffs both ways between orientation and decisions."""
        handoffs = {"decisions": ("orientation",), "orientation": ("decisions", "issue-triage", "code-reviewer")}
        return replace(
            agent, tools=("files_read",), kinds=(), handoffs=handoffs.get(agent.name, agent.handoffs),
            limits=Limits(model_calls_max=20, seconds_max=15.0),
        )  # fmt: skip

    def close(self) -> None:
        """Gives the databases back."""
        for nova in self.opened:
            nova.close()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all, so that the router is trained once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def house(tmp_path: Path, cache: Path) -> Generator[House]:
    made = House(tmp_path, cache)
    yield made
    made.close()


async def told(nova: Nova, text: str = "What is the rent of the workshop?") -> Told:
    """What orientation makes of it."""
    async with asyncio.timeout(SECONDS_MAX):
        return await ask(nova, text, project="workshop", agent="orientation")


def whole(nova: Nova, run: str) -> Reason:
    """The run with everything below it, as it is on disk."""
    return reason_of(nova, run)


def happened(reason: Reason, kind: type[Kind]) -> list[Kind]:
    """The events of this kind, in order."""
    return [event.happening for event in reason.events if isinstance(event.happening, kind)]


def degraded(outcome: Outcome, kind: DegradationKind) -> list[str]:
    return [one.what for one in outcome.degradations if one.kind is kind]


async def test_work_is_passed_on_and_control_comes_back(house: House) -> None:
    """The receiver answers in a run of its own, and its typed report is what the sender goes on with, all on record."""
    played = Cast(
        orientation=[to("decisions", why="it knows why"), "decisions says 940 euros (notes.md:3)."],
        decisions=[READ, RENT],
    )
    nova = house.nova(played)
    got = await told(nova)
    assert isinstance(got.outcome, Done)
    assert got.outcome.verified, "what the receiver has seen may be cited by the sender"
    reason = whole(nova, got.run)
    [part] = reason.parts
    assert (part.run.parent, part.run.agents, part.run.state) == (got.run, ("decisions",), RunState.DONE)
    [passed] = happened(reason, HandedOff)
    assert (passed.run, passed.sender, passed.agent) == (part.run.id, "orientation", "decisions")
    assert passed.brief["why"] == "it knows why"
    assert passed.brief["depth"] == 1
    [back] = happened(reason, HandedBack)
    assert (back.run, back.state, back.what) == (part.run.id, "done", RENT)
    [verdict] = [one for one in happened(reason, GateDecided) if one.tool == HAND_OFF]
    assert (verdict.verdict, verdict.rule) == ("allow", "declared-handoff")
    assert f"decisions (run {part.run.id}) answered." in played.seen["orientation"][-1]
    assert reason.run.usage.model_calls == 4, "the run carries what was used below it"
    assert [event.run for event in got.events if event.run == part.run.id], "who listens hears the child as well"


async def test_the_receiver_sees_the_brief_and_nothing_of_the_senders_history(house: House) -> None:
    """Facts travel with their sources; the sender's request, words and tool results do not."""
    passing = to(
        "decisions", "How old is the rent?", facts=["The rent is 940 euros (notes.md:3).", "The owner is in a hurry."],
        constraints=["one sentence"], inputs=["notes.md"],
    )  # fmt: skip
    played = Cast(orientation=[READ, passing, "Nobody knows."], decisions=["As old as the rent (notes.md:3)."])
    nova = house.nova(played)
    got = await told(nova, "Please find out everything about MY SECRET PLAN.")
    [shown] = played.seen["decisions"]
    assert "From orientation." in shown
    assert "- The rent is 940 euros (notes.md:3)." in shown
    assert "- file notes.md" in shown
    assert "- one sentence" in shown
    assert "How old is the rent?" in shown
    assert "SECRET PLAN" not in shown
    assert "lamp in the hall" not in shown
    [passed] = happened(whole(nova, got.run), HandedOff)
    facts = cast("list[dict[str, str]]", passed.brief["facts"])
    assert [fact["source"] for fact in facts] == ["notes.md:3", ""]
    assert {fact["label"] for fact in facts} == {"trusted workshop"}
    [part] = whole(nova, got.run).parts
    assert isinstance(part.run.outcome, Done)
    assert part.run.outcome.verified, "what the sender has seen may be cited by the receiver"


async def test_what_a_brief_cannot_hold_is_said(house: House) -> None:
    """Facts over what a brief holds are dropped with a reason, in the record and in the outcome."""
    facts: list[Json] = [f"Fact number {number}." for number in range(50)]
    played = Cast(orientation=[READ, to("decisions", facts=facts), RENT], decisions=["Fine."])
    nova = house.nova(played)
    got = await told(nova)
    cut = degraded(got.outcome, DegradationKind.HANDOFF_CUT)
    assert len(cut) == 10
    assert "“Fact number 40.” is over what a brief holds (40 facts" in cut[0]
    [passed] = happened(whole(nova, got.run), HandedOff)
    dropped = cast_list(passed.brief["dropped"])
    assert len(dropped) == 11
    assert dropped[-1].startswith("Looked at, and neither among the facts nor the inputs: notes.md:1, notes.md:2")


def cast_list(value: Json) -> list[str]:
    """A list of texts."""
    return cast("list[str]", value)


async def test_parallel_handoffs_run_side_by_side_and_none_is_dropped(house: House) -> None:
    """Three handoffs in one reply are three runs at the same time; each report reaches the sender, failures too."""
    at_once = [to("decisions", "one"), to("issue-triage", "two"), to("code-reviewer", "three")]
    played = Cast(
        latency_seconds=0.1,
        orientation=[at_once, "All three are in (notes.md:3)."],
        decisions=[READ, RENT],
        issue_triage=["Nothing is open."],
        code_reviewer=[""],
    )
    nova = house.nova(played)
    got = await told(nova)
    reason = whole(nova, got.run)
    assert isinstance(got.outcome, Done)
    assert played.most_at_once == 3
    states = {part.run.agents[0]: part.run.state for part in reason.parts}
    assert states == {"decisions": RunState.DONE, "issue-triage": RunState.DONE, "code-reviewer": RunState.FAILED}
    assert {back.agent for back in happened(reason, HandedBack)} == set(states)
    last = played.seen["orientation"][-1]
    assert all(text in last for text in (RENT, "Nothing is open.", "FAILED"))
    [failed] = degraded(got.outcome, DegradationKind.HANDOFF_FAILED)
    assert failed.startswith("code-reviewer did not do what orientation passed on (failed)")


async def test_a_receiver_that_breaks_is_a_report_not_an_end(house: House) -> None:
    """A receiver that was cut at a limit comes back as a typed report; the sender answers and says so."""
    played = Cast(orientation=[to("decisions"), "It could not be found out."], decisions=[READ])
    nova = house.nova(played)
    got = await told(nova)
    assert isinstance(got.outcome, Done)
    [part] = whole(nova, got.run).parts
    assert isinstance(part.run.outcome, Stopped)
    assert part.run.outcome.reason == "identical_calls"
    assert "was STOPPED" in played.seen["orientation"][-1]
    [failed] = degraded(got.outcome, DegradationKind.HANDOFF_FAILED)
    assert "(stopped)" in failed


async def test_an_unknown_target_is_told_once(house: House) -> None:
    """The first time the model is told the valid names and may do better; that it tried is in the outcome."""
    played = Cast(orientation=[to("nobody"), to("decisions"), RENT], decisions=[READ, RENT])
    nova = house.nova(played)
    got = await told(nova)
    assert isinstance(got.outcome, Done)
    assert "It may pass on to: decisions, issue-triage, code-reviewer." in played.seen["orientation"][1]
    reason = whole(nova, got.run)
    rules = [one.rule for one in happened(reason, GateDecided) if one.tool == HAND_OFF]
    assert rules == ["unknown-handoff", "declared-handoff"]
    assert len(reason.parts) == 1
    [failed] = degraded(got.outcome, DegradationKind.HANDOFF_FAILED)
    assert "nobody" in failed


async def test_several_unknown_targets_in_one_reply_are_one_try(house: House) -> None:
    """A model that names two at once has not been told anything yet: it is told, and the next reply counts."""
    played = Cast(orientation=[[to("nobody"), to("noone")], to("decisions"), RENT], decisions=[READ, RENT])
    got = await told(house.nova(played))
    assert isinstance(got.outcome, Done)
    assert len(degraded(got.outcome, DegradationKind.HANDOFF_FAILED)) == 2


@pytest.mark.parametrize("second", ["nobody", "general-chat", "orientation"])
async def test_an_unknown_target_again_is_a_typed_failure(house: House, second: str) -> None:
    """The second time the run fails as HandoffRefused, naming the valid ones; an engaged agent counts as unknown too
    when the sender's file does not list it."""
    played = Cast(orientation=[to("nobody"), to(second), RENT])
    got = await told(house.nova(played))
    assert isinstance(got.outcome, Failed)
    assert got.outcome.error == "HandoffRefused"
    assert "decisions, issue-triage, code-reviewer" in got.outcome.what
    assert "nova.handoffs in the file of orientation" in got.outcome.mend
    assert len(played.seen["orientation"]) == 2


async def test_ping_pong_ends_at_two_rounds(house: House) -> None:
    """Two agents that pass the same to and fro stop after two rounds, with evidence, in a bounded number of runs."""
    played = Cast(orientation=[to("decisions", "You do it.")], decisions=[to("orientation", "No, you do it.")])
    nova = house.nova(played)
    got = await told(nova)
    assert isinstance(got.outcome, Stopped)
    assert got.outcome.reason == "ping_pong"
    assert "orientation and decisions passed" in got.outcome.evidence
    assert "2 times, nothing new" in got.outcome.evidence
    deepest, runs = 0, 0
    below = [(whole(nova, got.run), 0)]
    while below:
        reason, depth = below.pop()
        runs, deepest = runs + 1, max(deepest, depth)
        assert reason.run.outcome is not None
        below += [(part, depth + 1) for part in reason.parts]
    assert deepest == 4
    assert runs <= 6


async def test_ping_pong_in_other_words_ends_too(house: House) -> None:
    """New words without a new fact are nothing new: bounded whatever the two say."""
    played = Cast(
        orientation=[to("decisions", f"Could you, version {number}?") for number in range(60)],
        decisions=[to("orientation", f"Rather you, version {number}?") for number in range(60)],
    )
    nova = house.nova(played)
    got = await told(nova)
    assert isinstance(got.outcome, Stopped)
    assert got.outcome.reason in ("ping_pong", "tree.handoffs")
    assert sum(len(shown) for shown in played.seen.values()) <= 60


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        (TreeLimits(depth_max=0), "tree.depth"),
        (TreeLimits(handoffs_max=0), "tree.handoffs"),
        (TreeLimits(model_calls_max=1), "tree.model_calls"),
        (TreeLimits(tool_calls_max=0), "tree.tool_calls"),
        (TreeLimits(tokens_max=1), "tree.tokens"),
        (TreeLimits(cost_usd_max=0.01), "tree.cost_usd"),
        (TreeLimits(output_bytes_max=1), "answer_characters"),
    ],
)
async def test_every_limit_of_the_tree_is_a_typed_end(house: House, tree: TreeLimits, reason: str) -> None:
    """Each limit over the whole ends the run as Stopped, with evidence and with what to raise where."""
    played = Cast(orientation=[to("decisions"), RENT], decisions=[READ, RENT])
    got = await told(house.nova(played, tree))
    assert isinstance(got.outcome, Stopped)
    assert got.outcome.reason == reason
    assert got.outcome.evidence
    assert "nova.toml" in got.outcome.mend or reason == "answer_characters"


async def test_a_child_has_its_share_of_what_is_left(house: House) -> None:
    """A receiver may use half of what the tree has left, so that its sender can still answer."""
    reads: list[Step] = [("files_read", {"path": "notes.md", "start_line": line}) for line in range(1, 20)]
    played = Cast(orientation=[to("decisions"), "I go on without it."], decisions=reads)
    got = await told(house.nova(played, TreeLimits(model_calls_max=9)))
    assert isinstance(got.outcome, Done)
    assert len(played.seen["decisions"]) == 4
    [failed] = degraded(got.outcome, DegradationKind.HANDOFF_FAILED)
    assert "tree.model_calls" in failed


async def test_a_receiver_may_take_longer_than_its_sender(house: House) -> None:
    """While another works for it an agent's own time stands still."""
    played = Cast(latency_seconds=0.25, orientation=[to("decisions"), RENT], decisions=[READ, READ, RENT])
    nova = house.nova(played)
    agents = dict(nova.desk.agents)
    agents["orientation"] = replace(agents["orientation"], limits=Limits(seconds_max=0.7))
    nova.__dict__["desk"] = replace(nova.desk, agents=agents)
    got = await told(nova)
    assert isinstance(got.outcome, Done)


async def test_a_value_of_a_schema_comes_back_or_fails(house: House) -> None:
    """A receiver that was asked for a value gives it typed; one that does not keep to the schema has failed."""
    schema: Json = {"type": "object", "properties": {"euros": {"type": "integer"}}, "required": ["euros"]}
    asked = to("decisions", output=schema)
    good = 'The rent is 940 euros (notes.md:3).\n\n```json\n{"euros": 940}\n```'
    played = Cast(orientation=[asked, RENT], decisions=[READ, good])
    assert isinstance((await told(house.nova(played))).outcome, Done)
    assert 'As data: {"euros":940}' in played.seen["orientation"][-1]
    assert '"required":["euros"]' in played.seen["decisions"][0]
    bad = Cast(orientation=[asked, "It did not work."], decisions=[good.replace("940}", '"much"}')])
    got = await told(house.nova(bad))
    [failed] = degraded(got.outcome, DegradationKind.HANDOFF_FAILED)
    assert "WrongShape: The answer does not fit its schema at euros" in failed


async def test_nobody_is_offered_what_it_may_not_do(house: House) -> None:
    """An agent without handoffs, and the built-in model, are offered none."""
    played = Cast(orientation=[to("issue-triage"), RENT], issue_triage=["Nothing."])
    nova = house.nova(played)
    await told(nova)
    assert HAND_OFF in played.offered["orientation"]
    plain = a_nova(house.home)
    house.opened.append(plain)
    got = await told(plain, "Who else could do this, please hand off to decisions?")
    assert not happened(whole(plain, got.run), HandedOff)


async def test_the_built_in_model_behind_another_is_not_told_of_handoffs() -> None:
    """Where the built-in model stands in for one that failed, it is not offered what the other was."""
    played = Cast(nobody=["x"])
    tools = [ToolDefinition(name=name) for name in ("files_read", HAND_OFF)]
    model = WithValues(played.model, {}, Reach(root=Path(), project="", scope=Scope.of("home")))
    asked: list[ModelMessage] = [ModelRequest(parts=[UserPromptPart(content="?")], instructions="You are nobody.")]
    async with model.request_stream(asked, None, ModelRequestParameters(function_tools=tools)) as stream:
        async for _ in stream:
            pass
    assert played.offered == {"nobody": ["files_read"]}


async def test_work_does_not_leave_its_project(house: House) -> None:
    """An agent that works in projects of another kind is no target: what this run knows may not go there."""
    played = Cast(orientation=[to("decisions"), RENT])
    nova = house.nova(played)
    agents = dict(nova.desk.agents)
    agents["decisions"] = replace(agents["decisions"], kinds=("website",))
    nova.__dict__["desk"] = replace(nova.desk, agents=agents)
    got = await told(nova)
    reason = whole(nova, got.run)
    assert reason.parts == ()
    assert [one.rule for one in happened(reason, GateDecided) if one.tool == HAND_OFF] == ["other-scope"]
    assert "DENIED by the rule other-scope" in played.seen["orientation"][-1]


async def test_a_stopped_sender_takes_its_receivers_with_it(house: House) -> None:
    """Whoever stops listening stops the run and everything below it, and each says how it ended."""
    at_once = [to("decisions", "a"), to("issue-triage", "b")]
    played = Cast(orientation=[at_once], decisions=[None], issue_triage=[None])
    nova = house.nova(played)
    task = asyncio.create_task(told(nova))
    async with asyncio.timeout(SECONDS_MAX):
        await played.stuck.acquire()
        await played.stuck.acquire()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    reason = whole(nova, "")
    outcomes = [reason.run.outcome, *(part.run.outcome for part in reason.parts)]
    assert [type(one) for one in outcomes] == [Stopped, Stopped, Stopped]
    assert [one.reason for one in outcomes if isinstance(one, Stopped)] == ["person", "sender", "sender"]


async def test_why_shows_what_was_carried_and_dropped(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """nova why tells each handoff: to whom, with which facts and sources, what was dropped, and what came back."""
    passing = to("decisions", facts=["The rent is 940 euros (notes.md:3)."], inputs=["notes.md"])
    nova = house.nova(Cast(orientation=[READ, passing, RENT], decisions=[READ, RENT]))
    got = await told(nova)
    monkeypatch.setenv("NOVA_HOME", str(house.home.root))
    monkeypatch.setattr(frame.CHOICES, "home", "")
    explain(got.run, as_json=False)
    shown = capsys.readouterr().out
    [part] = whole(nova, got.run).parts
    assert f"passed on to decisions (run {part.run.id}, depth 1, 50% of what was left, until" in shown
    assert "fact     The rent is 940 euros (notes.md:3). [notes.md:3; trusted workshop]" in shown
    assert "input    file notes.md" in shown
    assert "dropped  Looked at, and neither among the facts nor the inputs: notes.md:1, notes.md:2" in shown
    assert f"back from decisions (run {part.run.id}), done: {RENT}" in shown
    assert "gate: allow by declared-handoff" in shown
    assert f"Passed on: {part.run.id} · decisions" in shown


async def test_the_answer_on_the_screen_is_the_senders(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Who listens is told where work went and that it is back; the words of the answer are the sender's alone."""
    played = Cast(orientation=[to("decisions"), RENT], decisions=[READ, "Words of the receiver (notes.md:3)."])
    nova = house.nova(played)
    request = Request(
        text="What is the rent?", principal=Principal.OWNER, at=nova.clock(), project="workshop", agent="orientation"
    )
    asking = Asking(project="workshop", agent="orientation", go_on=False, conversation="", events=False, as_json=False)
    await listen(nova, request, asking, Heard())
    shown = capsys.readouterr()
    assert RENT in shown.out
    assert "Words of the receiver" not in shown.out
    assert "→ decisions: “What is the rent?”" in shown.err
    assert "← decisions: done" in shown.err


async def test_an_agent_is_asked_from_python(house: House) -> None:
    """nova.agent(name).ask gives a typed report of a run that is on record like any other; unknown names say so."""
    nova = house.nova(Cast(orientation=[READ, RENT], decisions=[""]))
    report = await nova.agent("orientation").ask("What is the rent?", project="workshop")
    assert isinstance(report.outcome, Done)
    assert (report.agent, report.outcome.text, report.usage.model_calls) == ("orientation", RENT, 2)
    assert whole(nova, report.run).run.request == "What is the rent?"
    failed = await nova.agent("decisions").ask("What is the rent?", project="workshop")
    assert isinstance(failed.outcome, Failed)
    with pytest.raises(Unknown, match="orientatoin"):
        nova.agent("orientatoin")


async def test_a_silent_run_shows_in_the_list(house: House) -> None:
    """A run without an event in its tree for longer than allowed is listed as stalled, and one that speaks is not."""
    played = Cast(orientation=[to("decisions")], decisions=[None])
    nova = house.nova(played)
    task = asyncio.create_task(told(nova))
    async with asyncio.timeout(SECONDS_MAX):
        await played.stuck.acquire()
    reason = whole(nova, "")
    assert silent(nova, [reason.run]) == {}
    later = a_nova(house.home, clock=lambda: now() + timedelta(minutes=10))
    house.opened.append(later)
    assert 590 < silent(later, [reason.run])[reason.run.id] < 660
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert silent(later, [whole(nova, reason.run.id).run]) == {}


async def test_a_wish_from_elsewhere_stops_the_whole_tree(house: House) -> None:
    """nova runs stop from another process ends the run and what it passed on within two seconds, with reasons."""
    played = Cast(orientation=[to("decisions")], decisions=[None])
    nova = house.nova(played)
    task = asyncio.create_task(told(nova))
    async with asyncio.timeout(SECONDS_MAX):
        await played.stuck.acquire()
    elsewhere = a_nova(house.home)
    house.opened.append(elsewhere)
    began = time.monotonic()
    with elsewhere.database.write() as connection:
        [run] = runs.latest(connection, elsewhere.everything, 1)
        stops.ask(connection, elsewhere.everything, run.id, by="owner", why="enough", at=now())
    got = await task
    assert time.monotonic() - began < 3.0
    assert isinstance(got.outcome, Stopped)
    assert (got.outcome.reason, got.outcome.evidence) == ("person", "owner stopped it: enough")
    reason = whole(nova, got.run)
    assert happened(reason, StopAsked) == [StopAsked(by="owner", why="enough")]
    [part] = reason.parts
    assert isinstance(part.run.outcome, Stopped)
    assert part.run.outcome.reason == "sender"


async def test_silence_is_in_the_outcome(house: House) -> None:
    """A run that went silent for too long and came to an answer says so in its outcome and on record."""
    played = Cast(latency_seconds=0.8, orientation=["I have thought about it."])
    got = await told(house.nova(played, TreeLimits(silence_seconds_max=0.2)))
    assert isinstance(got.outcome, Done)
    [stalled] = degraded(got.outcome, DegradationKind.STALLED)
    assert stalled.startswith("There was no sign of life for 0.")
    assert [type(event.happening) for event in got.events].count(Stalled) == 1


async def test_what_was_passed_on_ends_with_a_process_that_is_gone(house: House) -> None:
    """Where a run was cut off with its process, the runs it had passed work on to do not stand as running either."""
    played = Cast(orientation=[to("decisions")], decisions=[to("orientation", "No, you.")])
    nova = house.nova(played, TreeLimits(depth_max=3))
    got = await told(nova)
    below = whole(nova, got.run)
    found: list[str] = []
    while below.parts:
        [below, *_] = below.parts
        found.append(below.run.id)
    everything = nova.everything
    with nova.database.write() as connection:
        for run in (got.run, *found):  # as if the process had been killed: nobody wrote how they ended
            one = runs.beginning_with(connection, everything, run)[0]
            runs.save(connection, everything, replace(one, state=RunState.RUNNING, outcome=None, ended_at=None))
    with nova.database.write() as connection:
        assert runs.interrupt(connection, everything, got.run, now())
        assert not runs.interrupt(connection, everything, got.run, now())
    assert len(found) == 3
    assert {whole(nova, run).run.state for run in (got.run, *found)} == {RunState.FAILED}
