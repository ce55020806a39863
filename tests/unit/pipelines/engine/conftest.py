"""One contract, two databases: each test of the engine here runs on a SQLite file and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.support.grounds import ground_at, make, place_of
from tests.support.places import POSTGRESQL, SQLITE, opened
from tests.support.postgres_server import running_postgres

from nova.pipelines.engine import Client, Ground
from nova.store.database import Database

_names = (f"engine{number}" for number in itertools.count(1))
_TEMPLATE = "made"


@pytest.fixture(scope="session")
def server() -> Generator[str]:
    """The address of a server with a place for the name of a database; one of them is made and is copied for tests."""
    with running_postgres() as address:
        _execute(address, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
        make(address.format(_TEMPLATE))
        yield address


@pytest.fixture(scope="session")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables; tests get copies of it."""
    file = tmp_path_factory.mktemp("made") / "nova.db"
    make(str(file))
    return file


@pytest.fixture
def sqlite_ground(made_file: Path, tmp_path: Path) -> Ground:
    """A file of this test's own."""
    return ground_at(str(shutil.copyfile(made_file, tmp_path / "nova.db")))


@pytest.fixture
def postgres_ground(server: str) -> Generator[Ground]:
    """A database of this test's own."""
    name = next(_names)
    made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    _execute(server, made.format(sql.Identifier(name), sql.Identifier(_TEMPLATE)))
    yield ground_at(server.format(name))
    _execute(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def ground(request: pytest.FixtureRequest) -> Ground:
    """Where an engine can be launched, with nothing queued."""
    chosen: Ground = request.getfixturevalue("sqlite_ground" if request.param == SQLITE else "postgres_ground")
    return chosen


@pytest.fixture
def database(ground: Ground) -> Generator[Database]:
    """The store on that ground."""
    store = opened(place_of(ground))
    yield store
    store.close()


@pytest.fixture
def client(ground: Ground) -> Generator[Client]:
    """One that only queues and looks, as a command does."""
    client = Client.open(ground)
    yield client
    client.close()


def _execute(address: str, statement: sql.SQL | sql.Composed) -> None:
    with psycopg.connect(address.format("postgres"), autocommit=True) as connection:
        connection.execute(statement)
