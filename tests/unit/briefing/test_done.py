"""The rule by which something later looks like an intention carried out; never sure, so never silent."""

from __future__ import annotations

from time import process_time

import pytest
from tests.unit.briefing.things import facts, made, note, run

from nova.briefing.card import Part
from nova.briefing.done import deeds_of, done_by
from nova.briefing.facts import Groundwork, Made
from nova.briefing.resume import resume
from nova.core.notes import Note
from nova.core.runs import Run


def found(intended: Note, commits: tuple[Made, ...] = (), runs: tuple[Run, ...] = ()) -> str | None:
    """The commit or run that seems to have done it."""
    deed = done_by(intended, deeds_of(commits, runs))
    return deed.source if deed else None


@pytest.mark.parametrize(
    ("intention", "deed"),
    [
        ("On 2026-11-11 I write demo data for #4 and #6.", "Demo data, so that the issues can be seen"),
        ("Narrow invoice_detail and allocate, with their tests.", "Narrow invoice_detail\n\nWith a test."),
        ("Close #5 at last.", "Link to the hours instead of copying them\n\nCloses #5."),
        ("Take BW 900 out of that row and tell Jonna.", "Take BW 900 out of the machines of BW-20-0203"),
    ],
)  # fmt: skip
def test_half_of_the_telling_words_are_enough(intention: str, deed: str) -> None:
    """Half of the words that make an intention this one, two at least, or its issue and one more, count as done."""
    subject, _, body = deed.partition("\n\n")
    assert found(note(intention, when="11-10 10:00"), (made(subject, "11-12 10:00", body),)) is not None


@pytest.mark.parametrize(
    ("intention", "deed"),
    [
        ("Narrow invoice_detail and allocate, both with their tests.", "Let managers cancel an invoice"),
        ("Write the release notes of 1.4.1 for the accountants.", "Release 1.4.0"),
        ("Then #4.", "Correct the stock (#5)"),
        ("Measure the lookup on the order page.", "Measure how long a migration takes"),
        ("", "Anything at all"),
    ],
)
def test_one_shared_word_is_not_enough(intention: str, deed: str) -> None:
    """A commit that only happens to share a word does not make an intention look done."""
    assert found(note(intention, when="11-10 10:00"), (made(deed, "11-12 10:00"),)) is None


def test_the_owner_can_say_that_it_is_done() -> None:
    """A later word counts only when it says that something is done; the run that stated it never counts."""
    intended = note("Count the two panel filters on the shelf.", when="11-17 15:00")
    done = run("counted the two panel filters, 14 and 5", "11-17 17:50")
    asked = run("where are the two panel filters on the shelf", "11-17 16:00")
    deed = found(intended, (), (done, asked))
    assert deed is not None
    assert deed == done.id
    assert found(intended, (), (asked,)) is None
    assert found(intended, (), (run("counted the two panel filters", "11-16 10:00"),)) is None


def test_words_that_only_a_long_text_happens_to_hold_do_not_count() -> None:
    """A commit must name something of it in its subject; of what the owner said, one sentence must hold it all."""
    intended = note("Tell both customers about the rounding.", when="11-10 10:00")
    body = made("Release 1.4.0", "11-12 10:00", "Both customers asked for it, and rounding is as it was.")
    assert found(intended, (body,), ()) is None
    said = run("both customers wait. the rounding was changed in the book", "11-12 11:00")
    assert found(intended, (), (said,)) is None


def test_the_earliest_commit_is_named() -> None:
    """Of several later commits that fit, the first one did it."""
    intended = note("Split the migration of the unit cost.", when="11-10 10:00")
    first = made("Split the unit cost migration in three", "11-12 10:00")
    again = made("Split the unit cost migration again", "11-14 10:00")
    deed = found(intended, (again, first), ())
    assert deed is not None
    assert deed == first.commit.id


def test_a_thousand_intentions_beside_a_long_history_are_decided_in_a_moment() -> None:
    """Words of deeds are taken apart once, not once for each intention: under two seconds of CPU."""
    intentions = [note(f"Weigh part {number} of the price list again.", when="09-01 10:00") for number in range(1000)]
    history = tuple(
        made(f"Correct row {number} of the stock", "10-01 10:00", "Counted by hand.") for number in range(500)
    )
    began = process_time()
    card = resume(facts(*intentions, ground=Groundwork(commits=history)))
    assert process_time() - began < 2.0
    assert card.count(Part.NEXT) == 1000
