"""Whether an executor lives, on PostgreSQL: each holds an advisory lock on a connection of its own, as long as it is.

Knows locks and the clock; refuses to know what a leg does. A lock that is free is not yet a death: connections drop
and servers restart, so it must be free on looks GRACE_SECONDS apart, seen by one unbroken connection of the looker.
Should it be wrong after all, no history is written twice: the engine and the journal fence whoever was taken over.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, LiteralString

from nova.core.errors import NotReady, NovaError, StoreError
from nova.pipelines.engine_ground import APPLICATION_VERSION, Ground

if TYPE_CHECKING:
    import psycopg

Recover = Callable[[Sequence[str]], int]
"""Queues again what these executors were walking; how many legs. Called on the lease's own thread."""

GRACE_SECONDS = 4.0
LOOK_SECONDS = 0.5
TAKE_SECONDS_MAX = 5.0

_LOG = logging.getLogger(__name__)

_EXECUTORS: LiteralString = (
    "SELECT DISTINCT executor_id FROM dbos.workflow_status "
    "WHERE status = 'PENDING' AND application_version = %s AND executor_id <> %s"
)
_SERVER_PATIENCE: tuple[LiteralString, ...] = (
    "SET tcp_keepalives_idle = 2",
    "SET tcp_keepalives_interval = 1",
    "SET tcp_keepalives_count = 3",
)
_HELD: LiteralString = (
    "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Lease:
    """One executor's sign of life, and its eye on the others. Takes the lock before its engine is launched."""

    def __init__(self, ground: Ground, executor: str) -> None:
        self._ground = ground
        self._executor = executor
        self._connection: psycopg.Connection | None = None
        self._recover: Recover | None = None
        self._free_since: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="nova-lease", daemon=True)

    def take(self) -> None:
        """Holds the lock from now on, and takes it again whenever the connection is lost. Raises StoreError."""
        import psycopg

        until = time.monotonic() + TAKE_SECONDS_MAX
        try:
            while not self._taken():
                if time.monotonic() > until:
                    raise NotReady(f"Another process already works as {self._executor}.", "Start again.")
                time.sleep(LOOK_SECONDS)
        except psycopg.Error as error:
            said = " ".join(str(error).split())
            raise StoreError(f"The database {self._ground.place} cannot be reached ({said}).") from error
        self._thread.start()

    def watch(self, recover: Recover | None) -> None:
        """From now on what a dead executor had is taken over, with this; None: no longer. The tables must be there."""
        self._recover = recover

    def release(self) -> None:
        """Gives the lock back; the work of this executor is then anybody's."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=TAKE_SECONDS_MAX)
        self._drop()

    def _keep(self) -> None:
        import psycopg

        while not self._stop.wait(LOOK_SECONDS):
            try:
                if self._taken() and self._recover:
                    self._look(self._recover)
            except psycopg.Error as error:
                _LOG.info("the lease of %s is lost for a moment: %s", self._executor, error)
                self._drop()
            except NovaError as error:
                _LOG.warning("%s", error)

    def _taken(self) -> bool:
        """Whether the lock is held on a connection that lives; makes both when they are gone. Raises psycopg.Error."""
        if self._connection is not None:
            self._connection.execute("SELECT 1")
            return True
        connection = _connected(self._ground)
        if not _locked(connection, self._executor):
            connection.close()
            return False
        self._connection = connection
        return True

    def _look(self, recover: Recover) -> None:
        connection = self._connection
        assert connection is not None
        now = time.monotonic()
        names = {str(row[0]) for row in connection.execute(_EXECUTORS, (APPLICATION_VERSION, self._executor))}
        held = {int(row[0]) for row in connection.execute(_HELD)}
        free = {name for name in names if _key(name) not in held}
        self._free_since = {name: self._free_since.get(name, now) for name in free}
        for name in sorted(name for name, since in self._free_since.items() if now - since >= GRACE_SECONDS):
            self._take_over(connection, name, recover)

    def _take_over(self, connection: psycopg.Connection, name: str, recover: Recover) -> None:
        """Holding the dead one's lock meanwhile: of several lookers one recovers, and the dead one cannot rise."""
        if not _locked(connection, name):
            return
        try:
            count = recover([name])
            _LOG.warning("%s has gone; its legs are queued again: %d", name, count)
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s)", (_key(name),))
        del self._free_since[name]

    def _drop(self) -> None:
        """Forgets the connection, and with it what was seen: others may have lost theirs at the same moment."""
        connection, self._connection = self._connection, None
        self._free_since.clear()
        if connection is not None:
            connection.close()


def _key(executor: str) -> int:
    return int.from_bytes(hashlib.sha256(f"nova lease {executor}".encode()).digest()[:8], "big", signed=True)


def _locked(connection: psycopg.Connection, executor: str) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_key(executor),)).fetchone()
    return row is not None and bool(row[0])


def _connected(ground: Ground) -> psycopg.Connection:
    """A connection whose death is noticed on both ends within seconds, also when a machine just vanishes."""
    import psycopg

    connection = psycopg.connect(
        ground.conninfo,
        autocommit=True,
        connect_timeout=3,
        keepalives_idle=2,
        keepalives_interval=1,
        keepalives_count=3,
        tcp_user_timeout=4_000,
        application_name="nova-lease",
        prepare_threshold=None,
    )
    for setting in _SERVER_PATIENCE:
        connection.execute(setting)
    return connection
