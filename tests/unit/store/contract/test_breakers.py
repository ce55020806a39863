"""Circuit breakers on both engines: when they open, who may probe, and that working costs nothing."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event
from tests.conftest import Clock
from tests.support.places import Place

from nova.core.degradations import DegradationKind
from nova.models.circuits import FAILURES_MAX, PAUSE_SECONDS, PAUSE_SECONDS_MAX, PROBE_SECONDS, Circuits
from nova.store.database import Database

NAME = "provider:local"


def circuits(database: Database, clock: Clock) -> Circuits:
    """As one process sees them, without the half second in which it trusts what it has seen."""
    return Circuits(database, clock, fresh_seconds=0.0)


def fail(of: Circuits, times: int) -> None:
    """So many failures in a row."""
    for _ in range(times):
        of.failed(NAME, "cannot answer at the moment (HTTP 503)")


def test_it_opens_after_five_in_a_row(database: Database, clock: Clock) -> None:
    """Four failures and a success change nothing; five in a row, and it is left alone, until a time that is said."""
    mine = circuits(database, clock)
    fail(mine, FAILURES_MAX - 1)
    assert mine.enter(NAME) is None
    mine.went_well(NAME)
    fail(mine, FAILURES_MAX - 1)
    assert mine.enter(NAME) is None
    fail(mine, 1)
    resting = mine.enter(NAME)
    assert resting is not None
    assert resting.until == clock() + timedelta(seconds=PAUSE_SECONDS)
    said = resting.degradation()
    assert said.kind is DegradationKind.PROVIDER_RESTING
    assert "provider local was not tried: it failed 5 times in a row" in said.what
    assert "HTTP 503" in said.what
    assert said.mend == "It is tried again after 10:00:30 UTC, by itself."
    assert mine.enter("provider:other") is None


def test_other_processes_see_it(place: Place, clock: Clock) -> None:
    """What one process has learned keeps the others from trying, and one success lets all in again."""
    one, other = place.open(), place.open()
    try:
        here, there = circuits(one, clock), circuits(other, clock)
        fail(here, 3)
        fail(there, 2)
        assert here.enter(NAME) is not None
        assert there.enter(NAME) is not None
        clock.forward(seconds=PAUSE_SECONDS)
        assert here.enter(NAME) is None
        here.went_well(NAME)
        assert there.enter(NAME) is None
    finally:
        one.close()
        other.close()


def test_one_probes_and_the_others_wait(place: Place, clock: Clock) -> None:
    """Of ten who ask at the moment the pause is over, one is let through; if it never comes back, another one later."""
    stores = [place.open() for _ in range(5)]
    try:
        everyone = [circuits(store, clock) for store in stores]
        fail(everyone[0], FAILURES_MAX)
        clock.forward(seconds=PAUSE_SECONDS)
        through: list[bool] = []
        start = threading.Barrier(10)

        def ask(mine: Circuits) -> None:
            start.wait()
            through.append(mine.enter(NAME) is None)

        threads = [threading.Thread(target=ask, args=(mine,)) for mine in everyone * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(through) == [False] * 9 + [True]
        clock.forward(seconds=PROBE_SECONDS)
        assert [mine.enter(NAME) is None for mine in everyone] == [True, False, False, False, False]
    finally:
        for store in stores:
            store.close()


def test_a_failed_probe_doubles_the_pause(database: Database, clock: Clock) -> None:
    """It is left alone twice as long each time, but never for ever."""
    mine = circuits(database, clock)
    fail(mine, FAILURES_MAX)
    pauses: list[float] = []
    for _ in range(12):
        resting = mine.enter(NAME)
        assert resting is not None
        pauses.append((resting.until - clock()).total_seconds())
        clock.at = resting.until
        assert mine.enter(NAME) is None
        fail(mine, 1)
    assert pauses[:4] == [PAUSE_SECONDS * factor for factor in (1, 2, 4, 8)]
    assert pauses[-1] == PAUSE_SECONDS_MAX


def test_a_long_wish_opens_it_at_once(database: Database, clock: Clock) -> None:
    """A provider that asks to be left alone for ten minutes is, after one refusal; failures do not shorten that."""
    mine = circuits(database, clock)
    mine.failed(NAME, "HTTP 429", wished_seconds=600.0)
    fail(mine, FAILURES_MAX)
    resting = mine.enter(NAME)
    assert resting is not None
    assert resting.until == clock() + timedelta(seconds=600)


@pytest.mark.parametrize("uses", [200])
def test_while_all_works_there_is_one_read(database: Database, clock: Clock, uses: int) -> None:
    """Two hundred uses within half a second cost one SELECT between them, and nothing is written."""
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: said.append(str(given[2])))
    mine = Circuits(database, clock, age=lambda: 0.0)
    for _ in range(uses):
        assert mine.enter(NAME) is None
        mine.went_well(NAME)
    assert [text.split()[0] for text in said if "breakers" in text] == ["SELECT"]
