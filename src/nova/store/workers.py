"""Rows of workers: who takes up durable runs, where, since when, and when last seen. For showing only.

That a worker lives is known by its lock or lease (pipelines), never by its row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from nova.core.labels import HOME, Label, write_label
from nova.store import times
from nova.store.tables import WORKERS


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """One start of one worker. id: its executor. ended_at: None while it works, or when it was killed."""

    id: str
    host: str
    pid: int
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None


def begin(connection: Connection, worker: WorkerRow) -> None:
    """A worker has started."""
    connection.execute(
        insert(WORKERS).values(
            id=worker.id,
            scope=HOME,
            label=write_label(Label(scopes=frozenset({HOME}))),
            host=worker.host,
            pid=worker.pid,
            started_at=times.written(worker.started_at),
            seen_at=times.written(worker.seen_at),
        )
    )


def see(connection: Connection, worker: str, at: datetime) -> None:
    """It was there at this time."""
    connection.execute(update(WORKERS).where(WORKERS.c.id == worker).values(seen_at=times.written(at)))


def end(connection: Connection, worker: str, at: datetime) -> None:
    """It has ended as it was asked to."""
    values = {"seen_at": times.written(at), "ended_at": times.written(at)}
    connection.execute(update(WORKERS).where(WORKERS.c.id == worker).values(values))


def listed(connection: Connection, count_max: int = 20) -> tuple[WorkerRow, ...]:
    """The workers that started last, the newest first."""
    rows = connection.execute(select(WORKERS).order_by(WORKERS.c.started_at.desc()).limit(count_max)).mappings()
    return tuple(
        WorkerRow(
            id=row["id"],
            host=row["host"],
            pid=row["pid"],
            started_at=times.read_set(row["started_at"]),
            seen_at=times.read_set(row["seen_at"]),
            ended_at=times.read(row["ended_at"]),
        )
        for row in rows
    )


def forget(connection: Connection, before: datetime) -> int:
    """Takes out workers that were last seen before this time; how many."""
    return connection.execute(delete(WORKERS).where(WORKERS.c.seen_at < times.written(before))).rowcount
