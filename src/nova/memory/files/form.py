"""One note as a Markdown file that a person reads first. Knows every field of a Note; refuses to know where it lies."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import cast

from nova.core import json
from nova.core.json import Json
from nova.core.labels import Label
from nova.core.notes import Note, Source
from nova.memory.files import body
from nova.memory.files.yaml_text import Scalar, Value, front_matter

BASE = "exported_as"  # what the values were when the file was written: an edited file can be told from an old one


def markdown(note: Note) -> str:
    """The file of one note: front matter with every field that holds something, the text, why, alternatives.

    `nova.memory.files.reading.read_note` reads back an equal note.
    """
    text = note.text if body.fits(note.text) else ""
    why = note.why if body.fits(note.why) else ""
    alternatives = note.alternatives if all(body.item_fits(one) for one in note.alternatives) else ()
    return front_matter(_keys(note, text, why, alternatives)) + "\n" + body.written(text, why, alternatives)


def _keys(note: Note, text: str, why: str, alternatives: tuple[str, ...]) -> dict[str, Value]:
    keys: dict[str, Value | None] = {
        "kind": note.kind.value,
        "status": note.status.value,
        "scope": note.scope,
        "project": note.project,
        "subject": note.subject,
        "attribute": note.attribute,
        "value": note.value,
        "by": note.by,
        "valid_from": when(note.valid_from),
        "valid_to": _time(note.valid_to),
        "waits_for": note.waits_for,
        "answered_by": note.answered_by,
        "supersedes": note.supersedes,
        "superseded_by": note.superseded_by,
        "derived_from": note.derived_from,
        "sources": [_source(one) for one in note.sources],
        "doubt": note.doubt,
        "doubted_at": _time(note.doubted_at),
        "recheck": note.recheck,
        "checked_at": _time(note.checked_at),
        "recorded_at": when(note.recorded_at),
        "retired_at": _time(note.retired_at),
        "label": label(note.label),
        "id": note.id,
        BASE: digest(note),
        "text": note.text if note.text != text else None,
        "why": note.why if note.why != why else None,
        "alternatives": note.alternatives if note.alternatives != alternatives else None,
    }
    return {key: value for key, value in keys.items() if value not in (None, "", (), [])}


def label(value: Label) -> dict[str, Scalar | tuple[str, ...]]:
    """A label as a mapping of its two halves."""
    return {"trusted": value.trusted, "scopes": tuple(sorted(value.scopes))}


def _source(source: Source) -> dict[str, Scalar]:
    keys: dict[str, Scalar] = {
        "kind": source.kind.value,
        "ref": source.ref,
        "line": source.line,
        "commit": source.commit,
        "project": source.project,
        "at": when(source.at),
        "quote": source.quote,
        "fingerprint": source.fingerprint,
    }
    return {key: value for key, value in keys.items() if key == "ref" or value not in ("", 0)}


def when(at: datetime) -> str:
    """A time as files hold it: ISO 8601 in UTC, no more digits than it needs."""
    return at.astimezone(UTC).isoformat()


def _time(at: datetime | None) -> str:
    return when(at) if at else ""


# What Nova itself keeps up to date; the rest is what the note says, and what an owner edits.
STATE = frozenset(
    {"recorded_at", "retired_at", "superseded_by", "answered_by", "sources", "checked_at", "doubt", "doubted_at"}
)


def digest(note: Note) -> str:
    """Two times 12 hexadecimal digits: of what the note says, and of the state Nova keeps it in.

    They change with any value, and not with a file's layout. An edit of one half and news in the other go together.
    """
    values = {field.name: _plain(getattr(note, field.name)) for field in fields(note)}
    said = {name: value for name, value in values.items() if name not in STATE}
    state = {name: value for name, value in values.items() if name in STATE}
    return f"{json.digest(said)[:12]}-{json.digest(state)[:12]}"


def _plain(value: object) -> Json:
    match value:
        case None | bool() | int():
            return value
        case datetime():
            return when(value)
        case Label():
            return [value.trusted, *sorted(value.scopes)]
        case Source():
            return [_plain(getattr(value, field.name)) for field in fields(value)]
        case tuple():
            return [_plain(part) for part in cast("tuple[object, ...]", value)]
        case _:
            return str(value)
