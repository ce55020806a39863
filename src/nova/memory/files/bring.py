"""Carries out the plan of an import in one transaction: all of it is in the home afterwards, or nothing.

What Nova wrote itself is put back as it was; an edit, another tool's note and whatever says the same as a known note
go through the door that every note goes through. Refuses to read files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from itertools import islice

from nova.core.labels import Scope
from nova.core.notes import Note, NoteStatus, Source, SourceKind
from nova.core.text import shorten
from nova.memory.files.form import STATE
from nova.memory.files.plan import Change, Plan
from nova.memory.likeness import Likeness, likeness_of
from nova.memory.notes import AT_ONCE_MAX, Recorded, take
from nova.memory.tiers import Memory
from nova.store import notes
from nova.store.database import Connection
from nova.store.episodes import Vector
from nova.store.notes import LinkKind

IDS_AT_ONCE = 500  # a database takes only so many parameters
_SAID = frozenset(field.name for field in fields(Note)) - STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What became of a plan. restored: put back as they were; recorded: through the door, each with how."""

    restored: tuple[Note, ...]
    recorded: tuple[Recorded, ...]
    changed: tuple[Change, ...]


def known_of(memory: Memory, ids: Iterable[str], everything: Scope) -> dict[str, Note]:
    """The home's notes with these ids."""
    wanted = iter(ids)
    found: dict[str, Note] = {}
    with memory.database.read() as connection:
        while batch := list(islice(wanted, IDS_AT_ONCE)):
            found |= notes.by_ids(connection, everything, batch)
    return found


def bring(memory: Memory, plan: Plan, everything: Scope) -> Brought:
    """Stores the notes of a plan. everything: the scopes of this home. Raises BadInput, StoreFull, StoreError."""
    with memory.database.read() as connection:
        restored, known = _apart(connection, plan.own)
    others = [*known, *plan.foreign]
    ready = {one.id: pair for one, pair in zip(others, _prepared(memory, others), strict=True)}
    words = _vectors(memory, [change.after for change in plan.changed])
    with memory.database.write() as connection:
        for note in restored:
            _restore(connection, note, memory)
        recorded = [_record(connection, memory, note, *ready[note.id]) for note in known]
        _link_all(connection, [*restored, *known], everything)
        for change, vector in zip(plan.changed, words, strict=True):
            _change(connection, memory, change, vector, everything)
        recorded += [_record(connection, memory, note, *ready[note.id]) for note in plan.foreign]
    return Brought(restored=tuple(restored), recorded=tuple(recorded), changed=tuple(plan.changed))


def _apart(connection: Connection, own: Sequence[Note]) -> tuple[list[Note], list[Note]]:
    """Notes that are new here, and those that say what a note of the home says already, or hold its key."""
    here: dict[str, set[str]] = {}
    for scope in {note.scope for note in own}:
        holding = notes.listed(
            connection, Scope.of(scope), statuses=(NoteStatus.ACTIVE, NoteStatus.UNCONFIRMED), count_max=10**6
        )
        here[scope] = {said for one in holding for said in _says(one)}
    live = [note for note in own if note.status in (NoteStatus.ACTIVE, NoteStatus.UNCONFIRMED)]
    known = {note.id for note in live if here[note.scope].intersection(_says(note))}
    return [one for one in own if one.id not in known], [one for one in own if one.id in known]


def _says(note: Note) -> Iterator[str]:
    yield f"{note.kind.value}\x1e{note.text}"
    if note.key:
        yield note.key


def _vectors(memory: Memory, given: Sequence[Note]) -> list[Vector | None]:
    """Of few notes the vectors are read at once; of many, `memory.embed` reads them later."""
    if len(given) > AT_ONCE_MAX:
        return [None] * len(given)
    return memory.vectors([notes.indexed(note) for note in given])


def _prepared(memory: Memory, given: Sequence[Note]) -> list[tuple[Vector | None, Likeness]]:
    at_once = len(given) <= AT_ONCE_MAX
    alike: dict[str, Likeness] = {}
    for scope in {note.scope for note in given}:
        within = [note for note in given if note.scope == scope]
        found = likeness_of(memory, Scope.of(scope), within, meaning=at_once)
        alike |= {note.id: like for note, like in zip(within, found, strict=True)}
    return [(vector, alike[note.id]) for note, vector in zip(given, _vectors(memory, given), strict=True)]


def _restore(connection: Connection, note: Note, memory: Memory) -> None:
    scope = Scope.of(note.scope)
    notes.add(connection, scope, replace(note, supersedes=(), derived_from=()), None)
    notes.note_changed(connection, scope, note.id, memory.now(), "recorded", by="import", why="from an export")


def _link_all(connection: Connection, given: Sequence[Note], everything: Scope) -> None:
    """The links of notes that were put back, in their order, as far as both ends are there."""
    ends = {one for note in given for one in (note.id, note.superseded_by, *note.supersedes, *note.derived_from)}
    there: dict[str, Note] = {}
    wanted = iter(sorted(ends - {""}))
    while batch := list(islice(wanted, IDS_AT_ONCE)):
        there |= notes.by_ids(connection, everything, batch)
    for note in given:
        scope = Scope(own=note.scope, names=everything.names)
        for kind, targets in ((LinkKind.SUPERSEDES, note.supersedes), (LinkKind.DERIVED, note.derived_from)):
            for place, target in enumerate(targets):
                if note.id in there and target in there:
                    at = note.recorded_at + timedelta(microseconds=place)
                    notes.link(connection, scope, note.id, kind, target, at, "from an export")
    for note in given:
        newer = there.get(note.superseded_by)
        if newer is not None and note.id in there:
            scope = Scope(own=newer.scope, names=everything.names)
            notes.link(connection, scope, newer.id, LinkKind.SUPERSEDES, note.id, newer.recorded_at, "from an export")


def _record(connection: Connection, memory: Memory, note: Note, vector: Vector | None, near: Likeness) -> Recorded:
    """One note through the door; a trusted import confirms what an earlier one brought."""
    scope = Scope.of(note.scope)
    given = replace(note, supersedes=(), derived_from=())
    done = take(connection, scope, given, vector, near, now=memory.now(), by="import", why=str(note.sources[0]))
    confirms = note.status is NoteStatus.ACTIVE and done.note.status is NoteStatus.UNCONFIRMED
    if not (confirms and done.note.id == note.id):
        return done
    kept = replace(done.note, status=NoteStatus.ACTIVE, label=note.label, doubt="", doubted_at=None)
    notes.save(connection, scope, kept)
    notes.note_changed(connection, scope, kept.id, memory.now(), "confirmed", by="import", why="taken in as trusted")
    return replace(done, note=kept, how="changed")


def _change(connection: Connection, memory: Memory, change: Change, vector: Vector | None, everything: Scope) -> None:
    """An edit by the owner's hand: the note keeps its id, says what the file says, and remembers what it said."""
    scope, now = Scope.of(change.after.scope), memory.now()
    after = _with_hand(change, memory)
    if any(getattr(change.before, name) != getattr(after, name) for name in _SAID):
        take(connection, scope, after, vector, Likeness(), now=now, by="owner", why=change.file)
    _link_all(connection, [replace(after, supersedes=())], everything)
    stored = notes.by_id(connection, scope, after.id)
    wanted = replace(
        after,
        supersedes=stored.supersedes if stored else (),
        superseded_by=stored.superseded_by if stored else "",
        derived_from=stored.derived_from if stored else (),
    )
    if stored is not None and stored != wanted:
        notes.save(connection, scope, wanted)
        said = "" if stored.status is wanted.status else f"from {stored.status.value} to {wanted.status.value}"
        notes.note_changed(connection, scope, after.id, now, "changed", by="owner", why=said or "in its file")


def _with_hand(change: Change, memory: Memory) -> Note:
    """Other words rest on the hand that wrote them, beside where they were found; what is replaced no longer holds."""
    before, after = change.before, change.after
    if after.superseded_by and not before.superseded_by:
        after = replace(after, status=NoteStatus.SUPERSEDED, retired_at=after.retired_at or memory.now())
    words = ("text", "value", "why", "alternatives")
    if after.sources != before.sources or all(getattr(before, name) == getattr(after, name) for name in words):
        return after
    hand = Source(kind=SourceKind.OWNER, ref=change.file, at=memory.now(), quote=shorten(after.text, 300))
    return replace(after, sources=(*after.sources, hand))
