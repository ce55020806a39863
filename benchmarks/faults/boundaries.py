"""A run that is killed at each of its moments, and taken up by the next process: every statement, every commit, both
sides of every effect. Now and then the one that takes it up is killed as well.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add

from benchmarks.faults.crew import everything, expected_of, line_of, run_id
from benchmarks.faults.lives import lived
from benchmarks.faults.places import Place
from benchmarks.faults.result import Result
from benchmarks.faults.runner import Work, walks_here
from benchmarks.faults.verdict import Expected, Life, Verdict, judged
from benchmarks.faults.world import World

BELOW = line_of(2, "below")
PLAN = everything(BELOW)
LEFT_OUT = frozenset({"other"})
AGAIN_EVERY = 4  # each so manyth run is killed once more while it is taken up
LIVES_MAX = 10


@dataclass(slots=True)
class History:
    """The lives of one run."""

    work: Work
    run: str
    expected: Expected
    lives: list[Life] = field(default_factory=list[Life])
    seen: int = 0
    kills: int = 0
    moments: int = 0

    def live(self, die_at: int, number: int = 1) -> bool:
        """One more life, on this leg; whether it ended by itself."""
        ended = lived(walks_here(self.work, self.run, number), die_at)
        lines = self.work.world.lines(self.seen)
        self.seen += len(lines)
        settled = {key: output for key, output in self.work.place.settled().items() if key in self.expected.steps}
        self.lives.append(Life(settled=settled, seen=lines))
        self.kills += ended.killed
        self.moments = ended.moments
        return not ended.killed

    def verdict(self, states: Mapping[str, str]) -> Verdict:
        """What they did to it. states: of all runs."""
        return judged(self.expected, self.lives, {run: states[run] for run, _ in self.expected.steps})


def killed_everywhere(place: Place, kills_max: int, seed: int) -> Result:
    """kills_max: moments that are chosen, spread evenly; 0 for all there are."""
    chance = random.Random(seed)
    whole = _history(place, 0)
    assert whole.live(0)
    chosen = spread(whole.moments, kills_max)
    histories = [whole]
    for number in chosen:
        history = _history(place, number)
        history.live(number)
        if number % AGAIN_EVERY == 0:
            history.live(chance.randint(1, whole.moments // 2))
        while not history.live(0):
            assert len(history.lives) < LIVES_MAX
        histories.append(history)
    states = place.states()
    verdicts = [one.verdict(states) for one in histories]
    return Result(
        name="killed at every statement, commit and effect",
        place=place.name,
        runs=len(histories),
        kills=sum(one.kills for one in histories),
        verdict=reduce(add, verdicts),
        says=f"{whole.moments} moments, {len(chosen)} of them chosen",
    )


def _history(place: Place, number: int) -> History:
    run, folder = run_id(number), place.folder / f"world-{number}"
    folder.mkdir()
    below = {BELOW.id: BELOW}
    work = Work(place=place, plan=PLAN, below=below, world=World(folder))
    return History(work, run, expected_of(PLAN, run, below, LEFT_OUT))


def spread(moments: int, count_max: int) -> Sequence[int]:
    """So many of the moments, the first and the last among them; 0 for all."""
    count = min(count_max or moments, moments)
    return sorted({1 + round(place * (moments - 1) / max(1, count - 1)) for place in range(count)})
