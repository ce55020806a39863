"""How notes are printed: one line, the whole chain, JSON. Knows terminals' widths; looks nothing up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova.cli import frame
from nova.core.errors import Unknown
from nova.core.notes import NoteKind, NoteStatus
from nova.core.text import nearest, shorten

if TYPE_CHECKING:
    from nova.app.memory import Chain
    from nova.core.json import Json
    from nova.core.notes import Note


def kind_of(name: str) -> NoteKind | None:
    """The kind of that name, None for none. Raises Unknown."""
    known = [one.value for one in NoteKind]
    if name and name not in known:
        raise Unknown("kind", name, nearest(name, known), f"Choose one of: {', '.join(known)}.")
    return NoteKind(name) if name else None


def status_of(name: str) -> NoteStatus:
    """The status of that name. Raises Unknown."""
    known = [one.value for one in NoteStatus]
    if name not in known:
        raise Unknown("status", name, nearest(name, known), f"Choose one of: {', '.join(known)}.")
    return NoteStatus(name)


def row(note: Note) -> str:
    """A note on one line: id, since when, kind, place, words, source."""
    status = "" if note.status is NoteStatus.ACTIVE else f" ({note.status.value})"
    where = note.project or note.scope
    source = f"  [{note.sources[0]}]" if note.sources else ""
    return (
        f"{note.id}  {note.valid_from:%Y-%m-%d}  {note.kind.value}{status}  {where}  {shorten(note.text, 110)}{source}"
    )


def show_chain(one: Chain) -> None:
    """Prints a note with everything it hangs on."""
    note = one.note
    frame.out(row(note))
    state = f"left out of answers: {one.mark.why}" if not one.mark.shown else one.mark.why or "holds"
    frame.out(f"  state      {state}")
    for said, text in (
        ("why", note.why),
        ("instead of", "; ".join(note.alternatives)),
        ("by", note.by),
        ("waits for", note.waits_for),
    ):
        if text:
            frame.out(f"  {said:<10} {text}")
    for source in note.sources:
        frame.out(
            f"  source     {source.kind.value} {source}, {source.at:%Y-%m-%d}"
            + (f": “{shorten(source.quote, 160)}”" if source.quote else "")
        )
        if source.ref in one.said:
            frame.out(f"             asked there: {shorten(one.said[source.ref], 160)}   (nova why {source.ref})")
    if one.looked is not None:
        frame.out(f"  today      {one.looked.verdict.value}: {one.looked.why}")
    for said, found in (
        ("replaced", one.older),
        ("now", one.newer),
        ("rests on", one.bases),
        ("bears", one.rests),
        ("rival", one.rivals),
    ):
        for other in found:
            frame.out(f"  {said:<10} {row(other)}")
    for change in one.changes:
        frame.out(
            f"  history    {change.at:%Y-%m-%d %H:%M}  {change.change} by {change.by}"
            + (f": {shorten(change.why, 140)}" if change.why else "")
        )


def note_json(note: Note) -> dict[str, Json]:
    """A note for scripts."""
    return {
        "id": note.id, "kind": note.kind.value, "status": note.status.value, "scope": note.scope,
        "project": note.project, "text": note.text, "subject": note.subject, "attribute": note.attribute,
        "value": note.value, "why": note.why, "alternatives": list(note.alternatives), "by": note.by,
        "sources": [str(source) for source in note.sources], "valid_from": note.valid_from.isoformat(),
        "valid_to": note.valid_to.isoformat() if note.valid_to else None,
        "recorded_at": note.recorded_at.isoformat(), "supersedes": list(note.supersedes),
        "superseded_by": note.superseded_by, "derived_from": list(note.derived_from),
        "answered_by": note.answered_by, "waits_for": note.waits_for, "doubt": note.doubt,
    }  # fmt: skip


def chain_json(one: Chain) -> dict[str, Json]:
    """A note with its chain for scripts."""
    return {
        **note_json(one.note),
        "shown": one.mark.shown, "mark": one.mark.why,
        "quotes": [source.quote for source in one.note.sources],
        "today": {"verdict": one.looked.verdict.value, "why": one.looked.why} if one.looked else None,
        "replaced": [note_json(note) for note in one.older], "now": [note_json(note) for note in one.newer],
        "bears": [note_json(note) for note in one.rests], "rivals": [note_json(note) for note in one.rivals],
        "history": [
            {"at": change.at.isoformat(), "change": change.change, "by": change.by, "why": change.why}
            for change in one.changes
        ],
    }  # fmt: skip
