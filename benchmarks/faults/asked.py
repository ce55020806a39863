"""Runs that wait for the owner; workers killed before, between and after his answers, each of them given twice."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.faults.chance import Watched, expected_of_all
from benchmarks.faults.crew import asking, run_id
from benchmarks.faults.lives import begun, lived
from benchmarks.faults.places import Place
from benchmarks.faults.result import Result
from benchmarks.faults.runner import Work, queue, queued_by, waking, works
from benchmarks.faults.verdict import judged
from benchmarks.faults.world import World
from nova.core.errors import BadInput
from nova.core.reviews import Answer
from nova.pipelines.engine import Client
from nova.pipelines.reviews import Given, answer

LOOK_SECONDS, WAIT_SECONDS_MAX = 0.05, 300.0


def answered_all(place: Place, *, reviews: int) -> Result:
    """Asks so many questions, kills three workers meanwhile, answers everything, and counts what went on."""
    work = Work(place=place, plan=asking(), world=World(place.folder), concurrency=16)
    names = [run_id(number) for number in range(reviews)]
    watched = Watched(work, expected_of_all(work.plan, names))
    lived(lambda _: queue(work, names))
    _killed_when(watched, lambda: _waiting(place) >= reviews // 2)
    _killed_when(watched, lambda: _waiting(place) == reviews)
    asked = place.open_reviews()
    lived(lambda _: answers(work, asked[: reviews // 2]))
    answering = begun(lambda _: answers(work, asked[reviews // 2 :]))
    _killed_when(watched, lambda: place.count("SELECT count(*) FROM runs WHERE state = 'done'") > reviews // 4)
    answering.ended()
    lived(works(work))
    watched.look()
    left = len(place.open_reviews())
    return Result(
        name="waiting reviews, all answered twice",
        place=place.name,
        runs=reviews,
        kills=3,
        verdict=judged(watched.expected, watched.lives, place.states()),
        says=f"{len(asked)} asked, {len(asked) - left} answered, every second answer refused",
        misses=() if left == 0 and len(asked) == reviews else (f"{len(asked)} asked, {left} left",),
    )


def answers(work: Work, asked: list[str]) -> None:
    """Approves each, and tries to once more. Raises AssertionError when the second answer is taken."""
    database = work.place.open()
    client = Client.open(work.place.ground)
    wakes = waking(work, database, queued_by(client))
    for one in asked:
        answer(wakes, one, Given(answer=Answer.APPROVE))
        try:
            answer(wakes, one, Given(answer=Answer.APPROVE))
        except BadInput:
            continue
        raise AssertionError(f"the review {one} was answered twice")
    client.close()
    database.close()


def _waiting(place: Place) -> int:
    return place.count("SELECT count(*) FROM walks WHERE state = 'parked'")


def _killed_when(watched: Watched, holds: Callable[[], bool]) -> None:
    """A worker, killed as soon as this holds."""
    life = begun(works(watched.work, stays=True))
    until = time.monotonic() + WAIT_SECONDS_MAX
    while not holds():
        if time.monotonic() > until:
            raise RuntimeError(f"a worker did not get as far as it should within {WAIT_SECONDS_MAX:g} s")
        time.sleep(LOOK_SECONDS)
    life.kill()
    life.ended()
    watched.look()
