"""Forgetting: what goes with what, and that no byte of it is left."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.a_memory import AIREP, AT, a_memory, a_note, say

from nova.core.errors import BadInput
from nova.core.events import RunFinished, RunStarted, TextContent
from nova.core.labels import HOME, Label, Scope
from nova.core.notes import NoteStatus, Source, SourceKind
from nova.core.outcomes import Done
from nova.core.runs import Run, RunState, outcome_to_json
from nova.memory.forget import forget, plan_note, plan_words
from nova.memory.notes import record
from nova.memory.recall import recall
from nova.memory.remember import Turn, remember
from nova.memory.tiers import Memory
from nova.store import conversations, notes
from nova.store.record import Record

CANARY = "xylophon-4711-quetzal"
OWNER = Scope.owner({"airep", "blog"})


def a_run(memory: Memory, run: str, request: str, answer: str) -> Run:
    """A finished run in the record, its answer told in two pieces, and remembered."""
    with memory.database.write() as connection:
        conversations.start(connection, AIREP, f"c{run}", AT, project="airep", title=request)
    begun = Run(
        id=run, conversation=f"c{run}", request=request, principal="owner", scope="airep", project="airep",
        label=Label(scopes=frozenset({"airep"})), state=RunState.RUNNING, started_at=AT, last_at=AT,
        agents=("memory-keeper",),
    )  # fmt: skip
    book = Record(memory.database, AIREP, begun, now=lambda: AT)
    book.begin(RunStarted(request=request, principal="owner"))
    middle = len(answer) // 2
    book.append(TextContent(message="m", delta=answer[:middle]), TextContent(message="m", delta=answer[middle:]))
    outcome = Done(text=answer)
    ended = replace(begun, state=RunState.DONE, outcome=outcome, ended_at=AT)
    book.save(ended, RunFinished(state="done", outcome=outcome_to_json(outcome)))
    remember(memory, Turn(run=ended, answer=answer, speaker="memory-keeper", label=ended.label))
    return ended


def bytes_of(folder: Path) -> bytes:
    """Everything that lies in the folder of the database: the file, its log, its copies."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


@pytest.mark.parametrize("meaning", [False, True])
def test_no_byte_of_a_forgotten_note_is_left(tmp_path: Path, *, meaning: bool) -> None:
    """After forgetting a note its words are in no table, index, event, log or later backup; its vector neither."""
    memory = a_memory(tmp_path, meaning=meaning)
    said = a_run(memory, "r1", f"Remember that the alarm code word is {CANARY}.", f"Kept: the word is {CANARY}.")
    source = Source(kind=SourceKind.RUN, ref=said.id, at=AT, quote=said.request)
    note = a_note(f"The alarm code word is {CANARY}.", sources=(source,))
    derived = a_note(f"Whoever knows {CANARY} can open the door.", derived_from=(note.id,))
    note = record(memory, AIREP, [note, derived], by="test")[0].note  # the rules had heard it already
    a_run(memory, "r2", "What is the alarm code word?", f"It is {CANARY}, you said so.")
    a_run(memory, "r3", "Which day is it?", "Friday.")
    with memory.database.read() as connection:
        known = notes.by_id(connection, OWNER, note.id)
    assert known is not None
    vectors = [] if memory.encoder is None else [one.data for one in memory.vectors([notes.indexed(note)]) if one]
    assert CANARY.encode() in bytes_of(tmp_path)

    plan = plan_note(memory, OWNER, known)
    assert {(item.kind, item.id) for item in plan.items} >= {
        ("note", note.id), ("derived note", derived.id), ("turn", "r1.1"), ("turn", "r1.2"), ("turn", "r2.2"),
        ("run", "r1"), ("run", "r2"),
    }  # fmt: skip
    assert "r3" not in {item.id for item in plan.items}
    assert CANARY.encode() in bytes_of(tmp_path), "a plan changes nothing"

    done = forget(memory, OWNER, plan)
    assert done.scrubbed
    backup = tmp_path / "later" / "backup.db"
    backup.parent.mkdir()
    with sqlite3.connect(tmp_path / "nova.db") as raw, sqlite3.connect(backup) as copy:
        raw.backup(copy)
    left = bytes_of(tmp_path)
    for trace in (CANARY, "xylophon", "quetzal"):
        assert trace.encode() not in left.lower()
    assert not [vector for vector in vectors if vector in left]
    assert {piece.id[:2] for piece in recall(memory, f"alarm code word {CANARY}", AIREP).pieces} <= {"r3"}
    with memory.database.read() as connection:
        gone = notes.by_id(connection, OWNER, note.id)
    assert gone is not None
    assert (gone.status, gone.text) == (NoteStatus.FORGOTTEN, "")


def test_a_forgotten_note_does_not_come_back_from_its_file(tmp_path: Path) -> None:
    """Reading the same source again meets the id of what was forgotten, and leaves it forgotten."""
    memory = a_memory(tmp_path)
    note = a_note(f"The word is {CANARY}.")
    record(memory, AIREP, [note], by="reading")
    forget(memory, OWNER, plan_note(memory, OWNER, note))
    assert record(memory, AIREP, [note], by="reading")[0].how == "forgotten"


def test_the_neighbours_of_a_forgotten_turn_are_found_without_its_words(tmp_path: Path) -> None:
    """A turn is indexed with the one before and after it; when that goes, so do its words from the neighbours' rows."""
    memory = a_memory(tmp_path)
    say(memory, "airep", "We spoke about the garage.", f"Its word is {CANARY}.", "Fine, I will tell Ines.")
    forget(memory, OWNER, plan_words(memory, OWNER, CANARY))
    assert recall(memory, CANARY, AIREP).pieces == ()
    assert len(recall(memory, "garage Ines", AIREP).pieces) == 2


def test_events_cannot_be_changed_but_by_forgetting(tmp_path: Path) -> None:
    """The record stays append-only before, and again after, an erasure."""
    memory = a_memory(tmp_path)
    a_run(memory, "r1", f"The word is {CANARY}.", "Kept.")
    forget(memory, OWNER, plan_words(memory, OWNER, CANARY))
    with sqlite3.connect(tmp_path / "nova.db") as raw:
        assert raw.execute("SELECT count(*) FROM events WHERE run = 'r1'").fetchone()[0] >= 3
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute("UPDATE events SET data = '{}'")


def test_words_that_nearly_everything_holds_are_refused(tmp_path: Path) -> None:
    """Forgetting by two letters would take half of the memory; it is refused with what to do."""
    with pytest.raises(BadInput, match="too short"):
        plan_words(a_memory(tmp_path), OWNER, " a ")


def test_another_project_is_not_touched(tmp_path: Path) -> None:
    """Within one project's wall, forgetting finds and changes nothing of another."""
    memory = a_memory(tmp_path)
    say(memory, "blog", f"The word is {CANARY}.")
    scope = Scope(own="airep", names=frozenset({"airep", HOME}))
    assert plan_words(memory, scope, CANARY).items == ()
