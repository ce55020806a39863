"""One contract, two engines: each test here runs on a SQLite file and on a real PostgreSQL with pgvector."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.support.places import POSTGRESQL, SQLITE, Place, opened
from tests.support.postgres_server import running_postgres

from nova.store.database import Database

_names = (f"store{number}" for number in itertools.count(1))


@dataclass(frozen=True, slots=True)
class Server:
    """The PostgreSQL of this test run. address: with a place for the name of a database; files: its data."""

    address: str
    files: Path

    def execute(self, statement: sql.SQL | sql.Composed) -> None:
        """A statement that cannot be in a transaction."""
        with psycopg.connect(self.address.format("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    @contextlib.contextmanager
    def database(self, template: str) -> Generator[Place]:
        """A database of its own, from a template, for one test."""
        name = next(_names)
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self.execute(make.format(sql.Identifier(name), sql.Identifier(template)))
        yield Place(engine=POSTGRESQL, address=self.address.format(name), files=self.files)
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def server() -> Generator[Server]:
    """Started when the first test asks, and ended with the last."""
    with running_postgres() as address:
        yield Server(address, Path(address.partition("host=")[2]))


@pytest.fixture(scope="session")
def migrated_server(server: Server) -> Server:
    """With one database that is migrated; tests get copies of it."""
    server.execute(sql.SQL("CREATE DATABASE migrated"))
    opened(server.address.format("migrated")).close()
    return server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that is migrated; tests get copies of it."""
    file = tmp_path_factory.mktemp("migrated") / "nova.db"
    opened(str(file)).close()
    return file


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def empty_place(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Place]:
    """Where a store can be made."""
    if request.param == SQLITE:
        yield Place(engine=SQLITE, address=str(tmp_path / "nova.db"), files=tmp_path)
        return
    server: Server = request.getfixturevalue("server")
    with server.database("template0") as place:
        yield place


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Place]:
    """Where a store is, brought up to date and empty."""
    if request.param == SQLITE:
        shutil.copyfile(request.getfixturevalue("migrated_file"), tmp_path / "nova.db")
        yield Place(engine=SQLITE, address=str(tmp_path / "nova.db"), files=tmp_path)
        return
    server: Server = request.getfixturevalue("migrated_server")
    with server.database("migrated") as one:
        yield one


@pytest.fixture
def database(place: Place) -> Generator[Database]:
    """The store, open."""
    store = place.open()
    yield store
    store.close()
