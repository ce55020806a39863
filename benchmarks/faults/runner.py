"""Lives that walk: in the process that asked, as `nova ask` does, or under the engine, as a worker does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks.faults.crew import SCOPE, WitnessedCrew
from benchmarks.faults.lives import Alive, Life, Moments, begun, started
from benchmarks.faults.places import Place
from benchmarks.faults.world import World
from nova.core.limits import TreeLimits
from nova.core.plans import Plan
from nova.core.requests import Principal
from nova.pipelines.engine import Client, new_executor
from nova.pipelines.freezing import freeze
from nova.pipelines.legs import Walking, leg
from nova.pipelines.reviews import Waking
from nova.pipelines.starting import Enqueue, Ground, Start, begin
from nova.pipelines.worker import Worker
from nova.store.database import Connection, Database
from nova.store.values import Blobs

QUEUE = "interactive"
IDLE_SECONDS_MAX = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is walked where. below: pipelines that `plan` calls; seconds: of every step; concurrency: of a worker."""

    place: Place
    plan: Plan
    world: World
    below: Mapping[str, Plan] = field(default_factory=dict[str, Plan])
    seconds: float = 0.0
    concurrency: int = 8

    def walking(self, database: Database) -> Walking:
        """What the legs need."""
        return Walking(
            database=database,
            blobs=self.blobs,
            crew=WitnessedCrew(world=self.world, seconds=self.seconds),
            everything=lambda: SCOPE,
            limits=TreeLimits(),
            now=_now,
            heard=lambda _: None,
        )

    @property
    def blobs(self) -> Blobs:
        """Where big values lie."""
        return Blobs(self.place.folder / "blobs")

    def begin(self, database: Database, run: str, enqueue: Enqueue | None = None) -> None:
        """Begins the run; one that is there already stays as it is."""
        start = Start(
            frozen=freeze(self.plan, self.below),
            inputs={},
            scope=SCOPE,
            principal=Principal.OWNER,
            run=run,
            queue=QUEUE,
        )
        ground = Ground(database=database, blobs=self.blobs, now=_now, heard=lambda _: None)
        begin(start, ground, enqueue)


def _now() -> datetime:
    return datetime.now(UTC)


def walks_here(work: Work, run: str, number: int = 1) -> Life:
    """Begins the run if it is not there, and walks this leg of it in this process; every statement is a moment."""

    def life(moments: Moments) -> None:
        watched = Work(
            place=work.place, plan=work.plan, below=work.below, world=World(work.world.folder, moments),
            seconds=work.seconds,
        )  # fmt: skip
        database = work.place.open()
        moments.watch(database.engine)
        watched.begin(database, run)
        asyncio.run(_leg(watched.walking(database), run, number))
        database.close()

    return life


async def _leg(walking: Walking, run: str, number: int) -> None:
    await leg(walking, run, number, executor=new_executor())


def works(work: Work, *, stays: bool = False) -> Life:
    """A worker until nothing is queued or walked any more; with `stays` until it is killed."""

    def life(_moments: Moments) -> None:
        asyncio.run(worked(work, stays=stays))

    return life


async def worked(work: Work, *, stays: bool = False) -> None:
    """See `works`."""
    database = work.place.open()
    walking = work.walking(database)

    async def walk(run: str, number: int) -> None:
        await leg(walking, run, number, executor=worker.executor)

    worker = Worker(work.place.ground, database, walk, concurrency={QUEUE: work.concurrency})
    if stays:
        await worker.run()
    async with worker.open() as engine:
        assert await engine.idle(IDLE_SECONDS_MAX), "the queue did not run empty"
    database.close()


def worker(work: Work, *, new_process: bool) -> Alive:
    """A worker until the queue has run empty: a fork of this process, or a start of Python."""
    if not new_process:
        return begun(works(work))
    arguments = [str(work.world.folder), str(work.place.folder), work.place.address]
    return started("benchmarks.faults.worker", [*arguments, str(work.seconds), str(work.concurrency)])


def waking(work: Work, database: Database, enqueue: Enqueue) -> Waking:
    """What answers to reviews need."""
    return Waking(
        database=database, blobs=work.blobs, everything=lambda: SCOPE, wall=lambda _: SCOPE, enqueue=enqueue, now=_now
    )


def queue(work: Work, runs: list[str]) -> None:
    """Begins these runs and queues them, each in one transaction."""
    database = work.place.open()
    client = Client.open(work.place.ground)
    for run in runs:
        work.begin(database, run, queued_by(client))
    client.close()
    database.close()


def queued_by(client: Client) -> Enqueue:
    """Puts legs into the engine's queue."""

    def enqueue(connection: Connection, run: str, number: int, name: str, partition: str) -> None:
        client.enqueue(connection, run, number, name, partition=partition)

    return enqueue
