"""What a note rests on: grounds that its words name, grounds that no longer hold, and what is told instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.a_memory import AIREP, AT, a_memory, a_note, keyed

from nova.core.notes import Note, NoteStatus
from nova.memory.notes import record
from nova.memory.recall import Quota, Recall, recall
from nova.memory.tiers import Memory
from nova.store import notes

LATER = AT + timedelta(days=1)
RATE = a_note("The printer charges four cents a page.")
NEW_RATE = a_note("A page is seven cents since June.", supersedes=(RATE.id,), at=LATER)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    """Words alone: what is decided here does not need meaning."""
    return a_memory(tmp_path, now=lambda: LATER)


def kept(memory: Memory, note: Note) -> Note:
    """The note as it is in the store."""
    with memory.database.read() as connection:
        found = notes.by_id(connection, AIREP, note.id)
    assert found is not None
    return found


def asked(memory: Memory, request: str) -> Recall:
    """What is recalled from notes alone."""
    return recall(memory, request, AIREP, quota=Quota(episodes=0))


def ids(found: Recall) -> list[str]:
    """The recalled notes, best first."""
    return [piece.id for piece in found.pieces]


def test_a_note_names_its_ground_with_the_words_of_another(memory: Memory) -> None:
    """What stands word for word behind `because` is linked, and when it falls the conclusion is told no more."""
    flyer = a_note("The flyer costs 40 euros, because the printer charges four cents a page.")
    record(memory, AIREP, [RATE, flyer], by="test")
    assert kept(memory, flyer).derived_from == (RATE.id,)
    [taken] = record(memory, AIREP, [NEW_RATE], by="test")
    assert taken.doubted == (flyer.id,)
    assert ids(asked(memory, "How many euros is the flyer?")) == [NEW_RATE.id]


@pytest.mark.parametrize(
    "text",
    [
        "The printer charges four cents a page, and the binder two.",
        "The flyer costs 40 euros because pages are cheap. The printer charges four cents a page.",
        "The flyer costs 40 euros, based on what the printer charges.",
    ],
)
def test_only_words_behind_a_because_are_a_ground(memory: Memory, text: str) -> None:
    """A sentence that merely repeats another, or is merely like it, does not rest on it."""
    record(memory, AIREP, [RATE], by="test")
    [taken] = record(memory, AIREP, [a_note(text)], by="test")
    assert taken.note.derived_from == ()


def test_what_comes_in_on_a_ground_that_fell_before_is_unconfirmed(memory: Memory) -> None:
    """It does not matter whether the ground fell before or after what rests on it was noted."""
    record(memory, AIREP, [RATE, NEW_RATE], by="test")
    flyer = a_note("The flyer costs 40 euros.", derived_from=(RATE.id,))
    [taken] = record(memory, AIREP, [flyer], by="test")
    assert taken.note.status is NoteStatus.UNCONFIRMED
    assert taken.note.doubt == f"rests on {RATE.id}, which no longer holds"
    found = asked(memory, "How many euros is the flyer?")
    assert ids(found) == [NEW_RATE.id]
    assert [one.id for one in found.left_out] == [flyer.id]


def test_a_conclusion_called_off_takes_its_wrong_words_out_of_every_context(memory: Memory) -> None:
    """A note that says why another was wrong repeats it; what is told is the value that holds."""
    flyer = a_note("The flyer costs 40 euros.")
    off = a_note(
        "[WRONG, it was based on: The printer charges four cents a page] We said: the flyer costs 40 euros.",
        supersedes=(flyer.id,),
    )
    record(memory, AIREP, [RATE, flyer], by="test")
    record(memory, AIREP, [NEW_RATE], by="test")
    record(memory, AIREP, [off], by="test")
    assert kept(memory, flyer).superseded_by == off.id
    assert ids(asked(memory, "How many euros is the flyer?")) == [NEW_RATE.id]


def test_a_correction_does_not_rest_on_the_grounds_of_what_it_corrects(memory: Memory) -> None:
    """Who corrects a conclusion has said it anew: it holds although the old ground has fallen."""
    flyer = a_note("The flyer costs 40 euros.", derived_from=(RATE.id,))
    record(memory, AIREP, [RATE, flyer], by="test")
    record(memory, AIREP, [NEW_RATE], by="test")
    right = a_note("The flyer costs 70 euros.", derived_from=(RATE.id,), supersedes=(flyer.id,), at=LATER)
    [taken] = record(memory, AIREP, [right], by="test")
    assert taken.note.status is NoteStatus.ACTIVE
    assert right.id in ids(asked(memory, "How many euros is the flyer?"))


def test_a_question_in_the_old_words_finds_what_holds_now(memory: Memory) -> None:
    """What was superseded is found and not shown; what took its place, at the end of the chain, is shown for it."""
    first = keyed("printer", "contact", "Heike Brandt answers the telephone", at=AT)
    second = keyed("printer", "contact", "Jonas", at=AT + timedelta(hours=1))
    third = keyed("printer", "contact", "Mira", at=AT + timedelta(hours=2))
    record(memory, AIREP, [first, second, third], by="test")
    found = asked(memory, "Who answers the telephone?")
    assert ids(found) == [third.id]
    assert "replaced" in found.pieces[0].why
    assert first.id in [one.id for one in found.left_out]


def test_what_holds_comes_once_though_it_is_found_twice(memory: Memory) -> None:
    """A note found by its own words and for what it replaced stands once, at the better place."""
    record(memory, AIREP, [RATE, NEW_RATE], by="test")
    assert ids(asked(memory, "What does the printer charge for a page?")) == [NEW_RATE.id]


def test_reading_a_source_again_brings_back_no_fallen_ground(memory: Memory) -> None:
    """That a file still says a conclusion does not make its ground true again."""
    flyer = a_note("The flyer costs 40 euros.", derived_from=(RATE.id,))
    record(memory, AIREP, [RATE, flyer], by="test")
    record(memory, AIREP, [NEW_RATE], by="test")
    record(memory, AIREP, [replace(flyer, derived_from=())], by="a file read again")
    assert flyer.id not in ids(asked(memory, "How many euros is the flyer?"))


def test_what_is_known_already_still_ends_what_it_supersedes(memory: Memory) -> None:
    """`We use Postgres, not MySQL` ends MySQL, also when Postgres was noted long ago."""
    old, known = a_note("The shop runs on MySQL."), a_note("The shop runs on Postgres.")
    record(memory, AIREP, [old, known], by="test")
    [taken] = record(memory, AIREP, [a_note("The shop runs on Postgres.", supersedes=(old.id,))], by="test")
    assert (taken.note.id, taken.superseded) == (known.id, (old.id,))
    assert kept(memory, old).superseded_by == known.id
    assert ids(asked(memory, "What does the shop run on?")) == [known.id]


def test_an_unvouched_note_that_is_known_already_ends_nothing(memory: Memory) -> None:
    """What nobody vouches for takes nobody's place, merged or not."""
    old, known = a_note("The shop runs on MySQL."), a_note("The shop runs on Postgres.")
    record(memory, AIREP, [old, known], by="test")
    doubtful = a_note("The shop runs on Postgres.", supersedes=(old.id,), status=NoteStatus.QUARANTINED)
    record(memory, AIREP, [doubtful], by="test")
    assert kept(memory, old).status is NoteStatus.ACTIVE
