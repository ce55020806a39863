"""One contract, two engines: each test here runs on a SQLite file and on a real PostgreSQL with pgvector."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.support.places import POSTGRESQL, SQLITE, Place, opened
from tests.support.postgres_server import running_postgres

from nova.store.database import Database
from nova.store.migrate import HEAD
from nova.store.tables import METADATA
from nova.store.textindex import TextIndex

_names = (f"store{number}" for number in itertools.count(1))


@dataclass(frozen=True, slots=True)
class Server:
    """The PostgreSQL of this test run. address: with a place for the name of a database; files: its data.

    clean: migrated databases that are empty and nobody's; making one costs twenty times as much as emptying it.
    """

    address: str
    files: Path
    clean: list[str] = field(default_factory=list[str])

    def execute(self, statement: sql.SQL | sql.Composed) -> None:
        """A statement that cannot be in a transaction."""
        with psycopg.connect(self.address.format("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def make(self, template: str) -> str:
        """A database as the template is; its name."""
        name = next(_names)
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop(self, name: str) -> None:
        """Takes a database away, whoever is still connected."""
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def place(self, name: str) -> Place:
        """A database as a test takes it."""
        return Place(engine=POSTGRESQL, address=self.address.format(name), files=self.files)

    def give_back(self, name: str) -> None:
        """Empties a database for the next test, or takes it away if this one has broken it."""
        try:
            with psycopg.connect(self.address.format(name)) as connection:
                connection.execute("SET session_replication_role = replica")  # no trigger, no order of tables
                connection.execute("SET lock_timeout = 2000")
                for table in (*METADATA.tables, *TextIndex):
                    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except psycopg.Error:
            found = None
        if found == (HEAD,):
            self.clean.append(name)
        else:
            self.drop(name)


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
    name = server.make("template0")
    yield server.place(name)
    server.drop(name)


@pytest.fixture
def server_place(server: Server) -> Generator[Place]:
    """A database on the server with nothing in it."""
    name = server.make("template0")
    yield server.place(name)
    server.drop(name)


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Place]:
    """Where a store is, brought up to date and empty."""
    if request.param == SQLITE:
        shutil.copyfile(request.getfixturevalue("migrated_file"), tmp_path / "nova.db")
        yield Place(engine=SQLITE, address=str(tmp_path / "nova.db"), files=tmp_path)
        return
    server: Server = request.getfixturevalue("migrated_server")
    name = server.clean.pop() if server.clean else server.make("migrated")
    yield server.place(name)
    server.give_back(name)


@pytest.fixture
def database(place: Place) -> Generator[Database]:
    """The store, open."""
    store = place.open()
    yield store
    store.close()
