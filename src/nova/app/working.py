"""A worker of one home: the engine that hands legs out, and what is done beside: clocks, events, sleeps, strays.

Knows which parts a worker has; refuses to do their work.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from nova.core.errors import BadInput
from nova.core.events import Event
from nova.core.json import Json
from nova.core.labels import Scope
from nova.core.plans import Plan, Trigger
from nova.core.requests import Principal
from nova.core.steps import WalkState
from nova.pipelines import again, reviews
from nova.pipelines.comebacks import TIMES_MAX, Comebacks, Turn
from nova.pipelines.engine import Client, LegState, ground_of
from nova.pipelines.lock import holder
from nova.pipelines.retention import Keeper
from nova.pipelines.triggers import Desk, Order, Triggers
from nova.pipelines.worker import Tick, Worker
from nova.store import walks, workers
from nova.store.database import Connection

if TYPE_CHECKING:
    from nova.app.house import Nova

TRIGGERS_SECONDS, SLEEPS_SECONDS, STRAYS_SECONDS, RETENTION_SECONDS = 1.0, 1.0, 5.0, 600.0
SEEN_SECONDS_MAX = 30.0
OVER = frozenset({LegState.DONE, LegState.FAILED, LegState.CANCELLED, LegState.GIVEN_UP})
LEGS_KEPT = timedelta(hours=1)


@dataclass(frozen=True)
class Working:
    """One home's worker. heard: told of every event of the runs it walks."""

    nova: Nova
    heard: Callable[[Event], None]
    what: str = "nova worker"

    @cached_property
    def worker(self) -> Worker:
        """The worker; run it."""
        ticks = (
            Tick(name="triggers", every_seconds=TRIGGERS_SECONDS, run=self._triggers.tick),
            Tick(name="sleeps", every_seconds=SLEEPS_SECONDS, run=self._wake_due),
            Tick(name="strays", every_seconds=STRAYS_SECONDS, run=self._strays),
            Tick(name="retention", every_seconds=RETENTION_SECONDS, run=self._clear),
        )
        ground = ground_of(self.nova.home, self.nova.settings)
        return Worker(ground, self.nova.database, self._walk, what=self.what, ticks=ticks, clock=self.nova.clock)

    @property
    def waking(self) -> reviews.Waking:
        """Wakes runs into this worker's queue."""
        return self.nova.pipelines.waking(self._enqueue)

    def _enqueue(self, connection: Connection, run: str, leg: int, queue: str, partition: str) -> None:
        self.worker.engine.client.enqueue(connection, run, leg, queue, partition=partition)

    async def _walk(self, run: str, leg: int) -> None:
        await self.nova.pipelines.walk(run, leg, heard=self.heard, executor=self.worker.executor)

    async def _wake_due(self) -> None:
        reviews.wake_due(self.waking)

    async def _strays(self) -> None:
        """Runs that a command began and did not end, and runs whose place in the queue was lost."""
        waking, client = self.waking, self.worker.engine.client
        unfinished = {one.run for one in await asyncio.to_thread(client.unfinished)}
        for walk in again.cut_off(waking, unfinished):
            if not self._worth_it(walk.run):
                continue
            with contextlib.suppress(BadInput):  # it gave a sign of life in the meantime, or has ended
                again.resume(waking, walk.run)
        with self.nova.database.read() as connection:
            queued = walks.listed(
                connection, self.nova.everything, self.nova.pipelines.blobs, states=[WalkState.QUEUED], count_max=200
            )
        for walk in queued:
            old = self.nova.clock() - walk.created_at > again.SILENT
            if not old or walk.run in unfinished:
                continue
            leg = client.find(walk.run, walk.leg)
            if (leg is None or leg.state in OVER) and self._worth_it(walk.run):
                again.put_back(waking, walk.run, walk.leg, anew=leg is not None)

    @cached_property
    def _comebacks(self) -> Comebacks:
        return Comebacks()

    def _worth_it(self, run: str) -> bool:
        """Whether a stray run is put back now; one that nothing comes of, again and again, is ended and says why."""
        turn = self._comebacks.turn(run, self.nova.clock())
        if turn is Turn.NEVER:
            why = f"it was taken up {TIMES_MAX} times and nothing came of it; the worker's log says why"
            reviews.stop(self.waking, run, by="worker", why=why, at_once=True)
        return turn is Turn.NOW

    @cached_property
    def _keeper(self) -> Keeper:
        nova = self.nova
        return Keeper(
            database=nova.database, scope=lambda: nova.everything, blobs=nova.pipelines.blobs,
            keep_days=nova.settings.keep_days, legs=self._collect, clock=nova.clock,
        )  # fmt: skip

    def _collect(self, _older_than: timedelta) -> int:
        """What the engine keeps of ended legs is needed by nobody: the journal has it all."""
        return self.worker.engine.client.collect(LEGS_KEPT)

    async def _clear(self) -> None:
        await self._keeper.tick()
        await asyncio.to_thread(self._collect, LEGS_KEPT)

    @cached_property
    def _triggers(self) -> Triggers:
        return Triggers(
            Desk(
                database=self.nova.database, plans=self._plans, projects=lambda: self.nova.projects, check=self._check,
                start=self._start, wake=self._wake, clock=self.nova.clock,
            )
        )  # fmt: skip

    def _plans(self) -> tuple[Plan, ...]:
        return tuple(self.nova.pipelines.library.plans.values())

    async def _check(self, trigger: Trigger) -> int:
        """How much a trigger's check found: its `count`. No model is asked."""
        return await self.nova.pipelines.check(trigger)

    async def _start(self, order: Order) -> str:
        pipelines = self.nova.pipelines
        inputs: Json = dict(order.inputs)
        begun = pipelines.begin(
            pipelines.plan(order.pipeline), inputs, project=order.project or None, principal=_who(order),
            trigger=order.trigger, run=order.run, label=order.label, queue="background", enqueue=self._enqueue,
        )  # fmt: skip
        return begun.id

    def _wake(self, connection: Connection, scope: Scope, waits_for: str) -> int:
        return reviews.wake_event(connection, self.waking, scope, waits_for)


def _who(order: Order) -> Principal:
    """A clock, or something of the owner's, acts for him; what a stranger's words set off does not."""
    return Principal.SCHEDULE if order.label.trusted else Principal.WEBHOOK


def somebody_works(nova: Nova) -> bool:
    """Whether a worker of this home is at work: then a command leaves the next leg to it."""
    ground = ground_of(nova.home, nova.settings)
    if ground.file is not None:
        return holder(ground.file) is not None
    with nova.database.read() as connection:
        rows = workers.listed(connection)
    now = nova.clock()
    return any(one.ended_at is None and (now - one.seen_at).total_seconds() < SEEN_SECONDS_MAX for one in rows)


def queue_of(nova: Nova) -> Client:
    """For queueing and looking; close it. The store is opened first: its file is the store's to make."""
    ground, _ = ground_of(nova.home, nova.settings), nova.database
    return Client.open(ground)
