"""The one door for notes: what merges, what supersedes, what only asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.a_memory import AIREP, AT, BLOG, a_memory, a_note, keyed

from nova.core.errors import BadInput
from nova.core.notes import Note, NoteKind, NoteStatus, Source, SourceKind
from nova.memory.notes import record
from nova.memory.tiers import Memory
from nova.store import notes


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    """Words alone: what is decided here does not need meaning."""
    return a_memory(tmp_path)


def kept(memory: Memory, note: str) -> Note:
    """The note as it is in the store."""
    with memory.database.read() as connection:
        found = notes.by_id(connection, AIREP, note)
    assert found is not None
    return found


def test_the_same_sentence_again_only_adds_its_source(memory: Memory) -> None:
    """A fact recalled a hundred times stays one fact."""
    [first] = record(memory, AIREP, [a_note("Deploys run on Tuesdays.")], by="test")
    for number in range(100):
        source = Source(kind=SourceKind.RUN, ref=f"r{number}", at=AT)
        [again] = record(memory, AIREP, [a_note("Deploys run on Tuesdays.", sources=(source,))], by="test")
        assert again.how == "merged"
        assert again.note.id == first.note.id
    with memory.database.read() as connection:
        assert len(notes.listed(connection, AIREP)) == 1
    assert len(kept(memory, first.note.id).sources) == 20


def test_the_same_key_with_another_value_supersedes_in_place(memory: Memory) -> None:
    """A contradiction never stands beside the old fact: the old one ends when the new one begins, and is linked."""
    old, new = (
        keyed("Kehr-Nord", "contact", "Heike"),
        keyed("kehr-nord", "the contact", "Jonas", at=AT + timedelta(days=3)),
    )
    record(memory, AIREP, [old], by="test")
    [recorded] = record(memory, AIREP, [new], by="test")
    assert recorded.superseded == (old.id,)
    past = kept(memory, old.id)
    assert (past.status, past.superseded_by, past.valid_to) == (NoteStatus.SUPERSEDED, new.id, new.valid_from)
    assert kept(memory, new.id).supersedes == (old.id,)


def test_two_attributes_of_one_subject_both_hold(memory: Memory) -> None:
    """Only an equal key supersedes; likeness never does."""
    facts = [keyed("Kehr-Nord", "contact", "Jonas"), keyed("Kehr-Nord", "delivery day", "Jonas' day off")]
    record(memory, AIREP, facts, by="test")
    assert {kept(memory, fact.id).status for fact in facts} == {NoteStatus.ACTIVE}


def test_old_news_does_not_replace_newer_news(memory: Memory) -> None:
    """A value from an older source that is read later is kept as superseded, never as true."""
    record(memory, AIREP, [keyed("owner", "hourly rate", "95")], by="test")
    older = replace(keyed("owner", "hourly rate", "80"), valid_from=AT - timedelta(days=90))
    [recorded] = record(memory, AIREP, [older], by="test")
    assert recorded.how == "outdated"
    assert kept(memory, older.id).status is NoteStatus.SUPERSEDED


def test_a_clock_that_went_backwards_does_not_turn_what_is_said_now_into_old_news(memory: Memory) -> None:
    """What the owner says now supersedes, even when the clock says it is earlier than what he said before."""
    record(memory, AIREP, [keyed("owner", "hourly rate", "80")], by="test")
    now = keyed("owner", "hourly rate", "95", at=AT - timedelta(days=2))
    [recorded] = record(memory, AIREP, [now], by="test")
    assert recorded.how == "added"
    assert kept(memory, now.id).valid_from >= AT


def test_what_rests_on_a_superseded_fact_becomes_unconfirmed(memory: Memory) -> None:
    """Superseding a fact puts everything derived from it in doubt, also at second hand, and says why."""
    budget = keyed("project", "budget", "200,000")
    plan = a_note("50,000 remain after the purchase.", derived_from=(budget.id,))
    order = a_note("The second order can go out.", derived_from=(plan.id,))
    for note in (budget, plan, order):
        record(memory, AIREP, [note], by="test")
    [recorded] = record(memory, AIREP, [keyed("project", "budget", "120,000")], by="test")
    assert set(recorded.doubted) == {plan.id, order.id}
    assert kept(memory, order.id).status is NoteStatus.UNCONFIRMED
    assert budget.id in kept(memory, order.id).doubt


def test_notes_that_would_supersede_each_other_are_refused_and_nothing_is_written(memory: Memory) -> None:
    """A circle of supersession is an error that names both, and leaves the memory as it was."""
    first = a_note("We ship on Mondays.")
    second = a_note("We ship on Fridays.", supersedes=(first.id,))
    record(memory, AIREP, [first], by="test")
    record(memory, AIREP, [second], by="test")
    with pytest.raises(BadInput, match=f"{first.id} and {second.id}"):
        record(memory, AIREP, [replace(first, text="We ship on Mondays again.", supersedes=(second.id,))], by="test")
    assert kept(memory, first.id).text == "We ship on Mondays."


def test_a_note_that_is_not_trusted_takes_nobodys_place(memory: Memory) -> None:
    """Text that nobody vouches for cannot overwrite what the owner said."""
    mine = keyed("owner", "bank", "Raiffeisen")
    record(memory, AIREP, [mine], by="test")
    record(memory, AIREP, [keyed("owner", "bank", "Evil", status=NoteStatus.QUARANTINED)], by="test")
    assert kept(memory, mine.id).status is NoteStatus.ACTIVE


def test_a_decision_answers_the_open_question_it_is_about(memory: Memory) -> None:
    """An open question that a later decision of the same project contains is answered by it."""
    asked = a_note("Should invoices be numbered per branch or per tenant?", kind=NoteKind.QUESTION)
    other = a_note("Which bank do we use for the deposits?", kind=NoteKind.QUESTION)
    record(memory, AIREP, [asked, other], by="test")
    decided = a_note(
        "Invoices are numbered per tenant, not per branch.", kind=NoteKind.DECISION, at=AT + timedelta(days=1)
    )
    [recorded] = record(memory, AIREP, [decided], by="test")
    assert recorded.answered == (asked.id,)
    assert not kept(memory, asked.id).open
    assert kept(memory, other.id).open


def test_reading_the_same_source_again_changes_nothing(memory: Memory) -> None:
    """A note with the id of its place in a file: the same words are known, other words change it in place."""
    note = a_note("Money is rounded half-even.", kind=NoteKind.DECISION)
    record(memory, AIREP, [note], by="reading")
    assert record(memory, AIREP, [note], by="reading")[0].how == "known"
    changed = replace(note, text="Money is rounded half-up.")
    assert record(memory, AIREP, [changed], by="reading")[0].how == "changed"
    assert kept(memory, note.id).text == "Money is rounded half-up."
    with memory.database.read() as connection:
        assert [one.change for one in notes.changes_of(connection, AIREP, note.id)] == ["recorded", "changed"]


def test_a_note_of_another_scope_is_refused(memory: Memory) -> None:
    """No door writes into another project."""
    with pytest.raises(ValueError, match="belongs to airep"):
        record(memory, BLOG, [a_note("Deploys run on Tuesdays.")], by="test")


def test_near_notes_with_another_value_go_to_the_owners_queue(tmp_path: Path) -> None:
    """Likeness in meaning asks and does not decide: both stay active, and the pair waits."""
    memory = a_memory(tmp_path, meaning=True)
    old = a_note("The staging server has 8 GB of memory.")
    new = a_note("The staging server has 16 GB of memory.", at=AT + timedelta(days=9))
    record(memory, AIREP, [old], by="test")
    [recorded] = record(memory, AIREP, [new], by="test")
    assert recorded.conflicts == (old.id,)
    assert kept(memory, old.id).status is NoteStatus.ACTIVE
    with memory.database.read() as connection:
        assert [(one, other) for one, other, _ in notes.conflicts(connection, AIREP)] == [(new.id, old.id)]


def said(text: str, *, days: int = 0, kind: NoteKind = NoteKind.DECISION, **more: object) -> Note:
    """What somebody said in a run, some days after the first."""
    at = AT + timedelta(days=days)
    source = Source(kind=SourceKind.RUN, ref=f"r{days}", at=at, quote=text)
    return a_note(text, kind=kind, at=at, sources=(source,), **more)  # pyright: ignore[reportArgumentType]


def test_a_decision_that_names_what_it_replaces_takes_its_place(memory: Memory) -> None:
    """`4 hours instead of 8` supersedes the one decision on sessions that says 8, and no other that says 8."""
    old, other = said("Sessions last 8 hours, one shift."), said("Backups are kept for 8 weeks.")
    record(memory, AIREP, [old, other], by="test")
    new = said("The session length: 4 hours instead of 8.", days=3, alternatives=("8",))
    [recorded] = record(memory, AIREP, [new], by="test")
    assert recorded.superseded == (old.id,)
    assert kept(memory, old.id).superseded_by == new.id
    assert kept(memory, other.id).status is NoteStatus.ACTIVE


def test_a_rare_name_is_enough_to_be_replaced(memory: Memory) -> None:
    """`Quillpay instead of Harrow Pay` supersedes the decision that took Harrow Pay."""
    old = said("We take Harrow Pay.")
    record(memory, AIREP, [old, said("We take the north first.")], by="test")
    new = said("Quillpay instead of Harrow Pay.", days=2, alternatives=("Harrow Pay",))
    assert record(memory, AIREP, [new], by="test")[0].superseded == (old.id,)


def test_where_two_might_be_meant_the_owner_is_asked(memory: Memory) -> None:
    """Two decisions that hold the old value both stay, and both wait in the queue beside the new one."""
    first = said("The full level costs 72 pounds.")
    second = said("The full level for farms costs 72 pounds as well.")
    record(memory, AIREP, [first, second], by="test")
    new = said("The full level will be 70, not 72.", days=2, alternatives=("72",))
    [recorded] = record(memory, AIREP, [new], by="test")
    assert recorded.superseded == ()
    assert set(recorded.conflicts) == {first.id, second.id}
    assert {kept(memory, one.id).status for one in (first, second)} == {NoteStatus.ACTIVE}


def test_what_another_project_decided_stays(memory: Memory) -> None:
    """Only a decision of the same project is replaced, however alike the words are."""
    old = said("Sessions last 8 hours.", project="shop")
    record(memory, AIREP, [old], by="test")
    new = said("Sessions: 4 hours instead of 8.", days=1, project="airep", alternatives=("8",))
    assert record(memory, AIREP, [new], by="test")[0].superseded == ()


def test_an_alternative_that_was_weighed_replaces_nothing(memory: Memory) -> None:
    """`We keep one series, per branch would have meant three` is no word against an older note about branches."""
    old = said("Prices are kept per branch.")
    record(memory, AIREP, [old], by="test")
    new = said("We keep one series.", days=1, alternatives=("per branch would have meant explaining three series",))
    assert record(memory, AIREP, [new], by="test")[0].superseded == ()


def test_a_closing_answers_the_question_that_shares_its_one_telling_word(memory: Memory) -> None:
    """`so the question is closed` needs less than a plain decision: a word that no other open question has."""
    asked = a_note("Open question: whose IBAN goes on the printed page at the bottom?", kind=NoteKind.QUESTION)
    other = a_note("Open question: which colour does the printed page get?", kind=NoteKind.QUESTION)
    record(memory, AIREP, [asked, other], by="test")
    plain = a_note("The IBAN is checked by the form.", kind=NoteKind.DECISION, at=AT + timedelta(days=1))
    assert record(memory, AIREP, [plain], by="test")[0].answered == ()
    closed = said("IBAN: it is the tenant's. So the question is closed.", days=2)
    assert record(memory, AIREP, [closed], by="test")[0].answered == (asked.id,)
    assert kept(memory, other.id).open


def test_a_new_contact_takes_the_place_of_the_one_who_is_named_as_gone(memory: Memory) -> None:
    """`Derek Molloy retired. Siobhan Reeve now` ends the fact that held his name, under whatever attribute."""
    old = keyed("Brushwell", "buyer", "Derek Molloy")
    record(memory, AIREP, [old], by="test")
    new = said(
        "Brushwell: Derek Molloy retired. Siobhan Reeve now.", days=1, kind=NoteKind.FACT,
        subject="Brushwell", attribute="contact", value="Siobhan Reeve",
    )  # fmt: skip
    assert record(memory, AIREP, [new], by="test")[0].superseded == (old.id,)
