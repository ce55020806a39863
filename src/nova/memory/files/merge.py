"""One note's file held against the home's note: what was edited, what is news, what was changed on both sides. Pure."""

from __future__ import annotations

from dataclasses import fields, replace

from nova.core.notes import Note
from nova.memory.files.form import STATE, digest
from nova.memory.files.reading import NoteFile


def merged(before: Note, file: NoteFile, *, overwrite: bool) -> tuple[Note, bool]:
    """The home's note with what was edited in the file; whether one half was changed on both sides.

    A file without `exported_as` was written by a person, who means every line of it.
    """
    given = file.note
    if given.superseded_by and given.superseded_by == before.superseded_by and given.retired_at is None:
        given = replace(given, retired_at=before.retired_at)  # the hand that made the link left the time to Nova
    mine, base, theirs = (_halves(one) for one in (digest(given), file.base, digest(before)))
    names = [frozenset(one.name for one in fields(Note)) - STATE, STATE]
    after, both = before, False
    for half in (0, 1):
        if mine[half] in (base[half], theirs[half]):
            continue
        both |= base[half] not in ("", theirs[half]) and not overwrite
        after = replace(after, **{name: getattr(given, name) for name in names[half]})
    return after, both


def _halves(said: str) -> tuple[str, str]:
    first, _, second = said.partition("-")
    return first, second


def lost_link(before: Note, after: Note) -> tuple[str, str] | None:
    """(key, id) of a link that the home's note has and the merged one has not; None when all are there."""
    if before.superseded_by and after.superseded_by != before.superseded_by:
        return "superseded_by", before.superseded_by
    for key, was, now in (
        ("supersedes", before.supersedes, after.supersedes),
        ("derived_from", before.derived_from, after.derived_from),
    ):
        if gone := [one for one in was if one not in now]:
            return key, gone[0]
    return None
