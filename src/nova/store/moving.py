"""A store moved from a SQLite file to a PostgreSQL database: every row copied and compared, the indexes made anew.

All of it is one transaction over there: a kill leaves the file as it was and the other database empty, so that it can
begin again. Knows tables and both dialects; refuses to know settings and who uses the file (app.moving).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, RowMapping, Table, func, insert, select, text, update

from nova.core.errors import BadInput, StoreError
from nova.core.labels import HOME, Scope
from nova.core.runs import RunState
from nova.core.steps import WalkState
from nova.store import cursors, episodes, notes, times
from nova.store.database import Database
from nova.store.postgres import storable
from nova.store.tables import EPISODES, ERASURES, METADATA, NOTES, RUNS, WALKS

BATCH = 500
MARK = "moved-from"
_HOME = Scope.of(HOME)
TABLES: Sequence[Table] = [table for table in METADATA.sorted_tables if table is not ERASURES]
"""In an order in which every row finds what it refers to. Erasures are about the file they were begun in."""

Told: TypeAlias = Callable[[str, int, int], None]
"""Called with a table's name, how many of its rows are over there, and how many there are."""
Enqueue: TypeAlias = Callable[[Connection, str, int, str, str], None]
"""Puts a leg into the queue over there, in the transaction: run, leg, queue, project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What a table holds: its rows, and a number that is the same for the same rows in any order."""

    rows: int = 0
    digest: int = 0

    def with_row(self, row: Sequence[object]) -> Sum:
        """The sum with one row more."""
        data = repr(tuple(storable(value) for value in row)).encode("utf-8", "surrogatepass")
        number = int.from_bytes(hashlib.blake2b(data, digest_size=16).digest())
        return Sum(rows=self.rows + 1, digest=(self.digest + number) % 2**128)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What was moved. rows: by table. queued: runs that wait for a worker over there.

    again: it had all been moved before, by a process that was cut off after that.
    """

    rows: Mapping[str, int]
    queued: int
    again: bool = False


def move(source: Database, target: Database, *, enqueue: Enqueue, told: Told, at: datetime) -> Moved:
    """Everything of `source`, which nobody may write meanwhile, into the empty `target`. Raises BadInput, StoreError.

    Nothing is written to `source`; its writers wait until this is over.
    """
    with source.write() as here:
        if _rows_in(target):
            return _moved_before(here, target)
        with target.write() as there:
            sums = {table.name: _copy(here, there, table, told) for table in TABLES}
            for table in TABLES:
                _compare(there, table, sums[table.name])
            _count_on(here, there)
            _index(there)
            queued = _queue(there, enqueue)
            cursors.put(there, _HOME, MARK, _fingerprint(sums), at)
    return Moved(rows={name: found.rows for name, found in sums.items()}, queued=queued)


def _rows_in(database: Database) -> int:
    with database.read() as connection:
        counts = (connection.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES)
        return sum(int(count) for count in counts)


def _moved_before(here: Connection, target: Database) -> Moved:
    sums = {table.name: _sum(here, table) for table in TABLES}
    with target.read() as there:
        mark = cursors.value(there, _HOME, MARK)
    if mark != _fingerprint(sums):
        raise BadInput(
            f"The database {target.place} is not empty.",
            "Nothing was changed. Give an empty one: CREATE DATABASE nova ENCODING 'UTF8' TEMPLATE template0",
        )
    return Moved(rows={name: found.rows for name, found in sums.items()}, queued=0, again=True)


def _copy(here: Connection, there: Connection, table: Table, told: Told) -> Sum:
    count = int(here.execute(select(func.count()).select_from(table)).scalar_one())
    found = Sum()
    told(table.name, 0, count)
    for batch in _batches(here, table):
        there.execute(insert(table), [dict(row) for row in batch])
        for row in batch:
            found = found.with_row(_values(table, row))
        told(table.name, found.rows, count)
    return found


def _sum(connection: Connection, table: Table) -> Sum:
    found = Sum()
    for batch in _batches(connection, table):
        for row in batch:
            found = found.with_row(_values(table, row))
    return found


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[RowMapping]]:
    """All rows, a few at a time: a server would send them all at once, and they may be more than fit into memory."""
    return connection.execute(select(table).execution_options(yield_per=BATCH)).mappings().partitions()


def _values(table: Table, row: RowMapping) -> list[object]:
    return [row[column.name] for column in table.columns]


def _compare(there: Connection, table: Table, expected: Sum) -> None:
    found = _sum(there, table)
    if found != expected:
        what = f"{expected.rows} rows of {table.name} were copied, and {found.rows} came out, not all of them the same."
        raise StoreError(what, "Nothing was changed. Run nova memory verify, then try again.")


def _fingerprint(sums: Mapping[str, Sum]) -> str:
    return hashlib.sha256(repr(sorted((name, one.rows, one.digest) for name, one in sums.items())).encode()).hexdigest()


def _count_on(here: Connection, there: Connection) -> None:
    """Numbers go on where they were: one that was given once is never given again, also when its row is gone."""
    given = {str(row[0]): int(row[1]) for row in here.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")}
    counted = [table for table in TABLES if "seq" in table.columns]
    for table in counted:
        last = given.get(table.name, 0)
        if last:
            number = text("SELECT setval(pg_get_serial_sequence(:name, 'seq'), :last)")
            there.execute(number, {"name": table.name, "last": last})


def _index(there: Connection) -> None:
    """The words of all turns and notes, each wall by itself; then what the server must know to plan its searches."""
    for name in there.execute(select(EPISODES.c.scope).distinct()).scalars().all():
        episodes.refill(there, Scope.of(str(name)))
    for name in there.execute(select(NOTES.c.scope).distinct()).scalars().all():
        notes.reindex(there, Scope.of(str(name)))
    for table in TABLES:
        there.exec_driver_sql(f"ANALYZE {table.name}")


def _queue(there: Connection, enqueue: Enqueue) -> int:
    """Runs that waited for their turn wait for it here; those that somebody walked are taken up again, a leg later."""
    query = (
        select(WALKS.c.run, WALKS.c.leg, WALKS.c.queue, WALKS.c.state, RUNS.c.project)
        .join(RUNS, RUNS.c.id == WALKS.c.run)
        .where(WALKS.c.state.in_([WalkState.QUEUED.value, WalkState.RUNNING.value]), WALKS.c.run == WALKS.c.root)
    )
    found = there.execute(query.order_by(WALKS.c.created_at)).all()
    for run, leg, queue, state, project in found:
        number = int(leg) + (state == WalkState.RUNNING.value)
        changed = {"state": WalkState.QUEUED.value, "leg": number, "holder": "", "heartbeat_at": ""}
        there.execute(update(WALKS).where(WALKS.c.run == run).values(changed))
        there.execute(update(RUNS).where(RUNS.c.id == run).values(state=RunState.QUEUED.value))
        enqueue(there, str(run), number, str(queue) or "background", str(project) or "home")
    return len(found)


def going_on(database: Database, since: datetime) -> str:
    """What somebody does with the store just now, in words; empty when nothing has shown life since then."""
    written = times.written(since)
    with database.read() as connection:
        walked = select(WALKS.c.run, WALKS.c.name).where(
            WALKS.c.state == WalkState.RUNNING.value, WALKS.c.heartbeat_at > written
        )
        if (row := connection.execute(walked.limit(1)).first()) is not None:
            return f"the run {row[0]} ({row[1]}) is being walked"
        asked = select(RUNS.c.id).where(RUNS.c.state == RunState.RUNNING.value, RUNS.c.last_at > written)
        if (row := connection.execute(asked.limit(1)).first()) is not None:
            return f"the question {row[0]} is being answered"
    return ""
