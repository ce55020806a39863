"""Words taken out for good: found wherever they are kept, blanked or deleted, then scrubbed from the file itself.

The one place that may rewrite what was recorded, and only while a row in `erasures` says so; the row goes when no
byte is left. Knows every table with text; refuses to decide what is forgotten (memory.forget).
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Table, delete, false, func, insert, or_, select, update

from nova.core import json
from nova.core.ids import new_id
from nova.core.json import Json
from nova.core.labels import Label, Scope, write_label
from nova.core.notes import NoteStatus
from nova.store import big, durable, episodes, generations, times
from nova.store.blanking import FORGOTTEN, blank_event, blank_text, folded, holds
from nova.store.database import Database
from nova.store.indexes import leaf
from nova.store.tables import (
    BREAKERS,
    CONVERSATIONS,
    EPISODES,
    ERASURES,
    EVENTS,
    LEDGER,
    NOTE_CHANGES,
    NOTE_LINKS,
    NOTES,
    OCCURRENCES,
    RUNS,
    SLOTS,
    STEPS,
    TEXTS,
)
from nova.store.textindex import TextIndex
from nova.store.values import Blobs

__all__ = ["FORGOTTEN", "Found"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Ids of the rows that hold the words, by table; of slots the pipelines."""

    notes: frozenset[str] = frozenset()
    episodes: frozenset[str] = frozenset()
    runs: frozenset[str] = frozenset()
    conversations: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    occurrences: frozenset[str] = frozenset()
    slots: frozenset[str] = frozenset()
    breakers: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return any((self.notes, self.episodes, self.runs, self.conversations, self.texts, self.occurrences,
                    self.slots, self.breakers))  # fmt: skip


def holding(connection: Connection, scope: Scope, words: Iterable[str], blobs: Blobs | None = None) -> Found:
    """Every row of these scopes that holds one of the texts, whatever its case. Empty texts hold nothing.

    blobs: where big values of steps lie; they are looked through as well.
    """
    needles = [word for word in words if word.strip()]
    if not needles:
        return Found()

    def ids(table: Table, key: str, *columns: str) -> frozenset[str]:
        either = or_(*(holds(table.c[name], needle) for name in columns for needle in needles))
        found = connection.execute(select(table.c[key]).where(either, table.c.scope.in_(scope.names)))
        return frozenset(str(one) for one in found.scalars())

    walked = frozenset[str]().union(*(ids(table, "run", *columns) for table, columns in durable.SPOKEN.items()))
    walked |= big.runs_holding(connection, scope, needles, blobs) if blobs else frozenset()
    changed = ids(NOTE_CHANGES, "note", "why") | ids(NOTE_LINKS, "source", "why")
    return Found(
        notes=changed | ids(NOTES, "id", "text", "value", "subject", "attribute", "why", "alternatives", "sources"),
        episodes=ids(EPISODES, "id", "text"),
        runs=walked | ids(RUNS, "id", "request", "outcome") | ids(EVENTS, "run", "data") | ids(LEDGER, "run", "failed"),
        conversations=ids(CONVERSATIONS, "id", "title", "name"),
        texts=ids(TEXTS, "digest", "body"),
        occurrences=ids(OCCURRENCES, "id", "data"),
        slots=ids(SLOTS, "pipeline", "why"),
        breakers=ids(BREAKERS, "name", "last_error"),
    )


def family(connection: Connection, scope: Scope, runs: Iterable[str]) -> frozenset[str]:
    """The runs with their parents and parts, and with forks, whose steps were done in another's part.

    What one says, the others repeat.
    """
    known, wave = set[str](), set(runs)
    while wave:
        known |= wave
        found: set[str] = set()
        for one, other, walls in (
            (RUNS.c.id, RUNS.c.parent, RUNS.c.scope),
            (STEPS.c.run, STEPS.c.child, STEPS.c.scope),
        ):
            near = or_(one.in_(wave), other.in_(wave))
            rows = connection.execute(select(one, other).where(near, walls.in_(scope.names)))
            found |= {str(run) for row in rows for run in row if run}
        wave = found - known
    return frozenset(known)


def begin(connection: Connection, scope: Scope, at: datetime) -> str:
    """Opens the erasure: from here to `end`, in this transaction, events may be rewritten."""
    erasure = new_id("x")
    label = write_label(Label(scopes=frozenset({scope.own})))
    row = {"id": erasure, "scope": scope.own, "label": label, "at": times.written(at), "state": "open"}
    connection.execute(insert(ERASURES).values(**row))
    return erasure


def end(connection: Connection, scope: Scope, erasure: str) -> None:
    """Closes it: what is left to do is to scrub the file (`scrub`), after the transaction."""
    mine = ERASURES.c.scope.in_(scope.names)
    connection.execute(update(ERASURES).where(ERASURES.c.id == erasure, mine).values(state="scrub"))


@contextlib.contextmanager
def door(connection: Connection, scope: Scope, at: datetime) -> Generator[None]:
    """Opens the erasure for rows that go because of their age; nothing needs to be scrubbed afterwards."""
    erasure = begin(connection, scope, at)
    yield
    connection.execute(delete(ERASURES).where(ERASURES.c.id == erasure, ERASURES.c.scope.in_(scope.names)))


def blank_notes(connection: Connection, scope: Scope, ids: AbstractSet[str], at: datetime) -> None:
    """The notes' words, sources, history and links go; the id stays, so that no reading brings the note back."""
    mine = NOTES.c.id.in_(ids) & NOTES.c.scope.in_(scope.names)
    numbers = [int(seq) for seq in connection.execute(select(NOTES.c.seq).where(mine)).scalars()]
    leaf(connection).remove(connection, TextIndex.NOTES, numbers)
    ends = or_(NOTE_LINKS.c.source.in_(ids), NOTE_LINKS.c.target.in_(ids))
    connection.execute(delete(NOTE_LINKS).where(ends, NOTE_LINKS.c.scope.in_(scope.names)))
    past = NOTE_CHANGES.c.note.in_(ids) & NOTE_CHANGES.c.scope.in_(scope.names)
    connection.execute(delete(NOTE_CHANGES).where(past))
    empty = dict.fromkeys(
        ("text", "subject", "attribute", "value", "key", "why", "by", "doubt", "recheck", "waits_for", "encoder"), ""
    )
    blank = {**empty, "alternatives": "[]", "sources": "[]", "vector": None, "status": NoteStatus.FORGOTTEN.value}
    connection.execute(update(NOTES).where(mine).values(**blank, retired_at=times.written(at)))
    _step(connection, scope)


def delete_episodes(connection: Connection, scope: Scope, ids: AbstractSet[str]) -> None:
    """The turns go, with their words and vectors; what their neighbours were indexed with is written anew."""
    mine = EPISODES.c.id.in_(ids) & EPISODES.c.scope.in_(scope.names)
    rows = connection.execute(select(EPISODES.c.seq, EPISODES.c.conversation).where(mine)).all()
    leaf(connection).remove(connection, TextIndex.EPISODES, [int(row[0]) for row in rows])
    connection.execute(delete(EPISODES).where(mine))
    episodes.reindex(connection, scope, {str(row[1]) for row in rows})
    _step(connection, scope)


def redact_runs(
    connection: Connection, scope: Scope, runs: AbstractSet[str], words: Sequence[str], at: datetime
) -> int:
    """Blanks what was said in these runs, in their rows, steps, reviews and events; how many events changed.

    The shape of the record stays: who was asked when, which tools ran, what it cost. What has not ended is to stop.
    """
    needles = folded(words)
    durable.redact(connection, scope, runs, needles, at)
    mine = RUNS.c.id.in_(runs) & RUNS.c.scope.in_(scope.names)
    for row in connection.execute(select(RUNS.c.id, RUNS.c.outcome).where(mine)).all():
        outcome = blank_text(row[1], needles)
        connection.execute(update(RUNS).where(RUNS.c.id == row[0]).values(request=FORGOTTEN, outcome=outcome))
    told = EVENTS.c.run.in_(runs) & EVENTS.c.scope.in_(scope.names)
    rows = connection.execute(select(EVENTS.c.run, EVENTS.c.number, EVENTS.c.kind, EVENTS.c.data).where(told)).all()
    for run, number, kind, data in rows:
        blank = blank_event(kind, cast("dict[str, Json]", json.load(data)), needles)
        here = (EVENTS.c.run == run) & (EVENTS.c.number == number)
        connection.execute(update(EVENTS).where(here).values(data=json.dump(blank)))
    spent = LEDGER.c.run.in_(runs) & LEDGER.c.scope.in_(scope.names) & (LEDGER.c.failed != "")
    connection.execute(update(LEDGER).where(spent).values(failed=FORGOTTEN))
    return len(rows)


def blank_titles(connection: Connection, scope: Scope, runs: AbstractSet[str], ids: AbstractSet[str]) -> None:
    """Titles are the first words of a conversation: of these conversations, and of those that began with these runs."""
    talks = set(connection.execute(select(RUNS.c.conversation).where(RUNS.c.id.in_(runs))).scalars())
    began = select(RUNS.c.conversation, RUNS.c.id).where(RUNS.c.conversation.in_(talks), RUNS.c.parent == "")
    first: dict[str, str] = {}
    for talk, run in connection.execute(began.order_by(RUNS.c.started_at, RUNS.c.id)).all():
        first.setdefault(str(talk), str(run))
    which = CONVERSATIONS.c.id.in_(ids | {talk for talk, run in first.items() if run in runs})
    mine = CONVERSATIONS.c.scope.in_(scope.names)
    connection.execute(update(CONVERSATIONS).where(which, mine).values(title=FORGOTTEN))
    named = CONVERSATIONS.c.id.in_(ids) & (CONVERSATIONS.c.name != "")
    connection.execute(update(CONVERSATIONS).where(named, mine).values(name=""))


def blank_texts(connection: Connection, scope: Scope, digests: AbstractSet[str]) -> None:
    """Kept versions of files that hold the words."""
    mine = TEXTS.c.digest.in_(digests) & TEXTS.c.scope.in_(scope.names)
    connection.execute(update(TEXTS).where(mine).values(body=FORGOTTEN))


def blank_occurrences(connection: Connection, scope: Scope, ids: AbstractSet[str], words: Sequence[str]) -> None:
    """What was told of these events; and what slots say of why they failed, which repeats it."""
    needles = folded(words)
    mine = OCCURRENCES.c.id.in_(ids) & OCCURRENCES.c.scope.in_(scope.names)
    for identity, data in connection.execute(select(OCCURRENCES.c.id, OCCURRENCES.c.data).where(mine)).all():
        here = OCCURRENCES.c.id == identity
        connection.execute(update(OCCURRENCES).where(here).values(data=blank_text(data, needles)))
    said = [holds(SLOTS.c.why, needle) for needle in words if needle.strip()]
    told = [SLOTS.c.due_at.endswith(f" {identity}", autoescape=True) for identity in ids]
    which = or_(false(), *said, *told) & (SLOTS.c.why != "")
    connection.execute(update(SLOTS).where(which, SLOTS.c.scope.in_(scope.names)).values(why=FORGOTTEN))


def blank_breakers(connection: Connection, scope: Scope, names: AbstractSet[str]) -> None:
    """The last errors of providers and tools, which may repeat what was sent to them."""
    mine = BREAKERS.c.name.in_(names) & BREAKERS.c.scope.in_(scope.names)
    connection.execute(update(BREAKERS).where(mine).values(last_error=FORGOTTEN))


def unfinished(connection: Connection) -> int:
    """How many erasures were cut off before the file was scrubbed. A number, so it needs no scope."""
    return int(connection.execute(select(func.count()).select_from(ERASURES)).scalar_one())


def scrub(database: Database, blobs: Blobs | None = None) -> bool:
    """Takes the last traces out of the text indexes, the big values and the log; whether that was possible at once.

    False: another process reads just now; the rest is done when the database is opened next.
    """
    if blobs is not None:
        big.drop(database, blobs)
    with database.write() as connection:
        leaf(connection).scrub(connection)
    if not database.empty_log():
        return False
    with database.write() as connection:
        connection.execute(delete(ERASURES).where(ERASURES.c.state == "scrub"))
    return True


def finish(database: Database, blobs: Blobs | None = None) -> bool:
    """Finishes what a killed process began; True when nothing is left to do."""
    with database.read() as connection:
        left = unfinished(connection)
    return scrub(database, blobs) if left else True


def _step(connection: Connection, scope: Scope) -> None:
    for name in scope.names:
        generations.step(connection, Scope(own=name, names=scope.names))
