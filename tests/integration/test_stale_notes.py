"""A note whose file no longer says it: marked in the very next answer, with since when and why, and unmarked again."""

from __future__ import annotations

import os
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.integration.terminal import repository

from nova.app import why
from nova.app.histories import read_past
from nova.app.house import Nova
from nova.core.degradations import DegradationKind
from nova.core.events import ContextAssembled
from nova.core.labels import Scope
from nova.core.notes import Note, NoteKind
from nova.memory.check import check
from nova.memory.looking import Verdict
from nova.memory.recall import recall
from nova.store import notes
from nova.testing.house import Told, a_home, a_nova, ask

DECIDED = "We round money half-even, because the tax office does"
DECISION = f"# 1. Rounding\n\nStatus: accepted\n\n## Decision\n\n{DECIDED}.\n"
EDITED = DECISION.replace("half-even", "half-up")
FILE = "docs/decisions/0001-rounding.md"
EDITED_AT = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)
QUESTION = "How do we round money, and why?"
SHOP = Scope(own="shop", names=frozenset({"shop", "home"}))


@pytest.fixture
def nova(tmp_path: Path) -> Generator[Nova]:
    """A home with one project whose decision was read into a note; no provider."""
    place = repository(tmp_path / "shop", **{FILE.replace("/", "__").replace(".md", "_dot_md"): DECISION})
    opened = a_nova(a_home(tmp_path / "home", projects={"shop": ("general", place)}, agents=["decisions"]))
    read_past(opened, opened.projects[0])
    yield opened
    opened.close()


def write(nova: Nova, text: str) -> None:
    """The decision's file as the owner leaves it, at a known time."""
    file = nova.grounds["shop"] / FILE
    file.write_text(text, encoding="utf-8")
    os.utime(file, (EDITED_AT.timestamp(), EDITED_AT.timestamp()))


def noted(nova: Nova) -> Note:
    """The decision as it is kept."""
    with nova.database.read() as connection:
        return next(note for note in notes.listed(connection, SHOP) if note.kind is NoteKind.DECISION)


def recalled(nova: Nova) -> tuple[str, tuple[DegradationKind, ...]]:
    """The mark of the decision as it is recalled, and what is said to be less than it should be."""
    found = recall(nova.memory, QUESTION, SHOP)
    [piece] = [one for one in found.pieces if one.id == noted(nova).id]
    return piece.mark, tuple(one.kind for one in found.degradations)


async def asked(nova: Nova) -> Told:
    """The owner asks, with no model."""
    return await ask(nova, QUESTION, project="shop", agent="decisions")


async def test_a_note_is_marked_in_the_request_after_its_file_was_edited(nova: Nova) -> None:
    """Edited: marked as stale since then, and the answer says so; edited back: as if nothing had been."""
    assert recalled(nova) == ("", ())
    write(nova, EDITED)
    mark, less = recalled(nova)
    assert mark.startswith(f"stale since 2026-11-19: {FILE}")
    assert "no longer says" in mark
    assert DegradationKind.STALE_MEMORY in less
    told = await asked(nova)
    [said] = [one for one in told.outcome.degradations if one.kind is DegradationKind.STALE_MEMORY]
    assert noted(nova).id in said.what
    assert "stale since 2026-11-19" in said.what
    write(nova, DECISION)
    assert recalled(nova) == ("", ())
    told = await asked(nova)
    assert DegradationKind.STALE_MEMORY not in [one.kind for one in told.outcome.degradations]


async def test_a_note_whose_file_is_gone_is_marked(nova: Nova) -> None:
    """A decision that nobody can read any more is shown with that, not as truth."""
    (nova.grounds["shop"] / FILE).unlink()
    mark, less = recalled(nova)
    assert "is not there any more" in mark
    assert DegradationKind.STALE_MEMORY in less


async def test_the_record_of_a_run_says_what_was_stale(nova: Nova) -> None:
    """Whoever asks why later sees that the note stood in the context, and that it was marked."""
    write(nova, EDITED)
    told = await asked(nova)
    [assembled] = [event.happening for event in told.events if isinstance(event.happening, ContextAssembled)]
    pieces = [piece for piece in assembled.pieces if isinstance(piece, dict) and piece["kind"] == "note"]
    assert noted(nova).id in [piece["name"] for piece in pieces]
    reason = why.reason_json(why.reason_of(nova, told.run))
    assert "stale since 2026-11-19" in str(reason)


def test_checking_keeps_the_doubt_and_lifts_it_again(nova: Nova) -> None:
    """`nova memory check` writes the doubt into the note's history, and takes it out when the file says so again."""
    write(nova, EDITED)
    [one] = [one for one in check(nova.memory, SHOP, nova.grounds) if one.note.id == noted(nova).id]
    assert one.verdict is Verdict.CHANGED
    assert FILE in noted(nova).doubt
    assert noted(nova).doubted_at is not None
    write(nova, DECISION)
    check(nova.memory, SHOP, nova.grounds)
    assert noted(nova).doubt == ""
    with nova.database.read() as connection:
        changes = [one.change for one in notes.changes_of(connection, SHOP, noted(nova).id)]
    assert changes[-2:] == ["doubted", "confirmed"]
    assert recalled(nova) == ("", ())
