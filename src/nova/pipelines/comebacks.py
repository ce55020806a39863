"""How often a run is put back into the queue before it counts as hopeless: each time later, and not for ever.

For runs whose legs end before anything comes of them: a disk that is full, a server that is away, a bug. Knows counts
and times; refuses to put anything back.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

TIMES_MAX = 20
FIRST = timedelta(seconds=5)
LONGEST = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(hours=1)
"""A run that was not seen astray for so long begins its count anew."""


class Turn(StrEnum):
    """What is to be done with a run that is astray."""

    NOW = "now"  # put it back
    LATER = "later"  # it was put back just now
    NEVER = "never"  # end it: nothing has come of it TIMES_MAX times


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    times: int
    next_at: datetime
    seen_at: datetime


@dataclass(slots=True)
class Comebacks:
    """The counts of one worker; another worker begins its own, so a restart is a fresh chance."""

    _counts: dict[str, _Count] = field(default_factory=dict[str, _Count])

    def turn(self, run: str, now: datetime) -> Turn:
        """What is to be done with this run at this moment; NOW counts."""
        self._counts = {name: one for name, one in self._counts.items() if now - one.seen_at < FORGOTTEN_AFTER}
        known = self._counts.get(run, _Count(times=0, next_at=now, seen_at=now))
        if known.times >= TIMES_MAX:
            del self._counts[run]
            return Turn.NEVER
        if now < known.next_at:
            self._counts[run] = replace(known, seen_at=now)
            return Turn.LATER
        wait = min(FIRST * 2**known.times, LONGEST)
        self._counts[run] = _Count(times=known.times + 1, next_at=now + wait, seen_at=now)
        return Turn.NOW
