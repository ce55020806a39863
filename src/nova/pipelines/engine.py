"""The durable engine: legs of runs are queued, handed out, and handed out again when whoever had one dies.

Knows DBOS, here and in its private leaves engine_client and engine_ground and nowhere else; refuses to know what a
leg does. It is a queue with at-least-once dispatch: the journal in the store says what has happened in a run.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING

from nova.core.errors import NotReady, StoreError, Superseded
from nova.pipelines.engine_client import (
    BACKGROUND,
    BULK,
    CONCURRENCY,
    INTERACTIVE,
    IO,
    LEG,
    LOOK_SECONDS,
    QUEUES,
    Client,
    Leg,
    LegState,
)
from nova.pipelines.engine_ground import (
    APPLICATION,
    APPLICATION_VERSION,
    SCHEMA,
    Ground,
    LegFailed,
    PlainJson,
    ground_of,
    new_executor,
    open_engine,
)

if TYPE_CHECKING:
    from dbos import DBOS
    from sqlalchemy import Engine as Connections

__all__ = [
    "APPLICATION_VERSION",
    "BACKGROUND",
    "BULK",
    "CONCURRENCY",
    "INTERACTIVE",
    "IO",
    "QUEUES",
    "Client",
    "Engine",
    "Ground",
    "Leg",
    "LegState",
    "Walk",
    "ground_of",
    "new_executor",
]

Walk = Callable[[str, int], Awaitable[None]]
"""What a leg does: the id of the run and the number of the leg, awaited on the loop that started the engine."""

RECOVERIES_MAX = 500  # a leg whose worker dies this often is given up
THREADS_MAX = 16
CANCELLED_SECONDS = 0.5  # how often to look whether a leg in flight has been cancelled
CLOSING_SECONDS_MAX = 10.0
REPEAT_SECONDS = 30.0
ABOUT_CHARACTERS = 40

_LOG = logging.getLogger(__name__)
_launched: list[Engine] = []  # DBOS is one for a process


class Engine:
    """Takes legs up and has them walked. One for a process; close it, and what was in flight is left for recovery.

    concurrency: legs at a time by queue, for each worker. It is kept in the database: of several workers the one that
    started last says it for all.
    """

    def __init__(
        self, ground: Ground, walk: Walk, *, executor: str = "", concurrency: Mapping[str, int] = CONCURRENCY
    ) -> None:
        self.ground = ground
        self.executor = executor or new_executor()
        self._walk = walk
        self._concurrency = {**CONCURRENCY, **concurrency}
        self._client: Client | None = None
        self._connections: Connections | None = None
        self._dbos: DBOS | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flights: dict[asyncio.Task[None], tuple[str, int]] = {}
        self._cancelled: set[tuple[str, int]] = set()
        self._watcher: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def client(self) -> Client:
        """For queueing and looking, while it is started."""
        if self._client is None:
            raise NotReady("The durable engine is not started.")
        return self._client

    @property
    def in_flight(self) -> tuple[tuple[str, int], ...]:
        """The runs and legs that are walked here now."""
        return tuple(self._flights.values())

    async def start(self) -> None:
        """Makes the tables, takes up what is queued. On SQLite the caller holds the lock (pipelines.lock), so every
        other executor is dead and its legs are queued again. Raises StoreError, NotReady.
        """
        if _launched:
            raise NotReady("This process already runs a durable engine.", "Close it first.")
        _launched.append(self)
        self._loop = asyncio.get_running_loop()
        try:
            # In a thread: DBOS would otherwise adopt this loop, and replace its default executor.
            await asyncio.to_thread(self._launch)
        except BaseException:
            await self.close()
            raise
        self._watcher = asyncio.create_task(self._watch_cancelled())

    def _launch(self) -> None:
        from dbos import DBOS, DBOSConfig

        self._client = client = Client.open(self.ground)
        client.register_queues(self._concurrency)
        if self.ground.file:
            running = (one for one in client.unfinished() if one.state is LegState.RUNNING)
            client.recover(sorted({one.executor for one in running} - {self.executor}))
        _tame_logging()
        self._connections = open_engine(self.ground)
        config: DBOSConfig = {
            "name": APPLICATION,
            "application_version": APPLICATION_VERSION,
            "executor_id": self.executor,
            "system_database_engine": self._connections,
            "dbos_system_schema": SCHEMA,
            "serializer": PlainJson(),  # pyright: ignore[reportAssignmentType]  # see Client.open
            "max_executor_threads": THREADS_MAX,
            "use_listen_notify": False,  # nothing here is sent or listened for
            "run_migrations": False,
            "notification_listener_polling_interval_sec": 0.05,  # asks no database; bounds how long closing takes
            "enable_otlp": False,
            "log_level": "WARNING",
        }

        async def leg(run: str, leg: int) -> None:  # it marks what it registers, and a method cannot be marked
            await self._leg(run, leg)

        self._dbos = DBOS(config=config)
        DBOS.workflow(name=LEG, max_recovery_attempts=RECOVERIES_MAX)(leg)
        DBOS.launch()

    async def _leg(self, run: str, leg: int) -> None:
        """The one workflow. On DBOS's own loop; the walk is on the caller's, and a cancellation reaches it there.

        A cancelled workflow keeps its row as it is, so that it is recovered: that is how closing leaves it.
        """
        flight = self._fly(run, leg)
        if self._closing or self._loop is None:
            flight.close()
            raise asyncio.CancelledError
        try:
            landed = asyncio.run_coroutine_threadsafe(flight, self._loop)
        except RuntimeError:  # the caller's loop has ended without closing this
            flight.close()
            raise asyncio.CancelledError from None
        try:
            await asyncio.wrap_future(landed)
        except asyncio.CancelledError:
            if self._closing or (run, leg) in self._cancelled:
                raise
            raise LegFailed("CancelledError") from None

    async def _fly(self, run: str, leg: int) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._flights[task] = (run, leg)
        try:
            await self._walk(run, leg)
        except Superseded:
            _LOG.info("leg %d of run %s has been taken over", leg, run)
        except Exception as error:
            _LOG.exception("leg %d of run %s failed", leg, run)
            raise LegFailed(type(error).__name__) from None
        finally:
            del self._flights[task]

    async def _watch_cancelled(self) -> None:
        while True:
            await asyncio.sleep(CANCELLED_SECONDS)
            if not self._flights:
                self._cancelled.clear()
                continue
            with contextlib.suppress(StoreError):  # the database is away: DBOS says so, and the next look is soon
                found = await asyncio.to_thread(self.client.cancelled, self.in_flight)
                self._cancelled |= found
                for task, one in self._flights.items():
                    if one in found:
                        task.cancel()

    async def wait(self, run: str, leg: int, timeout_seconds: float) -> Leg:
        """The leg once it has ended. Raises TimedOut."""
        return await self.client.wait(run, leg, timeout_seconds)

    async def idle(self, timeout_seconds: float) -> bool:
        """Whether nothing waits or runs any more, before the time is over; what is delayed does not count."""
        until = asyncio.get_running_loop().time() + timeout_seconds
        while self._flights or await asyncio.to_thread(self.client.busy):
            if asyncio.get_running_loop().time() > until:
                return False
            await asyncio.sleep(LOOK_SECONDS)
        return True

    async def collect(self, older_than: timedelta) -> int:
        """See Client.collect; off the loop."""
        return await asyncio.to_thread(self.client.collect, older_than)

    async def close(self) -> None:
        """Takes no more, cancels what is walked here, and leaves it for recovery; at once, when all of it has ended."""
        self._closing = True
        if self._watcher:
            self._watcher.cancel()
        await asyncio.to_thread(self._take_no_more)
        for task in list(self._flights):
            task.cancel()
        if self._flights:
            await asyncio.wait(list(self._flights), timeout=CLOSING_SECONDS_MAX)
        try:
            await asyncio.to_thread(self._destroy, not self._flights)
        finally:
            if self in _launched:
                _launched.remove(self)

    def _take_no_more(self) -> None:
        """Ends the threads that take legs up, while the loop they hand them to still runs: it ends first."""
        for stop in self._dbos.background_thread_stop_events if self._dbos else ():
            stop.set()
        until = time.monotonic() + CLOSING_SECONDS_MAX
        while any(_takes_up(thread) for thread in threading.enumerate()) and time.monotonic() < until:
            time.sleep(0.01)

    def _destroy(self, landed: bool) -> None:
        from dbos import DBOS

        DBOS.destroy(destroy_registry=True)
        if self._connections:
            self._connections.dispose()
        if self._client:
            if landed:
                self._client.recover([self.executor])
            self._client.close()
            self._client = None

    async def __aenter__(self) -> Engine:
        await self.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.close()


def _takes_up(thread: threading.Thread) -> bool:
    """Whether it is one that takes legs off a queue, or the one that starts those."""
    return thread.name.startswith("queue-worker-") or "(queue_thread)" in thread.name


class _Quiet(logging.Filter):
    """Lets through what a person can act on, and the same thing once in a while.

    What DBOS says of a leg that was cancelled or failed is said by us; a database that is away it says at every look.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if said.startswith("Asyncio task cancelled") or "asynchronous workflow" in said:
            return False
        about = str(record.msg)[:ABOUT_CHARACTERS]
        if record.created - self._said.get(about, 0.0) < REPEAT_SECONDS:
            return False
        self._said[about] = record.created
        return True


def _tame_logging() -> None:
    """DBOS logs like every other library: no handler of its own, to whoever listens at the root."""
    logger = logging.getLogger("dbos")
    logger.handlers[:] = [logging.NullHandler()]  # it brings its own only where it finds none
    logger.filters[:] = [_Quiet()]
    logger.propagate = True
