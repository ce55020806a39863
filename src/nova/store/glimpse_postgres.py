"""A look at a PostgreSQL store from outside: is it there, of which version, what was asked last. Reads, never writes.

The twin of store.glimpse. Knows the leaf; refuses to bring anything up to date.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from nova.core.labels import Scope
from nova.store import postgres, times
from nova.store.glimpse import CUT_OFF, QUEUED, WAITING, Work
from nova.store.migrate import version_of
from nova.store.tables import CONVERSATIONS, RUNS, WORKERS


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerGlimpse:
    """What could be seen. place: without user and password; version: of the tables, empty for none; size in bytes."""

    place: str
    server: str
    version: str
    runs: int
    size: int


def look_at(address: str) -> ServerGlimpse:
    """Asks the server. Raises NotReady, StoreError with what is missing."""
    place = postgres.place_of(postgres.address_of(address))
    with _reading(address, place) as connection:
        version = version_of(connection)
        count = connection.execute(text("SELECT count(*) FROM runs")).scalar_one() if version else 0
        server = str(connection.execute(text("SHOW server_version")).scalar_one()).split()[0]
        query = text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        pgvector = connection.execute(query).scalar_one_or_none() or "not there yet"
        size = int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    said = f"PostgreSQL {server}, pgvector {pgvector}"
    return ServerGlimpse(place=place, server=said, version=version, runs=int(count), size=size)


def work(address: str, silent_since: datetime, seen_since: datetime, engine_schema: str) -> Work:
    """The durable work of a server; none where there are no tables for it yet. Raises NotReady, StoreError."""
    with _reading(address, postgres.place_of(postgres.address_of(address))) as connection:
        there = text("SELECT to_regclass(:name) IS NOT NULL")
        engine = bool(connection.execute(there, {"name": f"{engine_schema}.workflow_status"}).scalar_one())
        if not connection.execute(there, {"name": "walks"}).scalar_one():
            return Work(engine=engine, workers=())
        seen = select(WORKERS.c.host, WORKERS.c.pid, WORKERS.c.started_at).where(
            WORKERS.c.ended_at == "", WORKERS.c.seen_at > times.written(seen_since)
        )
        before = {"before": times.written(silent_since)}
        silent = connection.execute(text(CUT_OFF.format(before=":before")), before)
        return Work(
            waiting=int(connection.execute(text(WAITING)).scalar_one()),
            queued=int(connection.execute(text(QUEUED)).scalar_one()),
            cut_off=tuple(str(row[0]) for row in silent),
            workers=tuple((str(row[0]), int(row[1]), str(row[2])) for row in connection.execute(seen)),
            engine=engine,
        )


def newest_runs(address: str, scope: Scope, count_max: int) -> list[tuple[str, str]]:
    """Id and request of the owner's last runs in these scopes, newest first. Raises NotReady, StoreError."""
    query = (
        select(RUNS.c.id, RUNS.c.request)
        .where(RUNS.c.scope.in_(scope.names), RUNS.c.parent == "", RUNS.c.principal == "owner")
        .order_by(RUNS.c.started_at.desc())
        .limit(count_max)
    )
    with _reading(address, postgres.place_of(postgres.address_of(address))) as connection:
        rows = connection.execute(query) if version_of(connection) else ()
        return [(str(row[0]), str(row[1])) for row in rows]


def newest_conversations(address: str, scope: Scope, count_max: int) -> list[tuple[str, str, str]]:
    """Id, name and title of the last conversations in these scopes, newest first. Raises NotReady, StoreError."""
    query = (
        select(CONVERSATIONS.c.id, CONVERSATIONS.c.name, CONVERSATIONS.c.title)
        .where(CONVERSATIONS.c.scope.in_(scope.names))
        .order_by(CONVERSATIONS.c.last_at.desc())
        .limit(count_max)
    )
    with _reading(address, postgres.place_of(postgres.address_of(address))) as connection:
        rows = connection.execute(query) if version_of(connection) else ()
        return [(str(row[0]), str(row[1]), str(row[2])) for row in rows]


@contextlib.contextmanager
def _reading(address: str, place: str) -> Generator[Connection]:
    engine = postgres.engine_of(postgres.address_of(address))
    try:
        with engine.connect().execution_options(reads=True) as connection:
            yield connection
    except DBAPIError as error:
        raise postgres.spoken_error(error, place) from error
    finally:
        engine.dispose()
