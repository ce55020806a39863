"""The one door through which notes come in: duplicates merge, the same key supersedes, likeness only asks.

Knows when one note takes another's place; refuses to know where notes come from. What may supersede is measured, not
felt: likeness in meaning marks half of all valid facts as outdated, the same subject and attribute hardly any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from nova.core.errors import BadInput
from nova.core.labels import Scope
from nova.core.notes import Note, NoteKind, NoteStatus, folded
from nova.memory.grounds import fallen, named_grounds
from nova.memory.likeness import Likeness, likeness_of
from nova.memory.standing import RESTS_ON
from nova.memory.verify import on_sound_indexes
from nova.store import notes
from nova.store.database import Connection
from nova.store.episodes import Vector
from nova.store.notes import LinkKind

if TYPE_CHECKING:
    from nova.memory.tiers import Memory

SOURCES_MAX = 20  # of one note; the oldest ten and the newest ten are kept
CHAIN_MAX = 1_000
AT_ONCE_MAX = 64  # notes that are read into vectors at once; of more, memory.embed reads the vectors later


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of one note. note: as it is kept now.

    how: added, merged (was known; its sources were joined), changed (read again with other words), known (nothing
    new), outdated (added as already superseded by a newer one), forgotten (was erased once; not taken back).
    superseded: notes whose place it took; doubted: notes that rested on those; conflicts: notes it may contradict;
    answered: open questions it answers.
    """

    note: Note
    how: str
    superseded: tuple[str, ...] = ()
    doubted: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()


def record(memory: Memory, scope: Scope, given: Sequence[Note], *, by: str, why: str = "") -> tuple[Recorded, ...]:
    """Takes notes in, all of them or none, in one transaction. by: who or what brings them, for their history.

    Raises BadInput when two of them supersede each other, ValueError for a note of another scope, StoreError.
    """
    at_once = len(given) <= AT_ONCE_MAX
    vectors = memory.vectors([notes.indexed(note) for note in given]) if at_once else [None] * len(given)
    alike = likeness_of(memory, scope, given, meaning=at_once)

    def write() -> tuple[Recorded, ...]:
        taken: list[Recorded] = []
        kept_as: dict[str, str] = {}
        with memory.database.write() as connection:
            for note, vector, near in zip(given, vectors, alike, strict=True):
                one = take(connection, scope, _pointing(note, kept_as), vector, near, now=memory.now(), by=by, why=why)
                kept_as[note.id] = one.note.id
                taken.append(one)
        return tuple(taken)

    return on_sound_indexes(memory, write)


def _pointing(note: Note, kept_as: Mapping[str, str]) -> Note:
    """What it supersedes or rests on may have been merged into a note that was known before: it points there."""
    supersedes = tuple(kept_as.get(one, one) for one in note.supersedes)
    return replace(note, supersedes=supersedes, derived_from=tuple(kept_as.get(one, one) for one in note.derived_from))


def take(
    connection: Connection,
    scope: Scope,
    note: Note,
    vector: Vector | None,
    near: Likeness,
    *,
    now: datetime,
    by: str,
    why: str,
) -> Recorded:
    """One note within a transaction that is open already. near: what is like it in meaning, found before."""
    before = notes.by_id(connection, scope, note.id)
    if before is not None:
        return _again(connection, scope, before, note, vector, now=now, by=by)
    if (same := _same(connection, scope, note)) is not None:
        merged = _merge(connection, scope, same, note, now=now, by=by)
        return _ending(connection, scope, merged, note, now=now, by=by)
    holders = _holders(connection, scope, note)
    newer = [one for one in holders if _holds_longer(one, note)]
    if newer:
        return _outdated(connection, scope, note, newer[0], vector, now=now, by=by)
    note = _naming(connection, scope, note, near)
    replaced = _replaced(connection, scope, note, holders)
    note = replace(note, supersedes=tuple(one.id for one in replaced), valid_from=_not_before(note, replaced))
    note = _grounded(connection, scope, note, replaced, now=now)
    notes.add(connection, scope, note, vector)
    notes.note_changed(connection, scope, note.id, now, "recorded", by=by, why=why)
    doubted = [
        id_ for one in replaced for id_ in retire(connection, scope, one, note, ends=note.valid_from, now=now, by=by)
    ]
    answered, conflicts = (), ()
    if note.status is NoteStatus.ACTIVE:
        answered = tuple(one for one in near.answers if _answer(connection, scope, one, note, now=now, by=by))
        gone = {one.id for one in replaced}
        conflicts = tuple(one for one in near.contradicts if one not in gone)
    for other in conflicts:
        notes.link(connection, scope, note.id, LinkKind.CONFLICTS, other, now, "near in meaning, another value")
    return Recorded(
        note=note,
        how="added",
        superseded=note.supersedes,
        doubted=tuple(doubted),
        conflicts=conflicts,
        answered=answered,
    )


def _again(
    connection: Connection, scope: Scope, before: Note, note: Note, vector: Vector | None, *, now: datetime, by: str
) -> Recorded:
    """The same note once more, read from the same place: as it was, or with other words."""
    if before.status is NoteStatus.FORGOTTEN:
        return Recorded(note=before, how="forgotten")
    status = before.status if note.status is NoteStatus.ACTIVE else note.status
    kept = replace(note, recorded_at=before.recorded_at, status=status, checked_at=before.checked_at)
    kept = replace(kept, retired_at=before.retired_at, answered_by=note.answered_by or before.answered_by)
    if _content(kept) == _content(before):
        fresh = replace(before, sources=note.sources, checked_at=now, doubt="", doubted_at=None)
        if before.doubt.startswith(RESTS_ON):  # that its source says so still brings back no ground of it
            fresh = replace(fresh, doubt=before.doubt, doubted_at=before.doubted_at)
        if before.sources != note.sources or before.doubt != fresh.doubt:
            notes.save(connection, scope, fresh)
            notes.note_changed(connection, scope, before.id, now, "confirmed", by=by, why="its source says so still")
        return Recorded(note=fresh, how="known")
    notes.save(connection, scope, replace(kept, doubt="", doubted_at=None), vector)
    said = f"it said before: {before.text}" if before.text != kept.text else ""
    notes.note_changed(connection, scope, before.id, now, "changed", by=by, why=said)
    replaced = _replaced(connection, scope, replace(kept, supersedes=note.supersedes), [])
    fresh = [one for one in replaced if one.status is not NoteStatus.SUPERSEDED]
    doubted: list[str] = []
    for one in fresh:
        notes.link(connection, scope, note.id, LinkKind.SUPERSEDES, one.id, now)
        doubted += retire(connection, scope, one, kept, ends=kept.valid_from, now=now, by=by)
    rests = doubt_derived(connection, scope, [note.id], f"{note.id} was changed", now=now, by=by)
    done = tuple(one.id for one in fresh)
    return Recorded(note=kept, how="changed", superseded=done, doubted=(*doubted, *rests))


def _content(note: Note) -> tuple[object, ...]:
    """What makes a note say something else when it differs."""
    said = (note.kind, note.text, note.subject, note.attribute, note.value, note.why, note.alternatives, note.by)
    return (*said, note.status, note.valid_from, note.valid_to, note.waits_for, note.recheck, note.project)


def _same(connection: Connection, scope: Scope, note: Note) -> Note | None:
    """A note that holds and says this already: word for word, or the same value under the same key."""
    holding = (NoteStatus.ACTIVE, NoteStatus.UNCONFIRMED)
    for known in notes.with_text(connection, scope, note.kind, note.text):
        if known.status in holding and not (known.answered_by or known.valid_to):
            return known
    if note.key and note.value:
        for known in notes.with_key(connection, scope, note.key):
            if folded(known.value) == folded(note.value):
                return known
    return None


def _merge(connection: Connection, scope: Scope, known: Note, note: Note, *, now: datetime, by: str) -> Recorded:
    """A fact recalled a hundred times stays one fact: only new sources are added, and a trusted word confirms it."""
    places = {(one.kind, one.ref, one.line) for one in known.sources}
    fresh = tuple(one for one in note.sources if (one.kind, one.ref, one.line) not in places)
    confirms = known.status is NoteStatus.UNCONFIRMED and note.status is NoteStatus.ACTIVE
    if not (fresh or confirms):
        return Recorded(note=known, how="known")
    sources = (*known.sources, *fresh)
    if len(sources) > SOURCES_MAX:
        sources = (*sources[: SOURCES_MAX // 2], *sources[-SOURCES_MAX // 2 :])
    status = NoteStatus.ACTIVE if confirms else known.status
    doubt, since = ("", None) if confirms else (known.doubt, known.doubted_at)
    merged = replace(
        known, sources=sources, status=status, doubt=doubt, doubted_at=since, why=known.why or note.why,
        alternatives=known.alternatives or note.alternatives, checked_at=now if confirms else known.checked_at,
    )  # fmt: skip
    notes.save(connection, scope, merged)
    said = "confirmed" if confirms else "merged"
    notes.note_changed(connection, scope, known.id, now, said, by=by, why=", ".join(str(one) for one in fresh))
    return Recorded(note=merged, how="merged")


def _ending(connection: Connection, scope: Scope, merged: Recorded, note: Note, *, now: datetime, by: str) -> Recorded:
    """What a note names as superseded ends, also when the note itself was known already."""
    kept = merged.note
    if not note.supersedes or {kept.status, note.status} != {NoteStatus.ACTIVE}:
        return merged
    named = _named(connection, scope, replace(note, id=kept.id))
    olds = [one for one in named if one.id != kept.id and one.status is not NoteStatus.SUPERSEDED]
    doubted: list[str] = []
    for old in olds:
        notes.link(connection, scope, kept.id, LinkKind.SUPERSEDES, old.id, now)
        doubted += retire(connection, scope, old, kept, ends=kept.valid_from, now=now, by=by)
    ended = tuple(one.id for one in olds)
    kept = replace(kept, supersedes=(*kept.supersedes, *ended))
    return replace(merged, note=kept, superseded=ended, doubted=tuple(doubted))


def _grounded(connection: Connection, scope: Scope, note: Note, replaced: Sequence[Note], *, now: datetime) -> Note:
    """The note with what its words name as its ground; unconfirmed when that, or another ground, holds no longer."""
    named = named_grounds(connection, scope, note)
    note = replace(note, derived_from=tuple(dict.fromkeys([*note.derived_from, *named])))
    down = fallen(connection, scope, note, replaced) if note.status is NoteStatus.ACTIVE else ""
    if not down:
        return note
    why = f"{RESTS_ON} {down}, which no longer holds"
    return replace(note, status=NoteStatus.UNCONFIRMED, doubt=why, doubted_at=now)


def _holders(connection: Connection, scope: Scope, note: Note) -> list[Note]:
    """The active notes under the same key. What is not active itself takes nobody's place."""
    if not note.key or note.status is not NoteStatus.ACTIVE:
        return []
    return [known for known in notes.with_key(connection, scope, note.key) if known.id != note.id]


def _holds_longer(known: Note, note: Note) -> bool:
    """Whether the known note is the newer one: `note` is old news. What is said now is never old news."""
    said_now = note.valid_from >= note.recorded_at
    return known.valid_from > note.valid_from and not said_now


def _not_before(note: Note, replaced: Sequence[Note]) -> datetime:
    """A clock that went backwards must not make the newer note older than what it replaces."""
    return max([note.valid_from, *(one.valid_from for one in replaced)]) if replaced else note.valid_from


def _outdated(
    connection: Connection, scope: Scope, note: Note, holder: Note, vector: Vector | None, *, now: datetime, by: str
) -> Recorded:
    """Old news: kept for the history, never as true."""
    past = replace(note, status=NoteStatus.SUPERSEDED, valid_to=holder.valid_from, retired_at=now)
    notes.add(connection, scope, past, vector)
    notes.link(connection, scope, holder.id, LinkKind.SUPERSEDES, note.id, now, "a newer value was known already")
    notes.note_changed(connection, scope, note.id, now, "recorded", by=by, why=f"already superseded by {holder.id}")
    return Recorded(note=past, how="outdated")


def _replaced(connection: Connection, scope: Scope, note: Note, holders: Sequence[Note]) -> list[Note]:
    """The notes whose place it takes: those it names, and the holders of its key. Raises BadInput for a circle."""
    named = _named(connection, scope, note)
    if note.status is not NoteStatus.ACTIVE:
        return []
    return list({one.id: one for one in [*named, *holders]}.values())


def _naming(connection: Connection, scope: Scope, note: Note, near: Likeness) -> Note:
    """The note with a link to what it says it is instead of, where that is still there and still holds."""
    known = notes.by_ids(connection, scope, near.supersedes)
    holds = [id_ for id_, one in known.items() if one.status in (NoteStatus.ACTIVE, NoteStatus.UNCONFIRMED)]
    return replace(note, supersedes=tuple(dict.fromkeys([*note.supersedes, *holds]))) if holds else note


def _named(connection: Connection, scope: Scope, note: Note) -> list[Note]:
    """The notes it says it supersedes. Raises BadInput when one is not there, or supersedes this one."""
    named = notes.by_ids(connection, scope, note.supersedes)
    if absent := [id_ for id_ in note.supersedes if id_ not in named]:
        raise BadInput(f"{note.id} supersedes {absent[0]}, and there is no such note here.", "See: nova memory list")
    for one in named.values():
        _no_circle(connection, scope, note.id, one)
    return list(named.values())


def _no_circle(connection: Connection, scope: Scope, newer: str, older: Note) -> None:
    wave, seen = list(older.supersedes), {older.id}
    while wave and len(seen) < CHAIN_MAX:
        if newer in wave:
            raise BadInput(
                f"{newer} and {older.id} would supersede each other.",
                "Say which one holds: take `supersedes` out of the other.",
            )
        seen |= set(wave)
        found = notes.by_ids(connection, scope, wave)
        wave = [id_ for one in found.values() for id_ in one.supersedes if id_ not in seen]


def retire(
    connection: Connection, scope: Scope, old: Note, new: Note, *, ends: datetime, now: datetime, by: str
) -> list[str]:
    """The old note no longer holds from `ends` on; what rests on it is in doubt. Returns the ids of those."""
    if old.status is NoteStatus.SUPERSEDED:
        return []
    past = replace(old, status=NoteStatus.SUPERSEDED, valid_to=max(ends, old.valid_from), retired_at=now)
    notes.save(connection, scope, past)
    notes.note_changed(connection, scope, old.id, now, "superseded", by=by, why=f"by {new.id}: {new.text}")
    notes.settle(connection, scope, old.id, new.id, now)
    return doubt_derived(connection, scope, [old.id], f"rests on {old.id}, which no longer holds", now=now, by=by)


def doubt_derived(
    connection: Connection, scope: Scope, ids: Sequence[str], why: str, *, now: datetime, by: str
) -> list[str]:
    """What rests on these notes, directly or not, becomes unconfirmed. Returns the ids of what changed."""
    changed: list[str] = []
    for rests in notes.by_ids(connection, scope, notes.derived_from(connection, scope, ids)).values():
        if rests.status is NoteStatus.ACTIVE:
            doubtful = replace(rests, status=NoteStatus.UNCONFIRMED, doubt=why, doubted_at=now)
            notes.save(connection, scope, doubtful)
            notes.note_changed(connection, scope, rests.id, now, "unconfirmed", by=by, why=why)
            changed.append(rests.id)
    return changed


def _answer(connection: Connection, scope: Scope, question: str, note: Note, *, now: datetime, by: str) -> bool:
    asked = notes.by_id(connection, scope, question)
    if asked is None or not asked.open or asked.kind is not NoteKind.QUESTION:
        return False
    notes.save(connection, scope, replace(asked, answered_by=note.id, valid_to=max(note.valid_from, asked.valid_from)))
    notes.note_changed(connection, scope, question, now, "answered", by=by, why=f"by {note.id}: {note.text}")
    return True
