"""Watching over work: silence is said once, a wish to stop ends it within two seconds, and nothing goes on unheard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nova.agents.tree import Tree
from nova.agents.watching import stopped, watch, with_stalls
from nova.core.degradations import DegradationKind
from nova.core.errors import StoreError
from nova.core.events import Degraded, Happening, RunStarted, Stalled, StopAsked, TextContent
from nova.core.ids import new_id
from nova.core.labels import Label, Scope
from nova.core.limits import TreeLimits
from nova.core.outcomes import Done
from nova.core.runs import Run, RunState
from nova.store import conversations, events, stops
from nova.store.database import Database, open_database
from nova.store.record import Record

SCOPE = Scope.of("home")


@dataclass(frozen=True)
class Kept:
    """A record on a real database, and what is in it."""

    database: Database
    record: Record
    tree: Tree

    def happened(self) -> list[Happening]:
        """Everything on disk but the beginning."""
        with self.database.read() as connection:
            return [one.happening for one in events.of_run(connection, SCOPE, self.record.run.id, 1)]

    def stop(self) -> StopAsked | None:
        """What a process looks at twice a second."""
        with self.database.read() as connection:
            return stops.asked(connection, SCOPE, self.record.run.id)

    def ask(self, why: str) -> None:
        """Somebody else wants it to end."""
        with self.database.write() as connection:
            stops.ask(connection, SCOPE, self.record.run.id, by="owner", why=why, at=datetime.now(UTC))


@pytest.fixture
def kept(tmp_path: Path) -> Generator[Kept]:
    database = open_database(tmp_path / "nova.db")
    at = datetime.now(UTC)
    run = Run(
        id=new_id("r"), conversation="c-test", request="?", principal="owner", scope="home", state=RunState.RUNNING,
        label=Label(scopes=frozenset({"home"})), started_at=at, last_at=at,
    )  # fmt: skip
    with database.write() as connection:
        conversations.start(connection, SCOPE, "c-test", at, project="", title="tests")
    tree = Tree(TreeLimits(silence_seconds_max=0.1))
    record = Record(database, SCOPE, run, now=lambda: datetime.now(UTC), heard=tree.hearing(lambda _: None))
    record.begin(RunStarted(request="?", principal="owner"))
    yield Kept(database, record, tree)
    database.close()


async def test_silence_is_said_once_and_ends_with_a_word(kept: Kept) -> None:
    """Work without an event for too long is stalled, said once; an event ends the silence, the next is said anew."""

    async def work() -> str:
        await asyncio.sleep(0.5)
        kept.record.append(TextContent(message="t", delta="a word"))
        await asyncio.sleep(0.5)
        return "done"

    assert await watch(work(), kept.tree, kept.record, lambda: None, look_seconds=0.05) == "done"
    said = [one for one in kept.happened() if isinstance(one, Stalled)]
    assert [one.last for one in said] == ["RunStarted", "TextContent"]
    assert all(one.seconds >= 0.1 for one in said)
    told = [one.mend for one in kept.happened() if isinstance(one, Degraded)]
    assert told == [f"It goes on. To end it: nova runs stop {kept.record.run.id}"] * 2
    outcome = with_stalls(with_stalls(Done(text="done"), kept.tree), kept.tree)
    assert [one.kind for one in outcome.degradations] == [DegradationKind.STALLED] * 2


async def test_work_that_speaks_is_not_stalled(kept: Kept) -> None:
    """Events more often than the limit keep it quiet."""

    async def work() -> None:
        for _ in range(10):
            await asyncio.sleep(0.03)
            kept.record.append(TextContent(message="t", delta="a word"))

    await watch(work(), kept.tree, kept.record, lambda: None, look_seconds=0.02)
    assert not [one for one in kept.happened() if isinstance(one, Stalled)]


async def test_a_wish_to_stop_cancels_the_step_in_flight(kept: Kept) -> None:
    """Asked from another connection, work that would take a minute is cancelled within two seconds, on record."""
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("cleaned up")

    watched = asyncio.create_task(watch(work(), kept.tree, kept.record, kept.stop))
    await asyncio.sleep(0.05)
    kept.ask("I changed my mind")
    asked_at = time.monotonic()
    asked = await watched
    assert time.monotonic() - asked_at < 2.0
    assert asked == StopAsked(by="owner", why="I changed my mind")
    assert ended == ["cleaned up"]
    assert asked in kept.happened()
    assert stopped(asked, "r1").evidence == "owner stopped it: I changed my mind"


async def test_work_that_will_not_end_is_left_behind(kept: Kept) -> None:
    """Work that does not heed its cancellation holds nobody up: whoever asked is answered within two seconds."""
    let_go = asyncio.Event()

    async def work() -> None:
        while not let_go.is_set():
            try:
                await asyncio.wait_for(let_go.wait(), 60)
            except asyncio.CancelledError:
                continue

    kept.ask("")
    began = time.monotonic()
    assert isinstance(await watch(work(), kept.tree, kept.record, kept.stop), StopAsked)
    assert time.monotonic() - began < 3.0
    let_go.set()


async def test_whoever_waits_elsewhere_hears_of_it(kept: Kept) -> None:
    """until_stopped returns the wish of this run and not of another; a settled wish is none."""
    with kept.database.write() as connection:
        stops.ask(connection, SCOPE, kept.record.run.id + "x", by="owner", why="another", at=datetime.now(UTC))
    assert kept.stop() is None
    kept.ask("now")
    async with asyncio.timeout(5):
        assert (await stops.until_stopped(kept.database, SCOPE, kept.record.run.id)).why == "now"
    with kept.database.write() as connection:
        stops.settle(connection, SCOPE, kept.record.run.id, datetime.now(UTC))
    assert kept.stop() is None


async def test_what_the_work_raises_comes_out(kept: Kept) -> None:
    """An error of the work is the watcher's; a database that cannot be asked about stops stops nobody."""

    def stop() -> StopAsked | None:
        raise StoreError("locked")

    async def fails() -> None:
        await asyncio.sleep(0.05)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await watch(fails(), kept.tree, kept.record, stop, look_seconds=0.01)


async def test_cancelling_the_watcher_cancels_the_work(kept: Kept) -> None:
    """Whoever stops waiting takes the work with him."""
    ended: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    watched = asyncio.create_task(watch(work(), kept.tree, kept.record, lambda: None))
    await asyncio.sleep(0.05)
    watched.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watched
    assert ended == [True]
