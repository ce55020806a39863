"""Every kind of degradation, made to happen in a whole Nova: it is in the outcome, in the record, and in `nova why`.

A kind without a case fails here, so none can be added that nobody has seen reach a person.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import pytest
from pydantic_ai.exceptions import ModelHTTPError, ModelServerError
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel
from tests.conftest import Clock
from tests.faults.test_memory_damage import damage
from tests.integration.terminal import repository
from tests.integration.test_handoffs import Cast
from tests.integration.test_stale_notes import DECISION, EDITED_AT
from tests.support.a_memory import a_note
from tests.support.loopback import COMPATIBLE, loopback, written
from tests.support.provider_server import Refuse, Speak, Turn, serve

from nova.agents.handoff import HAND_OFF
from nova.app.histories import read_past
from nova.app.house import Nova
from nova.app.why import reason_of
from nova.cli.why import explain
from nova.core.degradations import Degradation, DegradationKind
from nova.core.events import Degraded
from nova.core.json import Json
from nova.core.labels import Scope
from nova.core.plans import Plan, Trigger
from nova.memory.embed import CATCH_UP_ROWS
from nova.memory.notes import record
from nova.models import choose
from nova.models.encoders import Encoder
from nova.models.ngrams import WordsOnly
from nova.models.patience import Patience
from nova.pipelines.triggers import Desk, Order, Triggers
from nova.policy import sandbox_ready
from nova.store.database import Connection
from nova.testing import Call, Fault, Say, ScriptedModel
from nova.testing.house import PROJECT, a_home, a_nova, ask
from nova.testing.pipelines import run_pipeline

__all__ = ["loopback"]
NOTES = "# Notes\n\nThe rent of the workshop is 940 euros.\nThe lamp in the hall is broken.\n"
ANSWER = "The rent is 940 euros (notes.md:3)."
QUESTION = "How much is the rent?"
AGENTS = (
    "summariser", "orientation", "decisions", "blog-writer", "code-reviewer", "general-chat", "memory-keeper",
    "parts-catalogue", "issue-triage", "editor", "fix-proposer", "translator",
)  # fmt: skip
OVERLOADED = ModelHTTPError.for_category(ModelServerError, status_code=503, model_name="scripted")


class Ground:
    """One home with one small project, in which things go wrong. clock: the real time until a case sets another."""

    def __init__(self, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.workshop = folder / "workshop"
        self.workshop.mkdir()
        (self.workshop / "notes.md").write_text(NOTES, encoding="utf-8")
        self.home = a_home(
            folder / "home", projects={"workshop": ("general", self.workshop)}, agents=AGENTS, cache=cache
        )
        monkeypatch.setenv("NOVA_HOME", str(self.home.root))
        monkeypatch.setenv("NOVA_CACHE", str(self.home.cache))
        self.opened: list[Nova] = []

    def nova(self, *replies: Say | Call | Fault | tuple[Call, ...], model: Model | None = None) -> Nova:
        """Its Nova, answering from a script where there is one."""
        scripted = model or (ScriptedModel(*replies) if replies else None)
        nova = a_nova(self.home, scripted=scripted, clock=self.clock)
        self.opened.append(nova)
        return nova

    def settings(self, text: str) -> None:
        """Adds to nova.toml; a table that is there already is replaced as a whole."""
        file = self.home.settings_file
        before = file.read_text(encoding="utf-8")
        for table in ("[models]", "[tree]", "[limits]"):
            if table in text:
                before = before.replace(f"\n{table}\n", "\n")
        file.write_text(f"{before}\n{text}", encoding="utf-8")

    def pipeline(self, name: str, text: str) -> None:
        """A pipeline of this home."""
        folder = self.home.root / "pipelines"
        folder.mkdir(exist_ok=True)
        head = f"id: {name}\nversion: 1\ndescription: A pipeline of the tests.\n"
        (folder / f"{name}.yaml").write_text(head + text, encoding="utf-8")

    async def asked(self, nova: Nova, text: str = QUESTION, agent: str | None = "summariser") -> str:
        """The run of a request."""
        return (await ask(nova, text, project="workshop", agent=agent)).run

    def close(self) -> None:
        """Gives the databases back."""
        for nova in self.opened:
            nova.close()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without an encoder, with a place for the router's head, which takes seconds to fit and is the same for all."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def ground(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Ground]:
    made = Ground(tmp_path, cache, monkeypatch)
    yield made
    made.close()


Made: TypeAlias = Callable[[Ground], Awaitable[tuple[Nova, str]]]


async def no_provider(ground: Ground) -> tuple[Nova, str]:
    """Nothing is configured."""
    nova = ground.nova()
    return nova, await ground.asked(nova)


async def needs_model(ground: Ground) -> tuple[Nova, str]:
    """A text is wanted, and nothing can write."""
    nova = ground.nova()
    return nova, await ground.asked(nova, "Write a blog post about the rent", "blog-writer")


async def with_server(ground: Ground, *turns: Turn, agent: str | None = "summariser") -> tuple[Nova, str]:
    """The role's one provider answers so; retries are quick."""
    ground.monkeypatch.setattr(choose, "PATIENCE", Patience(wait_seconds=0.01))
    with serve(*turns) as server:
        ground.settings(written(("mine", COMPATIBLE, server.address)))
        nova = ground.nova()
        text = "find the bug in the report" if agent is None else QUESTION
        return nova, await ground.asked(nova, text, agent)


async def fallback_model(ground: Ground) -> tuple[Nova, str]:
    """The first choice refuses the key."""
    return await with_server(ground, Refuse(401))


async def retried(ground: Ground) -> tuple[Nova, str]:
    """The first try meets an overloaded server."""
    return await with_server(ground, Refuse(503), Speak(ANSWER))


async def unpriced(ground: Ground) -> tuple[Nova, str]:
    """A compatible server has no published price."""
    return await with_server(ground, Speak(ANSWER))


async def no_arbiter(ground: Ground) -> tuple[Nova, str]:
    """The router is unsure, and the arbiter's provider refuses every call."""
    return await with_server(ground, *[Refuse(401)] * 9, agent=None)


async def provider_resting(ground: Ground) -> tuple[Nova, str]:
    """A provider has failed five times in a row, in two runs; the third leaves it alone."""
    ground.monkeypatch.setattr(choose, "PATIENCE", Patience(wait_seconds=0.01))
    with serve(*[Refuse(503)] * 6) as server:
        ground.settings(written(("mine", COMPATIBLE, server.address)))
        for _ in range(2):
            nova = ground.nova()
            await ground.asked(nova)
        asked = len(server.asked)
        nova = ground.nova()
        run = await ground.asked(nova)
        assert len(server.asked) == asked, "a resting provider is not contacted"
        return nova, run


async def routed(ground: Ground) -> tuple[Nova, str]:
    """No encoder is installed, and nobody is named: the best guess answers, by words alone."""
    nova = ground.nova()
    return nova, await ground.asked(nova, "find the bug in the report", None)


async def context_cut(ground: Ground) -> tuple[Nova, str]:
    """The profile is longer than the context may be."""
    profile = "\n\n".join(f"On day {day} the owner did a thing worth telling at some length." for day in range(9_000))
    ground.home.profile_file.write_text(profile, encoding="utf-8")
    nova = ground.nova(Say("Hello."))
    return nova, await ground.asked(nova, "Hello", "general-chat")


async def tool_failed(ground: Ground) -> tuple[Nova, str]:
    """A file that is not there is read."""
    nova = ground.nova(Call("files_read", {"path": "nowhere.md"}), Say("It is not there."))
    return nova, await ground.asked(nova)


async def tool_denied(ground: Ground) -> tuple[Nova, str]:
    """A file outside the project is read."""
    nova = ground.nova(Call("files_read", {"path": "../home/profile.md"}), Say("I may not."))
    return nova, await ground.asked(nova)


async def output_cut(ground: Ground) -> tuple[Nova, str]:
    """A file is longer than a result may be."""
    long = "".join(f"Line {number} of a long story about the rent.\n" for number in range(9_000))
    (ground.workshop / "long.md").write_text(long, encoding="utf-8")
    nova = ground.nova(Call("files_read", {"path": "long.md"}), Say("It is long."))
    return nova, await ground.asked(nova)


async def nothing_found(ground: Ground) -> tuple[Nova, str]:
    """Nothing in the project answers."""
    nova = ground.nova()
    return nova, await ground.asked(nova, "where is function kazoo?", "code-reviewer")


async def in_parts(ground: Ground, second: str | BaseException) -> tuple[Nova, str]:
    """A request that spans two agents, of which the second does not get to its end."""
    for name, kind in (("shop", "parts-shop"), ("diary", "blog")):
        folder = ground.folder / name
        folder.mkdir()
        (folder / "notes.md").write_text(NOTES, encoding="utf-8")
        text = PROJECT.format(name=name, kind=kind, repository=folder)
        (ground.home.projects / f"{name}.md").write_text(text, encoding="utf-8")
    played = Cast(parts_catalogue=["The price is 4."], blog_writer=[second])
    nova = ground.nova(model=played.model)
    text = "what does part SW-10442 cost in the shop, and draft a title for the next blog post in the diary"
    return nova, (await ask(nova, text)).run


async def part_failed(ground: Ground) -> tuple[Nova, str]:
    """The second part's model fails."""
    return await in_parts(ground, OVERLOADED)


async def limit_reached(ground: Ground) -> tuple[Nova, str]:
    """The second part goes on and on; what it had said by then is used."""
    return await in_parts(ground, "on and on " * 12_000)


async def mended_memory(ground: Ground) -> tuple[Nova, str]:
    """The text indexes were damaged behind Nova's back."""
    nova = ground.nova()
    await ground.asked(nova, "Remember that the crane lifts nine tonnes.", "memory-keeper")
    nova.close()
    damage(ground.home.database, "a lost table")
    nova = ground.nova()
    return nova, await ground.asked(nova, "What do you know about the crane?", "memory-keeper")


async def no_memory(ground: Ground) -> tuple[Nova, str]:
    """An index can be neither searched nor rebuilt while the request is answered; then somebody mends it."""
    nova = ground.nova()
    await ground.asked(nova, "Remember that the crane lifts nine tonnes.", "memory-keeper")
    nova.close()
    _outside(ground, "DROP TABLE notes_words; CREATE VIEW notes_words AS SELECT 1 AS x")

    async def mending(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        _outside(ground, "DROP VIEW notes_words")
        yield "I do not remember."

    nova = ground.nova(model=FunctionModel(stream_function=mending, model_name="scripted"))
    return nova, await ground.asked(nova, "What do you know about the crane?", "memory-keeper")


def _outside(ground: Ground, statements: str) -> None:
    """What another program does to the database."""
    with sqlite3.connect(ground.home.database) as raw:
        raw.executescript(statements)
    raw.close()


async def unread_memory(ground: Ground) -> tuple[Nova, str]:
    """More notes than can be read on the way have no vectors yet."""
    nova = ground.nova(Say("I do not know."))
    many = [a_note(f"Crane {number} lifts {number} tonnes.", scope="workshop") for number in range(CATCH_UP_ROWS + 9)]
    record(nova.memory, Scope.of("workshop"), many, by="test")
    nova.__dict__["memory"] = replace(nova.memory, encoder=Encoder(WordsOnly(chosen=True)))
    return nova, await ground.asked(nova, "How much does crane 9 lift?", "decisions")


async def stale_memory(ground: Ground) -> tuple[Nova, str]:
    """The file that a note was read from says something else by now."""
    shutil.rmtree(ground.workshop)
    repository(ground.workshop, docs__decisions__0001_dot_md=DECISION)
    nova = ground.nova()
    read_past(nova, nova.projects[0])
    file = ground.workshop / "docs/decisions/0001.md"
    file.write_text(DECISION.replace("half-even", "half-up"), encoding="utf-8")
    os.utime(file, (EDITED_AT.timestamp(), EDITED_AT.timestamp()))
    return nova, await ground.asked(nova, "How do we round money, and why?", "decisions")


async def piped(ground: Ground, text: str, *replies: Say | Call | Fault) -> tuple[Nova, str]:
    """A run of a pipeline of one home."""
    ground.pipeline("tried", text)
    nova = ground.nova(*replies)
    return nova, (await run_pipeline(nova, "tried", {}, project="workshop")).run


async def step_failed(ground: Ground) -> tuple[Nova, str]:
    """A step that may fail does, and its `otherwise` stands in."""
    text = """\
inputs: {}
outputs: {text: "${look.output.text}"}
nodes:
  look: {tool: files_read, with: {path: nowhere.md}, on_failure: continue-degraded, otherwise: {text: "Nothing."}}
"""
    return await piped(ground, text)


async def fallback_agent(ground: Ground) -> tuple[Nova, str]:
    """The agent of a step fails, and its fallback answers."""
    text = """\
inputs: {}
outputs: {text: "${say.output.text}"}
nodes:
  say: {agent: summariser, task: "How much is the rent?", fallback: {agent: orientation}}
"""
    return await piped(ground, text, Fault(OVERLOADED), Say(ANSWER))


async def step_skipped(ground: Ground) -> tuple[Nova, str]:
    """The tests of a project that has none are to be run."""
    text = """\
inputs: {}
outputs: {text: "${tests.output.text}"}
nodes:
  tests: {tool: tests_run, with: {}}
"""
    return await piped(ground, text)


async def sandbox_missing(ground: Ground) -> tuple[Nova, str]:
    """Nothing on this machine can hold what is executed."""
    ground.monkeypatch.setattr(sandbox_ready, "candidates", lambda: ())
    ground.monkeypatch.setattr(sandbox_ready, "_good", [])
    return await step_skipped(ground)


async def schedule_missed(ground: Ground) -> tuple[Nova, str]:
    """A schedule was due while no worker ran; the next run of its pipeline says so."""
    clock = Clock(datetime(2026, 11, 18, 10, 0, tzinfo=UTC))
    ground.clock = clock
    text = """\
inputs: {}
outputs: {text: "${look.output.text}"}
triggers: [{id: daily, schedule: "0 7 * * *", zone: UTC}]
nodes:
  look: {tool: files_read, with: {path: notes.md}}
"""
    ground.pipeline("tried", text)
    nova = ground.nova()
    await a_worker(nova).tick()
    clock.forward(days=2)
    await a_worker(nova).tick()
    return nova, (await run_pipeline(nova, "tried", {}, project="workshop")).run


def a_worker(nova: Nova) -> Triggers:
    """The clocks of a worker that has nothing to start."""

    async def check(_trigger: Trigger) -> int:
        return 0

    async def start(order: Order) -> str:
        raise AssertionError(f"{order.pipeline} was to be missed, not started")

    def wake(_connection: Connection, _scope: Scope, _event: str) -> int:
        return 0

    def plans() -> tuple[Plan, ...]:
        return (nova.pipelines.plan("tried"),)

    desk = Desk(
        database=nova.database, plans=plans, projects=lambda: nova.projects, check=check, start=start,
        wake=wake, clock=nova.clock,
    )  # fmt: skip
    return Triggers(desk)


async def stalled(ground: Ground) -> tuple[Nova, str]:
    """A model takes longer to begin than a run may be silent."""
    ground.settings("[tree]\nsilence_seconds_max = 0.1")
    nova = ground.nova(model=ScriptedModel(Say(ANSWER), latency_seconds=1.2))
    return nova, await ground.asked(nova)


async def passed_on(ground: Ground, **given: Json) -> tuple[Nova, str]:
    """Orientation passes work on to decisions, which fails."""
    passing: tuple[str, dict[str, Json]] = (HAND_OFF, {"agent": "decisions", "task": QUESTION, **given})
    nova = ground.nova(model=Cast(orientation=[passing, ANSWER], decisions=[OVERLOADED]).model)
    sender = replace(nova.desk.agents["orientation"], handoffs=("decisions",))
    nova.__dict__["desk"] = replace(nova.desk, agents={**nova.desk.agents, "orientation": sender})
    return nova, await ground.asked(nova, QUESTION, "orientation")


async def handoff_failed(ground: Ground) -> tuple[Nova, str]:
    """The receiver's model fails."""
    return await passed_on(ground)


async def handoff_cut(ground: Ground) -> tuple[Nova, str]:
    """More is to be passed on than a brief holds."""
    return await passed_on(ground, facts=[f"Fact number {number}." for number in range(200)])


CASES: dict[DegradationKind, Made] = {
    DegradationKind.NO_PROVIDER: no_provider,
    DegradationKind.NEEDS_MODEL: needs_model,
    DegradationKind.FALLBACK_MODEL: fallback_model,
    DegradationKind.NO_ENCODER: routed,
    DegradationKind.UNSURE_ROUTE: routed,
    DegradationKind.NO_ARBITER: no_arbiter,
    DegradationKind.CONTEXT_CUT: context_cut,
    DegradationKind.TOOL_FAILED: tool_failed,
    DegradationKind.TOOL_DENIED: tool_denied,
    DegradationKind.OUTPUT_CUT: output_cut,
    DegradationKind.NOTHING_FOUND: nothing_found,
    DegradationKind.PART_FAILED: part_failed,
    DegradationKind.UNREAD_MEMORY: unread_memory,
    DegradationKind.STALE_MEMORY: stale_memory,
    DegradationKind.NO_MEMORY: no_memory,
    DegradationKind.MENDED_MEMORY: mended_memory,
    DegradationKind.STEP_FAILED: step_failed,
    DegradationKind.STEP_SKIPPED: step_skipped,
    DegradationKind.FALLBACK_AGENT: fallback_agent,
    DegradationKind.RETRIED: retried,
    DegradationKind.PROVIDER_RESTING: provider_resting,
    DegradationKind.HANDOFF_FAILED: handoff_failed,
    DegradationKind.HANDOFF_CUT: handoff_cut,
    DegradationKind.LIMIT_REACHED: limit_reached,
    DegradationKind.SCHEDULE_MISSED: schedule_missed,
    DegradationKind.STALLED: stalled,
    DegradationKind.SANDBOX_MISSING: sandbox_missing,
    DegradationKind.UNPRICED: unpriced,
}


@pytest.mark.parametrize("kind", DegradationKind)
async def test_every_kind_reaches_the_person(
    kind: DegradationKind, ground: Ground, capsys: pytest.CaptureFixture[str]
) -> None:
    """It happens, and it is in the outcome, in the record as an event, and among the last lines of `nova why`."""
    nova, run = await CASES[kind](ground)
    reason = reason_of(nova, run)
    assert reason.run.outcome is not None
    listed = [one for one in reason.run.outcome.degradations if one.kind is kind]
    assert listed, [str(one.kind) for one in reason.run.outcome.degradations]
    happened = [event.happening for event in reason.events if isinstance(event.happening, Degraded)]
    events = {Degradation(kind=DegradationKind(one.degradation), what=one.what, mend=one.mend) for one in happened}
    assert set(reason.run.outcome.degradations) == events, "the outcome and the record say the same"
    assert len(happened) == len(events), "nothing is said twice"
    capsys.readouterr()
    explain(run, as_json=False)
    shown = " ".join(capsys.readouterr().out.split())
    for one in listed:
        assert f"! {kind.value}: {' '.join(str(one).split())}" in shown
