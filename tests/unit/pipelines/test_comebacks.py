"""Runs that go astray again and again are put back each time later, and not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from nova.pipelines.comebacks import LONGEST, TIMES_MAX, Comebacks, Turn

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def test_a_run_that_nothing_comes_of_is_ended_after_a_while() -> None:
    """A run astray at every look is put back TIMES_MAX times with growing waits, and then it is to be ended."""
    comebacks, now, put_back = Comebacks(), AT, list[datetime]()
    while (turn := comebacks.turn("r1", now)) is not Turn.NEVER:
        if turn is Turn.NOW:
            put_back.append(now)
        now += timedelta(seconds=5)
    waits = [later - earlier for earlier, later in pairwise(put_back)]
    assert len(put_back) == TIMES_MAX
    assert waits == sorted(waits)
    assert max(waits) <= LONGEST + timedelta(seconds=5)


def test_another_run_and_a_later_time_begin_anew() -> None:
    """Counts are of one run each, and are forgotten when it has not been astray for an hour."""
    comebacks = Comebacks()
    assert comebacks.turn("r1", AT) is Turn.NOW
    assert comebacks.turn("r1", AT) is Turn.LATER
    assert comebacks.turn("r2", AT) is Turn.NOW
    assert comebacks.turn("r1", AT + timedelta(hours=2)) is Turn.NOW
