"""A worker beside its walks: what it does again and again, and what it outlives."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.grounds import enqueue, place_of
from tests.support.places import opened

from nova.core.errors import NotReady, StoreError
from nova.pipelines.engine import INTERACTIVE, Client, Ground
from nova.pipelines.lock import hold
from nova.pipelines.worker import Tick, Worker
from nova.store import workers
from nova.store.database import Database


async def _walk(_run: str, _leg: int) -> None:
    pass


async def test_a_tick_that_raises_is_told_and_tried_again(
    ground: Ground, database: Database, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A tick that fails is logged and told, comes again in its time, and hinders neither other ticks nor walks."""
    beats: list[str] = []
    told: list[tuple[str, str]] = []

    async def breaks() -> None:
        beats.append("breaks")
        raise StoreError("The list could not be read.")

    async def works() -> None:
        beats.append("works")

    worker = Worker(
        ground,
        database,
        _walk,
        ticks=[Tick(name="list", every_seconds=0.05, run=breaks), Tick(name="count", every_seconds=0.05, run=works)],
        told=lambda name, error: told.append((name, str(error))),
    )
    async with worker.open() as engine:
        enqueue(database, client, ["r1"], INTERACTIVE)
        await engine.wait("r1", 1, 20.0)
        assert beats.count("breaks") > 1
        assert beats.count("works") > 1
    assert set(told) == {("list", "The list could not be read.")}
    assert "list: The list could not be read." in caplog.messages


async def test_a_worker_has_a_row(ground: Ground, database: Database) -> None:
    """While it works its row says who and where; once it has ended, when. Old rows can be taken out."""
    worker = Worker(ground, database, _walk)
    working = asyncio.create_task(worker.run())
    async with asyncio.timeout(20.0):
        while not _rows(database):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    (row,) = _rows(database)
    assert (row.id, row.ended_at) == (worker.executor, None)
    worker.stop()
    await working
    (row,) = _rows(database)
    assert row.ended_at is not None
    with database.write() as connection:
        assert workers.forget(connection, row.started_at) == 0
        assert workers.forget(connection, row.ended_at.replace(year=row.ended_at.year + 1)) == 1


async def test_a_file_that_is_taken_launches_nothing(sqlite_ground: Ground) -> None:
    """A worker on a file that another process has ends at once, and leaves this one free to try again."""
    assert sqlite_ground.file is not None
    database = opened(place_of(sqlite_ground))
    lock = hold(sqlite_ground.file, "nova worker")
    with pytest.raises(NotReady, match="nova worker"):
        await Worker(sqlite_ground, database, _walk).run()
    lock.release()
    async with Worker(sqlite_ground, database, _walk).open() as engine:
        assert await engine.idle(5.0)
    database.close()


def _rows(database: Database) -> tuple[workers.WorkerRow, ...]:
    with database.read() as connection:
        return workers.listed(connection)
