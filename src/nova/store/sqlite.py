"""The SQLite leaf: how a connection is opened and what the database itself enforces.

Knows pragmas and triggers; refuses to know tables' meaning. store.postgres is the other leaf.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DBAPIError

from nova.core.errors import StoreError, StoreFull
from nova.store import textindex

BUSY_TIMEOUT_MS = 10_000

# While an erasure is open, and only then, what was recorded may be rewritten (store.erase).
_UNLESS_ERASING = "WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE state = 'open')"
APPEND_ONLY = tuple(
    statement
    for verb, name in (("UPDATE", "events_are_not_changed"), ("DELETE", "events_are_not_deleted"))
    for statement in (
        f"DROP TRIGGER IF EXISTS {name}",
        f"CREATE TRIGGER {name} BEFORE {verb} ON events {_UNLESS_ERASING} "
        "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
    )
)


def engine_of(path: Path, synchronous: str = "normal") -> Engine:
    """An engine on one SQLite file in WAL mode; writers begin IMMEDIATE, so that two never deadlock on an upgrade.

    synchronous: `normal` (a power cut may lose the last commits, a killed process none) or `full`.
    """
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def _opened(connection: sqlite3.Connection, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None  # SQLAlchemy's begin event below says when a transaction starts
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "secure_delete=ON",
            "trusted_schema=OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begins(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def prepare(connection: Connection) -> None:
    """Nothing must be there before the tables."""


def enforce(connection: Connection) -> None:
    """Puts into the database what no code path may break (events are append-only), and the text indexes."""
    for statement in APPEND_ONLY:
        connection.exec_driver_sql(statement)
    textindex.create(connection)


def empty_log(engine: Engine) -> bool:
    """Moves the write-ahead log into the file and cuts it to nothing; False while somebody reads."""
    raw = engine.raw_connection()
    try:
        busy, _, _ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    finally:
        raw.close()


def copy(engine: Engine, target: Path) -> None:
    """Copies the whole database, pages that others write meanwhile included, by SQLite's own way. Raises OSError."""
    raw = engine.raw_connection()
    try:
        with contextlib.closing(sqlite3.connect(target)) as other:
            cast("sqlite3.Connection", raw.driver_connection).backup(other)
    except sqlite3.Error as error:
        raise OSError(f"the copy {target} could not be written: {error}") from error
    finally:
        raw.close()


def spoken_error(error: DBAPIError, place: str) -> StoreError:
    """What went wrong, in a sentence."""
    text = str(error.orig)
    if "disk is full" in text or "disk I/O" in text:
        return StoreFull(f"The disk with {place} is full.", "Free some space; everything recorded so far is safe.")
    if "readonly" in text or "unable to open" in text:
        return StoreError(
            f"The database {place} cannot be written ({text}).", "Check who owns the file and its folder."
        )
    if "locked" in text:
        return StoreError(f"The database {place} is in use by another process.", "Try again in a moment.")
    if isinstance(error, DatabaseError) and ("malformed" in text or "not a database" in text):
        return StoreError(f"{place} is not a readable database ({text}).", "Move it aside and restore a backup.")
    return StoreError(f"The database {place} refused: {text}.", "Run nova doctor.")
