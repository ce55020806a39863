"""Decision records as notes: what was decided, why, instead of what, by whom, and which holds no more.

Knows how a record that is taken back in part becomes two notes; refuses to read a file itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from nova.core.notes import Note, NoteKind, NoteStatus
from nova.memory.past.contrast import not_chosen
from nova.memory.past.ground import (
    ALTERNATIVE_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    WHY_CHARACTERS_MAX,
    Ground,
    said,
    sentences_that_fit,
)
from nova.models.sentences import split
from nova.models.words import words
from nova.projects.sources.decision_record import Decision, Supersession
from nova.projects.sources.decision_status import A_PART, DecisionStatus
from nova.projects.sources.files import Quote
from nova.projects.sources.markdown import Block

_RECHECK = "Read the record again: it still says so, and nothing takes it back."


def decision_notes(ground: Ground, records: Sequence[Decision]) -> list[Note]:
    """The notes of all records, older ones first, so that what is superseded comes before what supersedes it."""
    by_path = {record.path: record for record in records}
    ordered = sorted(records, key=lambda record: (_since(ground, record), record.path, record.line))
    notes = [note for record in ordered for note in _notes(ground, record, by_path)]
    return [*_sorted(notes), *(note for record in ordered for note in _questions(ground, record))]


def record_id(ground: Ground, record: Decision, part: str = "") -> str:
    """The note of a record, or of the part of it that was taken back."""
    log = record.title if record.line > 1 and record.number is None else ""
    return ground.id(record.path, log, part)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A record, or the part of it that another one takes back."""

    ruling: tuple[Block, ...]
    by: Supersession | None
    part: str


def _notes(ground: Ground, record: Decision, by_path: Mapping[str, Decision]) -> Iterator[Note]:
    if record.status is DecisionStatus.PROPOSED:
        return
    left = list(record.ruling)
    doubt = ""
    for link in record.superseded_by:
        if not link.part:
            continue
        taken = _meant(left, link.part, by_path[link.path]) if len(left) > 1 else None
        if taken is None:
            what = "A part of it" if link.part == A_PART else f"What it says on {link.part}"
            doubt = f"{what} was taken back or changed by {by_path[link.path].name}."
            continue
        left.remove(taken)
        yield _note(ground, record, _Piece((taken,), link, link.part), by_path)
    whole = next((link for link in record.superseded_by if not link.part), None)
    note = _note(ground, record, _Piece(tuple(left), whole, ""), by_path)
    yield replace(note, doubt=doubt, doubted_at=note.recorded_at if doubt else None)


def _meant(left: Sequence[Block], part: str, newer: Decision) -> Block | None:
    """The paragraph that holds most of the named part's words; of two alike, the one nearer to the newer record."""
    named, told = frozenset(words(part)), frozenset(words(f"{newer.title} {newer.context}"))

    def nearness(block: Block) -> tuple[int, int]:
        held = frozenset(words(block.text))
        return sum(any(_akin(word, other) for other in held) for word in named), len(held & told)

    best = max(left, key=nearness)
    return best if nearness(best)[0] else None


def _akin(left: str, right: str) -> bool:
    """`valuation` and `valued` share their first four letters, and that is enough within one record."""
    return left[:4] == right[:4]


def _note(ground: Ground, record: Decision, piece: _Piece, by_path: Mapping[str, Decision]) -> Note:
    title = f"{record.title} ({record.name})" if record.number is not None else record.title
    sentences = [one.text for block in piece.ruling for one in split(block.text)]
    stated = sentences_that_fit(sentences, TEXT_CHARACTERS_MAX - len(title) - 20)
    at = _since(ground, record)
    newer = by_path[piece.by.path] if piece.by else None
    ends = _since(ground, newer) if newer else None
    ended = record.status in (DecisionStatus.SUPERSEDED, DecisionStatus.DEPRECATED)
    gone = newer is not None or (not piece.part and ended)
    id_ = record_id(ground, record, piece.part)
    head = "Rejected: " if record.status is DecisionStatus.REJECTED else ""
    text = f"{head}{title}, on {piece.part}: {stated}" if piece.part else f"{head}{title}: {stated}"
    made = ground.first.get(record.path)
    sources = [ground.from_file(record.path, words_) for words_ in _quotes(record, piece)]
    return replace(
        ground.note(id_, NoteKind.DECISION, text, at, *sources, *([ground.from_commit(made)] if made else [])),
        status=NoteStatus.SUPERSEDED if gone else NoteStatus.ACTIVE,
        why=said(record.context, WHY_CHARACTERS_MAX),
        alternatives=() if piece.part else tuple(_alternatives(record, by_path)),
        by=record.by or (made.author if made else ""),
        valid_to=max(ends, at) if ends else None,
        retired_at=max(ends, at) if ends else None,
        supersedes=() if piece.part else tuple(_older(ground, record, by_path)),
        superseded_by=record_id(ground, newer) if newer else "",
        recheck=_RECHECK,
    )


def _older(ground: Ground, record: Decision, by_path: Mapping[str, Decision]) -> Iterator[str]:
    """The notes that this record takes the place of; a part that could not be found has no note of its own."""
    for link in record.supersedes:
        older = by_path[link.path]
        found = not link.part or (len(older.ruling) > 1 and _meant(older.ruling, link.part, record) is not None)
        if found and older.status is not DecisionStatus.PROPOSED:
            yield record_id(ground, older, link.part)


def _alternatives(record: Decision, by_path: Mapping[str, Decision]) -> Iterator[str]:
    for one in record.alternatives:
        yield said(f"{one.name}: {one.reason}" if one.reason else one.name, ALTERNATIVE_CHARACTERS_MAX)
    if not record.alternatives:
        stated = [not_chosen(record.title, title=True), *(not_chosen(block.text) for block in record.ruling)]
        yield from (said(other, ALTERNATIVE_CHARACTERS_MAX) for others in stated for other in others)
    for link in record.supersedes:
        older = by_path[link.path]
        taken = _meant(older.ruling, link.part, record) if link.part and len(older.ruling) > 1 else None
        words_ = taken.text if taken else f"{older.title}, {link.part}" if link.part else older.title
        yield said(f"{words_} ({older.name}, taken back)", ALTERNATIVE_CHARACTERS_MAX)


def _quotes(record: Decision, piece: _Piece) -> Iterator[Quote]:
    """What the note rests on: the head with its status, and the words of the decision."""
    yield record.head
    stated = [block for block in piece.ruling if block.first > record.line + record.head.text.count("\n")]
    if stated and len(piece.ruling) == len(record.ruling):
        yield record.content.quote(stated[0].first, stated[-1].last)
    else:
        yield from (record.content.quote(block.first, block.last) for block in stated)


def _since(ground: Ground, record: Decision) -> datetime:
    """The day the record names, at the hour of the commit that brought it; else that commit; else the disk."""
    made = ground.first.get(record.path)
    if record.day is None:
        return made.at if made else ground.from_file(record.path, record.head).at
    if made is not None and made.at.date() == record.day:
        return made.at
    return datetime.combine(record.day, time(), tzinfo=UTC)


def _questions(ground: Ground, record: Decision) -> Iterator[Note]:
    at = _since(ground, record)
    if record.status is DecisionStatus.PROPOSED:
        text = f"Undecided: {record.title} ({record.name}). {record.decision}"
        made = ground.first.get(record.path)
        place = ground.from_file(record.path, record.head)
        note = ground.note(record_id(ground, record), NoteKind.QUESTION, text, at, place)
        yield replace(note, why=said(record.context, WHY_CHARACTERS_MAX), by=record.by or (made.author if made else ""))
    for block in record.questions:
        place = ground.from_file(record.path, record.content.quote(block.first, block.last))
        id_ = ground.id(record.path, "open", block.text[:80])
        yield ground.note(id_, NoteKind.QUESTION, f"Open in {record.name}: {block.text}", at, place)


def _sorted(notes: Sequence[Note]) -> list[Note]:
    """Those that are superseded before those that supersede them, else as they were."""
    waiting, done = list(notes), set[str]()
    known = {note.id for note in notes}
    ordered: list[Note] = []
    while waiting:
        ready = [note for note in waiting if all(one in done or one not in known for one in note.supersedes)]
        step = ready or waiting[:1]  # a circle of three: the links are as good as the files
        ordered += step
        done |= {note.id for note in step}
        waiting = [note for note in waiting if note not in step]
    return ordered
