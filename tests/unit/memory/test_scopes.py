"""The wall between projects: whatever is said, noted, moved, corrected and forgotten, no text comes through it.

Every text carries the canary of the scope it was said in. The home is readable from everywhere, nothing else is.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import cast, get_type_hints

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, FunctionModel
from tests.support.a_memory import a_memory, a_note, encoder, say

from nova.app import conversations as app_conversations
from nova.app.house import Nova
from nova.coordinator import conversation as talk
from nova.coordinator.recollection import preferences
from nova.core.errors import BadInput, NovaError
from nova.core.ids import new_id
from nova.core.labels import HOME, Label, Scope
from nova.core.notes import Note, NoteKind, NoteStatus
from nova.core.outcomes import Done
from nova.core.runs import Run, RunState
from nova.memory import revise
from nova.memory.forget import forget, plan_conversation, plan_note, plan_words
from nova.memory.notes import record
from nova.memory.recall import recall
from nova.memory.remember import Turn, remember
from nova.memory.tiers import memory_of
from nova.memory.verify import verify
from nova.store import conversations, episodes, erase, events, ledger, notes, runs, texts
from nova.store.database import Connection, open_database
from nova.store.indexes import leaf
from nova.store.textindex import TextIndex
from nova.testing.house import a_home, a_nova, ask
from nova.tools.builtin.memory import TOOLS
from nova.tools.spec import Reach, ToolResult

PROJECTS = ("airep", "blog", "parts", "sites")
SCOPES = (HOME, *PROJECTS)
EXAMPLES = int(os.environ.get("NOVA_TEST_WALL_EXAMPLES", "12"))
STEPS = int(os.environ.get("NOVA_TEST_WALL_STEPS", "25"))
ECHO_CHARACTERS = 1_500

scopes = st.sampled_from(SCOPES)
numbers = st.integers(min_value=0, max_value=1_000)
TALK = (
    "Remember that the deposit for {0} is {1} percent.",
    "We decided to ship {0} on day {1} because the harbour is closed.",
    "Should {0} be delivered in {1} days?",
    "I prefer answers about {0} in {1} words.",
    "Actually, the deposit for {0} is {1}, not {2}.",
    "What is the deposit, and what did we decide about {0}?",
)


def canary(scope: str) -> str:
    """A word that stands in every text of a scope and in no other."""
    return f"{scope}canary"


def wall(scope: str) -> Scope:
    """What a run in this project may read."""
    return Scope(own=scope, names=frozenset({scope, HOME}))


class Projects:
    """One Nova with four projects, made once; each program of the test gets a database of its own."""

    def __init__(self, folder: Path) -> None:
        repositories = {name: folder / name for name in PROJECTS}
        for place in repositories.values():
            place.mkdir()
        home = a_home(
            folder / "home",
            projects={name: ("general", place) for name, place in repositories.items()},
            agents=["memory-keeper", "general-chat"],
        )
        open_database(folder / "template.db").close()
        self.folder = folder
        self.nova = a_nova(home, scripted=FunctionModel(stream_function=self._echo, model_name="scripted"))
        self.nova.__dict__["clock"] = self._now
        self.at = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
        self.seen = ""

    def begin(self) -> Nova:
        """The Nova with an empty database."""
        for part in ("database", "memory", "desk"):
            self.nova.__dict__.pop(part, None)
        file = Path(tempfile.mkdtemp(dir=self.folder)) / "nova.db"
        shutil.copyfile(self.folder / "template.db", file)
        self.nova.__dict__["database"] = open_database(file)
        self.nova.__dict__["memory"] = memory_of(self.nova.database, encoder(), self._now)
        return self.nova

    def _now(self) -> datetime:
        self.at += timedelta(seconds=7)
        return self.at

    async def _echo(self, messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str]:
        """A model that repeats what it was told; what it must not know would be in the record for ever."""
        self.seen = f"{info.instructions or ''} {messages}"
        yield "I was told: " + " ".join(self.seen.split())[-ECHO_CHARACTERS:]


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Projects]:
    """Made once for all programs."""
    made = Projects(tmp_path_factory.mktemp("walls"))
    yield made
    made.nova.close()


class Walls(RuleBasedStateMachine):
    """Random programs over five scopes. said: each text's own word, with the scope it was said in."""

    projects: Projects

    def __init__(self) -> None:
        super().__init__()
        self.nova = self.projects.begin()
        self.memory = self.nova.memory
        self.talks: list[str] = []
        self.said: dict[str, str] = {}

    def teardown(self) -> None:
        """After the program every wall is looked at from inside, and the tiers agree with each other."""
        for scope in SCOPES:
            self.looks(scope, "the deposit and what was decided")
        assert verify(self.memory) == ()
        self.nova.database.close()

    def word(self, scope: str) -> str:
        """A text's own word and its scope's canary."""
        own = f"zq{len(self.said):05}"
        self.said[own] = scope
        return f"{canary(scope)} {own}"

    @rule(scope=scopes, text=st.sampled_from(TALK), amount=numbers, other=numbers, follow=st.integers(-3, 30))
    def asks(self, scope: str, text: str, amount: int, other: int, follow: int) -> None:
        """A whole run: context, answer, record, episodes and notes; at times in a conversation that has moved."""
        conversation = self.talks[follow % len(self.talks)] if self.talks and follow >= 0 else ""
        words = text.format(self.word(scope), amount, other)
        agent = "memory-keeper" if amount % 2 else "general-chat"
        project = None if scope == HOME and not conversation else scope
        if project == HOME:
            return
        told = asyncio.run(ask(self.nova, words, project=project, agent=agent, conversation=conversation))
        self.talks = list(dict.fromkeys([*self.talks, told.conversation]))
        assert isinstance(told.outcome, Done)
        self.check(scope, self.projects.seen, "the context of an agent")
        self.check(scope, repr(told), "the events of a run")

    @rule(scope=scopes, kind=st.sampled_from(list(NoteKind)), amount=numbers, quarantined=st.booleans())
    def notes_down(self, scope: str, kind: NoteKind, amount: int, quarantined: bool) -> None:
        """A note without and one with a key; the same key in every scope, so that each supersedes in its own only."""
        own = self.word(scope)
        status = NoteStatus.QUARANTINED if quarantined else NoteStatus.ACTIVE
        at = self.nova.clock()
        free = a_note(f"The deposit rule of {own} is number {amount}.", kind=kind, scope=scope, at=at, status=status)
        key = a_note(
            f"The deposit is {amount} percent, says {own}.", scope=scope, at=at, subject="order", attribute="deposit",
            value=f"{amount} {own}", why=f"because of {own}", derived_from=(free.id,),
        )  # fmt: skip
        record(self.memory, wall(scope), [free, key], by=f"test {canary(scope)}")

    @rule(scope=scopes, follow=st.integers(-3, 30))
    def says(self, scope: str, follow: int) -> None:
        """Turns without a run, some of them in a conversation that others have used."""
        conversation = self.talks[follow % len(self.talks)] if self.talks and follow >= 0 else ""
        texts = [f"About the deposit: {self.word(scope)}." for _ in range(3)]
        say(self.memory, scope, *texts, conversation=conversation, at=self.nova.clock())

    @rule(scope=st.sampled_from(PROJECTS), other=st.sampled_from(PROJECTS))
    def answers_from_two(self, scope: str, other: str) -> None:
        """An answer that was made from two projects lies in one of them, with the label of both."""
        at, identity = self.nova.clock(), new_id("r")
        both = f"{self.word(scope)} {canary(other)}"
        run = Run(
            id=identity, conversation=new_id("c"), request=f"Compare the deposits. {self.word(scope)}",
            principal="owner", scope=scope, project=scope, label=Label(scopes=frozenset({scope, other})),
            state=RunState.DONE, started_at=at, last_at=at, ended_at=at, agents=("general-chat",),
            outcome=Done(text=f"The deposits: {both}."),
        )  # fmt: skip
        with self.nova.database.write() as connection:
            conversations.start(connection, Scope.of(scope), run.conversation, at, project=scope, title=run.request)
            runs.begin(connection, Scope.of(scope), run)
        remember(self.memory, Turn(run=run, answer=f"The deposits: {both}.", speaker="general-chat", label=run.label))
        self.talks.append(run.conversation)

    @precondition(lambda self: self.talks)
    @rule(which=st.integers(0, 30), to=st.sampled_from(PROJECTS))
    def moves(self, which: int, to: str) -> None:
        """A conversation goes on in another project."""
        with contextlib.suppress(BadInput):  # it stands there already
            app_conversations.move(self.nova, self.talks[which % len(self.talks)], to)

    @precondition(lambda self: self.said)
    @rule(scope=scopes, amount=numbers)
    def supersedes(self, scope: str, amount: int) -> None:
        """The owner puts another sentence in the place of a note of this scope, over all scopes he may list."""
        if note := self.a_note_of(scope, amount):
            text = f"From now on the deposit is {amount + 1}, says {self.word(note.scope)}."
            revise.supersede(self.memory, self.nova.everything, note, text)

    @precondition(lambda self: self.said)
    @rule(scope=st.sampled_from(PROJECTS), amount=numbers)
    def replaces_a_note_of_the_home(self, scope: str, amount: int) -> None:
        """A project's note names one of the home that it replaces; the home's readers learn of it no word."""
        if old := self.a_note_of(HOME, amount):
            at = self.nova.clock()
            text = f"Here the deposit is {amount} percent, says {self.word(scope)}."
            record(self.memory, wall(scope), [a_note(text, scope=scope, at=at, supersedes=(old.id,))], by="test")

    @rule(scope=scopes, old=numbers, new=numbers)
    def corrects(self, scope: str, old: int, new: int) -> None:
        """An agent corrects what is kept, with its own tool."""
        statement = f"Actually, the deposit is {new} {self.word(scope)}, not {old}."
        self.tool(scope, "memory_correct", statement=statement)

    @precondition(lambda self: self.said)
    @rule(one=numbers, other=numbers, both=st.booleans())
    def settles(self, one: int, other: int, both: bool) -> None:
        """The owner decides between any two notes, of two projects as well."""
        held = self.held(self.nova.everything)
        if len(held) > 1 and (first := held[one % len(held)]).id != (second := held[other % len(held)]).id:
            change = revise.both_hold if both else revise.settle
            refused = first.scope != second.scope and not both
            with pytest.raises(BadInput, match="neither takes") if refused else contextlib.nullcontext():
                change(self.memory, self.nova.everything, first, second)

    @precondition(lambda self: self.said)
    @rule(which=numbers)
    def takes_back(self, which: int) -> None:
        """A supersession is taken back."""
        replacing = [note for note in self.held(self.nova.everything) if note.supersedes]
        if replacing:
            revise.take_back(self.memory, self.nova.everything, replacing[which % len(replacing)])

    @precondition(lambda self: self.said)
    @rule(scope=scopes, which=numbers, how=st.sampled_from(["word", "note", "conversation"]), own=st.booleans())
    def forgets(self, scope: str, which: int, how: str, own: bool) -> None:
        """Something is forgotten, behind one wall or everywhere; its word is in nothing that is kept there."""
        within = wall(scope) if own else self.nova.everything
        plan = None
        if how == "word" and self.said:
            plan = plan_words(self.memory, within, list(self.said)[which % len(self.said)])
        elif how == "note" and (note := self.a_note_of(scope, which)):
            plan = plan_note(self.memory, within, note)
        elif how == "conversation" and self.talks:
            plan = plan_conversation(self.memory, within, self.talks[which % len(self.talks)])
        if plan is None:
            return
        forget(self.memory, within, plan)
        if how == "word":
            with self.nova.database.read() as connection:
                kept = repr([self.stored(connection, Scope.of(name)) for name in within.names])
            assert plan.words[0] not in kept

    @rule(scope=scopes, request=st.sampled_from(["deposit", "what did we decide about the harbour?", "canary"]))
    def looks(self, scope: str, request: str) -> None:
        """Everything that memory gives inside one wall: recall, preferences, tools, lists, turns, history."""
        inside = wall(scope)
        strangers = " ".join(canary(name) for name in SCOPES)
        for words in (request, f"{request} {strangers}"):
            self.check(scope, repr(recall(self.memory, words, inside)), "recall")
        self.check(scope, preferences(self.memory, inside), "preferences")
        self.tool(scope, "memory_search", question=request)
        self.tool(scope, "memory_notes")
        self.tool(scope, "memory_forget", wish="the deposit and the harbour")
        with self.nova.database.read() as connection:
            self.check(scope, repr(self.stored(connection, inside)), "the store")
            lines = [conversations.line(connection, self.nova.everything, one) for one in self.talks]
            for own in [word for word, home in self.said.items() if home not in (scope, HOME)]:
                found = [leaf(connection).search(connection, inside, index, [own], 1) for index in TextIndex]
                assert found == [[], []], f"the text index of {scope} knows the word {own} of {self.said[own]}"
        for line in lines:
            self.check(scope, repr(talk.turns(self.nova.database, inside, line)), "the turns of a conversation")
            thread = talk.thread(self.nova.database, self.nova.everything, inside, line)
            self.check(scope, f"{thread.request} {thread.asked}", "what routing is told")

    def stored(self, connection: Connection, inside: Scope) -> list[object]:
        """Every row with text that these scopes may read; what carries the label of another project is held back."""
        held = notes.listed(connection, inside)
        said = episodes.latest(connection, inside, 10_000)
        open_said = [one for one in said if one.label.scopes <= inside.names]
        near = [one for one in episodes.neighbours(connection, inside, said) if one.label.scopes <= inside.names]
        known = [run for run in runs.latest(connection, inside, 1_000, top=False) if run.label.scopes <= inside.names]
        return [
            held,
            [notes.changes_of(connection, inside, note.id) for note in held],
            notes.changes_since(connection, inside, datetime(2026, 1, 1, tzinfo=UTC)),
            [notes.chain(connection, inside, note.id, notes.LinkKind.SUPERSEDES, forward=True) for note in held],
            open_said, near, known,
            [events.of_run(connection, inside, run.id) for run in known],
            conversations.latest(connection, inside, 1_000),
        ]  # fmt: skip

    def held(self, scope: Scope) -> list[Note]:
        """The notes that hold, oldest first."""
        with self.nova.database.read() as connection:
            return notes.listed(connection, scope, statuses=revise.HOLDING)[::-1]

    def a_note_of(self, scope: str, which: int) -> Note | None:
        """Some note of a scope that holds."""
        held = self.held(Scope.of(scope))
        return held[which % len(held)] if held else None

    def tool(self, scope: str, name: str, **given: str) -> None:
        """Calls one of the memory tools as an agent in this project does."""
        reach = Reach(
            root=self.projects.folder, project="" if scope == HOME else scope, scope=wall(scope), memory=self.memory,
            run=new_id("r"), said=given.get("statement", ""), now=self.nova.clock,
        )  # fmt: skip
        [tool] = [one for one in TOOLS if one.name == name]
        try:
            shown = asyncio.run(cast("Coroutine[None, None, ToolResult]", tool.run(tool.arguments(**given), reach)))
        except NovaError as error:
            self.check(scope, str(error), name)
        else:
            self.check(scope, repr(shown), name)

    def check(self, scope: str, given: str, where: str) -> None:
        """Fails when a canary of another scope is in what was given inside this wall."""
        through = [name for name in SCOPES if name not in (scope, HOME) and canary(name) in given]
        assert through == [], f"{where} in {scope} shows texts of {through}: {given[:2000]}"


def test_no_text_comes_through_a_wall(projects: Projects) -> None:
    """Over random programs of runs, notes, moves, corrections and forgetting, no scope shows another's text."""
    Walls.projects = projects
    machine = settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )  # fmt: skip
    run_state_machine_as_test(Walls, settings=machine)


def test_what_is_forgotten_leaves_no_word_behind_another_wall(tmp_path: Path) -> None:
    """Two projects took turns in one conversation: when it is indexed anew, no turn is found by the other's words."""
    memory = a_memory(tmp_path)
    [first, *_] = say(memory, "airep", "Our margin is 42 percent.", "Tell nobody about it.", "Thank you.")
    say(memory, "blog", "Write about summer.", "Write about winter.", conversation=first.conversation)
    everything = Scope.owner({"airep", "blog"})
    forget(memory, everything, plan_words(memory, everything, "Thank you"))
    assert recall(memory, "margin nobody", wall("blog")).pieces == ()
    forget(memory, wall("airep"), plan_words(memory, wall("airep"), "margin"))
    assert b"margin" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


TELL_NO_TEXT = {
    "conversations.touch": "writes a time and a project; nothing is read",
    "erase.unfinished": "a number of erasures over the whole file; no text and no id",
}


@pytest.mark.parametrize(
    "module", [notes, episodes, conversations, runs, events, ledger, texts, erase], ids=lambda one: one.__name__
)
def test_no_function_of_the_store_can_be_called_without_a_scope(module: ModuleType) -> None:
    """Whatever is given a connection must be given a scope: no default, so that its absence is a type error."""
    name = module.__name__.rpartition(".")[2]
    given = [(one, function) for one, function in _public(module) if Connection in get_type_hints(function).values()]
    without = {f"{name}.{one}" for one, function in given if not _demands_scope(function)}
    assert len(given) >= 2
    assert without == {one for one in TELL_NO_TEXT if one.startswith(f"{name}.")}


def _public(module: ModuleType) -> list[tuple[str, Callable[..., object]]]:
    functions = inspect.getmembers(module, inspect.isfunction)
    return [(one, it) for one, it in functions if not one.startswith("_") and it.__module__ == module.__name__]


def _demands_scope(function: Callable[..., object]) -> bool:
    parameter = inspect.signature(function).parameters.get("scope")
    required = parameter is not None and parameter.default is inspect.Parameter.empty
    return required and get_type_hints(function)["scope"] is Scope
