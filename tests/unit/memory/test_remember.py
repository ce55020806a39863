"""What a conversation leaves behind turn by turn: the words before help, other conversations do not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from tests.support.a_memory import AIREP, AT, a_memory

from nova.app.replay_talk import WrittenTalk, WrittenTurn, write_talk
from nova.core.notes import Note, NoteKind, NoteStatus
from nova.memory.tiers import Memory
from nova.store import notes


def talk(title: str, *said: str, day: int = 0) -> WrittenTalk:
    """One conversation of airep, a minute between its turns."""
    turns = tuple(
        WrittenTurn(at=AT + timedelta(days=day, minutes=at), say=one, agent="general-chat", answer="I see.")
        for at, one in enumerate(said)
    )
    return WrittenTalk(title=title, project="airep", turns=turns)


def left(memory: Memory, talks: Sequence[WrittenTalk], kind: NoteKind) -> list[Note]:
    """The notes of one kind that the conversations leave, oldest first."""
    write_talk(memory, talks, AIREP)
    with memory.database.read() as connection:
        return sorted(notes.listed(connection, AIREP, kinds=(kind,)), key=lambda note: note.recorded_at)


def test_the_owners_words_before_give_a_question_its_topic(tmp_path: Path) -> None:
    """`may I tell it or not` is kept with what was asked one turn earlier in the same conversation."""
    said = talk(
        "Post", "can I write the post on opening hours? the story isn't mine", "open then: may I tell it or not"
    )
    [asked] = left(a_memory(tmp_path), [said], NoteKind.QUESTION)
    assert asked.text == "Open question (post on opening hours): may I tell it or not?"


def test_another_conversation_lends_no_name(tmp_path: Path) -> None:
    """Who was named in one conversation is not `she` in another."""
    talks = [talk("One", "mail to Vera Kind about the sizes"), talk("Two", "sent. she answers by tuesday", day=1)]
    assert left(a_memory(tmp_path), talks, NoteKind.INTENTION) == []


def test_a_change_of_mind_ends_the_decision_it_names(tmp_path: Path) -> None:
    """`Quillpay instead of Harrow Pay`, said weeks later, takes the place of the decision for Harrow Pay."""
    first = talk("Payment", "payment provider: we take Harrow Pay. Tillbridge is cheaper but pays out late")
    later = talk("Payouts", "we change the provider: Quillpay instead of Harrow Pay", day=30)
    old, new = left(a_memory(tmp_path), [first, later], NoteKind.DECISION)
    assert (old.status, old.superseded_by) == (NoteStatus.SUPERSEDED, new.id)
    assert new.status is NoteStatus.ACTIVE


def test_a_closed_question_is_no_longer_open(tmp_path: Path) -> None:
    """`so the question is closed` answers the open question of another day that shares its telling words."""
    first = talk("Invoice", "open question: does the IBAN on the invoice belong to the tenant or to the branch?")
    later = talk("Invoice 2", "IBAN: they say the tenant's. so the question is closed", day=9)
    [asked] = left(a_memory(tmp_path), [first, later], NoteKind.QUESTION)
    assert not asked.open
    assert asked.answered_by
