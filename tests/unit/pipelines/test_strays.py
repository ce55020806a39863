"""A worker finds runs that nobody would take up any more, and walks them; what a stranger sets off is a stranger's."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from nova.app import working
from nova.app.house import Nova, now
from nova.app.pipelines import Pipelines, Ran
from nova.app.why import run_of
from nova.app.working import Working, queue_of
from nova.core.errors import StoreError
from nova.core.labels import HOME, Label
from nova.core.runs import RunState
from nova.pipelines.triggers import Order
from nova.store.database import Connection
from nova.testing.house import a_home, a_nova

WAITS = """\
id: waits
version: 1
description: Waits a moment.
outputs: {seconds: "${pause.output.waited_seconds}"}
nodes:
  pause: {wait: 0}
"""


@pytest.fixture
def nova(tmp_path: Path) -> Generator[Nova]:
    """A home with one pipeline, whose clock is a minute ahead of the rows that a test writes."""
    home = a_home(tmp_path / "home")
    (home.root / "pipelines").mkdir()
    (home.root / "pipelines" / "waits.yaml").write_text(WAITS, encoding="utf-8")
    made = a_nova(home, clock=lambda: now() + timedelta(minutes=1))
    yield made
    made.close()


async def ended(nova: Nova, run: str) -> RunState:
    """The run's state, as soon as it is over."""
    async with asyncio.timeout(30):
        while run_of(nova, run).state not in (RunState.DONE, RunState.FAILED):  # noqa: ASYNC110 - a row says it
            await asyncio.sleep(0.05)
    return run_of(nova, run).state


async def test_a_leg_that_could_not_begin_is_put_back(nova: Nova, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the database was away as a leg began, its run is taken up on another leg, and nothing of it is lost."""
    begun, walk = list[int](), Pipelines.walk

    async def fails_once(self: Pipelines, run: str, number: int, **others: object) -> Ran:
        begun.append(number)
        if len(begun) == 1:
            raise StoreError("The server is away.")
        return await walk(self, run, number, **others)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(Pipelines, "walk", fails_once)
    monkeypatch.setattr(working, "STRAYS_SECONDS", 0.3)
    monkeypatch.setattr(working.again, "SILENT", timedelta(seconds=-1))
    pipelines, _ = nova.pipelines, nova.database
    client = queue_of(nova)

    def enqueue(connection: Connection, run: str, leg: int, queue: str, partition: str) -> None:
        client.enqueue(connection, run, leg, queue, partition=partition)

    run = pipelines.begin(pipelines.plan("waits"), {}, enqueue=enqueue)
    client.close()
    worker = Working(nova, heard=lambda _event: None).worker
    task = asyncio.create_task(worker.run())
    try:
        assert await ended(nova, run.id) is RunState.DONE
    finally:
        worker.stop()
        await task
    assert begun == [1, 2]


@pytest.mark.parametrize(("trusted", "principal"), [(True, "schedule"), (False, "webhook")])
async def test_what_a_stranger_sets_off_is_a_strangers(nova: Nova, trusted: bool, principal: str) -> None:
    """A run set off by words that nobody vouches for is not the owner's: it sees and begins no more than they may."""
    label = Label(scopes=frozenset({HOME}), trusted=trusted)
    order = Order(pipeline="waits", run="rset0ff", trigger="event waits/t o1", project="", inputs={}, label=label)
    with patch.object(Working, "_enqueue"):
        await Working(nova, heard=lambda _event: None)._start(order)  # pyright: ignore[reportPrivateUsage]
    run = run_of(nova, "rset0ff")
    assert (run.principal, run.label.trusted) == (principal, trusted)
