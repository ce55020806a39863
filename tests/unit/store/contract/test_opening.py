"""Opening a store: made, brought up, left alone when it is newer; two at once; errors in words, without a password."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from tests.house.tree import ROOT
from tests.support.places import POSTGRESQL, Place

from nova.core.errors import NewerStore, StoreError
from nova.core.labels import Scope
from nova.store import generations, migrate, postgres, sqlite
from nova.store.database import Database
from nova.store.tables import METADATA
from nova.store.textindex import TextIndex

AIREP = Scope.of("airep")


@pytest.mark.filterwarnings("ignore:Did not recognize type 'halfvec'")  # how pgvector's columns look to SQLAlchemy
def test_the_tables_and_the_migrations_agree(database: Database) -> None:
    """A database made by the migrations has exactly the tables, columns, keys and indexes that tables.py declares."""
    found = inspect(database.engine)
    ours = {name for name in found.get_table_names() if not name.startswith(tuple(TextIndex))}
    assert ours - {"alembic_version"} == set(METADATA.tables)
    for table in METADATA.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}, table.name
        indexes = {index["name"] for index in found.get_indexes(table.name) if not index["unique"]}
        assert indexes == {index.name for index in table.indexes}, table.name
        assert found.get_pk_constraint(table.name)["constrained_columns"] == [one.name for one in table.primary_key]
        referred = {key["referred_table"] for key in found.get_foreign_keys(table.name)}
        assert referred == {key.column.table.name for key in table.foreign_keys}, table.name


def test_a_store_is_made_where_none_is(empty_place: Place) -> None:
    """The first opening makes the tables; the second finds them and changes nothing."""
    for _ in range(2):
        database = empty_place.open()
        with database.read() as connection:
            assert migrate.version_of(connection) == migrate.HEAD
            assert connection.exec_driver_sql("SELECT count(*) FROM episodes").scalar_one() == 0
        database.close()


@pytest.mark.parametrize("version", migrate.VERSIONS[:-1])
def test_an_older_store_is_brought_up_with_what_is_in_it(empty_place: Place, version: str) -> None:
    """A database of each older version becomes one of this version, and what it holds stays."""
    engine = _bare_engine(empty_place)
    with engine.begin() as connection:
        (postgres if empty_place.engine == POSTGRESQL else sqlite).prepare(connection)
        migrate.upgrade(connection, version)
        connection.execute(
            text(
                "INSERT INTO conversations (id, scope, label, project, title, started_at, last_at) "
                "VALUES ('c1', 'airep', 'trusted airep', 'airep', 'Fields', '2026-11-20', '2026-11-20')"
            )
        )
    engine.dispose()
    database = empty_place.open()
    with database.read() as connection:
        assert migrate.version_of(connection) == migrate.HEAD
        assert connection.exec_driver_sql("SELECT title, name FROM conversations").one() == ("Fields", "")
    database.close()


def _bare_engine(place: Place) -> Engine:
    if place.engine == POSTGRESQL:
        return postgres.engine_of(postgres.address_of(place.address))
    return sqlite.engine_of(Path(place.address))


def test_a_newer_store_is_left_alone(place: Place) -> None:
    """A database of a newer Nova is refused with a sentence, and nothing in it changes."""
    database = place.open()
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerStore, match="newer Nova"):
        place.open()
    with database.read() as connection:
        assert migrate.version_of(connection) == "9999"
    database.close()


_MIGRATE = """
import sys, time
from nova.store import migrate
real = migrate.upgrade
def slow(connection, version):
    real(connection, version)
    print("migrated, not committed", flush=True)
    time.sleep(60)
migrate.upgrade = slow
from tests.support.places import opened
opened(sys.argv[1])
"""


def test_a_kill_during_a_migration_leaves_the_old_shape(empty_place: Place) -> None:
    """kill -9 after the last statement of a migration but before its commit: nothing is there, and it opens."""
    command = [sys.executable, "-c", _MIGRATE, empty_place.address]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "not committed" in process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    engine = _bare_engine(empty_place)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    database = empty_place.open()
    with database.read() as connection:
        assert migrate.version_of(connection) == migrate.HEAD
    database.close()


def test_processes_that_start_together_make_one_store(empty_place: Place) -> None:
    """Three starts at the same moment on a new home: all come up, on one and the same shape."""
    code = "import sys; from tests.support.places import opened; opened(sys.argv[1]).close()"
    started = [subprocess.Popen([sys.executable, "-c", code, empty_place.address], cwd=ROOT) for _ in range(3)]
    until = time.monotonic() + 60
    assert [process.wait(timeout=max(1, until - time.monotonic())) for process in started] == [0, 0, 0]


def test_two_writers_wait_for_each_other(place: Place) -> None:
    """Two handles that change the same row at once: both changes count, none is lost."""
    handles = [place.open() for _ in range(2)]

    def steps(database: Database) -> None:
        for _ in range(20):
            with database.write() as connection:
                generations.step(connection, AIREP)

    threads = [threading.Thread(target=steps, args=(database,)) for database in handles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with handles[0].read() as connection:
        assert generations.of(connection, AIREP) == {"airep": 40}
    for database in handles:
        database.close()


def test_a_writer_that_waits_too_long_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that finds another at work gives up after a while, in words, and nothing is lost."""
    monkeypatch.setattr(postgres, "BUSY_TIMEOUT_MS", 200)
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 200)
    first, second = place.open(), place.open()
    with first.write() as connection:
        generations.step(connection, AIREP)
        with pytest.raises(StoreError, match="in use by another process"), second.write() as waiting:
            generations.step(waiting, AIREP)
    with second.read() as connection:
        assert generations.of(connection, AIREP) == {"airep": 1}
    first.close()
    second.close()
