"""A look at the database file from outside: is it there, is it whole, what was asked last. Reads, never writes.

For doctor and for shell completion, so it works without SQLAlchemy, on a database of any version, even a broken one.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from nova.core.errors import StoreError
from nova.core.labels import Scope
from nova.store import times


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """What could be seen. version: of its tables, empty for none; runs: how many; problem: why it cannot be used."""

    version: str = ""
    runs: int = 0
    problem: str = ""


def sqlite_version() -> str:
    """The version of the SQLite library."""
    return sqlite3.sqlite_version


def look(path: Path) -> Glimpse:
    """Opens read-only, checks the file's integrity (quick_check), counts runs. Never raises."""
    try:
        with _reading(path) as connection:
            verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
            if verdict != "ok":
                return Glimpse(problem=verdict)
            tables = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "alembic_version" not in tables:
                return Glimpse()
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            version = str(row[0]) if row else ""
            runs = connection.execute("SELECT count(*) FROM runs").fetchone()[0] if "runs" in tables else 0
            return Glimpse(version=version, runs=int(runs))
    except (sqlite3.Error, OSError) as error:
        return Glimpse(problem=str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What durable work there is. waiting: reviews; queued: runs that wait for a worker; cut_off: ids of silent ones.

    workers: (host, pid, started at) of those seen lately; None where that is not known by rows. engine: whether its
    tables are there.
    """

    waiting: int = 0
    queued: int = 0
    cut_off: tuple[str, ...] = ()
    workers: tuple[tuple[str, int, str], ...] | None = None
    engine: bool = False


CUT_OFF = "SELECT run FROM walks WHERE state = 'running' AND run = root AND heartbeat_at < {before} ORDER BY run"
WAITING = "SELECT count(*) FROM reviews WHERE answer = '' AND closed = ''"
QUEUED = "SELECT count(*) FROM walks WHERE state = 'queued' AND run = root"


def work(path: Path, silent_since: datetime) -> Work:
    """The durable work of a file; none where there are no tables for it yet. Raises StoreError."""
    try:
        with _reading(path) as connection:
            tables = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            engine = "workflow_status" in tables
            if not {"walks", "reviews"} <= tables:
                return Work(engine=engine)
            before = {"before": times.written(silent_since)}
            return Work(
                waiting=int(connection.execute(WAITING).fetchone()[0]),
                queued=int(connection.execute(QUEUED).fetchone()[0]),
                cut_off=tuple(str(row[0]) for row in connection.execute(CUT_OFF.format(before=":before"), before)),
                engine=engine,
            )
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{path} cannot be read: {error}.", "See what the doctor says of the database.") from error


def newest_runs(path: Path, scope: Scope, count_max: int) -> list[tuple[str, str]]:
    """Id and request of the owner's last runs in these scopes, newest first. Never raises: no runs is an answer."""
    places = ", ".join("?" * len(scope.names))
    query = (
        f"SELECT id, request FROM runs WHERE scope IN ({places}) AND parent = '' AND principal = 'owner' "  # noqa: S608
        "ORDER BY started_at DESC LIMIT ?"
    )
    try:
        with _reading(path) as connection:
            rows = connection.execute(query, (*sorted(scope.names), count_max))
            return [(str(row[0]), str(row[1])) for row in rows]
    except (sqlite3.Error, OSError):
        return []


def waiting_reviews(path: Path, scope: Scope, count_max: int) -> list[tuple[str, str]]:
    """Id and question of the reviews that wait in these scopes, oldest first. Never raises: none is an answer."""
    places = ", ".join("?" * len(scope.names))
    query = (
        f"SELECT id, question FROM reviews WHERE scope IN ({places}) AND answer = '' AND closed = '' "  # noqa: S608
        "ORDER BY asked_at LIMIT ?"
    )
    try:
        with _reading(path) as connection:
            rows = connection.execute(query, (*sorted(scope.names), count_max))
            return [(str(row[0]), str(row[1])) for row in rows]
    except (sqlite3.Error, OSError):
        return []


def newest_conversations(path: Path, scope: Scope, count_max: int) -> list[tuple[str, str, str]]:
    """Id, name and title of the last conversations in these scopes, newest first. Never raises: none is an answer."""
    places = ", ".join("?" * len(scope.names))
    query = (
        f"SELECT id, name, title FROM conversations WHERE scope IN ({places}) "  # noqa: S608
        "ORDER BY last_at DESC LIMIT ?"
    )
    try:
        with _reading(path) as connection:
            rows = connection.execute(query, (*sorted(scope.names), count_max))
            return [(str(row[0]), str(row[1]), str(row[2])) for row in rows]
    except (sqlite3.Error, OSError):
        return []


@contextlib.contextmanager
def _reading(path: Path) -> Generator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=1.0)) as connection:
        yield connection
