"""A note's Markdown file says what the note says, to a person and back to Nova."""

# ruff: noqa: E501 (one row of the table is one slip with its sentence)

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nova.core.errors import BadFiles
from nova.core.labels import Label
from nova.core.notes import Note, NoteKind, NoteStatus, Source, SourceKind
from nova.memory.files.form import digest, markdown
from nova.memory.files.reading import Ground, read_note

AT = datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
GROUND = Ground(now=AT)
AWKWARD = (
    "---", "--- \n---", "## Why", "\\## Why", "## alternatives ", "- a\n- b", "a\n\n  b\n", " a", "a ", "\r", "a\r\nb", "\x00", "\x85",
    "key: value", "# no comment", "'\"", "{a: [b]}", "&a *b !c", "yes", "null", "~", "12", "1.5", "1e5", "2026-11-20", "0x1f",
    "\u202e\u05e9\u05dc\u05d5\u05dd", "مرحبا", "👩‍👩‍👧", "\ufeff", "\u2028", "\ufffe", "\\", "\\\\## Why", "<!-- x -->", "%TAG", "| >", "\t", "a\tb",
    "...", "- ", "  - x\n y",
)  # fmt: skip
words = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.lists(st.sampled_from(AWKWARD), max_size=4).map("\n".join),
)
ids = st.from_regex(r"n[0-9a-z]{10}", fullmatch=True)
times = st.datetimes(
    datetime(2, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(9998, 12, 31),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.integers(-720, 720).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
sources = st.builds(
    Source,
    kind=st.sampled_from(SourceKind),
    ref=words,
    at=times,
    line=st.integers(0, 10**6),
    commit=words,
    project=words,
    quote=words,
    fingerprint=words,
)
notes = st.builds(
    Note,
    id=ids,
    scope=words.filter(bool),
    kind=st.sampled_from(NoteKind),
    text=words.filter(bool),
    recorded_at=times,
    valid_from=times,
    status=st.sampled_from(NoteStatus),
    label=st.builds(Label, scopes=st.frozensets(words, max_size=3), trusted=st.booleans()),
    project=words,
    subject=words,
    attribute=words,
    value=words,
    why=words,
    alternatives=st.lists(words, max_size=3).map(tuple),
    by=words,
    sources=st.lists(sources, min_size=1, max_size=2).map(tuple),
    valid_to=st.none() | times,
    retired_at=st.none() | times,
    supersedes=st.lists(ids, max_size=2).map(tuple),
    superseded_by=st.just("") | ids,
    derived_from=st.lists(ids, max_size=2).map(tuple),
    answered_by=words,
    waits_for=words,
    checked_at=st.none() | times,
    doubt=words,
    doubted_at=st.none() | times,
    recheck=words,
).filter(lambda note: note.id not in (*note.supersedes, note.superseded_by, *note.derived_from))


def decision(**changed: object) -> Note:
    """A decision as a person would write it down."""
    note = Note(
        id="n0123456789",
        scope="airep",
        project="airep",
        kind=NoteKind.DECISION,
        text="Invoice totals are rounded half-even.",
        why="The tax office rounds so.",
        alternatives=("half-up", "no rounding until payment"),
        by="Mara",
        recorded_at=AT,
        valid_from=AT,
        label=Label(scopes=frozenset({"airep"})),
        sources=(
            Source(kind=SourceKind.FILE, ref="docs/adr/0004.md", line=12, commit="ab12cd3", at=AT, project="airep"),
        ),
    )
    return replace(note, **changed)  # pyright: ignore[reportArgumentType]


@settings(max_examples=300, deadline=None)
@given(notes)
@example(decision(text="## Why", why="## Alternatives", alternatives=("## Why\n## Alternatives",)))
def test_a_note_comes_back_from_its_file_as_it_was(note: Note) -> None:
    """Whatever a note says, in whatever script, its file says the same and is read back as an equal note."""
    text = markdown(note)
    assert text.encode("utf-8").decode("utf-8") == text
    found = read_note(text, "note.md", GROUND)
    assert found.note == note
    assert found.base == digest(note) == digest(found.note)


def test_a_person_reads_the_note_first() -> None:
    """The file is what somebody would have written by hand: what it says, why, instead of what, and its source."""
    assert (
        markdown(decision())
        == """\
---
kind: decision
status: active
scope: airep
project: airep
by: Mara
valid_from: 2026-11-20T10:15:00+00:00
sources:
  - kind: file
    ref: docs/adr/0004.md
    line: 12
    commit: ab12cd3
    project: airep
    at: 2026-11-20T10:15:00+00:00
recorded_at: 2026-11-20T10:15:00+00:00
label: {trusted: true, scopes: [airep]}
id: n0123456789
exported_as: """
        + digest(decision())
        + """
---

Invoice totals are rounded half-even.

## Why

The tax office rounds so.

## Alternatives

- half-up
- no rounding until payment
"""
    )


def test_a_file_by_hand_needs_no_keys_it_does_not_care_for() -> None:
    """Front matter with a kind alone is enough; the rest is the folder's, today's, and the owner's word."""
    text = "---\nkind: howto\n---\nRun `make release` twice.\n"
    note = read_note(text, "release.md", Ground(now=AT, scope="shop", project="parts-shop")).note
    assert (note.kind, note.scope, note.project, note.text) == (
        "howto",
        "shop",
        "parts-shop",
        "Run `make release` twice.",
    )
    assert (note.recorded_at, note.valid_from, note.status) == (AT, AT, NoteStatus.ACTIVE)
    assert note.sources == (Source(kind=SourceKind.OWNER, ref="release.md", at=AT),)
    assert note.label == Label(scopes=frozenset({"shop"}))
    assert note.id == read_note(text, "other.md", Ground(now=AT, scope="shop")).note.id


def test_an_edit_is_seen_and_a_new_layout_is_none() -> None:
    """Changing a word changes the digest that the file carries; quoting, order and blank lines do not."""
    text = markdown(decision())
    edited = read_note(text.replace("half-even", "half-up"), "note.md", GROUND)
    assert digest(edited.note) != edited.base
    laid_out = (
        text.replace("by: Mara\n", "")
        .replace("---\nkind", '---\nby: "Mara"\nkind')
        .replace("\n- half-up", "\n\n*   half-up")
    )
    assert laid_out != text
    same = read_note(laid_out, "note.md", GROUND)
    assert digest(same.note) == same.base


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kind: decision", "kind: decison", "note.md:2: “kind” cannot be “decison”. Did you mean “decision”?"),
        ("by: Mara", "bye: Mara", "note.md:6: “bye” is no key here. Did you mean “by”?"),
        ("valid_from: 2026-11-20T10:15:00+00:00", "valid_from: 2026-11-20T10:15:00",
         "note.md:7: This time has no zone. Add one: +00:00 for UTC, +01:00 for Central Europe in winter."),
        ("valid_from: 2026-11-20T10:15:00+00:00", "valid_from: last week",
         "note.md:7: This is not a time. Write 2026-11-20T10:15:00+00:00, or 2026-11-20."),
        ("by: Mara", "by: Mara: Lind", "note.md:6: There is a colon followed by a space inside the text of this line. Put the text in quotes."),
        ("by: Mara", "why: because", "note.md:6: “why” stands here and again in line 23. Keep one of the two."),
        ("by: Mara", "supersedes: [n0123456789]", "note.md:6: The note names itself under “supersedes”. Delete it there."),
        ("id: n0123456789", "id: ../../n", "note.md:17: This is not an id. Leave the line as nova memory export wrote it, or delete it for a new note."),
        ("    line: 12", "    line: twelve", "note.md:11: “sources, item 1.line” must be a whole number, and is text. Write it with digits only."),
        ("---\nkind", "kind", "note.md:1: This file does not begin with front matter. Make --- the first line, then the keys, then --- on a line of its own."),
        ("\n---\n", "\n\n", "note.md:1: The front matter that begins here has no end. Put --- on a line of its own below the last key."),
        ("id: n0123456789", "subject: totals\nvalue: half-even", "note.md:17: There is a subject, but no attribute: together they say what the value is of. Add attribute: ..."),
    ],
)  # fmt: skip
def test_what_is_broken_is_told_at_its_line(old: str, new: str, told: str) -> None:
    """A slip in a file by hand is named with file and line and what to do about it."""
    text = markdown(decision())
    assert old in text
    with pytest.raises(BadFiles) as caught:
        read_note(text.replace(old, new, 1), "note.md", GROUND)
    assert [str(problem) for problem in caught.value.problems] == [told]


def test_a_note_without_words_is_refused() -> None:
    """A file whose text was deleted is no note; the way to forget one is named."""
    with pytest.raises(BadFiles, match="says nothing"):
        read_note("---\nkind: fact\n---\n\n## Why\n\nbecause\n", "note.md", GROUND)
