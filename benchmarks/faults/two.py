"""Two workers on PostgreSQL: one is killed and the other goes on with what it had; a third comes in its place."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.faults.chance import Watched, queued
from benchmarks.faults.lives import Alive
from benchmarks.faults.places import Place
from benchmarks.faults.result import Result
from benchmarks.faults.runner import worker
from benchmarks.faults.verdict import judged

CONTINUED_SECONDS_MAX = 8.0
WAIT_SECONDS_MAX = 60.0
SECONDS_OF_A_STEP, RUNS, STEPS_FOR_A_KILL = 0.3, 8, 8
LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Death:
    """A worker is dead. runs: those it was walking; at: seconds since 1970."""

    pid: int
    at: float
    runs: frozenset[str]


def one_of_two_is_killed(place: Place, *, kills: int, seed: int, new_process: bool) -> Result:
    """Kills one of two, `kills` times; the runs go on until all have ended."""
    chance = random.Random(seed)
    watched = queued(place, RUNS, STEPS_FOR_A_KILL * kills, SECONDS_OF_A_STEP, 2 * RUNS)
    living = [worker(watched.work, new_process=new_process) for _ in range(2)]
    continued = list[float]()
    for number in range(kills):
        _until(lambda: _up(watched, living), "a worker did not come up")
        time.sleep(chance.uniform(0.0, SECONDS_OF_A_STEP))
        dead = living.pop(_busy(watched, living, chance))
        death = _killed(watched, dead, living[0])
        continued += _continued(watched, death)
        if number < kills - 1:
            living.append(worker(watched.work, new_process=new_process))
    for one in living:
        one.ended()
    watched.look()
    late = [seconds for seconds in continued if seconds > CONTINUED_SECONDS_MAX]
    return Result(
        name="one of two workers killed",
        place=place.name,
        runs=RUNS,
        kills=kills,
        verdict=judged(watched.expected, watched.lives, place.states()),
        resume_seconds=tuple(continued),
        says=f"{len(continued)} runs changed hands",
        misses=(f"{len(late)} runs went on after more than {CONTINUED_SECONDS_MAX:g} s",) if late else (),
    )


def _up(watched: Watched, living: list[Alive]) -> bool:
    """Both have started, and something is walked."""
    names = watched.work.place.workers()
    return bool(watched.work.place.held()) and all(any(f"-{one.pid}-" in name for name in names) for one in living)


def _busy(watched: Watched, living: list[Alive], chance: random.Random) -> int:
    """Which one dies: any that walks something."""
    return chance.choice([number for number, one in enumerate(living) if _held(watched, one.pid)])


def _held(watched: Watched, pid: int) -> frozenset[str]:
    """The runs this process is walking, by the name that it has there."""
    return frozenset(run for run, holder in watched.work.place.held().items() if f"-{pid}-" in holder)


def _killed(watched: Watched, dead: Alive, other: Alive) -> Death:
    """The other one stands still while we look, so that what is finished and what was seen are of one moment."""
    dead.kill()
    dead.ended()
    at = time.time()
    other.pause()
    try:
        watched.look()
        return Death(dead.pid, at, _held(watched, dead.pid))
    finally:
        other.go_on()


def _continued(watched: Watched, death: Death) -> list[float]:
    """How long each of its runs stood still, in seconds."""
    found: dict[str, float] = {}

    def all_found() -> bool:
        for line in watched.work.world.lines(watched.seen):
            if line.run in death.runs and line.pid != death.pid and line.at > death.at:
                found.setdefault(line.run, line.at - death.at)
        return death.runs <= found.keys()

    _until(all_found, f"of {len(death.runs)} runs not all went on")
    return list(found.values())


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + WAIT_SECONDS_MAX
    while not holds():
        if time.monotonic() > until:
            raise RuntimeError(f"{otherwise} within {WAIT_SECONDS_MAX:g} s")
        time.sleep(LOOK_SECONDS)
