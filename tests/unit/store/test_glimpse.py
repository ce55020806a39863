"""The look at a database from outside: it counts, it judges, it keeps the wall, it never writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nova.core.labels import Label, Scope
from nova.core.runs import Run, RunState
from nova.store import conversations, glimpse, runs
from nova.store.database import open_database
from nova.store.migrate import HEAD

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with three runs of airep, the second a part of the first, and one of blog."""
    place = tmp_path / "data" / "nova.db"
    database = open_database(place)
    for number, (identity, scope, parent) in enumerate(
        [("ra", "airep", ""), ("rb", "airep", "ra"), ("rc", "airep", ""), ("rd", "blog", "")]
    ):
        at = AT + timedelta(minutes=number)
        run = Run(
            id=identity,
            conversation=f"c-{identity}",
            request=f"Question {identity}?",
            principal="owner",
            scope=scope,
            label=Label(scopes=frozenset({scope})),
            state=RunState.DONE,
            started_at=at,
            last_at=at,
            parent=parent,
        )
        with database.write() as connection:
            conversations.start(connection, Scope.of(scope), run.conversation, at, project=scope, title="x")
            runs.begin(connection, Scope.of(scope), run)
    database.close()
    return place


def test_a_whole_database_is_told_with_version_and_runs(file: Path) -> None:
    """Version and number of runs are seen without opening the database for writing."""
    assert glimpse.look(file) == glimpse.Glimpse(version=HEAD, runs=4)


def test_the_newest_runs_come_first_and_only_from_the_scopes_asked_for(file: Path) -> None:
    """Parts of other runs are left out, and so is every scope that was not asked for."""
    assert glimpse.newest_runs(file, Scope.of("airep"), 10) == [("rc", "Question rc?"), ("ra", "Question ra?")]
    assert glimpse.newest_runs(file, Scope.owner(["airep", "blog"]), 1) == [("rd", "Question rd?")]


def test_the_newest_conversations_come_first_and_only_from_the_scopes_asked_for(file: Path) -> None:
    """Completion is told names and titles of the scopes it asks for, and of no other."""
    database = open_database(file)
    with database.write() as connection:
        [newest] = conversations.latest(connection, Scope.of("airep"), 1)
        conversations.rename(connection, Scope.of("airep"), newest.id, "invoices")
    database.close()
    assert glimpse.newest_conversations(file, Scope.of("airep"), 1) == [(newest.id, "invoices", "x")]
    every = glimpse.newest_conversations(file, Scope.of("blog"), 10)
    assert newest.id not in {one for one, _, _ in every}
    assert glimpse.newest_conversations(file.with_name("none.db"), Scope.of("blog"), 10) == []


def test_looking_makes_no_file(tmp_path: Path) -> None:
    """A database that is not there is a problem in words, and is not made by the look."""
    assert glimpse.look(tmp_path / "nova.db").problem
    assert glimpse.newest_runs(tmp_path / "nova.db", Scope.of("airep"), 10) == []
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_page_is_found(file: Path) -> None:
    """Damage inside the file, not only in its first bytes, is told."""
    data = bytearray(file.read_bytes())
    data[4096 : len(data)] = b"\xa5" * (len(data) - 4096)
    file.write_bytes(bytes(data))
    assert glimpse.look(file).problem


def test_a_path_with_odd_signs_is_looked_at_all_the_same(file: Path) -> None:
    """A question mark, a percent sign or a # in the path does not lead the look astray."""
    odd = file.parent / "50% of #1? yes"
    odd.mkdir()
    (odd / "nova.db").write_bytes(file.read_bytes())
    assert glimpse.look(odd / "nova.db").runs == 4
