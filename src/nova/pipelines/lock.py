"""One launcher for one SQLite file: a lock beside the database, held as long as its process lives.

Knows flock and the few words the file holds; refuses to know what is launched. The lock goes with the process,
however that ends, and neither a program it starts (close-on-exec) nor a forked child keeps it.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
import weakref
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nova.core import json
from nova.core.errors import NotReady

WAIT_SECONDS = 0.4  # one that is just ending may still have it
_LOOK_SECONDS = 0.05
_MODE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who has the lock. what: its command."""

    pid: int
    host: str
    what: str
    since: datetime


class Lock:
    """A lock that is held; released by `release` or by the end of this process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        _held.add(self)

    def release(self) -> None:
        """Lets the next one in. Safe to say twice."""
        _held.discard(self)
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1


_held: weakref.WeakSet[Lock] = weakref.WeakSet()


def lock_file(database: Path) -> Path:
    """The lock of this database: `nova.db.owner` beside `nova.db`."""
    return database.with_name(database.name + ".owner")


def hold(database: Path, what: str, *, wait_seconds: float = WAIT_SECONDS) -> Lock:
    """The lock of this database for this process. Raises NotReady with whoever has it, within a second."""
    descriptor = os.open(lock_file(database), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
    until = time.monotonic() + wait_seconds
    while not _taken(descriptor):
        if time.monotonic() > until:
            os.close(descriptor)
            raise _refused(database)
        time.sleep(_LOOK_SECONDS)
    _sign(descriptor, Holder(pid=os.getpid(), host=socket.gethostname(), what=what, since=datetime.now(UTC)))
    return Lock(descriptor)


def holder(database: Path) -> Holder | None:
    """Who has the lock of this database now; None when nobody has."""
    try:
        descriptor = os.open(lock_file(database), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if _taken(descriptor, shared=True):
            return None
        return _read(descriptor)
    finally:
        os.close(descriptor)


def _taken(descriptor: int, *, shared: bool = False) -> bool:
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(descriptor: int, holder: Holder) -> None:
    said = json.dump(
        {"pid": holder.pid, "host": holder.host, "what": holder.what, "since": holder.since.isoformat()}
    ).encode()
    os.pwrite(descriptor, said, 0)  # shorter or longer than what the last one wrote; the end is cut after it
    os.ftruncate(descriptor, len(said))


def _read(descriptor: int) -> Holder:
    """What is written there; somebody unknown while the next one is just signing."""
    try:
        said = json.load(os.pread(descriptor, 65_536, 0).decode())
        if isinstance(said, dict):
            return Holder(
                pid=int(str(said["pid"])),
                host=str(said["host"]),
                what=str(said["what"]),
                since=datetime.fromisoformat(str(said["since"])),
            )
    except (ValueError, KeyError):
        pass
    return Holder(pid=0, host="", what="another Nova", since=datetime.now(UTC))


def _refused(database: Path) -> NotReady:
    found = holder(database) or Holder(pid=0, host="", what="another Nova", since=datetime.now(UTC))
    since = found.since.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    elsewhere = f" on {found.host}" if found.host not in ("", socket.gethostname()) else ""
    who = f"process {found.pid}{elsewhere}, since {since}" if found.pid else "it has just started"
    return NotReady(
        f"The durable runs of {database} are already in the hands of “{found.what}” ({who}).",
        "Leave the work to it: what is queued is taken up there. Or end it first.",
    )


def _forget_in_child() -> None:
    """A forked child shares the open file, and with it the lock; it must not keep it beyond its parent's life."""
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_forget_in_child)
