"""Circuit breakers: what failed too often just now is left alone for a while, then tried once, by one caller only.

Knows names (`provider:local`, `tool:files_read`), counts and the clock; refuses to know what a failure is. All
processes of a home share what is known, through the store; while everything works nothing is ever written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from nova.core.degradations import Degradation, DegradationKind
from nova.core.text import shorten
from nova.store import breakers
from nova.store.breakers import Breaker
from nova.store.database import Database

FAILURES_MAX = 5
"""Failures in a row after which a circuit opens; one success closes it."""
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 30.0, 600.0
"""The first pause; each failed probe doubles it."""
PROBE_SECONDS = 60.0
"""How long a probe may take before another caller may try."""
FRESH_SECONDS = 0.5
"""How old the picture of the circuits may be: one cheap read then, and none between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """A provider or a tool that is left alone. failures: in a row; last_error: the newest, as words."""

    name: str
    until: datetime
    failures: int
    last_error: str

    def degradation(self) -> Degradation:
        """What the outcome says, with the time at which it is tried again."""
        kind, _, name = self.name.partition(":")
        times = "once" if self.failures == 1 else f"{self.failures} times in a row"
        what = f"The {kind} {name} was not tried: it failed {times} just now, lastly “{self.last_error}”."
        mend = f"It is tried again after {self.until:%H:%M:%S} UTC, by itself."
        return Degradation(kind=DegradationKind.PROVIDER_RESTING, what=what, mend=mend)


class Circuits:
    """The circuits of one home as one process sees them. now: the clock that stamps rows; age: seconds, monotonic."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        *,
        fresh_seconds: float = FRESH_SECONDS,
        age: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._now = now
        self._fresh_seconds = fresh_seconds
        self._age = age
        self._read_at = float("-inf")
        self._known: dict[str, Breaker] = {}

    def enter(self, name: str) -> Resting | None:
        """None when it may be tried; of those who ask right after its pause, one only. Raises StoreError."""
        breaker = self._picture().get(name)
        if breaker is None or breaker.open_until is None:
            return None
        now = self._now()
        if now >= breaker.open_until:
            with self._database.write() as connection:
                mine = breakers.take_probe(connection, breaker, now + timedelta(seconds=PROBE_SECONDS))
            breaker = None if mine else self._picture(anew=True).get(name)
            if breaker is None or breaker.open_until is None:
                return None
        last, until = breaker.last_error, breaker.open_until
        return Resting(name=name, until=until, failures=breaker.failures, last_error=last)

    def failed(self, name: str, error: str, *, wished_seconds: float | None = None) -> None:
        """One more failure. wished_seconds: the other side asked to be left alone for so long. Raises StoreError."""
        now = self._now()
        with self._database.write() as connection:
            failures = breakers.count(connection, name, shorten(error, 200), now)
            pause = max(wished_seconds or 0.0, _pause(failures))
            if pause:
                breakers.open_until(connection, name, now + timedelta(seconds=pause))
        self._read_at = float("-inf")

    def went_well(self, name: str) -> None:
        """It works; that is written down only when it was known to have failed. Raises StoreError."""
        if name in self._picture():
            with self._database.write() as connection:
                breakers.close(connection, name)
            self._read_at = float("-inf")

    def _picture(self, *, anew: bool = False) -> dict[str, Breaker]:
        if anew or self._age() - self._read_at >= self._fresh_seconds:
            with self._database.read() as connection:
                self._known = breakers.every(connection)
            self._read_at = self._age()
        return self._known


def _pause(failures: int) -> float:
    over = failures - FAILURES_MAX
    return min(PAUSE_SECONDS_MAX, PAUSE_SECONDS * 2 ** min(over, 10)) if over >= 0 else 0.0
