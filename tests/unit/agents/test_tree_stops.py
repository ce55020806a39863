"""Wishes to stop, signs of life and cut-off trees are rows that read the same on a file and on a server."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from tests.support.postgres_server import running_postgres

from nova.core.events import RunStarted, StopAsked, TextContent
from nova.core.ids import new_id
from nova.core.labels import Label, Scope
from nova.core.runs import Run, RunState
from nova.store import conversations, runs, signs, stops
from nova.store.database import Database, open_database, open_database_at
from nova.store.record import Record

SCOPE = Scope.of("home")
BEGAN = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module", params=["file", "server"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Database]:
    if request.param == "file":
        opened = open_database(Path(tmp_path_factory.mktemp("stops")) / "nova.db")
        yield opened
        opened.close()
        return
    with running_postgres() as given:
        with psycopg.connect(given.format("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE nova")
        opened = open_database_at(given.format("nova"))
        yield opened
        opened.close()


def a_record(database: Database, clock: list[datetime]) -> Record:
    """A run that has begun, alone in its conversation."""
    run = Run(
        id=new_id("r"), conversation=new_id("c"), request="?", principal="owner", scope="home",
        state=RunState.RUNNING, label=Label(scopes=frozenset({"home"})), started_at=BEGAN, last_at=BEGAN,
    )  # fmt: skip
    with database.write() as connection:
        conversations.start(connection, SCOPE, run.conversation, BEGAN, project="", title="tests")
    record = Record(database, SCOPE, run, now=lambda: clock[0])
    record.begin(RunStarted(request="?", principal="owner"))
    return record


def below(record: Record) -> Record:
    """A run that this one has passed work on to."""
    child = record.below(replace(record.run, id=new_id("r"), parent=record.run.id))
    child.begin(RunStarted(request="?", principal="owner", parent=record.run.id))
    return child


def test_a_wish_is_that_of_one_run(database: Database) -> None:
    """The first wish counts, for its own run and no other, and is gone when it is settled."""
    first, second = a_record(database, [BEGAN]), a_record(database, [BEGAN])
    with database.write() as connection:
        for why in ("enough", "really"):
            stops.ask(connection, SCOPE, first.run.id, by="owner", why=why, at=BEGAN)
    with database.read() as connection:
        assert stops.asked(connection, SCOPE, first.run.id) == StopAsked(by="owner", why="enough")
        assert stops.asked(connection, SCOPE, second.run.id) is None
        assert stops.asked(connection, Scope.of("shop"), first.run.id) is None
    with database.write() as connection:
        stops.settle(connection, SCOPE, first.run.id, BEGAN)
    with database.read() as connection:
        assert stops.asked(connection, SCOPE, first.run.id) is None


def test_the_newest_event_of_the_tree_is_its_sign_of_life(database: Database) -> None:
    """A run that waits lives as long as something below it says something, at any depth."""
    clock = [BEGAN]
    top = a_record(database, clock)
    deep = below(below(top))
    clock[0] = BEGAN + timedelta(minutes=5)
    deep.append(TextContent(message="t", delta="a word"))
    with database.read() as connection:
        assert signs.last_sign(connection, SCOPE, top.run.id) == clock[0]
        assert signs.last_sign(connection, SCOPE, "rnobody") is None
        assert signs.last_sign(connection, Scope.of("shop"), top.run.id) is None


def test_a_cut_off_tree_is_ended_whole(database: Database) -> None:
    """Everything that stands as running below a run that was cut off is ended; what had ended stays as it was."""
    top = a_record(database, [BEGAN])
    first, second = below(top), below(top)
    second.save(replace(second.run, state=RunState.DONE))
    deep = below(first)
    with database.write() as connection:
        assert runs.interrupt(connection, SCOPE, top.run.id, BEGAN)
        assert not runs.interrupt(connection, SCOPE, top.run.id, BEGAN)
    with database.read() as connection:
        states = [runs.beginning_with(connection, SCOPE, one.run.id)[0].state for one in (top, first, second, deep)]
    assert states == [RunState.FAILED, RunState.FAILED, RunState.DONE, RunState.FAILED]
