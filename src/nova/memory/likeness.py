"""Which notes a new note is like: those it may contradict, and open questions it may answer. Asks, never decides.

Likeness is the cosine of two sentence vectors. What it finds goes to the owner's queue; only an open question that
shares most of its telling words with a decision is answered by it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nova.core.labels import Scope
from nova.core.notes import Note, NoteKind, NoteStatus, folded
from nova.memory.tiers import Memory
from nova.store import notes
from nova.store.database import Connection
from nova.store.tables import NOTES
from nova.store.textindex import query_words

NEAR_COSINE = 0.72  # below it, two notes are about two things
ANSWERS_SHARE = 0.6  # of the question's telling words that its answer must contain
COUNT_MAX = 8
CONFLICTS_MAX = 3
_VALUES = re.compile(r"\d[\d.,:/-]*\d|\d")
_NEGATIONS = re.compile(r"\b(?:not|never|no longer|without|nobody|none|no)\b|n't\b", re.IGNORECASE)
_COMPARED = (NoteKind.FACT, NoteKind.DECISION, NoteKind.PREFERENCE, NoteKind.HOWTO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What one note is like. contradicts: near in meaning, another value; answers: open questions."""

    contradicts: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


def likeness_of(memory: Memory, scope: Scope, given: Sequence[Note], *, meaning: bool = True) -> list[Likeness]:
    """One for each note, in order. Reads only; without an encoder there are no contradictions, only answers.

    meaning: False leaves contradictions out, where thousands of notes come in at once and nothing of them is read yet.
    """
    own = Scope.of(scope.own)
    with memory.database.read() as connection:
        questions = [
            note
            for note in notes.listed(connection, own, kinds=(NoteKind.QUESTION,), statuses=(NoteStatus.ACTIVE,))
            if note.open
        ]
        near = [_near(memory, connection, own, note) if meaning else [] for note in given]
        found: list[Likeness] = []
        for note, pairs in zip(given, near, strict=True):
            known = notes.by_seq(connection, own, [seq for seq, _ in pairs])
            contradicts = [
                known[seq].id
                for seq, cosine in pairs
                if seq in known and cosine >= NEAR_COSINE and may_contradict(note, known[seq])
            ]
            answers = [question.id for question in questions if may_answer(note, question)]
            found.append(Likeness(contradicts=tuple(contradicts[:CONFLICTS_MAX]), answers=tuple(answers)))
    return found


def _near(memory: Memory, connection: Connection, own: Scope, note: Note) -> list[tuple[int, float]]:
    if note.kind not in _COMPARED or note.status is not NoteStatus.ACTIVE:
        return []
    query = memory.query(notes.indexed(note))
    if query is None:
        return []
    return memory.matrices.nearest(connection, own, NOTES, query, memory.encoder_name, COUNT_MAX)


def may_contradict(note: Note, other: Note) -> bool:
    """Whether two near notes say different things: another number, another value, one of them negated."""
    if other.id == note.id or other.kind is not note.kind or other.status is not NoteStatus.ACTIVE:
        return False
    if other.id in note.supersedes or note.id in other.supersedes:
        return False
    if note.value and other.value:
        return folded(note.value) != folded(other.value) and folded(note.attribute) == folded(other.attribute)
    mine, theirs = set(_VALUES.findall(note.text)), set(_VALUES.findall(other.text))
    if mine and theirs:
        return mine != theirs
    return bool(_NEGATIONS.search(note.text)) != bool(_NEGATIONS.search(other.text))


def may_answer(note: Note, question: Note) -> bool:
    """Whether a decision or fact of the same project, not older, contains most of what the question asks about."""
    if note.kind not in (NoteKind.DECISION, NoteKind.FACT) or note.status is not NoteStatus.ACTIVE:
        return False
    if note.project != question.project or note.valid_from < question.valid_from:
        return False
    asked = {_stem(word) for word in query_words(question.text)} - _ASKING
    said = {_stem(word) for word in query_words(notes.indexed(note))}
    return len(asked) >= 2 and len(asked & said) / len(asked) >= ANSWERS_SHARE


def _stem(word: str) -> str:
    """A crude stem: endings off, so that `orders` meets `order`."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


_ASKING = frozenset({"open", "question", "whether", "decide", "undecid", "still", "know", "need", "clarify"})
