"""What the head is taught."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.unit.coordinator.rosters import BOOKS, LETTERS, WORKSHOP

from nova.coordinator.lessons import NOBODY, Correction, lessons, phrases
from nova.core.routes import Source

AT = datetime(2026, 11, 20, tzinfo=UTC)


def test_boundaries_are_never_taught() -> None:
    """What an agent does not do is in no lesson, because it would attract what it excludes."""
    taught = {lesson.text for lesson in lessons(WORKSHOP)}
    for agent in WORKSHOP:
        for boundary in agent.boundaries:
            assert not any(boundary.what in text for text in taught)


def test_sources() -> None:
    """Examples, the name, the whole description and its phrases are taught, each marked with its source."""
    taught = {lesson.text: lesson.source for lesson in lessons([BOOKS])}
    assert taught["Which invoices are still unpaid?"] is Source.EXAMPLE
    assert taught["book keeper"] is Source.NAME
    assert taught[BOOKS.description] is Source.DESCRIPTION
    assert taught["records invoices"] is Source.DESCRIPTION


def test_phrases() -> None:
    """A description is cut at punctuation, «and» and «or»; single words are left out."""
    assert phrases("Counts boards and screws, says what runs low; orders.") == ("Counts boards", "says what runs low")


def test_correction_takes_an_example_away() -> None:
    """A correction moves a text to its agent: nobody else keeps it as an example."""
    text = "record the payment from Hansen"
    taught = lessons(WORKSHOP, [Correction(text=text.upper(), agent="letter-writer", at=AT)])
    owners = {(lesson.agent, lesson.source) for lesson in taught if lesson.text.casefold() == text.casefold()}
    assert owners == {("letter-writer", Source.CORRECTION)}


def test_later_correction_wins() -> None:
    """Of two corrections of one text the later one counts."""
    both = [Correction(text="the bill", agent=name, at=AT) for name in ("letter-writer", "book-keeper")]
    found = [lesson.agent for lesson in lessons([BOOKS, LETTERS], both) if lesson.text == "the bill"]
    assert found == ["book-keeper"]


def test_correction_for_an_absent_agent_waits() -> None:
    """A correction for an agent that is not in the roster teaches nothing and breaks nothing."""
    assert lessons([BOOKS], [Correction(text="hello", agent="gone", at=AT)]) == lessons([BOOKS])


def test_nobody_can_be_taught() -> None:
    """The owner may say that something is nobody's job."""
    taught = lessons([BOOKS], [Correction(text="sing a song", agent=NOBODY, at=AT)])
    assert taught[-1].agent == NOBODY
