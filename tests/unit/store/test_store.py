"""What is SQLite's own: its file, its disk. What holds on every engine is in contract/."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nova.core.errors import NewerStore, StoreError, StoreFull
from nova.core.events import RunStarted, TextContent
from nova.core.labels import Label, Scope
from nova.core.runs import Run, RunState
from nova.store import conversations, events, migrate
from nova.store.database import Database, open_database
from nova.store.record import Record
from nova.store.tables import METADATA

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
AIREP = Scope.of("airep")


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


def a_record(database: Database, run: Run) -> Record:
    scope = Scope.of(run.scope)
    with database.write() as connection:
        conversations.start(connection, scope, run.conversation, AT, project=run.scope, title="x")
    return Record(database, scope, run, now=lambda: AT)


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
