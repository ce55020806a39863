"""What ended long ago and goes: rows of finished runs in batches, then the free pages of the file.

Knows every row of a tree of runs; refuses to decide how old is old (pipelines.retention). Takes a Scope, always.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, or_, select

from nova.core import json
from nova.core.json import Json
from nova.core.labels import Scope
from nova.core.steps import WalkState
from nova.store import erase, times
from nova.store.database import Database
from nova.store.tables import (
    CONVERSATIONS,
    EFFECTS,
    EPISODES,
    EVENTS,
    NOTES,
    OCCURRENCES,
    REVIEWS,
    RUNS,
    STEPS,
    WALKS,
)

FREE_SHARE_MIN = 0.25
BYTES_MIN = 4_000_000
IDS_MAX = 400  # in one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What batches took out. runs: trees whose steps went; records: those of them whose row and events went too.

    stay: trees that were looked at and kept.
    """

    runs: int = 0
    records: int = 0
    stay: frozenset[str] = frozenset()

    def __add__(self, other: Gone) -> Gone:
        return Gone(runs=self.runs + other.runs, records=self.records + other.records, stay=self.stay | other.stay)


def ended(connection: Connection, scope: Scope, before: datetime, count_max: int) -> list[str]:
    """Runs at the top of a tree that ended before then, oldest first.

    Not those with a review that waits, with a pin, or with a part that has not ended.
    """
    tree = WALKS.alias("tree")
    waits = exists().where(REVIEWS.c.root == WALKS.c.run, REVIEWS.c.answer == "", REVIEWS.c.closed == "")
    stays = or_(tree.c.state != WalkState.ENDED.value, tree.c.pinned != 0)
    query = (
        select(WALKS.c.run)
        .where(WALKS.c.ended_at != "", WALKS.c.ended_at < times.written(before), WALKS.c.run == WALKS.c.root)
        .where(WALKS.c.state == WalkState.ENDED.value, WALKS.c.pinned == 0, WALKS.c.scope.in_(scope.names))
        .where(~waits, ~exists().where(tree.c.root == WALKS.c.run, stays))
        .order_by(WALKS.c.ended_at)
        .limit(count_max)
    )
    return [str(one) for one in connection.execute(query).scalars()]


def quoted(connection: Connection, scope: Scope) -> frozenset[str]:
    """The runs that notes name as their source: whoever asks a note where it comes from still finds them."""
    query = select(NOTES.c.sources).where(NOTES.c.sources.contains('"kind":"run"'), NOTES.c.scope.in_(scope.names))
    found = (cast("list[dict[str, Json]]", json.load(row)) for row in connection.execute(query).scalars())
    return frozenset(str(source["ref"]) for sources in found for source in sources if source["kind"] == "run")


def collect(connection: Connection, scope: Scope, roots: Sequence[str], kept: frozenset[str], at: datetime) -> Gone:
    """Takes out the steps, effects, answered reviews and walks of these trees, in this transaction.

    Of runs that a trigger started also their events and rows, unless something of the tree is in `kept` or was said
    in a conversation that the memory holds. A tree that a step of another one rests on stays whole.
    """
    owner = _trees(connection, roots)
    stay = _rested_on(connection, owner)
    going = {run: root for run, root in owner.items() if root not in stay}
    triggered = set(_chosen(connection, WALKS.c.run, set(going.values()), WALKS.c.trigger != ""))
    for table in (REVIEWS, EFFECTS, STEPS, WALKS):
        _remove(connection, table, table.c.run, going, scope)
    needed = {going[run] for run in going.keys() & kept} | {
        going[run] for run in _chosen(connection, EPISODES.c.run, going, EPISODES.c.run != "")
    }
    records = triggered - needed
    with erase.door(connection, scope, at):
        _remove_records(connection, scope, [run for run, root in going.items() if root in records])
    return Gone(runs=len(set(going.values())), records=len(records), stay=stay)


def _trees(connection: Connection, roots: Sequence[str]) -> dict[str, str]:
    """The runs with all their parts, whether they have a walk or were an agent's alone: run -> the top of its tree."""
    owner = {root: root for root in roots}
    for batch in _batches(roots):
        walked = connection.execute(select(WALKS.c.run, WALKS.c.root).where(WALKS.c.root.in_(batch)))
        owner |= {str(row[0]): str(row[1]) for row in walked}
    wave = set(owner)
    while wave:
        below: dict[str, str] = {}
        for batch in _batches(wave):
            found = connection.execute(select(RUNS.c.id, RUNS.c.parent).where(RUNS.c.parent.in_(batch)))
            below |= {str(row[0]): owner[str(row[1])] for row in found}
        wave = below.keys() - owner.keys()
        owner |= below
    return owner


def _rested_on(connection: Connection, owner: Mapping[str, str]) -> frozenset[str]:
    """The trees of which a part is the child of a step outside of them."""
    found: set[str] = set()
    for batch in _batches(owner):
        query = select(STEPS.c.child, STEPS.c.run).where(STEPS.c.child.in_(batch))
        for child, run in connection.execute(query):
            if owner.get(str(run)) != owner[str(child)]:
                found.add(owner[str(child)])
    return frozenset(found)


def _chosen(
    connection: Connection, column: ColumnElement[str], ids: Iterable[str], condition: ColumnElement[bool]
) -> list[str]:
    found: list[str] = []
    for batch in _batches(ids):
        found += connection.execute(select(column).where(column.in_(batch), condition)).scalars()
    return found


def _remove(connection: Connection, table: Table, column: ColumnElement[str], ids: Iterable[str], scope: Scope) -> None:
    for batch in _batches(ids):
        connection.execute(delete(table).where(column.in_(batch), table.c.scope.in_(scope.names)))


def _remove_records(connection: Connection, scope: Scope, runs: Sequence[str]) -> None:
    talks: set[str] = set()
    for batch in _batches(runs):
        talks |= set(connection.execute(select(RUNS.c.conversation).where(RUNS.c.id.in_(batch))).scalars())
    _remove(connection, EVENTS, EVENTS.c.run, runs, scope)
    _remove(connection, RUNS, RUNS.c.id, runs, scope)
    forked = select(CONVERSATIONS.c.forked_from)
    empty = ~exists().where(RUNS.c.conversation == CONVERSATIONS.c.id)
    unnamed = (CONVERSATIONS.c.name == "") & CONVERSATIONS.c.id.not_in(forked)
    for batch in _batches(talks):
        mine = CONVERSATIONS.c.id.in_(batch) & CONVERSATIONS.c.scope.in_(scope.names)
        connection.execute(delete(CONVERSATIONS).where(mine, empty, unnamed))


def _batches(ids: Iterable[str]) -> Iterable[list[str]]:
    every = sorted(ids)
    return (every[start : start + IDS_MAX] for start in range(0, len(every), IDS_MAX))


def forget_occurrences(connection: Connection, scope: Scope, before: datetime) -> int:
    """Takes out what happened before then and was looked at; how many."""
    old = (OCCURRENCES.c.handled_at != "") & (OCCURRENCES.c.at < times.written(before))
    return connection.execute(delete(OCCURRENCES).where(old, OCCURRENCES.c.scope.in_(scope.names))).rowcount


def quiet(connection: Connection, since: datetime) -> bool:
    """Whether nothing runs, and nothing has since then: a good moment to write the whole file anew."""
    walked = select(WALKS.c.run).where(WALKS.c.state == WalkState.RUNNING.value).limit(1)
    asked = select(CONVERSATIONS.c.id).where(CONVERSATIONS.c.last_at > times.written(since)).limit(1)
    return connection.execute(walked).first() is None and connection.execute(asked).first() is None


def vacuum(database: Database) -> bool:
    """Writes a SQLite file anew without its free pages, where that pays; whether it did.

    False as well while others use it, and where the disk has no room for a copy. PostgreSQL does this by itself.
    """
    if database.engine.dialect.name != "sqlite":
        return False
    raw = database.engine.raw_connection()
    try:
        cursor = raw.cursor()
        pages, free, size = (int(cursor.execute(f"PRAGMA {one}").fetchone()[0]) for one in _PAGES)
        room = shutil.disk_usage(Path(database.place).parent).free
        if pages * size < BYTES_MIN or free < FREE_SHARE_MIN * pages or room < 2 * pages * size:
            return False
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return True
    except sqlite3.OperationalError:  # somebody else writes now: tomorrow is another day
        return False
    finally:
        raw.close()


_PAGES = ("page_count", "freelist_count", "page_size")
