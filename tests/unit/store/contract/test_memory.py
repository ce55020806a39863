"""Memory on each engine: superseded in place, recalled, checked, mended, and forgotten to the last byte."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import text
from tests.house.tree import ROOT
from tests.support.a_memory import AIREP, AT, a_note, keyed, say
from tests.support.places import POSTGRESQL, Place

from nova.core.events import RunFinished, RunStarted, TextContent
from nova.core.labels import Label, Scope
from nova.core.notes import NoteStatus
from nova.core.outcomes import Done
from nova.core.runs import Run, RunState, outcome_to_json
from nova.memory.forget import forget, plan_words
from nova.memory.notes import record
from nova.memory.recall import recall
from nova.memory.tiers import Memory, memory_of
from nova.memory.verify import heal, verify
from nova.models.encoders import Encoder
from nova.models.encoding import open_encoder
from nova.store import agreement, conversations, episodes, erase, notes, sqlite
from nova.store.database import Database
from nova.store.indexes import leaf
from nova.store.record import Record
from nova.store.tables import EPISODES, ERASURES
from nova.store.textindex import TextIndex

CANARY = "xylophon-4711-quetzal"
OWNER = Scope.owner({"airep", "blog"})


@pytest.fixture
def memory(database: Database) -> Memory:
    """Words alone."""
    return memory_of(database, None, lambda: AT)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The real sentence encoder."""
    return open_encoder()


@pytest.fixture
def meaning(database: Database, encoder: Encoder) -> Memory:
    """Words and meaning."""
    return memory_of(database, encoder, lambda: AT)


def a_run(memory: Memory, run: str, request: str, answer: str) -> None:
    """A finished run in the record."""
    with memory.database.write() as connection:
        conversations.start(connection, AIREP, f"c{run}", AT, project="airep", title=request)
    label = Label(scopes=frozenset({"airep"}))
    begun = Run(
        id=run, conversation=f"c{run}", request=request, principal="owner", scope="airep", project="airep", label=label,
        state=RunState.RUNNING, started_at=AT, last_at=AT, agents=("memory-keeper",),
    )  # fmt: skip
    book = Record(memory.database, AIREP, begun, now=lambda: AT)
    book.begin(RunStarted(request=request, principal="owner"))
    book.append(TextContent(message="m", delta=answer))
    outcome = Done(text=answer)
    ended = replace(begun, state=RunState.DONE, outcome=outcome)
    book.save(ended, RunFinished(state="done", outcome=outcome_to_json(outcome)))


def test_a_new_value_supersedes_in_place(memory: Memory) -> None:
    """The same key with another value retires the old note, and only the new one is recalled as true."""
    record(memory, AIREP, [keyed("Kehr-Nord", "contact", "Jonas")], by="test")
    record(memory, AIREP, [keyed("Kehr-Nord", "contact", "Petra")], by="test")
    with memory.database.read() as connection:
        known = {note.value: note.status for note in notes.listed(connection, AIREP)}
    assert known == {"Jonas": NoteStatus.SUPERSEDED, "Petra": NoteStatus.ACTIVE}
    said = " ".join(piece.text for piece in recall(memory, "who is the contact at Kehr-Nord?", AIREP).pieces)
    assert "Petra" in said


def test_what_was_said_is_recalled_by_meaning_and_words(meaning: Memory) -> None:
    """A turn is recalled through other words than its own, and through its own, and only in its own scope."""
    turns = say(
        meaning,
        "airep",
        "We pay our accountant every quarter.",
        "The server room gets too hot in July.",
        "Books are taxed at seven percent.",
        "Ines wants the logo in green.",
    )
    say(meaning, "blog", "The blog's hoster charges every month.")
    by_meaning = recall(meaning, "when does the bookkeeper get money?", AIREP).pieces
    by_words = recall(meaning, "logo Ines", AIREP).pieces
    assert turns[0].id in {piece.id for piece in by_meaning[:2]}
    assert by_words[0].id == turns[3].id
    assert not [piece for piece in (*by_meaning, *by_words) if "hoster" in piece.text]


def test_a_sound_memory_is_told_as_sound(memory: Memory) -> None:
    """Where rows, words, vectors and links agree there is nothing to tell, and nothing to heal."""
    say(memory, "airep", "one", "two", "three")
    record(memory, AIREP, [a_note("four")], by="test")
    assert verify(memory) == ()
    assert heal(memory) == ()


def test_an_index_out_of_step_is_told_and_mended(memory: Memory) -> None:
    """Rows missing from an index, and an index that is gone, are told; mended, everything is found again."""
    turns = say(memory, "airep", "a lantern", "an anchor")
    with memory.database.write() as connection:
        leaf(connection).remove(
            connection, TextIndex.EPISODES, leaf(connection).numbers(connection, TextIndex.EPISODES)
        )
        connection.exec_driver_sql(f"DROP TABLE {TextIndex.NOTES.value}")
    told = " ".join(finding.what for finding in verify(memory))
    assert "lacks 2 rows" in told
    assert "is damaged" in told
    assert all(finding.mended for finding in verify(memory, mend=True))
    assert verify(memory) == ()
    assert recall(memory, "lantern", AIREP).pieces[0].id == turns[0].id


def test_vectors_of_a_wrong_size_are_counted_and_dropped(meaning: Memory) -> None:
    """A vector that is not as long as this encoder's is told, taken out, and waits to be read again."""
    say(meaning, "airep", "a lantern", "an anchor")
    assert meaning.encoder is not None
    size = 2 * meaning.encoder.blocks[0]
    odd = episodes.Vector(meaning.encoder_name, np.ones(5, np.float16).tobytes())
    with meaning.database.write() as connection:
        one = min(leaf(connection).numbers(connection, TextIndex.EPISODES))
        episodes.set_vectors(connection, AIREP, {one: odd})
        assert agreement.odd_vectors(connection, EPISODES, meaning.encoder_name, size) == 1
        agreement.drop_odd_vectors(connection, EPISODES, meaning.encoder_name, size)
        assert agreement.odd_vectors(connection, EPISODES, meaning.encoder_name, size) == 0
        assert episodes.count_without_vector(connection, AIREP, meaning.encoder_name) == 1


def bytes_of(place: Place, database: Database) -> bytes:
    """What lies on the disk: the file with its log, or everything in the folder of this PostgreSQL database."""
    folder = place.files
    if place.engine == POSTGRESQL:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CHECKPOINT")
            number = text("SELECT oid FROM pg_database WHERE datname = current_database()")
            folder = place.files / "data" / "base" / str(connection.execute(number).scalar_one())
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def test_no_byte_of_what_was_forgotten_is_left(meaning: Memory, place: Place) -> None:
    """Rows, words, vectors, events, and on a server the planner's samples: nothing holds the words any more."""
    a_run(meaning, "r1", f"The alarm word is {CANARY}.", f"Kept: {CANARY}.")
    said = say(meaning, "airep", f"The alarm word is {CANARY}.", "We spoke of the garage.")
    record(meaning, AIREP, [a_note(f"The alarm word is {CANARY}.")], by="test")
    if place.engine == POSTGRESQL:
        with meaning.database.write() as connection:
            connection.exec_driver_sql("ANALYZE")
    (vector,) = [one.data for one in meaning.vectors([said[0].text]) if one]
    assert CANARY.encode() in bytes_of(place, meaning.database)

    done = forget(meaning, OWNER, plan_words(meaning, OWNER, CANARY))
    assert done.scrubbed
    left = bytes_of(place, meaning.database)
    assert b"garage" in left.lower()
    for trace in (CANARY, "xylophon", "quetzal"):
        assert trace.encode() not in left.lower()
    for form in (vector, np.frombuffer(vector, np.float16).byteswap().tobytes()):
        assert form not in left
    assert verify(meaning) == ()


def test_what_somebody_still_reads_is_scrubbed_later(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another handle reads, forgetting says that bytes are left, and the next start takes them out."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 200)
    memory = memory_of(place.open(), None, lambda: AT)
    say(memory, "airep", f"The alarm word is {CANARY}.", "And the garage.")
    other = place.open()
    with other.read() as reading:
        assert episodes.count(reading, AIREP) == 2
        done = forget(memory, OWNER, plan_words(memory, OWNER, CANARY))
        assert not done.scrubbed
        assert episodes.count(reading, AIREP) == 2
    with memory.database.read() as connection:
        assert erase.unfinished(connection) == 1
    assert erase.finish(other)
    assert CANARY.encode() not in bytes_of(place, memory.database).lower()
    with memory.database.read() as connection:
        assert connection.execute(ERASURES.select()).all() == []
    other.close()
    memory.database.close()


_TALKS = """
import sys
from tests.support.a_memory import AT, a_note, say
from tests.support.places import opened
from nova.core.labels import Scope
from nova.memory.notes import record
from nova.memory.tiers import memory_of
memory = memory_of(opened(sys.argv[1]), None, lambda: AT)
for number in range(10_000):
    say(memory, "airep", f"a lantern {number}", f"an anchor {number}")
    record(memory, Scope.of("airep"), [a_note(f"The lantern number is {number}.")], by="test")
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_rows_and_indexes_in_step(place: Place) -> None:
    """kill -9 in the middle of writing: what was told is there, rows, words and links agree, writing goes on."""
    command = [sys.executable, "-c", _TALKS, place.address]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(25)]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    memory = memory_of(place.open(), None, lambda: AT)
    assert verify(memory) == ()
    with memory.database.read() as connection:
        assert episodes.count(connection, AIREP) >= 2 * len(told)
        assert len(notes.listed(connection, AIREP)) >= len(told)
    assert say(memory, "airep", "a lighthouse")[0].id in {one.id for one in recall(memory, "lighthouse", AIREP).pieces}
    memory.database.close()
