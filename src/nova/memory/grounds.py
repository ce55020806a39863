"""What a note rests on: what its own words name as its ground, and whether that still holds.

Knows the words that name a ground and follows links; refuses to take likeness for a ground. `We ship on Friday,
because the tests are green.` rests on the note that says `The tests are green`, word for word, and on no other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nova.core.labels import Scope
from nova.core.notes import Note, NoteStatus
from nova.memory.standing import RESTS_ON
from nova.store import notes
from nova.store.database import Connection
from nova.store.indexes import leaf
from nova.store.textindex import TextIndex, query_words

NAMED_MAX = 12  # notes that share words with a ground are looked at, the best first
WORDS_MIN = 3  # of a ground; fewer words stand in many sentences
STEPS_MAX = 20
_NAMES = re.compile(
    r"\b(?:bas(?:ed|ing) on|because(?: of)?|derived from|follows from|rests on|relies on|assum(?:es|ed|ing)|given that"
    r"|on the assumption|weil|da|aufgrund)\b[^.!?\n]*",
    re.IGNORECASE,
)


def named_grounds(connection: Connection, scope: Scope, note: Note) -> tuple[str, ...]:
    """The notes that stand word for word behind a `because` or `based on` in its text. Not those it supersedes."""
    own, found = Scope.of(scope.own), dict[str, None]()
    text = " ".join(note.text.split())
    for match in _NAMES.finditer(text):
        words = query_words(match.group())
        rows = [row for row, _ in leaf(connection).search(connection, own, TextIndex.NOTES, words, NAMED_MAX)]
        known = notes.by_seq(connection, own, rows)
        behind = text[match.start() :]
        begins = len(match.group())
        found |= {known[row].id: None for row in rows if row in known and _stands(known[row], behind, begins)}
    return tuple(one for one in found if one != note.id and one not in note.supersedes)


def _stands(known: Note, words: str, begins_max: int) -> bool:
    """Whether a note's whole sentence, or a value as long as one, begins within the first characters of these words."""
    said = (" ".join(one.casefold().split()).rstrip(".") for one in (known.text, known.value))
    places = [words.casefold().find(one) for one in said if len(one.split()) >= WORDS_MIN]
    return any(0 <= place < begins_max for place in places)


def fallen(connection: Connection, scope: Scope, note: Note, replaced: Sequence[Note]) -> str:
    """The first ground of a note that no longer holds; empty when all hold.

    What it took over from a note that it replaces (`replaced`) is no ground of its own: a correction is said anew.
    """
    inherited = {ground for one in replaced for ground in one.derived_from}
    own = [ground for ground in note.derived_from if ground not in inherited]
    return next((one.id for one in notes.by_ids(connection, scope, own).values() if _down(one)), "")


def _down(ground: Note) -> bool:
    doubted = ground.status is NoteStatus.UNCONFIRMED and ground.doubt.startswith(RESTS_ON)
    return ground.status is NoteStatus.SUPERSEDED or doubted


def instead(connection: Connection, scope: Scope, fallen_notes: Sequence[Note]) -> dict[str, list[Note]]:
    """For each of these by its id: what took its place, and what took the place of what it rests on, nearest first.

    Only what is active counts; from what is not, the way goes on. One look at the store for each step of the longest
    way, however many notes there are.
    """
    known = {note.id: note for note in fallen_notes}
    wave = list(fallen_notes)
    for _ in range(STEPS_MAX):
        follow = {one for note in wave for one in _ways(note)} - known.keys()
        if not follow:
            break
        found = notes.by_ids(connection, scope, follow)
        known |= found
        wave = [note for note in found.values() if note.status is not NoteStatus.ACTIVE]
    return {note.id: _living(note, known) for note in fallen_notes}


def _living(note: Note, known: Mapping[str, Note]) -> list[Note]:
    held, seen, wave = dict[str, Note](), {note.id}, [note]
    while wave:
        follow = {one: known[one] for here in wave for one in _ways(here) if one in known and one not in seen}
        seen |= follow.keys()
        held |= {id_: one for id_, one in follow.items() if one.status is NoteStatus.ACTIVE}
        wave = [one for id_, one in follow.items() if id_ not in held]
    return list(held.values())


def _ways(note: Note) -> tuple[str, ...]:
    return (*([note.superseded_by] if note.superseded_by else []), *note.derived_from)
