"""An open database: short transactions in, clear errors out.

Knows the engine and its failures; refuses to know tables. A transaction on one file takes about 0.1 ms, so it runs
where it is called and not in a thread (docs/decisions/0004).
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, DBAPIError

from nova.core.errors import StoreError, StoreFull
from nova.store import sqlite
from nova.store.migrate import bring_up


@dataclass(frozen=True, slots=True)
class Database:
    """The store of one home. Close it when done."""

    engine: Engine
    place: str

    @contextlib.contextmanager
    def write(self) -> Generator[Connection]:
        """One transaction that is all there afterwards, or not at all. Raises StoreFull, StoreError."""
        with _spoken(self.place), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def read(self) -> Generator[Connection]:
        """One consistent view. Raises StoreError."""
        with _spoken(self.place), self.engine.connect().execution_options(reads=True) as connection:
            yield connection

    def close(self) -> None:
        """Gives the file back."""
        self.engine.dispose()


def open_database(path: Path, synchronous: str = "normal") -> Database:
    """The database at `path`, made or brought up to date first. Raises NewerStore, StoreFull, StoreError."""
    with _spoken(str(path)):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _disk_error(error, str(path.parent)) from error
        engine = sqlite.engine_of(path, synchronous)
        bring_up(engine, path)
    return Database(engine, str(path))


@contextlib.contextmanager
def _spoken(place: str) -> Generator[None]:
    try:
        yield
    except DBAPIError as error:
        raise _spoken_error(error, place) from error


def _spoken_error(error: DBAPIError, place: str) -> StoreError:
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


def _disk_error(error: OSError, place: str) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"The disk with {place} is full.", "Free some space; nothing was changed.")
    return StoreError(f"The folder {place} cannot be made: {error.strerror}.", "Set NOVA_HOME to a folder you own.")
