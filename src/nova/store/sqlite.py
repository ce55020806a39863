"""The SQLite leaf: how a connection is opened and what the database itself enforces.

Knows pragmas and triggers; refuses to know tables' meaning. PostgreSQL gets a leaf of the same three functions.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event

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


def enforce(connection: Connection) -> None:
    """Puts into the database what no code path may break (events are append-only), and the text indexes."""
    for statement in APPEND_ONLY:
        connection.exec_driver_sql(statement)
    textindex.create(connection)
