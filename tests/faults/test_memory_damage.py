"""A memory in trouble: damaged indexes, strange vectors, a clock that went backwards, a disk that is full or read-only.

Nothing is lost, and what was wrong is said.
"""

from __future__ import annotations

import resource
import signal
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.a_memory import AIREP, AT, a_memory, a_note, keyed, say
from tests.support.killed import Narrow, a_run, begun, finish, memory_at

from nova.agents.context import Piece, assemble
from nova.coordinator import conversation as talk
from nova.core.degradations import DegradationKind
from nova.core.errors import BadInput, StoreError, StoreFull, Unknown
from nova.core.labels import Scope
from nova.core.notes import NoteStatus
from nova.core.outcomes import Done
from nova.core.text import tokens_of
from nova.memory import revise
from nova.memory.embed import embed, waiting
from nova.memory.forget import forget, plan_note, plan_words
from nova.memory.notes import record
from nova.memory.recall import recall
from nova.memory.tiers import Memory, memory_of
from nova.memory.verify import verify
from nova.models.encoders import Encoder
from nova.models.ngrams import WordsOnly
from nova.store import conversations, episodes, erase, notes, runs
from nova.store.database import open_database
from nova.store.textindex import TextIndex
from nova.testing.house import a_home, a_nova, ask

DAMAGES = {
    "zeroed pages": "UPDATE {0}_data SET block = zeroblob(length(block)) WHERE id > 10",
    "cut pages": "UPDATE {0}_data SET block = substr(block, 1, 8) WHERE id > 10",
    "no pages": "DELETE FROM {0}_data WHERE id > 10",
    "a broken head": "UPDATE {0}_data SET block = x'ffffffff' WHERE id = 10",
    "nothing left": "DELETE FROM {0}_data",
    "no sizes": "DELETE FROM {0}_docsize",
    "a lost table": "DROP TABLE {0}_data",
    "a lost description": "DROP TABLE {0}_config",
    "no index at all": "DROP TABLE {0}",
}


def damage(file: Path, how: str) -> None:
    """Damages both text indexes behind Nova's back."""
    with sqlite3.connect(file) as raw:
        for index in TextIndex:
            raw.execute(DAMAGES[how].format(index.value))
    raw.close()


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_text_index_is_rebuilt_when_somebody_asks(tmp_path: Path, how: str) -> None:
    """Whatever happened to the indexes, the next recall finds all that is there, and says what was mended."""
    memory = a_memory(tmp_path)
    record(memory, AIREP, [a_note(f"Crane {number} lifts {number * 7} tonnes.") for number in range(40)], by="test")
    say(memory, "airep", "The crane was inspected.", "Who did it?", "Jonas did.")
    memory.database.close()
    damage(tmp_path / "nova.db", how)
    found = recall(memory, "How much does crane 9 lift, and was it inspected?", AIREP)
    assert "63 tonnes" in "".join(piece.text for piece in found.pieces)
    assert "inspected" in "".join(piece.text for piece in found.pieces if piece.tier == "episode")
    told = [one.what for one in found.degradations if one.kind is DegradationKind.MENDED_MEMORY]
    assert sorted(told) == [
        "The text index episodes_words was damaged; it was rebuilt from 3 rows.",
        "The text index notes_words was damaged; it was rebuilt from 40 rows.",
    ]
    assert verify(memory) == ()
    assert recall(memory, "crane 9", AIREP).degradations == ()


def test_a_note_is_kept_though_the_index_is_damaged(tmp_path: Path) -> None:
    """Writing meets the damage first: the index is rebuilt, and the note is in it."""
    memory = a_memory(tmp_path)
    record(memory, AIREP, [a_note("The crane lifts nine tonnes.")], by="test")
    memory.database.close()
    damage(tmp_path / "nova.db", "no index at all")
    record(memory, AIREP, [a_note("The crane is yellow.")], by="test")
    assert len(recall(memory, "crane", AIREP).pieces) == 2
    assert verify(memory) == ()


@pytest.mark.parametrize("how", ["cut pages", "a lost table"])
async def test_a_request_is_answered_though_the_index_is_damaged(tmp_path: Path, how: str) -> None:
    """The answer comes with a sentence about the index, the run is remembered, and the next answer is as ever."""
    nova = a_nova(a_home(tmp_path / "home", agents=["memory-keeper"]))
    try:
        for words in ("Remember that the crane lifts nine tonnes.", "Remember that the gate is green."):
            await ask(nova, words, agent="memory-keeper")
        nova.database.close()
        damage(nova.home.database, how)
        told = await ask(nova, "What do you know about the crane?", agent="memory-keeper")
        assert isinstance(told.outcome, Done)
        assert "nine tonnes" in told.outcome.text
        said = [one.what for one in told.outcome.degradations if one.kind is DegradationKind.MENDED_MEMORY]
        assert any("rebuilt from" in one for one in said)
        with nova.database.read() as connection:
            assert episodes.count(connection, nova.everything) == 6
        assert verify(nova.memory) == ()
        again = await ask(nova, "What do you know about the gate?", agent="memory-keeper")
        assert DegradationKind.MENDED_MEMORY not in [one.kind for one in again.outcome.degradations]
    finally:
        nova.close()


def test_a_vector_of_another_size_is_passed_over_and_read_again(tmp_path: Path) -> None:
    """Recall goes on without it, verify says how many there are, --mend drops them, and they are read anew."""
    encoder = Encoder(WordsOnly(chosen=True))  # a quick stand-in that is taken for meaning
    memory = Memory(database=open_database(tmp_path / "nova.db"), encoder=encoder, now=lambda: AT)
    record(memory, AIREP, [a_note("The crane lifts nine tonnes."), a_note("The gate is green.")], by="test")
    with sqlite3.connect(tmp_path / "nova.db") as raw:
        raw.execute("UPDATE notes SET vector = x'0102' WHERE text LIKE '%crane%'")
    memory.matrices.clear()
    assert "nine tonnes" in recall(memory, "crane", AIREP).pieces[0].text
    [finding] = verify(memory)
    assert finding.what == "1 vectors of notes are not of the size that words makes."
    [mended] = verify(memory, mend=True)
    assert mended.mended
    assert waiting(memory, AIREP) == 1
    assert recall(memory, "crane", AIREP).degradations[0].kind is DegradationKind.UNREAD_MEMORY
    assert embed(memory, AIREP) == 1
    assert verify(memory) == ()
    assert recall(memory, "crane", AIREP).degradations == ()


def test_another_encoder_under_the_same_file_is_no_trouble(tmp_path: Path) -> None:
    """After the encoder was changed, all is found by its words at once, and by its meaning when it was read."""
    database = open_database(tmp_path / "nova.db")
    record(memory_at(database), AIREP, [a_note("The crane lifts nine tonnes.")], by="test")
    memory = memory_at(database, narrow=True)
    found = recall(memory, "crane", AIREP)
    assert "nine tonnes" in found.pieces[0].text
    assert Narrow.name in found.degradations[0].what
    assert embed(memory, AIREP) == 1
    assert set(recall(memory, "crane", AIREP).pieces[0].ranks) == {"words", "meaning"}


def test_what_is_said_by_a_clock_that_went_backwards_keeps_its_place(tmp_path: Path) -> None:
    """Turns and conversations stay in the order in which they were said, whatever the clock shows."""
    memory = a_memory(tmp_path)
    [first] = say(memory, "airep", "First we measured the gate.")
    say(memory, "airep", "Then we cut the bars.", conversation=first.conversation, at=AT - timedelta(days=400))
    say(memory, "airep", "Then we welded them.", conversation=first.conversation, at=AT - timedelta(days=30))
    with memory.database.read() as connection:
        said = episodes.of_conversation(connection, AIREP, first.conversation)
        near = episodes.neighbours(connection, AIREP, [said[1]])
    assert [one.number for one in said] == [1, 2, 3]
    assert [one.text.split()[0] for one in said] == ["First", "Then", "Then"]
    assert [one.number for one in near] == [1, 3]
    standing = talk.Standing(line=(), project="", last_at=AT)
    assert standing.next_at(AT - timedelta(days=2)) > AT
    assert {piece.text[:20] for piece in recall(memory, "gate bars welded", AIREP).pieces} >= {"[said 2025-10-16 by "}


def test_a_correction_by_a_clock_that_went_backwards_still_holds(tmp_path: Path) -> None:
    """What the owner says last is what holds, and no note ends before it began."""
    memory = a_memory(tmp_path)
    old = record(memory, AIREP, [keyed("gate", "colour", "green")], by="test")[0].note
    earlier = memory_of(memory.database, None, lambda: AT - timedelta(days=3))
    new = revise.supersede(earlier, AIREP, old, "The colour of gate is red.").note
    with memory.database.read() as connection:
        past = notes.by_ids(connection, AIREP, [old.id])[old.id]
    assert past.status is NoteStatus.SUPERSEDED
    assert past.valid_to is not None
    assert past.valid_to >= past.valid_from
    assert [piece.id for piece in recall(earlier, "colour of the gate", AIREP).pieces] == [new.id]
    assert [note.id for note in revise.take_back(earlier, AIREP, new)] == [old.id]


@contextmanager
def no_room(bytes_max: int) -> Generator[None]:
    """No file of this process may grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, heard)


def test_a_disk_that_is_full_while_a_run_is_remembered_keeps_all_or_nothing(tmp_path: Path) -> None:
    """The run is not told as done, nothing of it is half there, and it can be remembered when there is room again."""
    memory = memory_at(open_database(tmp_path / "nova.db"))
    with memory.database.write() as connection:
        conversations.start(connection, AIREP, "c1", AT, project="airep", title="Gates")
    run = a_run("r1", f"Remember that the gate is green. {'It is long. ' * 1_500}")
    book = begun(memory, run)
    with no_room((tmp_path / "nova.db-wal").stat().st_size + 4_096), pytest.raises(StoreFull):
        finish(memory, book, run, "Kept.")
    with memory.database.read() as connection:
        assert [one.state.value for one in runs.latest(connection, AIREP)] == ["running"]
        assert episodes.count(connection, AIREP) == 0
        assert notes.count(connection, AIREP) == {}
    assert verify(memory) == ()
    finish(memory, book, run, "Kept.")
    with memory.database.read() as connection:
        assert episodes.count(connection, AIREP) == 2
    assert verify(memory) == ()


def test_a_database_that_cannot_be_written_is_still_read(tmp_path: Path) -> None:
    """Recall answers, and what would write says that the file cannot be written."""
    memory = a_memory(tmp_path)
    note = record(memory, AIREP, [a_note("The gate is green.")], by="test")[0].note
    memory.database.close()
    reading = replace(memory, database=open_database(tmp_path / "nova.db"))
    with reading.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")  # what a read-only file answers, also to root
        connection.commit()
    assert [piece.id for piece in recall(reading, "gate", AIREP).pieces] == [note.id]
    for write in (
        lambda: record(reading, AIREP, [a_note("The gate is red.")], by="test"),
        lambda: forget(reading, AIREP, plan_words(reading, AIREP, "green")),
        lambda: revise.supersede(reading, AIREP, note, "The gate is blue."),
    ):
        with pytest.raises(StoreError, match="cannot be written"):
            write()
    reading.database.close()
    assert [piece.id for piece in recall(memory, "gate", AIREP).pieces] == [note.id]


def test_forgetting_twice_finds_nothing_the_second_time(tmp_path: Path) -> None:
    """The second plan is empty, and carrying the first one out again changes and breaks nothing."""
    memory = a_memory(tmp_path)
    note = record(memory, AIREP, [a_note("The safe opens with 4711-0815.")], by="test")[0].note
    plan = plan_note(memory, AIREP, note)
    assert forget(memory, AIREP, plan).scrubbed
    assert plan_words(memory, AIREP, "4711-0815").items == ()
    assert forget(memory, AIREP, plan).events == 0
    with memory.database.read() as connection:
        assert erase.unfinished(connection) == 0
    assert verify(memory) == ()


@pytest.mark.parametrize("name", ["nothere", "", "n%", "n_", "' OR 1=1 --", "\0", "n" * 10_000])
def test_a_note_that_does_not_exist_is_said_so(tmp_path: Path, name: str) -> None:
    """An id that no note has, a pattern, a quote: a sentence, never another note."""
    memory = a_memory(tmp_path)
    record(memory, AIREP, [a_note("The gate is green.")], by="test")
    with pytest.raises(Unknown):
        revise.find(memory, Scope.owner({"airep"}), name)


def test_a_forgotten_note_takes_no_part_any_more(tmp_path: Path) -> None:
    """What was forgotten can be neither superseded, settled, taken back, finished nor promoted."""
    memory, owner = a_memory(tmp_path), Scope.owner({"airep"})
    note, other = (one.note for one in record(memory, AIREP, [a_note("The gate is green."), a_note("Ha")], by="test"))
    forget(memory, owner, plan_note(memory, owner, note))
    gone = revise.find(memory, owner, note.id)
    for change in (
        lambda: revise.supersede(memory, owner, gone, "The gate is red."),
        lambda: revise.settle(memory, owner, gone, other),
        lambda: revise.settle(memory, owner, other, gone),
        lambda: revise.take_back(memory, owner, gone),
        lambda: revise.finish(memory, owner, gone),
        lambda: revise.promote(memory, owner, gone),
        lambda: revise.confirm(memory, owner, gone),
    ):
        with pytest.raises(BadInput):
            change()


def test_a_profile_of_a_megabyte_is_ranked_and_what_is_left_out_is_listed() -> None:
    """The context keeps its budget; what binds always and what is asked about is in it, and all else is listed."""
    filler = [f"- Shelf {number} holds part number {number * 31} of the old catalogue." for number in range(18_000)]
    filler[9_000] = "- The deposit for scaffolding is 30 percent, paid in advance."
    text = "# Rules\n\n- Always answer with file references.\n\n# Shelves\n\n" + "\n".join(filler)
    assert len(text) > 1_000_000
    context = assemble(
        instructions=Piece(kind="agent", name="decisions", text="Answer."),
        profile=Piece(kind="profile", name="profile.md", text=text), project=None, turns=(),
        request="How much is the deposit for scaffolding?", budget_tokens=8_000, scope=AIREP,
    )  # fmt: skip
    assert context.tokens <= context.budget_tokens
    [shown] = [piece.text for piece in context.pieces if piece.kind == "profile"]
    assert "Always answer with file references." in shown
    assert "deposit for scaffolding is 30 percent" in shown
    left = [one for one in context.left_out if one.kind == "profile"]
    assert len(left) <= 21
    assert left[-1].name.endswith("more parts")
    counted = tokens_of(shown) + sum(one.tokens for one in left)
    assert counted > 0.9 * tokens_of(text), "all of it is in the context or in the list"


def test_reading_into_vectors_that_was_stopped_goes_on(tmp_path: Path) -> None:
    """Ctrl-C in the middle leaves what was read, and the next time reads the rest and no row twice."""
    memory: Memory = a_memory(tmp_path)
    record(memory, AIREP, [a_note(f"Part {number} lies on shelf {number}.") for number in range(200)], by="test")
    reading = memory_at(memory.database)

    def stop(count: int) -> None:
        if count >= 64:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed(reading, AIREP, told=stop)
    left = waiting(reading, AIREP)
    assert 0 < left < 200
    assert embed(reading, AIREP) == left
    assert verify(reading) == ()
