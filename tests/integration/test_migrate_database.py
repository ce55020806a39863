"""A home moved to PostgreSQL: every row is there, waiting work goes on there, and a kill on the way loses nothing."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, text
from tests.integration.terminal import Terminal
from tests.support.killed import CANARY, a_run, begun, finish, memory_at, seed
from tests.support.postgres_server import running_postgres

from nova.app.house import Nova
from nova.app.moving import move, with_line
from nova.core.errors import BadInput, NotReady, StoreError
from nova.core.json import Json
from nova.core.labels import Scope
from nova.core.outcomes import Done
from nova.core.reviews import Answer
from nova.core.steps import WalkState
from nova.pipelines.engine import Client, Engine, ground_of
from nova.pipelines.lock import hold
from nova.settings.home import Home
from nova.settings.load import load_settings, parse_settings
from nova.store import cursors, erase, notes
from nova.store.indexes import leaf
from nova.store.moving import MARK, TABLES
from nova.store.textindex import TextIndex
from nova.testing.house import a_home, a_nova
from nova.testing.pipelines import Walked, answer_review, run_pipeline, waiting

ASKS_TWICE = """\
id: two-questions
version: 1
description: Asks twice, and gives back what was answered.
inputs: {words: {type: array, items: {type: string}, default: [hello]}}
outputs: {said: "${second.output.answer}"}
nodes:
  first: {review: "First?", show: {payload: "${inputs.words}"}, if_ignored: Nothing happens.}
  second: {review: "After ${first.output.answer}?", show: {payload: "${inputs.words}"}, if_ignored: Nothing happens.}
"""
BIG: list[Json] = ["a word that is said too often"] * 4_000


@pytest.fixture(scope="module")
def server() -> Generator[str]:
    """A real server for this file."""
    with running_postgres() as given:
        yield given


@pytest.fixture
def address(server: str, request: pytest.FixtureRequest) -> str:
    """An empty database of this test's own."""
    name = "t" + hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.format(name)


@contextmanager
def opened(home: Home) -> Generator[Nova]:
    """The Nova of a home, closed in the end."""
    nova = a_nova(home)
    try:
        yield nova
    finally:
        nova.close()


def a_full_home(folder: Path) -> Home:
    """A home with a project's notes and turns, their vectors, and events; and a pipeline that asks twice."""
    repository = folder / "airep"
    repository.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    home = a_home(folder / "home", projects={"airep": ("general", repository)})
    (home.root / "pipelines").mkdir()
    (home.root / "pipelines" / "two-questions.yaml").write_text(ASKS_TWICE, encoding="utf-8")
    with opened(home) as nova:
        seed(memory_at(nova.database))
        with nova.database.write() as connection:
            cursors.put(connection, Scope.of("home"), "odd", 'NUL \0 and "quotes" and ümläuts 🌊', nova.clock())
            last = connection.execute(text("SELECT id FROM episodes ORDER BY seq DESC LIMIT 1")).scalar_one()
            erase.delete_episodes(connection, Scope.of("airep"), {last})
    return home


async def some_runs(nova: Nova) -> dict[str, Walked]:
    """One run that ended, one that waits for its second answer, one that waits for its first."""
    ended = await run_pipeline(nova, "two-questions", {})
    ended = await answer_review(nova, ended, Answer.APPROVE)
    ended = await answer_review(nova, ended, Answer.REJECT, reason="No.")
    second = await run_pipeline(nova, "two-questions", {"words": BIG}, project="airep")
    second = await answer_review(nova, second, Answer.CHANGE, edit=["changed"])
    return {"ended": ended, "second": second, "first": await run_pipeline(nova, "two-questions", {})}


def quiet(_table: str, _done: int, _count: int) -> None:
    """Nobody watches."""


def dump(file: Path) -> str:
    """Every row of the file, as one number."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as raw:
        return hashlib.sha256("\n".join(raw.iterdump()).encode()).hexdigest()


def rows_of(nova: Nova) -> dict[str, list[tuple[object, ...]]]:
    """Everything the store holds, by table."""
    with nova.database.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr) for table in TABLES
        }


async def test_a_home_goes_on_where_it_was(tmp_path: Path, address: str) -> None:
    """Notes, turns, vectors, runs and numbers are the same; what waits for an answer ends there, no step done twice."""
    home = a_full_home(tmp_path)
    with opened(home) as nova:
        runs = await some_runs(nova)
        rows = rows_of(nova)
        before, words = dump(home.database), searched(nova)
        told: list[tuple[str, int, int]] = []

        def tell(table: str, done: int, count: int) -> None:
            told.append((table, done, count))

        done = move(nova, address, tell)
    assert dump(home.database) == before, "the file is as it was"
    assert ("events", len(rows["events"]), len(rows["events"])) in told
    assert done.moved.rows == {name: len(found) for name, found in rows.items()}
    assert done.reference == f"file:{home.data / 'database-address'}"
    assert (home.data / "database-address").stat().st_mode & 0o777 == 0o600

    with opened(home) as nova:
        assert nova.database.place == done.place
        found = rows_of(nova)
        found["cursors"] = [row for row in found["cursors"] if row[0] != MARK]
        odd = [tuple(str(value).replace("\0", "\N{REPLACEMENT CHARACTER}") for value in row) for row in rows["cursors"]]
        assert [tuple(map(str, row)) for row in found["cursors"]] == odd
        assert {**found, "cursors": []} == {**rows, "cursors": []}
        assert searched(nova) == words
        the_memory_goes_on(nova)
        second = await answer_review(nova, runs["second"], Answer.APPROVE)
        assert isinstance(second.outcome, Done)
        assert second.output == {"said": "approve"}
        assert second.steps["first"] == runs["second"].steps["first"], "what was done is not done again"
        assert second.walk.inputs == {"words": BIG}
        first = await answer_review(nova, runs["first"], Answer.APPROVE)
        assert first.walk.state is WalkState.PARKED
        (asked,) = waiting(nova, first.run)
        assert asked.question == "After approve?"


def searched(nova: Nova) -> list[set[int]]:
    """What some words find, in the notes and turns of a project and of another."""
    with nova.database.read() as connection:
        found = [
            {number for number, _ in leaf(connection).search(connection, Scope.of(scope), index, [word], 20)}
            for scope in ("airep", "blog")
            for index in TextIndex
            for word in (CANARY.split("-")[0], "day", "letters")
        ]
    assert any(found)
    return found


def the_memory_goes_on(nova: Nova) -> None:
    """A new turn is taken in, under a number that was never given."""
    with nova.database.read() as connection:
        last = max(int(row[0]) for row in connection.execute(text("SELECT seq FROM episodes")))
        assert notes.by_id(connection, Scope.of("airep"), "nletter") is not None
    memory, run = memory_at(nova.database), a_run("rnew", "What is it now?")
    finish(memory, begun(memory, run), run, "The same.")
    with nova.database.read() as connection:
        numbers = [int(row[0]) for row in connection.execute(text("SELECT seq FROM episodes WHERE run = 'rnew'"))]
    assert min(numbers) > last + 1, "the number of the turn that was taken out is not given again"


async def test_what_was_queued_or_walked_is_taken_up_by_a_worker_there(tmp_path: Path, address: str) -> None:
    """A run that waited for its turn, and one whose process had died, are walked by the first worker over there."""
    home = a_full_home(tmp_path)
    with opened(home) as nova:
        plan = nova.pipelines.plan("two-questions")
        client = Client.open(ground_of(home, nova.settings))
        queued = nova.pipelines.begin(
            plan, {}, enqueue=lambda connection, run, leg, queue, project: client.enqueue(
                connection, run, leg, queue, partition=project
            )
        )  # fmt: skip
        client.close()
        died = nova.pipelines.begin(plan, {})
        with nova.database.write() as connection:
            long_ago = (nova.clock() - timedelta(hours=1)).isoformat(timespec="microseconds")
            connection.execute(
                text("UPDATE walks SET state = 'running', holder = 'gone', heartbeat_at = :at WHERE run = :run"),
                {"at": long_ago, "run": died.id},
            )
        assert move(nova, address, quiet).moved.queued == 2
    with opened(home) as nova:

        async def walk(run: str, leg: int) -> None:
            await nova.pipelines.walk(run, leg, executor=engine.executor)

        engine = Engine(ground_of(home, nova.settings), walk)
        async with engine:
            assert await engine.idle(30)
        for run, leg in ((queued.id, 1), (died.id, 2)):
            found = nova.pipelines.walk_of(run)
            assert found is not None
            assert (found.state, found.leg) == (WalkState.PARKED, leg)
            assert len(waiting(nova, run)) == 1


def test_killed_on_the_way_it_can_begin_again(tmp_path: Path, address: str) -> None:
    """Killed while it copies, nothing has changed anywhere; killed before the last line, the command adds that line."""
    home = a_full_home(tmp_path)
    with opened(home) as nova:
        asyncio.run(some_runs(nova))
    before, settings = dump(home.database), home.settings_file.read_bytes()
    for share in ("0.2", "0.9", "committed"):
        assert moved_in_a_process(home, address, share) == -signal.SIGKILL
        assert dump(home.database) == before
        assert home.settings_file.read_bytes() == settings
        with psycopg.connect(address) as connection:
            rows = connection.execute("SELECT count(*) FROM events").fetchone()
        assert rows is not None
        assert bool(rows[0]) is (share == "committed")
    with opened(home) as nova:
        done = move(nova, address, quiet)
    assert done.moved.again
    assert load_settings(home.settings_file).database_url is not None
    with opened(home) as nova, pytest.raises(BadInput, match="not a file"):
        move(nova, address, quiet)


CHILD = """
import os, signal, sys
from pathlib import Path
from nova.app import moving
from nova.settings.home import Home
from nova.testing.house import a_nova
folder, address, share = sys.argv[1:]
root = Path(folder)
nova = a_nova(Home(root=root, data=root / ".nova", cache=root / ".cache"))
def die():
    os.kill(os.getpid(), signal.SIGKILL)
counted = 0
with nova.database.read() as connection:
    from sqlalchemy import func, select
    from nova.store.moving import TABLES
    whole = sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES)
seen = {}
def told(table, done, count):
    seen[table] = done
    if share != "committed" and sum(seen.values()) >= float(share) * whole:
        die()
moving.move(nova, address, told, committed=die)
"""


def moved_in_a_process(home: Home, address: str, share: str) -> int:
    """Moves the home in a process that kills itself when so much is copied; its exit code."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", CHILD, str(home.root), address, share]
    return subprocess.run(command, env=environment, check=False, timeout=120, capture_output=True).returncode


def test_what_stands_in_the_way_is_said(tmp_path: Path, address: str) -> None:
    """A worker on the home, a run that is being walked, a database with rows, no address: refused, and nothing done."""
    home = a_full_home(tmp_path)
    settings = home.settings_file.read_bytes()
    with opened(home) as nova:
        lock = hold(home.database, "nova worker")
        with pytest.raises(NotReady, match="nova worker"):
            move(nova, address, quiet)
        lock.release()
        begun = nova.pipelines.begin(nova.pipelines.plan("two-questions"), {})
        with nova.database.write() as connection:
            alive = {"at": nova.clock().isoformat(timespec="microseconds"), "run": begun.id}
            connection.execute(text("UPDATE walks SET state = 'running', heartbeat_at = :at WHERE run = :run"), alive)
        with pytest.raises(NotReady, match="is being walked"):
            move(nova, address, quiet)
        with nova.database.write() as connection:
            connection.execute(text("UPDATE walks SET state = 'queued', heartbeat_at = ''"))
        with pytest.raises(StoreError, match="cannot be read"):
            move(nova, "env:PATH", quiet)
    other = a_home(tmp_path / "other")
    with opened(other) as nova:
        move(nova, address, quiet)
    with opened(home) as nova, pytest.raises(BadInput, match="not empty"):
        move(nova, address, quiet)
    assert home.settings_file.read_bytes() == settings


def test_the_command_moves_a_home_and_says_so(tmp_path: Path, address: str) -> None:
    """At a terminal: the address from the environment, one line of nova.toml, committed; every command is at home."""
    home = a_full_home(tmp_path)
    at = Terminal(tmp_path, tmp_path, {"NOVA_DATABASE_URL": address})
    asked = at.nova("runs", "--json").values
    moved = at.nova("migrate-database", "--to", "env:NOVA_DATABASE_URL")
    assert (moved.code, moved.clean) == (0, True), moved.err
    assert "each compared with its original" in moved.out
    assert "events:" in moved.err
    assert at.nova("runs", "--json").values == asked
    assert 'database_url = "env:NOVA_DATABASE_URL"' in at.git("show", "--format=%s", "HEAD")
    assert "nova migrate-database" in at.git("log", "--format=%s", "-1")
    assert str(home.database) in home.settings_file.read_text(encoding="utf-8")
    again = at.nova("migrate-database", "--to", "env:NOVA_DATABASE_URL", "--json")
    assert (again.code, again.value["error"]) == (2, "BadInput")


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "[limits]\nseconds_max = 5\n",
        '[store]\nsynchronous = "full"\n\n[roster]\n',
        '[ store ] # where\n# database_url = "env:OLD"',
        "# [store]\n",
    ],
)
def test_the_line_is_put_where_it_belongs(settings: str) -> None:
    """However the file looks, it then says the database and everything it said before."""
    before = parse_settings(settings, "nova.toml")
    written = with_line(settings, 'database_url = "env:NOVA_DATABASE_URL"', "Before it was x.")
    after = parse_settings(written, "nova.toml")
    assert str(after.database_url) == "env:NOVA_DATABASE_URL"
    assert (after.store_synchronous, after.limits) == (before.store_synchronous, before.limits)
    assert all(line in written for line in settings.splitlines())
