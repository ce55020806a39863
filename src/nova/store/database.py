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
from sqlalchemy.exc import DBAPIError

from nova.core.errors import BadInput, StoreError, StoreFull
from nova.store import postgres, sqlite
from nova.store.migrate import bring_up

__all__ = ["Connection", "Database", "open_database", "open_database_at"]  # no other floor imports SQLAlchemy


@dataclass(frozen=True, slots=True)
class Database:
    """The store of one home. Close it when done. place: its file or its address, as it may be shown."""

    engine: Engine
    place: str

    @contextlib.contextmanager
    def write(self) -> Generator[Connection]:
        """One transaction that is all there afterwards, or not at all. Raises StoreFull, StoreError."""
        with _spoken(self.engine, self.place), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def read(self) -> Generator[Connection]:
        """One consistent view. Raises StoreError."""
        with _spoken(self.engine, self.place), self.engine.connect().execution_options(reads=True) as connection:
            yield connection

    def empty_log(self) -> bool:
        """Writes back and clears what the database keeps of rows that were changed or taken out.

        False: another process reads just now, and it has to be done again. Raises StoreError.
        """
        with _spoken(self.engine, self.place):
            leaf = postgres if self.engine.dialect.name == "postgresql" else sqlite
            return leaf.empty_log(self.engine)

    def copy_to(self, target: Path) -> int:
        """A whole copy beside it while others go on writing; its size in bytes. Raises StoreError, BadInput."""
        if self.engine.dialect.name != "sqlite":
            raise BadInput("This home's database is not a file.", "Copy it with your database's own tool: pg_dump")
        unfinished = target.with_name(target.name + ".making")
        try:
            with _spoken(self.engine, self.place):
                sqlite.copy(self.engine, unfinished)
            unfinished.rename(target)
        except OSError as error:
            raise _disk_error(error, str(target.parent)) from error
        finally:
            unfinished.unlink(missing_ok=True)
        return target.stat().st_size

    def close(self) -> None:
        """Gives the file back."""
        self.engine.dispose()


def open_database(path: Path, synchronous: str = "normal") -> Database:
    """The database at `path`, made or brought up to date first. Raises NewerStore, StoreFull, StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _disk_error(error, str(path.parent)) from error
    return _opened(sqlite.engine_of(path, synchronous), str(path))


def open_database_at(address: str) -> Database:
    """The database at `postgresql://...`, brought up to date first. Raises NewerStore, NotReady, StoreError.

    No message repeats the address: there may be a password in it.
    """
    url = postgres.address_of(address)
    return _opened(postgres.engine_of(url), postgres.place_of(url))


def _opened(engine: Engine, place: str) -> Database:
    try:
        with _spoken(engine, place):
            bring_up(engine, place)
    except BaseException:
        engine.dispose()
        raise
    return Database(engine, place)


@contextlib.contextmanager
def _spoken(engine: Engine, place: str) -> Generator[None]:
    try:
        yield
    except DBAPIError as error:
        leaf = postgres if engine.dialect.name == "postgresql" else sqlite
        raise leaf.spoken_error(error, place) from error


def _disk_error(error: OSError, place: str) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"The disk with {place} is full.", "Free some space; nothing was changed.")
    return StoreError(f"The folder {place} cannot be made: {error.strerror}.", "Set NOVA_HOME to a folder you own.")
