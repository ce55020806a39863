"""Where the engine's own tables lie and how they are opened. A private leaf of pipelines.engine.

Knows the two databases, the pragmas and the JSON its tables hold; refuses to know what is queued. The tables are in
the same database as the store's, so that a leg is queued in the transaction that makes it necessary.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sqlite3
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from sqlalchemy import URL, Engine, create_engine, event

from nova.core import json
from nova.core.json import Json
from nova.settings.definition import Settings
from nova.settings.home import Home
from nova.settings.secrets import resolve_secret
from nova.store import postgres

APPLICATION = "nova"
APPLICATION_VERSION = "nova-1"
"""Pinned: work of another version is left alone, so this changes only when a queued leg would be misread."""

SCHEMA = "dbos"
POOL_SIZE = 8
BUSY_TIMEOUT_MS = 30_000
_UNIXEPOCH_SINCE = (3, 42, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The database of a home as the engine opens it: a file, or an address (there may be a password in it)."""

    file: Path | None = None
    address: str = field(default="", repr=False)
    synchronous: str = "normal"

    @property
    def conninfo(self) -> str:
        """The address as libpq reads it. Raises StoreError."""
        return postgres.address_of(self.address).set(drivername="postgresql").render_as_string(hide_password=False)

    @property
    def place(self) -> str:
        """As it may be shown."""
        return str(self.file) if self.file else postgres.place_of(postgres.address_of(self.address))


def ground_of(home: Home, settings: Settings) -> Ground:
    """Where this home's store lies. Raises NotReady when the address is a secret that is not there."""
    if settings.database_url is None:
        return Ground(file=home.database, synchronous=settings.store_synchronous)
    return Ground(address=resolve_secret(settings.database_url))


def new_executor() -> str:
    """A name for one start of one process, on this machine and on any other: `host-pid-random`."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


def open_engine(ground: Ground) -> Engine:
    """An engine of the engine's own; dispose of it when done."""
    return _sqlite(ground.file, ground.synchronous) if ground.file else _postgres(ground.address)


@contextlib.contextmanager
def lent_clock(connection: object) -> Generator[None]:
    """A connection of the store that can write the engine's rows: on SQLite before 3.42 they need a function of ours.

    The store lets no column call one (trusted_schema is off), so that is allowed for as long as the block lasts.
    """
    if not isinstance(connection, sqlite3.Connection) or not _lend_clock(connection):
        yield
        return
    (trusted,) = connection.execute("PRAGMA trusted_schema").fetchone()
    connection.execute("PRAGMA trusted_schema=ON")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA trusted_schema={trusted}")


def _lend_clock(connection: sqlite3.Connection) -> bool:
    """Gives it `unixepoch('subsec')` where the library is too old for that; whether it is.

    Without it the engine's time columns would be NULL on Python 3.12 and later.
    """
    if sqlite3.sqlite_version_info >= _UNIXEPOCH_SINCE:
        return False
    connection.create_function("unixepoch", 1, _unixepoch)
    return True


def _unixepoch(_modifier: str) -> float:
    return time.time()


def _sqlite(file: Path, synchronous: str) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(file)), pool_size=POOL_SIZE, max_overflow=0, pool_timeout=30
    )

    @event.listens_for(engine, "connect")
    def _opened(connection: sqlite3.Connection, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = "IMMEDIATE"
        _lend_clock(connection)
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _postgres(address: str) -> Engine:
    url = postgres.address_of(address)
    patience = {"connect_timeout": "10", "keepalives_idle": "30", "tcp_user_timeout": "30000"}  # s, s, ms
    given: dict[str, object] = {name: value for name, value in patience.items() if name not in url.query}
    given |= {"prepare_threshold": None, "application_name": "nova-engine"}
    return create_engine(
        url, connect_args=given, pool_pre_ping=True, pool_size=POOL_SIZE, max_overflow=0, pool_timeout=30
    )


class PlainJson:
    """What the engine's tables hold of ours: ids as JSON, and of an error the name of its class, never its words."""

    def name(self) -> str:
        """How rows say that they were written this way."""
        return "nova-json"

    def serialize(self, data: object) -> str:
        """Raises TypeError for anything that is not JSON or an error."""
        if isinstance(data, BaseException):
            return json.dump({"error": str(data) if isinstance(data, LegFailed) else type(data).__name__})
        return json.dump(cast("Json", data))

    def deserialize(self, serialized_data: str) -> object:
        """The value as it was; an error as LegFailed."""
        found = json.load(serialized_data)
        if isinstance(found, dict) and set(found) == {"error"}:
            return LegFailed(str(found["error"]))
        return found


class LegFailed(Exception):
    """A walk ended with an error; says only the name of its class."""
