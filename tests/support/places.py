"""Where a store of the contract lies: a SQLite file, or a database of a PostgreSQL that the tests started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nova.store.database import Database, open_database, open_database_at

SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One store. address: a path, or postgresql://...; files: where its bytes lie on the disk."""

    engine: str
    address: str
    files: Path

    def open(self) -> Database:
        """Another handle on the same store; close it."""
        return opened(self.address)


def opened(address: str) -> Database:
    """The store at a path or an address; for tests' child processes too."""
    return open_database_at(address) if "://" in address else open_database(Path(address))
