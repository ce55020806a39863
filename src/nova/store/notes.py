"""Rows of notes with their links, history, words and vectors. Every function takes a Scope.

Knows rows; refuses to know when a note supersedes another (memory.notes).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import cast

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, delete, func, insert, or_, select, update

from nova.core import json
from nova.core.json import Json
from nova.core.labels import Label, Scope, read_label, write_label
from nova.core.notes import Note, NoteChange, NoteKind, NoteStatus, Source, SourceKind
from nova.store import generations, times
from nova.store.episodes import Vector
from nova.store.indexes import leaf
from nova.store.tables import NOTE_CHANGES, NOTE_LINKS, NOTES
from nova.store.textindex import TextIndex, Words


class LinkKind(StrEnum):
    """How one note stands to another: source supersedes target, is derived from it, may contradict it."""

    SUPERSEDES = "supersedes"
    DERIVED = "derived-from"
    CONFLICTS = "conflicts-with"


def add(connection: Connection, scope: Scope, note: Note, vector: Vector | None) -> None:
    """A new note with its links. Raises ValueError outside the scope's own name."""
    if note.scope != scope.own:
        raise ValueError(f"note {note.id} belongs to {note.scope}, not to {scope.own}")
    row = {**_row(note), "encoder": vector.encoder if vector else "", "vector": vector.data if vector else None}
    seq = int(connection.execute(insert(NOTES).returning(NOTES.c.seq), row).scalar_one())
    leaf(connection).put(connection, TextIndex.NOTES, [(seq, note.scope, Words(said=indexed(note)))])
    for kind, targets in ((LinkKind.SUPERSEDES, note.supersedes), (LinkKind.DERIVED, note.derived_from)):
        for target in targets:
            link(connection, scope, note.id, kind, target, note.recorded_at)


def save(connection: Connection, scope: Scope, note: Note, vector: Vector | None = None) -> None:
    """The note as it is now. With other words its old vector goes; give the new one, or let it be read later."""
    found = connection.execute(_mine(scope, NOTES.c.id == note.id, NOTES.c.seq, *_SPOKEN)).mappings().first()
    if found is None:
        raise ValueError(f"there is no note {note.id} in {scope.own}")
    row = _row(note)
    if indexed(note) != _indexed_row(found):
        row |= {"encoder": vector.encoder if vector else "", "vector": vector.data if vector else None}
        words = Words(said=indexed(note))
        leaf(connection).change(connection, TextIndex.NOTES, [(int(found["seq"]), note.scope, words)])
        generations.step(connection, scope)
    connection.execute(update(NOTES).where(NOTES.c.id == note.id, NOTES.c.scope.in_(scope.names)), row)


def remove(connection: Connection, scope: Scope, ids: Iterable[str]) -> None:
    """Takes notes, their links and their history out for good."""
    wanted = list(ids)
    numbers = [int(seq) for seq in connection.execute(_mine(scope, NOTES.c.id.in_(wanted), NOTES.c.seq)).scalars()]
    leaf(connection).remove(connection, TextIndex.NOTES, numbers)
    either = or_(NOTE_LINKS.c.source.in_(wanted), NOTE_LINKS.c.target.in_(wanted))
    connection.execute(delete(NOTE_LINKS).where(either, NOTE_LINKS.c.scope.in_(scope.names)))
    mine = NOTE_CHANGES.c.scope.in_(scope.names)
    connection.execute(delete(NOTE_CHANGES).where(NOTE_CHANGES.c.note.in_(wanted), mine))
    connection.execute(delete(NOTES).where(NOTES.c.id.in_(wanted), NOTES.c.scope.in_(scope.names)))
    generations.step(connection, scope)


def link(
    connection: Connection, scope: Scope, source: str, kind: LinkKind, target: str, at: datetime, why: str = ""
) -> None:
    """Ties two notes of these scopes; the same link again changes nothing. Raises ValueError for an unknown note."""
    if {source, target} - set(connection.execute(_mine(scope, NOTES.c.id.in_([source, target]), NOTES.c.id)).scalars()):
        raise ValueError(f"cannot link {source} to {target}: not both are notes of {sorted(scope.names)}")
    same = (NOTE_LINKS.c.source == source, NOTE_LINKS.c.kind == kind.value, NOTE_LINKS.c.target == target)
    if connection.execute(select(NOTE_LINKS.c.source).where(*same)).first() is None:
        connection.execute(
            insert(NOTE_LINKS).values(
                source=source,
                kind=kind.value,
                target=target,
                scope=scope.own,
                label=write_label(Label(scopes=frozenset({scope.own}))),
                at=times.written(at),
                why=why,
                settled_at="",
            )
        )


def unlink(connection: Connection, scope: Scope, source: str, kind: LinkKind, target: str) -> None:
    """Takes one link out."""
    same = (NOTE_LINKS.c.source == source, NOTE_LINKS.c.kind == kind.value, NOTE_LINKS.c.target == target)
    connection.execute(delete(NOTE_LINKS).where(*same, NOTE_LINKS.c.scope.in_(scope.names)))


def settle(connection: Connection, scope: Scope, one: str, other: str, at: datetime) -> int:
    """A conflict between two notes is decided; how many links that closes."""
    pairs = or_(
        (NOTE_LINKS.c.source == one) & (NOTE_LINKS.c.target == other),
        (NOTE_LINKS.c.source == other) & (NOTE_LINKS.c.target == one),
    )
    done = connection.execute(
        update(NOTE_LINKS)
        .where(pairs, NOTE_LINKS.c.kind == LinkKind.CONFLICTS.value, NOTE_LINKS.c.scope.in_(scope.names))
        .where(NOTE_LINKS.c.settled_at == "")
        .values(settled_at=times.written(at))
    )
    return done.rowcount


def conflicts(connection: Connection, scope: Scope) -> list[tuple[str, str, str]]:
    """The pairs that wait for the owner: (newer note, older note, why), oldest pair first."""
    query = (
        select(NOTE_LINKS)
        .where(NOTE_LINKS.c.scope.in_(scope.names), NOTE_LINKS.c.kind == LinkKind.CONFLICTS.value)
        .where(NOTE_LINKS.c.settled_at == "")
        .order_by(NOTE_LINKS.c.at, NOTE_LINKS.c.source)
    )
    return [(row["source"], row["target"], row["why"]) for row in connection.execute(query).mappings()]


def derived_from(connection: Connection, scope: Scope, ids: Iterable[str]) -> list[str]:
    """All notes that rest on these, directly or through others, nearest first, without those themselves."""
    seen = dict.fromkeys(ids)
    wave, found = list(seen), list[str]()
    while wave:
        query = select(NOTE_LINKS.c.source).where(
            NOTE_LINKS.c.target.in_(wave),
            NOTE_LINKS.c.kind == LinkKind.DERIVED.value,
            NOTE_LINKS.c.scope.in_(scope.names),
        )
        wave = [one for one in dict.fromkeys(connection.execute(query).scalars()) if one not in seen]
        seen.update(dict.fromkeys(wave))
        found += wave
    return found


def chain(connection: Connection, scope: Scope, note: str, kind: LinkKind, *, forward: bool) -> list[Note]:
    """The notes that links of one kind lead to, step by step, nearest first. forward: from source to target."""
    here, there = (NOTE_LINKS.c.source, NOTE_LINKS.c.target) if forward else (NOTE_LINKS.c.target, NOTE_LINKS.c.source)
    seen, wave, found = {note}, [note], list[str]()
    while wave:
        mine = NOTE_LINKS.c.scope.in_(scope.names)
        query = select(there).where(here.in_(wave), NOTE_LINKS.c.kind == kind.value, mine)
        wave = [one for one in dict.fromkeys(connection.execute(query).scalars()) if one not in seen]
        seen.update(wave)
        found += wave
    known = by_ids(connection, scope, found)
    return [known[one] for one in found if one in known]


def note_changed(
    connection: Connection, scope: Scope, note: str, at: datetime, change: str, *, by: str, why: str = ""
) -> None:
    """One line of a note's history."""
    connection.execute(
        insert(NOTE_CHANGES).values(
            note=note,
            scope=scope.own,
            label=write_label(Label(scopes=frozenset({scope.own}))),
            at=times.written(at),
            change=change,
            by=by,
            why=why,
        )
    )


def changes_of(connection: Connection, scope: Scope, note: str) -> list[NoteChange]:
    """What happened to a note, oldest first."""
    query = (
        select(NOTE_CHANGES)
        .where(NOTE_CHANGES.c.note == note, NOTE_CHANGES.c.scope.in_(scope.names))
        .order_by(NOTE_CHANGES.c.seq)
    )
    return [_change(row) for row in connection.execute(query).mappings()]


def changes_since(connection: Connection, scope: Scope, since: datetime, count_max: int = 200) -> list[NoteChange]:
    """What happened to the notes of these scopes, newest first."""
    query = (
        select(NOTE_CHANGES)
        .where(NOTE_CHANGES.c.scope.in_(scope.names), NOTE_CHANGES.c.at >= times.written(since))
        .order_by(NOTE_CHANGES.c.seq.desc())
        .limit(count_max)
    )
    return [_change(row) for row in connection.execute(query).mappings()]


def by_id(connection: Connection, scope: Scope, note: str) -> Note | None:
    """One note."""
    found = _values(connection, scope, NOTES.c.id == note)
    return found[0] if found else None


def by_ids(connection: Connection, scope: Scope, ids: Iterable[str]) -> dict[str, Note]:
    """The notes of these ids, as far as these scopes may read them."""
    return {note.id: note for note in _values(connection, scope, NOTES.c.id.in_(list(ids)))}


def by_seq(connection: Connection, scope: Scope, numbers: Iterable[int]) -> dict[int, Note]:
    """The notes of these row numbers, as far as these scopes may read them."""
    wanted = NOTES.c.seq.in_(list(numbers))
    ids = {str(row["id"]): int(row["seq"]) for row in connection.execute(_mine(scope, wanted, *_IDS)).mappings()}
    return {ids[note.id]: note for note in by_ids(connection, scope, ids).values()}


def beginning_with(connection: Connection, scope: Scope, prefix: str) -> list[Note]:
    """The notes of these scopes whose id begins so; two at most, enough to see that it is not unique."""
    return _values(connection, scope, NOTES.c.id.startswith(prefix, autoescape=True), count_max=2)


def with_key(connection: Connection, scope: Scope, key: str) -> list[Note]:
    """The active notes about the same subject and attribute in the scope's own name, newest first."""
    own = NOTES.c.scope == scope.own
    return _values(connection, scope, own & (NOTES.c.key == key) & (NOTES.c.status == NoteStatus.ACTIVE.value))


def with_text(connection: Connection, scope: Scope, kind: NoteKind, text: str) -> list[Note]:
    """The notes of this kind that say exactly this, in the scope's own name, newest first."""
    own = NOTES.c.scope == scope.own
    return _values(connection, scope, own & (NOTES.c.kind == kind.value) & (NOTES.c.text == text))


def listed(
    connection: Connection,
    scope: Scope,
    *,
    kinds: Sequence[NoteKind] = (),
    statuses: Sequence[NoteStatus] = (),
    project: str | None = None,
    since: datetime | None = None,
    count_max: int = 10_000,
) -> list[Note]:
    """Notes of these scopes, the newest valid_from first. Empty sequences: of every kind, of every status."""
    condition = NOTES.c.scope.in_(scope.names)
    if kinds:
        condition &= NOTES.c.kind.in_([kind.value for kind in kinds])
    if statuses:
        condition &= NOTES.c.status.in_([status.value for status in statuses])
    if project is not None:
        condition &= NOTES.c.project == project
    if since is not None:
        condition &= NOTES.c.valid_from >= times.written(since)
    return _values(connection, scope, condition, count_max=count_max)


_SAYINGS = (
    select(NOTES.c.id, NOTES.c.text, NOTES.c.valid_to)
    .where(
        NOTES.c.scope.in_(bindparam("within", expanding=True)),
        NOTES.c.kind == bindparam("kind"),
        NOTES.c.status == NoteStatus.ACTIVE.value,
    )
    .order_by(NOTES.c.valid_from.desc(), NOTES.c.seq.desc())
)


def sayings(connection: Connection, scope: Scope, kind: NoteKind, at: datetime) -> list[tuple[str, str]]:
    """Id and words of the active notes of a kind that hold at this time, newest first: for what is told every time."""
    rows = connection.execute(_SAYINGS, {"within": list(scope.names), "kind": kind.value}).all()
    now = times.written(at)
    return [(str(note), str(text)) for note, text, ends in rows if not ends or str(ends) > now]


def count(connection: Connection, scope: Scope) -> dict[tuple[NoteKind, NoteStatus], int]:
    """How many notes there are of each kind and status."""
    query = (
        select(NOTES.c.kind, NOTES.c.status, func.count())
        .where(NOTES.c.scope.in_(scope.names))
        .group_by(NOTES.c.kind, NOTES.c.status)
    )
    return {(NoteKind(row[0]), NoteStatus(row[1])): int(row[2]) for row in connection.execute(query)}


def without_vector(connection: Connection, scope: Scope, encoder: str, count_max: int) -> list[tuple[int, str]]:
    """Rows that `encoder` has not read yet: (number, words to read), oldest first."""
    unread = (NOTES.c.encoder != encoder) & (NOTES.c.status != NoteStatus.FORGOTTEN.value)
    rows = connection.execute(_mine(scope, unread, NOTES.c.seq, *_SPOKEN).order_by(NOTES.c.seq).limit(count_max))
    return [(int(row["seq"]), _indexed_row(row)) for row in rows.mappings()]


_WITHIN = NOTES.c.scope.in_(bindparam("within", expanding=True)) & (NOTES.c.status != bindparam("gone"))
_UNREAD = tuple(  # two jumps in an index; != would read all of it
    select(func.count()).select_from(NOTES).where(_WITHIN, other)
    for other in (NOTES.c.encoder < bindparam("encoder"), NOTES.c.encoder > bindparam("encoder"))
)


def count_without_vector(connection: Connection, scope: Scope, encoder: str) -> int:
    """How many rows `encoder` has not read yet."""
    mine = {"within": list(scope.names), "encoder": encoder, "gone": NoteStatus.FORGOTTEN.value}
    return sum(int(connection.execute(query, mine).scalar_one()) for query in _UNREAD)


def set_vectors(connection: Connection, scope: Scope, vectors: Mapping[int, Vector]) -> None:
    """Vectors for rows that are there."""
    change = (
        update(NOTES)
        .where(NOTES.c.seq == bindparam("row"), NOTES.c.scope.in_(bindparam("within", expanding=True)))
        .values(encoder=bindparam("by_encoder"), vector=bindparam("data"))
    )
    for seq, vector in vectors.items():
        given = {"row": seq, "within": list(scope.names), "by_encoder": vector.encoder, "data": vector.data}
        connection.execute(change, given)
    if vectors:
        generations.step(connection, scope)


def reindex(connection: Connection, scope: Scope) -> None:
    """Writes the words of all notes of these scopes anew."""
    rows = connection.execute(_mine(scope, NOTES.c.seq > 0, NOTES.c.seq, NOTES.c.scope, *_SPOKEN)).mappings().all()
    leaf(connection).remove(connection, TextIndex.NOTES, [int(row["seq"]) for row in rows])
    spoken = [(int(row["seq"]), str(row["scope"]), Words(said=_indexed_row(row))) for row in rows]
    leaf(connection).put(connection, TextIndex.NOTES, spoken)


def indexed(note: Note) -> str:
    """The words a note is found by."""
    words = (note.subject, note.attribute, note.text, note.value, note.why, *note.alternatives, note.waits_for)
    return _lines(words)


_IDS = (NOTES.c.seq, NOTES.c.id)
_SPOKEN = (
    NOTES.c.subject,
    NOTES.c.attribute,
    NOTES.c.text,
    NOTES.c.value,
    NOTES.c.why,
    NOTES.c.alternatives,
    NOTES.c.waits_for,
)


def _indexed_row(row: RowMapping) -> str:
    alternatives = cast("list[str]", json.load(row["alternatives"]))
    words = (row["subject"], row["attribute"], row["text"], row["value"], row["why"], *alternatives, row["waits_for"])
    return _lines(words)


def _lines(words: Iterable[str]) -> str:
    return "\n".join(filter(None, words))


def _mine(scope: Scope, condition: ColumnElement[bool], *columns: ColumnElement[str] | ColumnElement[int]):
    return select(*columns).where(condition, NOTES.c.scope.in_(scope.names))


def _values(
    connection: Connection, scope: Scope, condition: ColumnElement[bool], count_max: int = 100_000
) -> list[Note]:
    query = (
        select(NOTES)
        .where(condition, NOTES.c.scope.in_(scope.names))
        .order_by(NOTES.c.valid_from.desc(), NOTES.c.seq.desc())
        .limit(count_max)
    )
    rows = connection.execute(query).mappings().all()
    links = _links_of(connection, scope, [str(row["id"]) for row in rows])
    return [_linked(_value(row), links.get(str(row["id"]), [])) for row in rows]


def _links_of(connection: Connection, scope: Scope, ids: list[str]) -> dict[str, list[RowMapping]]:
    """Links at both ends, in batches: a database takes only so many parameters."""
    found: dict[str, list[RowMapping]] = {}
    kinds = [LinkKind.SUPERSEDES.value, LinkKind.DERIVED.value]
    for start in range(0, len(ids), 400):
        batch = ids[start : start + 400]
        query = select(NOTE_LINKS).where(
            or_(NOTE_LINKS.c.source.in_(batch), NOTE_LINKS.c.target.in_(batch)),
            NOTE_LINKS.c.kind.in_(kinds),
            NOTE_LINKS.c.scope.in_(scope.names),
        )
        within = set(batch)
        for row in connection.execute(query.order_by(NOTE_LINKS.c.at, NOTE_LINKS.c.target)).mappings():
            for end in {row["source"], row["target"]} & within:
                found.setdefault(str(end), []).append(row)
    return found


def _linked(note: Note, links: list[RowMapping]) -> Note:
    def targets(kind: LinkKind) -> tuple[str, ...]:
        return tuple(link["target"] for link in links if link["source"] == note.id and link["kind"] == kind.value)

    newer = [one["source"] for one in links if one["target"] == note.id and one["kind"] == LinkKind.SUPERSEDES.value]
    return replace(
        note,
        supersedes=targets(LinkKind.SUPERSEDES),
        derived_from=targets(LinkKind.DERIVED),
        superseded_by=newer[-1] if newer else "",
    )


def _row(note: Note) -> dict[str, object]:
    return {
        "id": note.id,
        "scope": note.scope,
        "label": write_label(note.label),
        "project": note.project,
        "kind": note.kind.value,
        "status": note.status.value,
        "text": note.text,
        "subject": note.subject,
        "attribute": note.attribute,
        "value": note.value,
        "key": note.key,
        "why": note.why,
        "alternatives": json.dump(list(note.alternatives)),
        "by": note.by,
        "sources": json.dump([_source_json(source) for source in note.sources]),
        "valid_from": times.written(note.valid_from),
        "valid_to": _time(note.valid_to),
        "recorded_at": times.written(note.recorded_at),
        "retired_at": _time(note.retired_at),
        "answered_by": note.answered_by,
        "waits_for": note.waits_for,
        "checked_at": _time(note.checked_at),
        "doubt": note.doubt,
        "doubted_at": _time(note.doubted_at),
        "recheck": note.recheck,
    }


def _time(at: datetime | None) -> str:
    return times.written(at) if at else ""


def _source_json(source: Source) -> Json:
    return {
        "kind": source.kind.value,
        "ref": source.ref,
        "at": times.written(source.at),
        "line": source.line,
        "commit": source.commit,
        "project": source.project,
        "quote": source.quote,
        "fingerprint": source.fingerprint,
    }


def _source(value: Json) -> Source:
    given = cast("dict[str, str]", value)
    return Source(
        kind=SourceKind(given["kind"]),
        ref=given["ref"],
        at=times.read_set(given["at"]),
        line=int(given["line"]),
        commit=given["commit"],
        project=given["project"],
        quote=given["quote"],
        fingerprint=given["fingerprint"],
    )


def _value(row: RowMapping) -> Note:
    return Note(
        id=row["id"],
        scope=row["scope"],
        label=read_label(row["label"]),
        project=row["project"],
        kind=NoteKind(row["kind"]),
        status=NoteStatus(row["status"]),
        text=row["text"],
        subject=row["subject"],
        attribute=row["attribute"],
        value=row["value"],
        why=row["why"],
        alternatives=tuple(cast("list[str]", json.load(row["alternatives"]))),
        by=row["by"],
        sources=tuple(_source(one) for one in cast("list[Json]", json.load(row["sources"]))),
        valid_from=times.read_set(row["valid_from"]),
        valid_to=times.read(row["valid_to"]),
        recorded_at=times.read_set(row["recorded_at"]),
        retired_at=times.read(row["retired_at"]),
        answered_by=row["answered_by"],
        waits_for=row["waits_for"],
        checked_at=times.read(row["checked_at"]),
        doubt=row["doubt"],
        doubted_at=times.read(row["doubted_at"]),
        recheck=row["recheck"],
    )


def _change(row: RowMapping) -> NoteChange:
    return NoteChange(
        note=row["note"], at=times.read_set(row["at"]), change=row["change"], by=row["by"], why=row["why"]
    )
