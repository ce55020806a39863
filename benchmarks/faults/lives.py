"""Processes that live until they are killed: forked from this one, which has imported everything and opened nothing.

A fork costs milliseconds where a start costs a second, so hundreds of kills are cheap. Knows processes; refuses to
know what they do.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Engine, event


class Moments:
    """Counts the moments at which a process might die, and kills it with SIGKILL at the one numbered die_at."""

    def __init__(self, die_at: int = 0) -> None:
        self.die_at = die_at
        self.count = 0

    def __call__(self, _said: object = "", *_: object, **__: object) -> None:
        """One moment."""
        self.count += 1
        if self.count == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: Engine) -> None:
        """From now on every statement and every commit of this engine is a moment."""
        event.listen(engine, "before_cursor_execute", self)
        event.listen(engine, "commit", self)


Life: TypeAlias = Callable[[Moments], None]
"""What a process does with its life."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a life ended. moments: counted, 0 when it was killed. cpu_seconds: what it used of the processor."""

    killed: bool
    moments: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Alive:
    """A process that lives."""

    pid: int
    told: int

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return bool(os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT))

    def pause(self) -> None:
        """SIGSTOP: it stands still."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL: it can neither hear nor refuse it."""
        os.kill(self.pid, signal.SIGKILL)

    def ended(self) -> Ended:
        """Waits for its end. Raises RuntimeError when it neither ended well nor was killed."""
        with os.fdopen(self.told) as told:
            said = told.read()
        _, status, used = os.wait4(self.pid, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not killed and status != 0:
            raise RuntimeError(f"a life ended with status {status}")
        return Ended(killed, int(said or 0), used.ru_utime + used.ru_stime)


def begun(life: Life, die_at: int = 0) -> Alive:
    """A process of its own that does this; it dies at the moment of that number, if it gets there."""
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return Alive(child, reading)
    os.close(reading)
    status = 1
    try:
        moments = Moments(die_at)
        life(moments)
        os.write(writing, str(moments.count).encode())
        status = 0
    except BaseException:
        # Whatever it is: said on stderr, and the status tells the parent. Nothing may unwind into the parent's code.
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def lived(life: Life, die_at: int = 0) -> Ended:
    """A whole life."""
    return begun(life, die_at).ended()


def started(module: str, arguments: Sequence[str]) -> Alive:
    """The same as `python -m module ...`: a new interpreter. What it prints to stdout is its number of moments."""
    reading, writing = os.pipe()
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=writing)
    os.close(writing)
    process.returncode = 0  # it is waited for here, not there
    return Alive(process.pid, reading)
