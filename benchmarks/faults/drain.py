"""A long queue, drained by two workers on PostgreSQL; then the same with many finished runs in the history."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.chance import expected_of_all
from benchmarks.faults.crew import LOOK, line_of, run_id
from benchmarks.faults.lives import Alive, lived
from benchmarks.faults.places import Place
from benchmarks.faults.result import Result
from benchmarks.faults.runner import Work, queue, worker
from benchmarks.faults.verdict import Life, Verdict, judged
from benchmarks.faults.world import World

RSS_MB_MAX, THROUGHPUT_LOST_MAX = 200.0, 0.2
WORKERS, CONCURRENCY, PROBES = 2, 32, 2
LOOK_SECONDS = 0.1
SEED = run_id(0, "seed")
TABLES: Mapping[str, str] = {
    "runs": "id", "events": "run", "walks": "run", "steps": "run", "dbos.workflow_status": "workflow_uuid",
    "dbos.workflow_input": "workflow_uuid", "dbos.workflow_output": "workflow_uuid",
}  # fmt: skip
"""Where a finished run has rows, each with the column that names it; those it refers to come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """per_second: runs from the first step to the last, by all workers. rss_mb: the most of one. cpu_ms: of a run."""

    per_second: float
    rss_mb: float
    cpu_ms: float
    verdict: Verdict


def drained_by_two(place: Place, *, runs: int, probe: int, history: int) -> Result:
    """Drains `runs`, fills the history up to `history` finished runs, and compares `probe` runs before and after."""
    drain(place, [SEED])
    before = _best([drain(place, _names(f"before{turn}", probe)) for turn in range(PROBES)])
    main = drain(place, _names("main", runs))
    place.multiply(SEED, history - place.count("SELECT count(*) FROM runs WHERE state = 'done'"), TABLES)
    after = _best([drain(place, _names(f"after{turn}", probe)) for turn in range(PROBES)])
    finished = place.count("SELECT count(*) FROM runs WHERE state = 'done'")
    lost = 1 - after.per_second / before.per_second
    rss = max(one.rss_mb for one in (before, main, after))
    return Result(
        name="a queue drained by two workers",
        place=place.name,
        runs=runs,
        verdict=before.verdict + main.verdict + after.verdict,
        says=(
            f"{main.per_second:.0f} runs a second, {main.cpu_ms:.1f} ms of processor a run, a worker at most "
            f"{rss:.0f} MB; {before.per_second:.0f} runs a second with an empty history, {after.per_second:.0f} with "
            f"{finished:,} finished runs ({before.cpu_ms:.1f} and {after.cpu_ms:.1f} ms of processor a run)"
        ),
        misses=(
            *([f"a worker used {rss:.0f} MB, {RSS_MB_MAX:.0f} allowed"] if rss >= RSS_MB_MAX else []),
            *([f"{lost:.0%} of the throughput lost to the history"] if lost > THROUGHPUT_LOST_MAX else []),
        ),
    )


def drain(place: Place, names: list[str]) -> Drain:
    """Queues these runs of one step, starts two workers, and waits until they have ended."""
    folder = place.folder / f"drain-{names[0]}"
    folder.mkdir()
    work = Work(place=place, plan=line_of(1, "short", LOOK), world=World(folder), concurrency=CONCURRENCY)
    lived(lambda _: queue(work, names))
    workers = [worker(work, new_process=True) for _ in range(WORKERS)]
    rss_mb = _highest(workers)
    cpu_seconds = sum(one.ended().cpu_seconds for one in workers)
    lines = work.world.lines()
    seconds = max(line.at for line in lines) - min(line.at for line in lines)
    expected, wanted = expected_of_all(work.plan, names), frozenset(names)
    settled = {key: output for key, output in place.settled().items() if key in expected.steps}
    states = {run: state for run, state in place.states().items() if run in wanted}
    return Drain(
        per_second=len(names) / max(seconds, 0.001),
        rss_mb=rss_mb,
        cpu_ms=1000 * cpu_seconds / len(names),
        verdict=judged(expected, [Life(settled=settled, seen=lines)], states),
    )


def _names(prefix: str, count: int) -> list[str]:
    return [run_id(number, prefix) for number in range(count)]


def _best(drains: Sequence[Drain]) -> Drain:
    """The quickest: the machine is shared, and whatever disturbs makes it slower."""
    return max(drains, key=lambda one: one.per_second)


def _highest(workers: Sequence[Alive]) -> float:
    """The most resident memory of any of them until all have ended, in MB."""
    highest = 0.0
    while not all(one.over for one in workers):
        highest = max([highest, *(_rss_mb(one.pid) for one in workers)])
        time.sleep(LOOK_SECONDS)
    return highest


def _rss_mb(pid: int) -> float:
    """The highest so far; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM")), 0.0)
