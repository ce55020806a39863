"""A worker: the engine with what it needs to be the right one for its home, and what it does beside walking.

Knows locks, leases, signals and clocks that tick; refuses to know what a leg or a tick does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nova.core.errors import NovaError, StoreError
from nova.pipelines.engine import CONCURRENCY, Engine, Ground, Walk, new_executor
from nova.pipelines.lease import Lease
from nova.pipelines.lock import hold
from nova.store import workers
from nova.store.database import Database

SEEN_SECONDS = 10.0
SIGNALS = (signal.SIGTERM, signal.SIGINT)

_LOG = logging.getLogger(__name__)

Told = Callable[[str, Exception], None]
"""What a tick that failed is told to, with its name; the log has it as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Something a worker does again and again beside walking; the first time at once, never twice at a time."""

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[None]]


class Worker:
    """Takes up legs until it is asked to stop. what: its command, as another start is told it."""

    def __init__(
        self,
        ground: Ground,
        database: Database,
        walk: Walk,
        *,
        what: str = "nova worker",
        ticks: Sequence[Tick] = (),
        executor: str = "",
        concurrency: Mapping[str, int] = CONCURRENCY,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        told: Told = lambda _name, _error: None,
    ) -> None:
        self.engine = Engine(ground, walk, executor=executor or new_executor(), concurrency=concurrency)
        self._database = database
        self._what = what
        self._ticks = (*ticks, Tick(name="seen", every_seconds=SEEN_SECONDS, run=self._seen))
        self._clock = clock
        self._told = told
        self._stop = asyncio.Event()

    @property
    def executor(self) -> str:
        """Its name, unique for this start; what `walks.holder` holds while it walks."""
        return self.engine.executor

    def stop(self) -> None:
        """Asks it to end: what is walked is cancelled and left for whoever comes next."""
        self._stop.set()

    async def run(self, *, signals: bool = False) -> None:
        """Works until `stop`, and with `signals` until SIGTERM or SIGINT. Raises NotReady when another one has the
        file, StoreError.
        """
        async with self.open(), _heard(self._stop if signals else None):
            await self._stop.wait()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[Engine]:
        """The engine at work, with its ticks, while the block lasts; for commands that wait for a run of their own."""
        async with (
            _alone(self.engine, self._what) as lease,
            self.engine,
            _watching(lease, self.engine),
            self._recorded(),
            self._ticking(),
        ):
            yield self.engine

    @contextlib.asynccontextmanager
    async def _recorded(self) -> AsyncGenerator[None]:
        at = self._clock()
        row = workers.WorkerRow(id=self.executor, host=socket.gethostname(), pid=os.getpid(), started_at=at, seen_at=at)
        with self._database.write() as connection:
            workers.begin(connection, row)
        try:
            yield
        finally:
            with contextlib.suppress(StoreError), self._database.write() as connection:
                workers.end(connection, self.executor, self._clock())

    async def _seen(self) -> None:
        with self._database.write() as connection:
            workers.see(connection, self.executor, self._clock())

    @contextlib.asynccontextmanager
    async def _ticking(self) -> AsyncGenerator[None]:
        tasks = [asyncio.create_task(self._beat(tick), name=f"tick {tick.name}") for tick in self._ticks]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _beat(self, tick: Tick) -> None:
        while True:
            try:
                await tick.run()
            except Exception as error:
                # A worker outlives whatever a tick runs into; the next beat tries again.
                _LOG.error("%s: %s", tick.name, error, exc_info=not isinstance(error, NovaError))
                self._told(tick.name, error)
            await asyncio.sleep(tick.every_seconds)


@contextlib.asynccontextmanager
async def _alone(engine: Engine, what: str) -> AsyncGenerator[Lease | None]:
    """Before the launch: the lock of the file, or the lease of the executor and its eye on the others."""
    if engine.ground.file:
        lock = hold(engine.ground.file, what)
        try:
            yield None
        finally:
            lock.release()
        return
    lease = Lease(engine.ground, engine.executor)
    await asyncio.to_thread(lease.take)
    try:
        yield lease
    finally:
        await asyncio.to_thread(lease.release)


@contextlib.asynccontextmanager
async def _watching(lease: Lease | None, engine: Engine) -> AsyncGenerator[None]:
    """While the engine is launched: only then there is somebody who can take work over."""
    if lease:
        lease.watch(engine.client.recover)
    try:
        yield
    finally:
        if lease:
            lease.watch(None)


@contextlib.asynccontextmanager
async def _heard(stop: asyncio.Event | None) -> AsyncGenerator[None]:
    loop = asyncio.get_running_loop()
    for number in SIGNALS if stop else ():
        loop.add_signal_handler(number, stop.set if stop else int)
    try:
        yield
    finally:
        for number in SIGNALS if stop else ():
            loop.remove_signal_handler(number)
