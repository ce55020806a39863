"""What the queue must hold: legs come with their transaction, go once, in turn and within limits, and stay whole."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.grounds import cells, change, enqueue
from tests.support.places import SQLITE

from nova.core.errors import NotReady, Superseded, TimedOut
from nova.pipelines.engine import BACKGROUND, BULK, INTERACTIVE, IO, RECOVERIES_MAX, Client, Engine, Ground, LegState
from nova.store.database import Database

PATIENCE_SECONDS = 20.0
ON_ONE = pytest.mark.parametrize("ground", [SQLITE], indirect=True)  # what no database can make a difference to
SECRET = "xylophon-4711"


@dataclass
class Walks:
    """A walk that notes what it was given; `hold` keeps each one until it is set."""

    hold: asyncio.Event = field(default_factory=asyncio.Event)
    begun: list[str] = field(default_factory=list[str])
    ended: list[str] = field(default_factory=list[str])
    cancelled: list[str] = field(default_factory=list[str])
    at_once: int = 0
    most: int = 0

    async def __call__(self, run: str, leg: int) -> None:
        self.begun.append(run)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await self.hold.wait()
            if run == "bad":
                raise ValueError(SECRET)
            if run == "late":
                raise Superseded("Somebody else has it.")
        except asyncio.CancelledError:
            self.cancelled.append(run)
            raise
        finally:
            self.at_once -= 1
        self.ended.append(run)


async def until(true: Callable[[], bool]) -> None:
    """Waits until it is so, for a while."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true():  # noqa: ASYNC110  # it looks at a database as well
            await asyncio.sleep(0.02)


def free() -> Walks:
    """Walks that nothing holds."""
    walks = Walks()
    walks.hold.set()
    return walks


async def test_a_leg_is_queued_with_its_transaction(ground: Ground, database: Database, client: Client) -> None:
    """A leg is there when the transaction that queued it commits, and was never there when it is rolled back."""
    with contextlib.suppress(RuntimeError), database.write() as connection:
        client.enqueue(connection, "taken-back", 1, INTERACTIVE)
        raise RuntimeError
    enqueue(database, client, ["kept"], INTERACTIVE)
    walks = free()
    async with Engine(ground, walks) as engine:
        ended = await engine.wait("kept", 1, PATIENCE_SECONDS)
        assert await engine.idle(PATIENCE_SECONDS)
    assert (ended.state, ended.attempts, ended.queue) == (LegState.DONE, 1, INTERACTIVE)
    assert walks.begun == ["kept"]
    assert client.find("taken-back", 1) is None


async def test_twice_is_once(ground: Ground, database: Database, client: Client) -> None:
    """The same leg queued again, in one transaction, in another, or after it has ended, is walked once."""
    walks = free()
    async with Engine(ground, walks) as engine:
        enqueue(database, client, ["r1", "r1"], INTERACTIVE)
        enqueue(database, client, ["r1"], INTERACTIVE)
        await engine.wait("r1", 1, PATIENCE_SECONDS)
        enqueue(database, client, ["r1", "r2"], INTERACTIVE)
        await engine.wait("r2", 1, PATIENCE_SECONDS)
    assert walks.begun == ["r1", "r2"]


@ON_ONE
async def test_a_walk_is_on_the_loop_that_started_the_engine(
    ground: Ground, database: Database, client: Client
) -> None:
    """What a leg does runs where the caller's other tasks run, whatever loops the engine has."""
    loops: list[asyncio.AbstractEventLoop] = []

    async def walk(_run: str, _leg: int) -> None:
        loops.append(asyncio.get_running_loop())

    enqueue(database, client, ["r1"], INTERACTIVE)
    async with Engine(ground, walk) as engine:
        await engine.wait("r1", 1, PATIENCE_SECONDS)
    assert loops == [asyncio.get_running_loop()]


async def test_a_delayed_leg_waits(ground: Ground, database: Database, client: Client) -> None:
    """A leg with a delay is not begun before its time, and nothing counts it as work that is due."""
    begun = 0.0

    async def walk(_run: str, _leg: int) -> None:
        nonlocal begun
        begun = time.time()

    async with Engine(ground, walk) as engine:
        queued = time.time()
        with database.write() as connection:
            client.enqueue(connection, "r1", 1, IO, delay_seconds=1.0)
        assert [one.state for one in client.unfinished()] == [LegState.DELAYED]
        assert await engine.idle(1.0)
        await engine.wait("r1", 1, PATIENCE_SECONDS)
    assert begun - queued >= 0.99


async def test_the_first_go_first(ground: Ground, database: Database, client: Client) -> None:
    """Of what waits, a lower number of priority goes first, 0 before all others."""
    with database.write() as connection:
        for run, priority in (("last", 9), ("first", 0), ("second", 1)):
            client.enqueue(connection, run, 1, INTERACTIVE, priority=priority)
    walks = free()
    async with Engine(ground, walks, concurrency={INTERACTIVE: 1}) as engine:
        assert await engine.idle(PATIENCE_SECONDS)
    assert walks.begun == ["first", "second", "last"]


async def test_no_more_at_once_than_the_queue_allows(ground: Ground, database: Database, client: Client) -> None:
    """A worker walks as many legs of a queue at once as it was told, and the others in their turn."""
    enqueue(database, client, [f"r{number}" for number in range(7)], IO)
    walks = Walks()
    async with Engine(ground, walks, concurrency={IO: 3}) as engine:
        await until(lambda: walks.at_once == 3)
        walks.hold.set()
        assert await engine.idle(PATIENCE_SECONDS)
    assert walks.most == 3
    assert sorted(walks.ended) == [f"r{number}" for number in range(7)]


async def test_a_busy_project_leaves_room_for_the_others(ground: Ground, database: Database, client: Client) -> None:
    """Of a partitioned queue one project gets its share at once, and another one begins beside it."""
    enqueue(database, client, ["a1", "a2", "a3", "a4"], BULK, "airep")
    walks = Walks()
    async with Engine(ground, walks, concurrency={BULK: 4}) as engine:
        await until(lambda: walks.at_once == 2)
        enqueue(database, client, ["b1"], BULK, "blog")
        enqueue(database, client, ["home"], BULK)
        await until(lambda: walks.at_once == 4)
        assert set(walks.begun[2:]) == {"b1", "home"}
        walks.hold.set()
        assert await engine.idle(PATIENCE_SECONDS)
    assert len(walks.ended) == 6


async def test_cancelling(ground: Ground, database: Database, client: Client) -> None:
    """A cancelled leg that waits never begins; the walk of one that runs is cancelled; neither comes back."""
    walks = Walks()
    async with Engine(ground, walks, concurrency={INTERACTIVE: 1}) as engine:
        enqueue(database, client, ["running"], INTERACTIVE)
        await until(lambda: walks.begun == ["running"])
        enqueue(database, client, ["waiting", "other"], INTERACTIVE)
        client.cancel("waiting", 1)
        client.cancel("running", 1)
        await until(lambda: walks.cancelled == ["running"])
        walks.hold.set()
        await engine.wait("other", 1, PATIENCE_SECONDS)
        states = {run: (await engine.wait(run, 1, PATIENCE_SECONDS)).state for run in ("running", "waiting")}
    assert set(states.values()) == {LegState.CANCELLED}
    async with Engine(ground, walks) as engine:
        assert await engine.idle(PATIENCE_SECONDS)
    assert walks.begun == ["running", "other"]


async def test_cancelling_everything(ground: Ground, database: Database, client: Client) -> None:
    """All that waits, is delayed or runs can be cancelled at once."""
    walks = Walks()
    enqueue(database, client, ["r1", "r2", "r3"], BACKGROUND, "airep")
    with database.write() as connection:
        client.enqueue(connection, "later", 1, IO, delay_seconds=3_600)
    async with Engine(ground, walks, concurrency={BACKGROUND: 4}) as engine:
        await until(lambda: walks.at_once == 2)
        assert client.cancel_all() == 4
        await until(lambda: walks.at_once == 0)
        assert await engine.idle(PATIENCE_SECONDS)
    assert client.unfinished() == ()
    assert len(walks.cancelled) == 2


async def test_a_leg_that_kills_its_workers_is_given_up(
    ground: Ground, database: Database, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A leg whose workers have died too often is walked no more, and is listed as stuck."""
    enqueue(database, client, ["deadly"], INTERACTIVE)
    change(ground, f"UPDATE {{dbos}}workflow_status SET recovery_attempts = {RECOVERIES_MAX + 1}")
    walks = free()
    async with Engine(ground, walks) as engine:
        assert (await engine.wait("deadly", 1, PATIENCE_SECONDS)).state is LegState.GIVEN_UP
    assert walks.begun == []
    assert [one.run for one in client.stuck()] == ["deadly"]
    assert "deadly.1" in caplog.text


async def test_a_walk_that_raises_ends_its_leg_alone(
    ground: Ground, database: Database, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A leg that fails is logged and marked, others go on; one that was taken over by another worker is no failure."""
    enqueue(database, client, ["bad", "late", "good"], INTERACTIVE)
    with caplog.at_level(logging.WARNING):
        async with Engine(ground, free()) as engine:
            ended = {run: (await engine.wait(run, 1, PATIENCE_SECONDS)).state for run in ("bad", "late", "good")}
    assert ended == {"bad": LegState.FAILED, "late": LegState.DONE, "good": LegState.DONE}
    assert [one.message for one in caplog.records] == ["leg 1 of run bad failed"]


async def test_closing_leaves_what_was_in_flight(ground: Ground, database: Database, client: Client) -> None:
    """Closing cancels the walks and marks none of them failed; the next start takes each of them up again."""
    runs = [f"r{number}" for number in range(3)]
    enqueue(database, client, runs, BACKGROUND, "airep")
    held, next_ones = Walks(), free()
    async with Engine(ground, held):
        await until(lambda: len(held.begun) == 3)
    assert sorted(held.cancelled) == runs
    assert {one.state for one in client.unfinished()} <= {LegState.QUEUED, LegState.RUNNING}
    async with Engine(ground, next_ones) as engine:
        assert await engine.idle(PATIENCE_SECONDS)
    assert sorted(next_ones.ended) == runs
    assert {found.attempts for run in runs if (found := client.find(run, 1))} == {2}


@ON_ONE
async def test_one_engine_for_a_process(ground: Ground, tmp_path: Path) -> None:
    """A second engine in the same process is refused, and the first goes on."""
    async with Engine(ground, free()) as engine:
        with pytest.raises(NotReady):
            await Engine(Ground(file=tmp_path / "other.db"), free()).start()
        assert await engine.idle(PATIENCE_SECONDS)


@ON_ONE
async def test_closing_at_once(ground: Ground) -> None:
    """An engine that is closed the moment it has started leaves the process free for the next one."""
    for _ in range(3):
        engine = Engine(ground, free())
        await engine.start()
        await engine.close()
    assert [thread.name for thread in threading.enumerate() if "queue" in thread.name] == []


@ON_ONE
async def test_waiting_has_an_end(ground: Ground, database: Database, client: Client) -> None:
    """Whoever waits for a leg that does not end is told so."""
    enqueue(database, client, ["r1"], INTERACTIVE)
    walks = Walks()
    async with Engine(ground, walks) as engine:
        await until(lambda: walks.at_once == 1)
        with pytest.raises(TimedOut):
            await engine.wait("r1", 1, 0.2)
        assert not await engine.idle(0.2)


async def test_finished_legs_are_collected(ground: Ground, database: Database, client: Client) -> None:
    """Finished legs older than asked leave every table of the engine, in batches; what is unfinished stays."""
    walks = free()
    async with Engine(ground, walks) as engine:
        enqueue(database, client, [f"r{number}" for number in range(7)], IO)
        assert await engine.idle(PATIENCE_SECONDS)
        assert client.collect(timedelta(hours=1)) == 0
        with database.write() as connection:
            client.enqueue(connection, "later", 1, IO, delay_seconds=3_600)
        change(
            ground, "UPDATE {dbos}workflow_status SET completed_at = completed_at - 7200000 WHERE status = 'SUCCESS'"
        )
        assert client.collect(timedelta(hours=1), batch=3) == 7
    assert [one.run for one in client.unfinished()] == ["later"]
    left = {name: len(rows) for name, rows in cells(ground).items() if any("r1.1" in row for row in rows)}
    assert left == {}


async def test_work_of_another_version_is_left_and_shown(ground: Ground, database: Database, client: Client) -> None:
    """A leg that another version of the engine's work queued is not walked, and is listed as stuck."""
    enqueue(database, client, ["old"], INTERACTIVE)
    change(ground, "UPDATE {dbos}workflow_status SET application_version = 'nova-0'")
    enqueue(database, client, ["new"], INTERACTIVE)
    walks = free()
    async with Engine(ground, walks) as engine:
        await engine.wait("new", 1, PATIENCE_SECONDS)
        assert await engine.idle(PATIENCE_SECONDS)
    assert walks.begun == ["new"]
    assert [(one.run, one.version) for one in client.stuck()] == [("old", "nova-0")]


async def test_the_engines_tables_hold_ids_and_no_pickle(ground: Ground, database: Database, client: Client) -> None:
    """No byte of the engine's tables is pickled, and nothing in them tells what a run was about or what went wrong."""
    enqueue(database, client, ["good", "bad"], INTERACTIVE)
    async with Engine(ground, free()) as engine:
        assert await engine.idle(PATIENCE_SECONDS)
    found = cells(ground)
    texts = [str(cell) for rows in found.values() for row in rows for cell in row if isinstance(cell, str | bytes)]
    assert not [text for text in texts if SECRET in text or _pickled(text)]
    assert any('"ValueError"' in text for text in texts)
    assert sum("nova-json" in row for row in found["workflow_status"]) == 2
    assert _pickled("gASVCgAAAAAAAACMBkdyZWVuc5Qu")  # what one would look like


def test_the_library_is_imported_when_it_is_used() -> None:
    """Who only names the engine does not wait for its library."""
    check = "import sys, nova.pipelines.worker; sys.exit('dbos' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False, timeout=60).returncode == 0


def _pickled(text: str) -> bool:
    try:
        return base64.b64decode(text, validate=True)[:1] == b"\x80"
    except ValueError:
        return "\\x80" in text
