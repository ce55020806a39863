"""Where there are few notes, all that hold are put before an agent; where there are many, only those that answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.a_memory import AIREP, a_memory, a_note

from nova.core.labels import Label
from nova.core.notes import NoteStatus
from nova.memory.notes import record
from nova.memory.recall import WHOLE_TOKENS, Quota, recall
from nova.memory.tiers import Memory

QUESTION = "Why did the delivery slip?"
SLIPPED = a_note("The delivery slipped to Monday.")
REASON = a_note("Every login needs a second factor since the audit.")
YOUNG = Quota(episodes=0, whole=WHOLE_TOKENS)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    """Words alone: nothing ties the reason to the question."""
    return a_memory(tmp_path)


def test_few_notes_are_given_whole_those_that_answer_first(memory: Memory) -> None:
    """The reason shares no word with the question, and is there all the same."""
    record(memory, AIREP, [REASON, SLIPPED], by="test")
    found = recall(memory, QUESTION, AIREP, quota=YOUNG)
    assert [piece.id for piece in found.pieces] == [SLIPPED.id, REASON.id]
    assert found.pieces[1].why == "one of few notes"
    assert [piece.id for piece in recall(memory, QUESTION, AIREP, quota=Quota(episodes=0)).pieces] == [SLIPPED.id]


def test_of_many_notes_only_those_are_given_that_answer(memory: Memory) -> None:
    """What does not fit whole is searched, as ever."""
    record(
        memory,
        AIREP,
        [SLIPPED, *(a_note(f"Machine {number} stands in hall {number}.") for number in range(50))],
        by="t",
    )
    assert [piece.id for piece in recall(memory, QUESTION, AIREP, quota=YOUNG).pieces] == [SLIPPED.id]


def test_what_does_not_hold_is_not_among_the_few(memory: Memory) -> None:
    """Superseded, unconfirmed, quarantined, untrusted: none of it comes unasked."""
    old = a_note("The audit is in May.")
    unsure = [a_note(f"A rumour, number {at}.", status=status) for at, status in enumerate(NoteStatus) if at]
    stranger = a_note("A stranger's sentence.", label=Label(scopes=frozenset({"airep"}), trusted=False))
    record(memory, AIREP, [REASON, old, stranger, *unsure], by="test")
    record(memory, AIREP, [a_note("The audit is in June.", supersedes=(old.id,))], by="test")
    found = {
        piece.what.text for piece in recall(memory, "Anything?", AIREP, quota=YOUNG).pieces if piece.tier == "note"
    }
    assert found == {REASON.text, "The audit is in June."}
