"""The store: what is written is there, once, in order, behind its wall."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect

from nova.core.errors import NewerStore, StoreError, StoreFull
from nova.core.events import Event, ModelCalled, RunStarted, TextContent
from nova.core.labels import Label, Scope
from nova.core.outcomes import Done, Failed, NeedsInput, Stopped
from nova.core.runs import Run, RunState
from nova.store import conversations, events, ledger, migrate, runs, texts
from nova.store.database import Database, open_database
from nova.store.record import Record
from nova.store.tables import METADATA
from nova.store.textindex import TextIndex

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
AIREP, BLOG = Scope.of("airep"), Scope.of("blog")


@pytest.fixture
def database(tmp_path: Path):
    opened = open_database(tmp_path / "nova.db")
    yield opened
    opened.close()


def a_run(identity: str = "r1", scope: str = "airep") -> Run:
    return Run(
        id=identity,
        conversation=f"c-{scope}",
        request="Which fields?",
        principal="owner",
        scope=scope,
        label=Label(scopes=frozenset({scope})),
        state=RunState.RUNNING,
        started_at=AT,
        last_at=AT,
    )


def a_record(database: Database, run: Run, heard: list[Event] | None = None) -> Record:
    scope = Scope.of(run.scope)
    with database.write() as connection:
        conversations.start(connection, scope, run.conversation, AT, project=run.scope, title="x")
    listener: list[Event] = heard if heard is not None else []
    return Record(database, scope, run, now=lambda: AT, heard=listener.append)


def test_events_are_on_disk_before_they_are_heard(database: Database) -> None:
    """Whoever hears an event can already read it from the record."""
    seen: list[int] = []

    def heard(event: Event) -> None:
        with database.read() as connection:
            seen.append(len(events.of_run(connection, AIREP, event.run, after=event.number - 1)))

    record = a_record(database, a_run())
    record = Record(database, AIREP, record.run, now=lambda: AT, heard=heard)
    record.begin(RunStarted(request="Which fields?", principal="owner"))
    record.append(TextContent(message="t", delta="a"), TextContent(message="t", delta="b"))
    assert seen == [1, 2, 1]


def test_events_are_numbered_without_gaps(database: Database) -> None:
    """Numbers run from 1 in the order of what happened."""
    heard: list[Event] = []
    record = a_record(database, a_run(), heard)
    record.begin(RunStarted(request="x", principal="owner"))
    for word in "abc":
        record.append(TextContent(message="t", delta=word))
    assert [event.number for event in heard] == [1, 2, 3, 4]
    with database.read() as connection:
        assert events.of_run(connection, AIREP, "r1") == heard


@pytest.mark.parametrize("statement", ["UPDATE events SET data = '{}'", "DELETE FROM events"])
def test_events_cannot_be_changed(database: Database, statement: str) -> None:
    """The database itself refuses to change or delete an event."""
    a_record(database, a_run()).begin(RunStarted(request="x", principal="owner"))
    with pytest.raises(StoreError, match="append-only"), database.write() as connection:
        connection.exec_driver_sql(statement)


def test_another_scope_sees_nothing(database: Database) -> None:
    """What was written under one scope is not there for another: runs, events, conversations, the ledger."""
    record = a_record(database, a_run())
    record.begin(RunStarted(request="x", principal="owner"))
    call = ModelCalled(model="m", purpose="answer", input_tokens=1, output_tokens=1, cost_usd=None, seconds=0.1)
    record.append(call)
    with database.read() as connection:
        assert runs.latest(connection, BLOG) == []
        assert runs.beginning_with(connection, BLOG, "r") == []
        assert events.of_run(connection, BLOG, "r1") == []
        assert conversations.latest(connection, BLOG) == []
        assert ledger.calls_since(connection, BLOG, AT) == 0
        assert ledger.calls_since(connection, AIREP, AT) == 1


def test_a_run_cannot_be_written_under_another_scope(database: Database) -> None:
    """A run of one project is refused by the wall of another."""
    record = a_record(database, a_run())
    with pytest.raises(ValueError, match="belongs to airep"), database.write() as connection:
        runs.begin(connection, BLOG, record.run)


@pytest.mark.parametrize(
    "outcome",
    [
        Done(text="yes", verified=True),
        Failed(error="Denied", what="no"),
        NeedsInput(question="which?", options=("a", "b")),
        Stopped(reason="seconds", evidence="120 seconds"),
    ],
)
def test_every_outcome_comes_back_as_it_was(database: Database, outcome: Done | Failed | NeedsInput | Stopped) -> None:
    """An outcome read from the record equals the one that was written."""
    record = a_record(database, a_run())
    record.begin()
    record.save(replace(record.run, outcome=outcome, state=RunState.DONE, ended_at=AT))
    with database.read() as connection:
        assert runs.latest(connection, AIREP)[0] == record.run


def test_the_tables_and_the_migrations_agree(database: Database) -> None:
    """A database made by the migrations has exactly the tables, columns and indexes that tables.py declares."""
    found = inspect(database.engine)
    indexed = tuple(index.value for index in TextIndex)
    declared = {name for name in found.get_table_names() if not name.startswith(indexed)}
    assert declared - {"alembic_version"} == set(METADATA.tables)
    for table in METADATA.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}, table.name
        assert {index["name"] for index in found.get_indexes(table.name)} == {index.name for index in table.indexes}


def test_every_table_with_text_has_scope_and_label() -> None:
    """No table can hold text without saying whose it is and whether it may be believed."""
    for table in METADATA.sorted_tables:
        if table.name != "generations":  # numbers only
            assert {"scope", "label"} <= set(table.columns.keys()), table.name


def test_the_newest_migration_is_the_known_head() -> None:
    """migrate.HEAD and the files in versions/ name the same versions."""
    folder = Path(migrate.__file__).parent / "migrations" / "versions"
    files = sorted(file.name[1:5] for file in folder.glob("v*.py"))
    assert tuple(files) == migrate.VERSIONS
    assert files[-1] == migrate.HEAD


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    """A database of a newer Nova is refused with a sentence, and not a byte of it changes."""
    file = tmp_path / "nova.db"
    open_database(file).close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(NewerStore, match="newer Nova"):
        open_database(file)
    assert file.read_bytes() == before


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """Garbage where the database should be is a sentence with the path, not a traceback."""
    file = tmp_path / "nova.db"
    file.write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(StoreError, match="not a readable database"):
        open_database(file)


def test_a_full_disk_loses_nothing(database: Database) -> None:
    """When the database can grow no more, the write fails aloud and everything before it is still there."""
    record = a_record(database, a_run())
    record.begin(RunStarted(request="x", principal="owner"))

    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        connection.rollback()
    with pytest.raises(StoreFull, match="full"):
        record.append(*[TextContent(message="t", delta="x" * 4000)] * 200)
    with database.read() as connection:
        kept = events.of_run(connection, AIREP, "r1")
    assert [event.number for event in kept] == list(range(1, len(kept) + 1))
    assert kept[0].happening == RunStarted(request="x", principal="owner")


def test_an_agent_file_is_kept_once(database: Database) -> None:
    """The version of an agent file that a run used can be read later, and is stored once however often it is used."""
    with database.write() as connection:
        for _ in range(3):
            texts.keep(connection, AIREP, "abc", AT, kind="agent", name="x", body="the file")
    with database.read() as connection:
        assert texts.body_of(connection, BLOG, "abc") == "the file"
        assert connection.exec_driver_sql("SELECT count(*) FROM texts").scalar_one() == 1


_MIGRATE = """
import sys, time
from pathlib import Path
from nova.store import migrate
real = migrate.upgrade
def slow(connection, version):
    real(connection, version)
    print("migrated, not committed", flush=True)
    time.sleep(60)
migrate.upgrade = slow
from nova.store.database import open_database
open_database(Path(sys.argv[1]))
"""


def test_a_kill_during_a_migration_leaves_the_old_shape(tmp_path: Path) -> None:
    """kill -9 after the last statement of a migration but before its commit: the file is as before, and opens."""
    file = tmp_path / "nova.db"
    with subprocess.Popen([sys.executable, "-c", _MIGRATE, str(file)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "not committed" in process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()
    opened = open_database(file)
    with opened.read() as connection:
        assert migrate.version_of(connection) == migrate.HEAD
    opened.close()


def test_two_processes_make_one_database(tmp_path: Path) -> None:
    """Two starts at the same moment on a new home: both come up, on one and the same shape."""
    code = "import sys, pathlib, nova.store.database as store; store.open_database(pathlib.Path(sys.argv[1]))"
    started = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "nova.db")]) for _ in range(4)]
    until = time.monotonic() + 60
    assert [process.wait(timeout=max(1, until - time.monotonic())) for process in started] == [0, 0, 0, 0]
