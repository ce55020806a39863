"""Whether a note may be shown as true: shown, shown with a mark, or left out, and why.

Pure but for one look at links, and one at the files that notes rest on: what was edited a minute ago is marked now.

Knows statuses, ends and ages; refuses to lower a score for age. What a kind's age asks for is a re-check.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nova.core.labels import Scope
from nova.core.notes import Note, NoteKind, NoteStatus
from nova.memory.looking import Grounds, stale
from nova.store import notes
from nova.store.database import Connection

# After how long a kind asks to be looked at again. Decisions and preferences hold until they are taken back.
RECHECK_DAYS: Mapping[NoteKind, int] = {
    NoteKind.INTENTION: 30,
    NoteKind.QUESTION: 60,
    NoteKind.FACT: 180,
    NoteKind.HOWTO: 365,
}
RESTS_ON = "rests on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What is to be said of a note before it is shown. shown: False leaves it out; why: empty when all is well."""

    shown: bool
    why: str = ""


def marks(
    connection: Connection, scope: Scope, given: Sequence[Note], now: datetime, grounds: Grounds | None = None
) -> dict[str, Mark]:
    """For each note by its id: whether it is shown, and with what mark. grounds: the projects' folders."""
    rivals: dict[str, str] = {}
    ids = {note.id for note in given}
    for one, other, _ in notes.conflicts(connection, scope) if ids else []:
        rivals |= {one: other, other: one}
    return {note.id: mark_of(_looked_at(note, now, grounds or {}), now, rivals.get(note.id, "")) for note in given}


def _looked_at(note: Note, now: datetime, grounds: Grounds) -> Note:
    """With a doubt where its file no longer says it, as `nova memory check` would find and keep it."""
    if note.doubt or not grounds or note.status not in (NoteStatus.ACTIVE, NoteStatus.UNCONFIRMED):
        return note
    found = stale(note, grounds)
    return replace(note, doubt=found.why, doubted_at=found.since or now) if found else note


def mark_of(note: Note, now: datetime, rival: str = "") -> Mark:
    """The mark of one note. rival: a note that may contradict it, until the owner has decided."""
    match note.status:
        case NoteStatus.SUPERSEDED:
            by = f" by {note.superseded_by}" if note.superseded_by else ""
            since = f" on {note.valid_to:%Y-%m-%d}" if note.valid_to else ""
            return Mark(shown=False, why=f"superseded{by}{since}")
        case NoteStatus.QUARANTINED:
            return Mark(shown=False, why="quarantined: nobody vouches for its source")
        case NoteStatus.FORGOTTEN:
            return Mark(shown=False, why="forgotten")
        case NoteStatus.UNCONFIRMED if note.doubt.startswith(RESTS_ON):
            return Mark(shown=False, why=f"unconfirmed: {note.doubt}")
        case NoteStatus.ACTIVE | NoteStatus.UNCONFIRMED:
            return _of_living(note, now, rival)


def _of_living(note: Note, now: datetime, rival: str) -> Mark:
    if note.valid_to is not None and note.valid_to <= now and not note.answered_by:
        return Mark(shown=False, why=f"its time was over on {note.valid_to:%Y-%m-%d}")
    said: list[str] = []
    if note.status is NoteStatus.UNCONFIRMED:
        said.append("unconfirmed")
    if note.doubt:
        since = f" since {note.doubted_at:%Y-%m-%d}" if note.doubted_at else ""
        said.append(f"stale{since}: {note.doubt}")
    if rival:
        said.append(f"may contradict {rival}; the owner has not decided")
    if note.answered_by:
        said.append(f"answered by {note.answered_by}")
    if overdue := overdue_days(note, now):
        said.append(f"not checked for {overdue} days")
    return Mark(shown=True, why="; ".join(said))


def overdue_days(note: Note, now: datetime) -> int:
    """For how many days nobody has looked at it, when that is longer than its kind allows; 0 else."""
    allowed = RECHECK_DAYS.get(note.kind)
    if allowed is None:
        return 0
    last = max(note.valid_from, note.checked_at or note.valid_from)
    return (now - last).days if now - last > timedelta(days=allowed) else 0
