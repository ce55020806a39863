"""An effect that cannot be asked for twice, its process killed at every moment: it is never repeated on a guess.

After a crash nobody knows whether it happened, so the owner is asked. He looks at the world, and answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add

from benchmarks.faults.boundaries import History, spread
from benchmarks.faults.crew import ACT_ONCE, expected_of, line_of, run_id
from benchmarks.faults.lives import Moments, lived
from benchmarks.faults.places import Place
from benchmarks.faults.result import Result
from benchmarks.faults.runner import Work, waking
from benchmarks.faults.world import What, World
from nova.core.json import Json
from nova.core.reviews import Answer
from nova.pipelines.reviews import Given, answer
from nova.store.database import Connection

PLAN = line_of(2, "once", ACT_ONCE)
LEGS_MAX = 5


@dataclass(frozen=True, slots=True)
class Answers:
    """An owner who has looked: it happened, and this is what it gave; or it did not, so let it be done."""

    history: History
    review: str

    def __call__(self, _moments: Moments) -> None:
        """Answers; the next leg is walked by whoever comes next."""
        work = self.history.work
        database = work.place.open()
        path = next(line.path for line in reversed(work.world.lines()) if line.what is What.BEGAN)
        happened = any(line.what is What.ACTED and line.path == path for line in work.world.lines())
        lines: list[Json] = [path]
        output: Json = {
            "text": path, "headline": path, "lines": lines, "citations": [], "cut": False, "count": 1,
        }  # fmt: skip
        given = Given(answer=Answer.CHANGE, edit=output) if happened else Given(answer=Answer.APPROVE)
        answer(waking(work, database, _no_queue), self.review, given)
        database.close()


def _no_queue(_connection: Connection, _run: str, _leg: int, _queue: str, _partition: str) -> None:
    """The next life walks the leg itself."""


def never_on_a_guess(place: Place, *, kills_max: int) -> Result:
    """kills_max: moments that are chosen; 0 for all there are."""
    whole = _history(place, 0)
    assert whole.live(0)
    histories, asked = [whole], 0
    for number in spread(whole.moments, kills_max):
        history = _history(place, number)
        history.live(number)
        asked += _lived_on(history)
        histories.append(history)
    states = place.states()
    return Result(
        name="killed around effects that no key makes harmless",
        place=place.name,
        runs=len(histories),
        kills=sum(one.kills for one in histories),
        verdict=reduce(add, [one.verdict(states) for one in histories]),
        says=f"{whole.moments} moments; the owner was asked {asked} times whether it had happened",
        misses=() if asked else ("the owner was never asked",),
    )


def _lived_on(history: History) -> int:
    """Leg after leg until it has ended; how often the owner was asked."""
    for leg in range(1, LEGS_MAX):
        history.live(0, leg)
        open_reviews = history.work.place.open_reviews()
        if not open_reviews:
            return leg - 1
        lived(Answers(history, open_reviews[0]))
    raise RuntimeError(f"{history.run} still asks after {LEGS_MAX} legs")


def _history(place: Place, number: int) -> History:
    run, folder = run_id(number), place.folder / f"world-{number}"
    folder.mkdir()
    return History(Work(place=place, plan=PLAN, world=World(folder)), run, expected_of(PLAN, run, {}))
