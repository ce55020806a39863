"""Forgetting for good: first the list of everything that would go, then all of it at once, then the file scrubbed.

    plan    a note, a run, a conversation, or words   ->   every row that holds them, nothing changed
    forget  that plan                                 ->   one transaction; a killed process finishes at the next start

Knows what hangs together (a note, what was said when it was made, what was derived from it); refuses to touch files:
where the words stand in the owner's own texts it says where.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nova.core.errors import BadInput
from nova.core.labels import Scope
from nova.core.notes import Note, SourceKind
from nova.core.text import shorten
from nova.store import conversations, episodes, erase, notes, occurrences, runs
from nova.store.database import Connection
from nova.store.erase import Found

if TYPE_CHECKING:
    from nova.memory.tiers import Memory

WORDS_LENGTH_MIN = 4
SHOWN_CHARACTERS = 100
# What is repeated without its sentence: an address, a code of letters and digits, a long number. A date is none of it.
_TELLING = re.compile(
    r"[\w.+-]+@[\w.-]+|(?<![\w.-])(?=[\w.-]*[^\W\d_])(?=[\w.-]*\d)[\w.-]{6,}|(?<![\w.-])\d{7,}(?![\w.-])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that goes. kind: note, derived note, turn, run, conversation title, kept text, event, error."""

    kind: str
    id: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that would be forgotten. words: the texts it was found by; found: the rows' ids."""

    items: tuple[Item, ...]
    words: tuple[str, ...]
    found: Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What went. events: how many events of runs were blanked; scrubbed: no byte is left in the file."""

    plan: Plan
    events: int
    scrubbed: bool


def plan_note(memory: Memory, scope: Scope, note: Note) -> Plan:
    """A note with the turns it was taken from, what was derived from it, and every place that repeats its words."""
    with memory.database.read() as connection:
        derived = notes.derived_from(connection, scope, [note.id])
        known = notes.by_ids(connection, scope, derived)
        words = _words_of([note, *known.values()])
        said_in = [source.ref for one in (note, *known.values()) for source in one.sources
                   if source.kind is SourceKind.RUN]  # fmt: skip
        return _plan(memory, connection, scope, words, {note.id, *derived}, said_in, set(derived))


def plan_words(memory: Memory, scope: Scope, words: str) -> Plan:
    """Everything that holds these words. Raises BadInput for words so short that half of the memory would go."""
    text = words.strip()
    if len(text) < WORDS_LENGTH_MIN:
        raise BadInput(
            f"“{text}” is too short to forget by; nearly everything holds it.",
            f"Give {WORDS_LENGTH_MIN} characters or more, or the id of a note or run.",
        )
    with memory.database.read() as connection:
        return _plan(memory, connection, scope, [text], set(), [], set())


def plan_runs(memory: Memory, scope: Scope, ids: Sequence[str]) -> Plan:
    """What was said in these runs, and the notes that rest on nothing else."""
    with memory.database.read() as connection:
        family = erase.family(connection, scope, ids)
        resting = [
            note
            for note in notes.listed(connection, scope)
            if note.sources and all(one.kind is SourceKind.RUN and one.ref in family for one in note.sources)
        ]
        derived = notes.derived_from(connection, scope, [note.id for note in resting])
        words = _words_of([*resting, *notes.by_ids(connection, scope, derived).values()])
        return _plan(
            memory, connection, scope, words, {*(note.id for note in resting), *derived}, list(family), set(derived)
        )


def plan_conversation(memory: Memory, scope: Scope, conversation: str) -> Plan:
    """What was said in all of its runs."""
    with memory.database.read() as connection:
        said = [run.id for run in runs.of_conversation(connection, scope, conversation, 1_000_000)]
    return plan_runs(memory, scope, said)


def forget(memory: Memory, scope: Scope, plan: Plan) -> Forgotten:
    """All of the plan, or nothing of it; the file is scrubbed at once if nobody else reads. Raises StoreError."""
    now = memory.now()
    with memory.database.write() as connection:
        erasure = erase.begin(connection, scope, now)
        erase.blank_notes(connection, scope, plan.found.notes, now)
        erase.delete_episodes(connection, scope, plan.found.episodes)
        events = erase.redact_runs(connection, scope, plan.found.runs, plan.words, now)
        erase.blank_titles(connection, scope, plan.found.runs, plan.found.conversations)
        erase.blank_texts(connection, scope, plan.found.texts)
        erase.blank_occurrences(connection, scope, plan.found.occurrences, plan.words)
        erase.blank_breakers(connection, scope, plan.found.breakers)
        erase.end(connection, scope, erasure)
    memory.matrices.clear()
    return Forgotten(plan=plan, events=events, scrubbed=erase.scrub(memory.database, memory.blobs))


def _words_of(given: Sequence[Note]) -> list[str]:
    """The texts by which repetitions are found: what the notes say, and the words they were taken from."""
    words: list[str] = []
    for note in given:
        words += [note.text, *(source.quote for source in note.sources)]
        words += [word.strip(".-") for word in _TELLING.findall(f"{note.text} {note.value}")]
    return list(dict.fromkeys(word for word in words if len(word.strip()) >= WORDS_LENGTH_MIN))


def _plan(
    memory: Memory,
    connection: Connection,
    scope: Scope,
    words: Sequence[str],
    ids: set[str],
    said_in: Sequence[str],
    derived: set[str],
) -> Plan:
    held = erase.holding(connection, scope, words, memory.blobs)
    family = erase.family(connection, scope, {*held.runs, *said_in})
    turns = {one.id for run in family for one in episodes.of_run(connection, scope, run)}
    found = Found(
        notes=held.notes | ids,
        episodes=held.episodes | turns,
        runs=family | _runs_of(connection, scope, held.episodes),
        conversations=held.conversations,
        texts=held.texts,
        occurrences=held.occurrences | occurrences.about(connection, scope, family),
        slots=held.slots,
        breakers=held.breakers,
    )
    return Plan(items=tuple(_items(connection, scope, found, derived)), words=tuple(words), found=found)


def _runs_of(connection: Connection, scope: Scope, ids: frozenset[str]) -> frozenset[str]:
    said = [episodes.by_id(connection, scope, one) for one in ids]
    return erase.family(connection, scope, [one.run for one in said if one is not None and one.run])


def _items(connection: Connection, scope: Scope, found: Found, derived: set[str]) -> list[Item]:
    items = [
        Item(kind="derived note" if note.id in derived else "note", id=note.id, shown=_shown(note.text))
        for note in notes.by_ids(connection, scope, found.notes).values()
    ]
    for one in sorted(found.episodes):
        episode = episodes.by_id(connection, scope, one)
        items += [Item(kind="turn", id=one, shown=_shown(f"{episode.speaker}: {episode.text}"))] if episode else []
    for one in sorted(found.runs):
        for run in runs.beginning_with(connection, scope, one):
            items.append(Item(kind="run", id=one, shown=_shown(run.request)))
    for one in sorted(found.conversations):
        for talk in conversations.beginning_with(connection, scope, one):
            items.append(Item(kind="conversation title", id=one, shown=_shown(talk.title)))
    items += [Item(kind="kept text", id=one, shown="a version of a file") for one in sorted(found.texts)]
    items += [Item(kind="event", id=one, shown="what was told of it") for one in sorted(found.occurrences)]
    for kept in (found.slots, found.breakers):
        items += [Item(kind="error", id=one, shown="the words of one that was kept") for one in sorted(kept)]
    return items


def _shown(text: str) -> str:
    return shorten(text, SHOWN_CHARACTERS)
