"""Workers on SQLite, one after the other, each killed at a random moment, with many runs in their queue."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.faults.crew import expected_of, line_of, run_id
from benchmarks.faults.lives import Alive, lived
from benchmarks.faults.places import Place
from benchmarks.faults.result import Result
from benchmarks.faults.runner import Work, queue, worker
from benchmarks.faults.verdict import Expected, Life, judged
from benchmarks.faults.world import Line, World
from nova.core.plans import Plan

STEPS = 5
LIVES_MAX = 400
RESUME_SECONDS_MAX = 2.0
LOOK_SECONDS = 0.01
WHILE_STARTING, WITHIN_SECONDS = 0.2, 0.4


@dataclass(slots=True)
class Watched:
    """Runs, and the lives that work on them one after the other."""

    work: Work
    expected: Expected
    lives: list[Life] = field(default_factory=list[Life])
    seen: int = 0

    def look(self) -> Sequence[Line]:
        """What was seen since the last look, and what is finished now."""
        lines = self.work.world.lines(self.seen)
        self.seen += len(lines)
        self.lives.append(Life(settled=self.work.place.settled(), seen=lines))
        return lines


def killed_at_random(place: Place, *, runs: int, kills: int, seconds: float, seed: int, new_process: bool) -> Result:
    """Kills one worker after the other, `kills` of them, and lets the last one finish. seconds: of each step.

    new_process: each worker is a start of Python, and not a fork of this process; then its resuming is timed.
    """
    chance = random.Random(seed)
    watched = queued(place, runs, STEPS, seconds)
    died, resumed = 0, list[float]()
    while len(watched.lives) < LIVES_MAX:
        since = time.time()
        life = worker(watched.work, new_process=new_process)
        killed = died < kills and _killed(life, watched, chance)
        if not killed:
            life.ended()
        died += killed
        lines = watched.look()
        if len(watched.lives) > 1 and lines:
            resumed.append(min(line.at for line in lines) - since)
        if not killed:
            break
    timed = tuple(resumed) if new_process else ()
    late = median(timed) if timed else 0.0  # the worst is told, but it is the machine's as much as ours
    return Result(
        name="workers killed at random moments" + (", started anew" if new_process else ""),
        place=place.name,
        runs=runs,
        kills=died,
        verdict=judged(watched.expected, watched.lives, place.states()),
        resume_seconds=timed,
        misses=(f"half resumed after more than {late:.1f} s",) if late > RESUME_SECONDS_MAX else (),
    )


def queued(place: Place, runs: int, steps: int, seconds: float, concurrency: int = 8) -> Watched:
    """Runs of so many steps, in the queue."""
    plan = line_of(steps)
    work = Work(place=place, plan=plan, world=World(place.folder), seconds=seconds, concurrency=concurrency)
    names = [run_id(number) for number in range(runs)]
    lived(lambda _: queue(work, names))
    return Watched(work, expected_of_all(plan, names))


def expected_of_all(plan: Plan, runs: Sequence[str]) -> Expected:
    """What must have happened when all these runs of one plan have ended."""
    each = [expected_of(plan, name, {}) for name in runs]
    steps = {key: earlier for one in each for key, earlier in one.steps.items()}
    return Expected(steps=steps, effects=frozenset(key for one in each for key in one.effects))


def _killed(life: Alive, watched: Watched, chance: random.Random) -> bool:
    """Kills it at some moment: one in five while it starts, the others while it walks. False when it ended before."""
    starting = chance.random() < WHILE_STARTING
    while not (starting or life.over or watched.work.world.lines(watched.seen)):
        time.sleep(LOOK_SECONDS)
    until = time.monotonic() + chance.uniform(0.0, WITHIN_SECONDS)
    while time.monotonic() < until and not life.over:
        time.sleep(LOOK_SECONDS)
    if life.over:
        return False
    life.kill()
    return life.ended().killed
