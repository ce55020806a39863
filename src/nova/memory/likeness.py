"""Which notes a new note is like: those it may contradict, and open questions it may answer. Knows no door.

Likeness is the cosine of two sentence vectors; what it finds goes to the owner's queue. Words decide two things: an
open question that shares most of its telling words with a decision is answered by it, and a note that names what it
is instead of takes the place of the one note that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nova.core.labels import Scope
from nova.core.notes import Note, NoteKind, NoteStatus, folded
from nova.memory.instead import Replaced, names_what_it_replaces, replaced_by, stems
from nova.store import notes
from nova.store.database import Connection
from nova.store.tables import NOTES

if TYPE_CHECKING:
    from nova.memory.tiers import Memory

NEAR_COSINE = 0.72  # below it, two notes are about two things
ANSWERS_SHARE = 0.6  # of the question's telling words that its answer must contain
RARE_LETTERS_MIN = 4
COUNT_MAX = 8
CONFLICTS_MAX = 3
_VALUES = re.compile(r"\d[\d.,:/-]*\d|\d")
_NEGATIONS = re.compile(r"\b(?:not|never|no longer|without|nobody|none|no)\b|n't\b", re.IGNORECASE)
_CLOSES = re.compile(
    r"\b(?:answered|replied|settled|clarified|got back to|(?:question|point|matter"
    r"|issue)(?: of [\w -]{2,40})? is (?:now )?"
    r"(?:closed|answered|decided|clear)|(?:that'?s|that is) (?:settled|answered|decided)|decided)\b",
    re.IGNORECASE,
)
_COMPARED = (NoteKind.FACT, NoteKind.DECISION, NoteKind.PREFERENCE, NoteKind.HOWTO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What one note is like. contradicts: near in meaning, another value; answers: open questions.

    supersedes: the note whose place it takes because it names what that one holds: `4 hours instead of 8`.
    """

    contradicts: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()


def likeness_of(memory: Memory, scope: Scope, given: Sequence[Note], *, meaning: bool = True) -> list[Likeness]:
    """One for each note, in order. Reads only; without an encoder there are no contradictions, only answers.

    meaning: False leaves contradictions out, where thousands of notes come in at once and nothing of them is read yet.
    """
    if not given:
        return []
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
            answers = [question.id for question in questions if may_answer(note, question, questions)]
            named = meaning and names_what_it_replaces(note)
            instead = replaced_by(note, _holding(connection, own)) if named else Replaced()
            contradicts = [
                one for one in dict.fromkeys([*instead.perhaps, *contradicts]) if one not in instead.replaces
            ]
            found.append(
                Likeness(
                    contradicts=tuple(contradicts[:CONFLICTS_MAX]), answers=tuple(answers), supersedes=instead.replaces
                )
            )
    return found


def _holding(connection: Connection, own: Scope) -> list[Note]:
    statuses = (NoteStatus.ACTIVE, NoteStatus.UNCONFIRMED)
    return notes.listed(connection, own, kinds=(NoteKind.DECISION, NoteKind.FACT), statuses=statuses)


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


def may_answer(note: Note, question: Note, others: Sequence[Note] = ()) -> bool:
    """Whether a decision or fact of the same project, not older, contains most of what the question asks about.

    One that says itself that something is answered needs less: one telling word that no other open question has.
    """
    if note.kind not in (NoteKind.DECISION, NoteKind.FACT) or note.status is not NoteStatus.ACTIVE:
        return False
    if note.project != question.project or note.valid_from < question.valid_from or note.id == question.id:
        return False
    asked, said = stems(question.text) - _ASKING, stems(notes.indexed(note))
    if len(asked) >= 2 and len(asked & said) / len(asked) >= ANSWERS_SHARE:
        return True
    if not _CLOSES.search(" ".join([note.text, *(source.quote for source in note.sources)])):
        return False
    elsewhere = [stems(other.text) for other in others if other.id != question.id and other.project == note.project]
    rare = {
        word for word in asked & said if len(word) >= RARE_LETTERS_MIN and not any(word in one for one in elsewhere)
    }
    return bool(rare) and len(asked & said) >= max((len(one & said - _ASKING) for one in elsewhere), default=0)


_ASKING = frozenset({"open", "question", "whether", "decide", "undecid", "still", "know", "need", "clarify"})
