"""Runs, events, conversations, the ledger and texts: what is written is there, once, in order, behind its wall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.places import Place

from nova.core.errors import StoreError
from nova.core.events import Event, ModelCalled, RunStarted, TextContent
from nova.core.labels import Label, Scope
from nova.core.outcomes import Done, Failed, NeedsInput, Stopped
from nova.core.runs import Run, RunState
from nova.store import conversations, events, ledger, runs, texts
from nova.store.database import Database
from nova.store.record import Record

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
AIREP, BLOG = Scope.of("airep"), Scope.of("blog")
CALL = ModelCalled(model="m", purpose="answer", input_tokens=1, output_tokens=1, cost_usd=None, seconds=0.1)


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


def a_record(database: Database, run: Run, heard: Callable[[Event], None] = lambda _event: None) -> Record:
    scope = Scope.of(run.scope)
    with database.write() as connection:
        if not conversations.beginning_with(connection, scope, run.conversation):
            conversations.start(connection, scope, run.conversation, AT, project=run.scope, title="x")
    return Record(database, scope, run, now=lambda: AT, heard=heard)


def test_events_are_on_disk_before_they_are_heard(database: Database) -> None:
    """Whoever hears an event can already read it from the record."""
    seen: list[int] = []

    def heard(event: Event) -> None:
        with database.read() as connection:
            seen.append(len(events.of_run(connection, AIREP, event.run, after=event.number - 1)))

    record = a_record(database, a_run(), heard)
    record.begin(RunStarted(request="Which fields?", principal="owner"))
    record.append(TextContent(message="t", delta="a"), TextContent(message="t", delta="b"))
    assert seen == [1, 2, 1]


def test_events_are_numbered_without_gaps(database: Database) -> None:
    """Numbers run from 1 in the order of what happened."""
    heard: list[Event] = []
    record = a_record(database, a_run(), heard.append)
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


@pytest.mark.parametrize("statement", ["UPDATE events SET data = '{}'", "DELETE FROM events"])
def test_events_can_be_changed_while_an_erasure_is_open(database: Database, statement: str) -> None:
    """What the owner has forgotten may be taken out of the record, and only until that is done."""
    a_record(database, a_run()).begin(RunStarted(request="x", principal="owner"))
    open_one = "INSERT INTO erasures (id, scope, label, at, state) VALUES ('x1', 'airep', 'trusted airep', '', 'open')"
    with database.write() as connection:
        connection.exec_driver_sql(open_one)
        assert connection.exec_driver_sql(statement).rowcount == 1
        connection.exec_driver_sql("DELETE FROM erasures")
    a_record(database, a_run("r2")).begin(RunStarted(request="x", principal="owner"))
    with pytest.raises(StoreError, match="append-only"), database.write() as connection:
        connection.exec_driver_sql(statement)


def test_another_scope_sees_nothing(database: Database) -> None:
    """What was written under one scope is not there for another: runs, events, conversations, the ledger."""
    record = a_record(database, a_run())
    record.begin(RunStarted(request="x", principal="owner"))
    record.append(CALL)
    with database.read() as connection:
        assert runs.latest(connection, BLOG) == []
        assert runs.beginning_with(connection, BLOG, "r") == []
        assert runs.of_conversation(connection, BLOG, "c-airep") == []
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


def test_an_agent_file_is_kept_once(database: Database) -> None:
    """The version of an agent file that a run used can be read later, and is stored once however often it is used."""
    with database.write() as connection:
        for _ in range(3):
            texts.keep(connection, AIREP, "abc", AT, kind="agent", name="x", body="the file")
    with database.read() as connection:
        assert texts.body_of(connection, BLOG, "abc") == "the file"
        assert connection.exec_driver_sql("SELECT count(*) FROM texts").scalar_one() == 1


def test_runs_come_newest_first_whatever_the_time_zone(database: Database) -> None:
    """Times are text in the database, and their order is the order of time."""
    for number, at in enumerate(
        [AT, AT + timedelta(microseconds=1), AT - timedelta(hours=10), AT + timedelta(days=40)]
    ):
        a_record(database, replace(a_run(f"r{number}"), started_at=at, last_at=at)).begin()
    with database.read() as connection:
        assert [run.id for run in runs.latest(connection, AIREP)] == ["r3", "r1", "r0", "r2"]
        assert [run.id for run in runs.latest(connection, AIREP, 2)] == ["r3", "r1"]


def test_a_prefix_finds_its_runs_and_no_pattern(database: Database) -> None:
    """The beginning of an id is taken as it is typed: % and _ stand for themselves."""
    for identity in ("ra1", "ra2", "rb1"):
        a_record(database, a_run(identity)).begin()
    with database.read() as connection:
        assert [run.id for run in runs.beginning_with(connection, AIREP, "rb")] == ["rb1"]
        assert len(runs.beginning_with(connection, AIREP, "ra")) == 2
        assert runs.beginning_with(connection, AIREP, "%1") == []
        assert runs.beginning_with(connection, AIREP, "_a1") == []


ODD = [
    "Größe, 東京, \N{PILE OF POO}, 'quoted', \"double\", back\\slash, %s, :name, {x}",
    "x" * 300_000,
    "  ",
    "\n\t\r\n",
]


@pytest.mark.parametrize("text", ODD, ids=["signs", "long", "blanks", "lines"])
def test_odd_text_comes_back_as_it_was(database: Database, text: str) -> None:
    """Whatever a person types is stored, sign for sign."""
    record = a_record(database, replace(a_run(), request=text))
    record.begin(RunStarted(request=text, principal="owner"))
    with database.read() as connection:
        assert runs.latest(connection, AIREP)[0].request == text
        assert events.of_run(connection, AIREP, "r1")[0].happening == RunStarted(request=text, principal="owner")


def test_the_one_sign_that_not_every_database_holds_ends_no_run(database: Database, place: Place) -> None:
    """NUL in a text is stored by SQLite as it is; PostgreSQL cannot hold it, and U+FFFD stands in its place."""
    a_record(database, replace(a_run(), request="a\0b")).begin(RunStarted(request="a\0b", principal="owner"))
    with database.read() as connection:
        stored = runs.latest(connection, AIREP)[0].request
        assert events.of_run(connection, AIREP, "r1")[0].happening == RunStarted(request="a\0b", principal="owner")
    assert stored == ("a\0b" if place.engine == "sqlite" else "a\N{REPLACEMENT CHARACTER}b")


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    """What was written before an error in the same transaction is not there afterwards."""
    record = a_record(database, a_run())

    def fails() -> None:
        with database.write() as connection:
            runs.begin(connection, AIREP, record.run)
            raise RuntimeError("the plug was pulled")

    with pytest.raises(RuntimeError, match="pulled"):
        fails()
    with database.read() as connection:
        assert runs.latest(connection, AIREP) == []


def test_a_reader_sees_one_moment(database: Database, place: Place) -> None:
    """What is written while a reader is at work does not appear half way through it."""
    a_record(database, a_run()).begin()
    other = place.open()
    with database.read() as connection:
        assert len(runs.latest(connection, AIREP)) == 1
        a_record(other, a_run("r2")).begin()
        assert len(runs.latest(connection, AIREP)) == 1
    with database.read() as connection:
        assert len(runs.latest(connection, AIREP)) == 2
    other.close()


def test_a_reader_cannot_write(database: Database, place: Place) -> None:
    """PostgreSQL refuses a write where only reading was asked for; SQLite forgets it, for nobody commits."""
    record = a_record(database, a_run())
    if place.engine == "postgresql":
        with pytest.raises(StoreError, match="read-only"), database.read() as connection:
            runs.begin(connection, AIREP, record.run)
    else:
        with database.read() as connection:
            runs.begin(connection, AIREP, record.run)
    with database.read() as connection:
        assert runs.latest(connection, AIREP) == []


def test_a_write_to_a_broken_reference_is_told_without_what_was_written(database: Database) -> None:
    """A run of a conversation that does not exist is refused, and the message repeats nothing of the run."""
    with pytest.raises(StoreError, match="refused") as told, database.write() as connection:
        runs.begin(connection, AIREP, replace(a_run(), request="my secret request"))
    assert "secret" not in str(told.value)
