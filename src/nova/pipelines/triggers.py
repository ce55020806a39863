"""What starts pipelines by itself: schedules that are due and events that have happened, each served exactly once.

    schedule   due since the cursor   ->   a row in `slots`   ->   its check   ->   a run, or `idle`
    event      an occurrence matches  ->   a row in `slots`   ->   its check   ->   a run, or `idle`

Knows that order; refuses to know how a run is started and how a check is made: those are given. Asks no model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from nova.core.errors import NovaError, StoreError
from nova.core.ids import id_of
from nova.core.json import Json
from nova.core.labels import Label, Scope
from nova.core.plans import Plan, Trigger, TriggerKind
from nova.pipelines import taking
from nova.pipelines.events import resolved, told
from nova.pipelines.missed import missed_before
from nova.pipelines.occurrences import ISSUE_OPENED, KINDS, gather, gather_issues
from nova.pipelines.taking import Ground, Key, Taken
from nova.projects.definition import Project
from nova.store import occurrences, slots, times
from nova.store.database import Connection, Database
from nova.store.slots import SlotState

__all__ = ["Check", "Desk", "Order", "Start", "Triggers", "Wake", "missed_before", "told"]

CHECK_SECONDS_MAX = 60.0
PATIENCE_SECONDS = 5.0  # of one tick with the checks it has begun; what takes longer goes on beside the next ticks
LOOK_AFTER_UNSERVED = timedelta(seconds=30)
LOOK_AT_ISSUES = timedelta(seconds=60)
AT_ONCE = 4
OCCURRENCES_MAX = 200

Check: TypeAlias = Callable[[Trigger], Awaitable[int]]
"""Does what a trigger's `check` says; how much it found."""
Wake: TypeAlias = Callable[[Connection, Scope, str], int]
"""Wakes the runs of a scope that wait for this (`event issue-opened`), in the transaction; how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A run that is to be started. run: its id, the same whenever this is tried again; then it is one run.

    trigger: `schedule PIPELINE/TRIGGER TIME` or `event PIPELINE/TRIGGER OCCURRENCE`, for the walk's row as it is.
    label: of what set it off: a run that was given a stranger's words is not trusted with more than they are.
    """

    pipeline: str
    run: str
    trigger: str
    project: str
    inputs: dict[str, Json]
    label: Label


Start: TypeAlias = Callable[[Order], Awaitable[str]]
"""Starts the run, or finds it started; its id. Raises NovaError when it cannot be, StoreError when it may later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What triggers work with. plans, projects: as they are now, asked at each tick."""

    database: Database
    plans: Callable[[], Sequence[Plan]]
    projects: Callable[[], Sequence[Project]]
    check: Check
    start: Start
    wake: Wake
    clock: Callable[[], datetime]


class Triggers:
    """The worker's watch over schedules and events: `tick` once a second, on one event loop.

    Keeps when it last looked where, and the checks that take long: one that hangs holds up no other trigger.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._issues_at: datetime | None = None
        self._unserved_at: datetime | None = None
        self._going: set[asyncio.Task[None]] = set()

    async def tick(self) -> None:
        """Serves everything that is due now. Raises StoreError; whatever else goes wrong becomes a slot's `why`."""
        desk = self._desk
        known = {(plan.id, trigger.id): trigger for plan in desk.plans() for trigger in plan.triggers}
        ground = Ground(database=desk.database, projects=desk.projects(), triggers=known, now=desk.clock())
        served = taking.since(ground)
        mine = taking.scheduled(ground, served)
        mine += await self._events(ground, served)
        mine += self._unserved(ground)
        limit = asyncio.Semaphore(AT_ONCE)
        self._going |= {asyncio.create_task(self._serve(one, limit)) for one in mine}
        if self._going:
            ended, self._going = await asyncio.wait(self._going, timeout=PATIENCE_SECONDS)
            for error in [one.exception() for one in ended]:
                if error is not None:
                    raise error

    async def _events(self, ground: Ground, served: Mapping[Key, datetime]) -> list[Taken]:
        database, now = ground.database, ground.now
        listened = {trigger.event for trigger in ground.triggers.values() if trigger.kind is TriggerKind.EVENT}
        with database.read() as connection:
            listened |= occurrences.waited_for(connection, ground.everything)
        gather(database, ground.everything, listened, now)
        if ISSUE_OPENED in listened and (self._issues_at is None or now - self._issues_at >= LOOK_AT_ISSUES):
            self._issues_at = now
            await asyncio.to_thread(gather_issues, database, ground.projects, now)
        with database.read() as connection:
            fresh = occurrences.unhandled(connection, ground.everything, kinds=KINDS, count_max=OCCURRENCES_MAX)
        mine: list[Taken] = []
        for one in fresh:
            with database.write() as connection:
                if occurrences.handled(connection, ground.everything, one.id, now):  # else another worker was first
                    mine += taking.set_off(ground, connection, served, one)
                    self._desk.wake(connection, ground.reach(one), f"event {one.kind}")
        return mine

    def _unserved(self, ground: Ground) -> list[Taken]:
        if self._unserved_at is not None and ground.now - self._unserved_at < LOOK_AFTER_UNSERVED:
            return []
        self._unserved_at = ground.now
        return taking.unserved(ground)

    async def _serve(self, one: Taken, limit: asyncio.Semaphore) -> None:
        async with limit:
            try:
                state, run, why = await self._outcome(one)
            except StoreError:
                raise  # the slot stays taken, and is served when the store can be written again
            except TimeoutError:
                state, run = SlotState.FAILED, ""
                why = f"The check {one.trigger.check} did not end within {CHECK_SECONDS_MAX:.0f} seconds."
            except NovaError as error:
                state, run, why = SlotState.FAILED, "", str(error)
            except Exception as error:  # one broken check must not silence all the other triggers
                state, run, why = SlotState.FAILED, "", f"{type(error).__name__} while it was checked or started."
            with self._desk.database.write() as connection:
                slots.settle(connection, one.scope, one.slot, state, self._desk.clock(), run=run, why=why)

    async def _outcome(self, one: Taken) -> tuple[SlotState, str, str]:
        trigger = one.trigger
        if trigger.check:
            asked = replace(trigger, check_given=resolved(trigger.check_given, one.event))
            found = await asyncio.wait_for(self._desk.check(asked), CHECK_SECONDS_MAX)
            if found <= 0:
                return SlotState.IDLE, "", f"{trigger.check} found nothing."
        return SlotState.FIRED, await self._desk.start(_order(one)), one.slot.why


def _order(one: Taken) -> Order:
    slot = one.slot
    what = slot.occurrence or times.written(slot.due_at)
    return Order(
        pipeline=slot.pipeline,
        run=id_of("r", slot.pipeline, slot.trigger, what),
        trigger=f"{one.trigger.kind.value} {slot.pipeline}/{slot.trigger} {what}",
        project=one.trigger.project,
        inputs=resolved(one.trigger.given, one.event),
        label=slot.label,
    )
