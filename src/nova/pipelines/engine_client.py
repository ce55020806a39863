"""Queueing legs and looking at them, without running any. A private leaf of pipelines.engine.

Knows the engine's client and its rows; refuses to walk. What a row says of a run is its id and the number of a leg:
what the run is about stands in the store alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree

from nova.core.errors import StoreError, TimedOut
from nova.pipelines.engine_ground import (
    APPLICATION,
    APPLICATION_VERSION,
    SCHEMA,
    Ground,
    PlainJson,
    lent_clock,
    open_engine,
)
from nova.store import postgres, sqlite

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions, WorkflowStatus

LEG = "nova.leg"
QUEUES = (INTERACTIVE, BACKGROUND, BULK, IO) = ("interactive", "background", "bulk", "io")
CONCURRENCY: Mapping[str, int] = MappingProxyType({INTERACTIVE: 8, BACKGROUND: 8, BULK: 4, IO: 16})
"""How many legs of each queue one worker walks at a time."""

SHARE: Mapping[str, float] = MappingProxyType({BACKGROUND: 0.5, BULK: 0.5})
"""Which part of those may be of one project, so that a busy project leaves room for the others."""

POLLING_SECONDS: Mapping[str, float] = MappingProxyType({INTERACTIVE: 0.1, BACKGROUND: 0.2, BULK: 0.2, IO: 0.2})
NO_PARTITION = "-"
BATCH = 500
LOOK_SECONDS = 0.1


class LegState(StrEnum):
    """Where a leg stands, as the engine has it."""

    DELAYED = "DELAYED"
    QUEUED = "ENQUEUED"
    RUNNING = "PENDING"  # a worker has it, or died with it
    DONE = "SUCCESS"
    FAILED = "ERROR"
    CANCELLED = "CANCELLED"
    GIVEN_UP = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"  # every worker that took it died


UNFINISHED = (LegState.DELAYED, LegState.QUEUED, LegState.RUNNING)
FINISHED = (LegState.DONE, LegState.FAILED, LegState.CANCELLED, LegState.GIVEN_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One stretch of a run's walk, as queued. executor: who took it last; attempts: how often it was taken."""

    run: str
    leg: int
    queue: str
    partition: str
    state: LegState
    executor: str
    version: str
    attempts: int
    queued_at: datetime
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class Client:
    """Queues legs and says where they stand; launches nothing. Open one outside of any transaction, and close it."""

    ground: Ground
    _client: DBOSClient
    _engine: Engine

    @staticmethod
    def open(ground: Ground) -> Client:
        """Makes the engine's tables when they are not there. Imports dbos (0.5 s). Raises StoreError, NotReady."""
        from dbos import DBOSClient

        engine = open_engine(ground)
        client = DBOSClient(
            system_database_engine=engine,
            dbos_system_schema=SCHEMA,
            serializer=PlainJson(),  # pyright: ignore[reportArgumentType]  # the same shape; its base would import dbos
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=False,
        )
        with _spoken(ground):
            _bring_up(client)
        return Client(ground, client, engine)

    def enqueue(
        self,
        connection: Connection,
        run: str,
        leg: int,
        queue: str,
        *,
        partition: str = "",
        priority: int = 0,
        delay_seconds: float = 0.0,
    ) -> None:
        """Queues a leg in the caller's open writing transaction of the store; the same leg twice is once.

        partition: the project's name. priority: 0 goes first, then 1, 2, ...
        """
        if queue not in QUEUES:
            raise ValueError(f"there is no queue {queue!r}")
        options: EnqueueOptions = {
            "workflow_name": LEG,
            "queue_name": queue,
            "workflow_id": identity(run, leg),
            "app_version": APPLICATION_VERSION,
            "queue_partition_key": partition or NO_PARTITION,
        }
        if priority:
            options["priority"] = priority
        if delay_seconds > 0:
            options["delay_seconds"] = delay_seconds
        with lent_clock(connection.connection.driver_connection):
            self._client.enqueue_in_transaction(connection, options, run, leg)

    def find(self, run: str, leg: int) -> Leg | None:
        """One leg, finished or not; None when it was never queued or has been collected."""
        found = self._listed(workflow_ids=[identity(run, leg)])
        return found[0] if found else None

    async def wait(self, run: str, leg: int, timeout_seconds: float) -> Leg:
        """The leg once it has ended, whoever walks it. Raises TimedOut, also for one that is not there."""
        until = asyncio.get_running_loop().time() + timeout_seconds
        while (found := await asyncio.to_thread(self.find, run, leg)) is None or found.state in UNFINISHED:
            if asyncio.get_running_loop().time() > until:
                raise TimedOut(f"Leg {leg} of run {run} has not ended within {timeout_seconds:g} s.")
            await asyncio.sleep(LOOK_SECONDS)
        return found

    def unfinished(self) -> tuple[Leg, ...]:
        """What waits, is delayed or runs, the oldest first."""
        return self._listed(states=UNFINISHED)

    def busy(self) -> bool:
        """Whether anything of this version waits for its turn or runs; what is delayed does not count."""
        states = (LegState.QUEUED, LegState.RUNNING)
        return bool(self._listed(states=states, version=APPLICATION_VERSION, limit=1))

    def stuck(self) -> tuple[Leg, ...]:
        """What no worker will take up: queued by another version of the engine's work, or given up."""
        other = (one for one in self.unfinished() if one.version != APPLICATION_VERSION)
        return (*other, *self._listed(states=(LegState.GIVEN_UP,)))

    def cancelled(self, legs: Sequence[tuple[str, int]]) -> frozenset[tuple[str, int]]:
        """Which of these have been cancelled."""
        ids = [identity(run, leg) for run, leg in legs]
        return frozenset((one.run, one.leg) for one in self._listed(workflow_ids=ids, states=(LegState.CANCELLED,)))

    def cancel(self, run: str, leg: int) -> None:
        """A waiting leg never begins; the walk of a running one is cancelled within a second, wherever it runs."""
        self._cancel([(run, leg)])

    def cancel_all(self) -> int:
        """Cancels whatever is unfinished; how many legs. Everything is quiet within a second."""
        found = [(one.run, one.leg) for one in self.unfinished()]
        for start in range(0, len(found), BATCH):
            self._cancel(found[start : start + BATCH])
        return len(found)

    def _cancel(self, legs: Sequence[tuple[str, int]]) -> None:
        system = self._client._sys_db  # pyright: ignore[reportPrivateUsage]
        with _spoken(self.ground):
            system.cancel_workflows([identity(run, leg) for run, leg in legs])

    def recover(self, executors: Sequence[str]) -> int:
        """Queues again what these executors were walking; they must be dead. How many legs. Safe to say twice."""
        system = self._client._sys_db  # pyright: ignore[reportPrivateUsage]
        with _spoken(self.ground):
            ids = [
                one.workflow_id for name in executors for one in system.get_pending_workflows(name, APPLICATION_VERSION)
            ]
            # An unknown queue is never NULL here: every leg is enqueued, so the last argument is only a form.
            return sum(system.reenqueue_for_recovery(one, list(executors), BACKGROUND) for one in ids)

    def collect(self, older_than: timedelta, *, batch: int = BATCH) -> int:
        """Takes out finished legs older than this, in batches with a pause for other writers; how many."""
        before = (datetime.now(UTC) - older_than).isoformat()
        count = 0
        while found := self._listed(states=FINISHED, completed_before=before, limit=batch):
            with _spoken(self.ground):
                system = self._client._sys_db  # pyright: ignore[reportPrivateUsage]
                system.delete_workflows([identity(one.run, one.leg) for one in found])
            count += len(found)
            if len(found) < batch:
                break
            time.sleep(0.01)
        return count

    def register_queues(self, concurrency: Mapping[str, int]) -> None:
        """Writes how the queues are served. Before a launch, so that they are served from its first moment."""
        with _spoken(self.ground):
            for queue in QUEUES:
                many = concurrency[queue]
                self._client.register_queue(
                    queue,
                    worker_concurrency=many,
                    partition_worker_concurrency=max(1, round(many * SHARE[queue])) if queue in SHARE else None,
                    polling_interval_sec=POLLING_SECONDS[queue],
                    on_conflict="always_update",
                )

    def close(self) -> None:
        """Gives the connections back."""
        self._client.destroy()
        self._engine.dispose()

    def _listed(
        self,
        *,
        workflow_ids: list[str] | None = None,
        states: Sequence[LegState] | None = None,
        version: str | None = None,
        completed_before: str | None = None,
        limit: int | None = None,
    ) -> tuple[Leg, ...]:
        system = self._client._sys_db  # pyright: ignore[reportPrivateUsage]  # its public twin warns on an event loop
        with _spoken(self.ground):
            rows = system.list_workflows(
                workflow_ids=workflow_ids,
                status=[state.value for state in states] if states else None,
                app_version=version,
                completed_before=completed_before,
                limit=limit,
                load_input=False,
                load_output=False,
            )
        return tuple(_leg(row) for row in rows if row.name == LEG)


def identity(run: str, leg: int) -> str:
    """The id of a leg in the engine's tables."""
    return f"{run}.{leg}"


def _leg(row: WorkflowStatus) -> Leg:
    run, _, leg = row.workflow_id.rpartition(".")
    partition = row.queue_partition_key or ""
    return Leg(
        run=run,
        leg=int(leg),
        queue=row.queue_name or "",
        partition="" if partition == NO_PARTITION else partition,
        state=LegState(row.status),
        executor=row.executor_id or "",
        version=row.app_version or "",
        attempts=row.recovery_attempts or 0,
        queued_at=_time(row.created_at or 0),
        started_at=_time(row.dequeued_at) if row.dequeued_at else None,
    )


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _bring_up(client: DBOSClient) -> None:
    """Makes or changes the engine's tables only where they are behind: that takes the write lock, looking does not."""
    from dbos._error import DBOSInitializationError  # not public

    system = client._sys_db  # pyright: ignore[reportPrivateUsage]
    try:
        system.verify_migrations()
    except (DBOSInitializationError, DBAPIError):
        system.run_migrations()


@contextlib.contextmanager
def _spoken(ground: Ground) -> Generator[None]:
    try:
        yield
    except DBAPIError as error:
        raise (sqlite if ground.file else postgres).spoken_error(error, ground.place) from error
    except NoneFree as error:
        raise StoreError(f"No connection to {ground.place} came free.", "Try again in a moment.") from error
