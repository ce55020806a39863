"""The world outside: a file that effects are appended to, forced to the disk; and a log of who came by, and when.

It does as a good service does: an effect whose key it has seen has happened already. Knows nothing of Nova, so that
it can bear witness against it. Every line is one write, so a killed process leaves whole lines.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path


class What(StrEnum):
    """What a line says."""

    BEGAN = "began"  # the body of a step was entered
    ACTED = "acted"  # the effect took place
    KNOWN = "known"  # it was asked for again with the same key, and did not take place again


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was seen. at: seconds since 1970; key: the idempotency key, empty without one."""

    what: What
    run: str
    path: str
    key: str
    at: float
    pid: int


def _nothing(_moment: str) -> None:
    """Nobody dies."""


class World:
    """The file in `folder`. moment: called where a process might die."""

    def __init__(self, folder: Path, moment: Callable[[str], None] = _nothing) -> None:
        self.folder = folder
        self.file = folder / "world.jsonl"
        self._moment = moment

    def began(self, run: str, path: str, key: str = "") -> None:
        """The body of a step was entered."""
        self._append(What.BEGAN, run, path, key)

    def act(self, run: str, path: str, key: str) -> bool:
        """Does it, unless a line says that it is done. Whether it was done now; then it is on the disk.

        Without a key nobody can tell a repeat from another order: then it is done, whatever was done before.
        """
        self._moment("before the effect")
        with self.file.open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if key and any(line.what is What.ACTED and line.key == key for line in self.lines()):
                self._append(What.KNOWN, run, path, key)
                return False
            self._append(What.ACTED, run, path, key, force=True)
        self._moment("after the effect")
        return True

    def lines(self, start: int = 0) -> list[Line]:
        """What was seen so far, from the line of that number on."""
        if not self.file.exists():
            return []
        told = self.file.read_text(encoding="utf-8").splitlines()[start:]
        return [_line(json.loads(one)) for one in told]

    def _append(self, what: What, run: str, path: str, key: str, *, force: bool = False) -> None:
        line = Line(what, run, path, key, time.time(), os.getpid())
        written = (json.dumps(asdict(line)) + "\n").encode()
        file = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(file, written)
            if force:
                os.fsync(file)
        finally:
            os.close(file)


def _line(told: Mapping[str, str]) -> Line:
    return Line(What(told["what"]), told["run"], told["path"], told["key"], at=float(told["at"]), pid=int(told["pid"]))
