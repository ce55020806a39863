"""How every side is timed, in its own process: wall, processor time of all threads, bytes handed to the file system.

Standard library only: the peers import it in environments that have nothing of Nova.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

WARM_UPS, WARM_UPS_BESIDE = 5, 1

Work: TypeAlias = Callable[[], Awaitable[list[str]]]
"""One pipeline, or all agents side by side; gives the answers."""


@dataclass(frozen=True)
class Step:
    """One agent: its name and what it is told to be."""

    name: str
    instructions: str


@dataclass(frozen=True)
class Task:
    """What every side does: `steps` in turn without latency, `beside` at once with it; each answers `answer`."""

    request: str
    answer: str
    steps: tuple[Step, ...]
    beside: tuple[Step, ...]
    latency_seconds: float
    pipelines: int
    besides: int


@dataclass(frozen=True)
class Series:
    """Repeats of one thing, one after the other. written_bytes: of one, on average, handed to write calls."""

    wall_seconds: tuple[float, ...]
    cpu_seconds: tuple[float, ...]
    written_bytes: float


@dataclass(frozen=True)
class Side:
    """What one side took. bare: the same agents in turn with nothing kept. durable: what survives a kill."""

    name: str
    durable: str
    bare: Series
    pipeline: Series
    beside: Series


class Script:
    """The model of every side: always the same answer, after its latency. Counts how often it was asked."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.calls = 0
        self.latency_seconds = 0.0

    async def answer(self) -> str:
        """The answer."""
        self.calls += 1
        if self.latency_seconds:
            await asyncio.sleep(self.latency_seconds)
        return self.task.answer


def given() -> tuple[Task, Path]:
    """The task and the folder that the command line names."""
    read = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    steps, beside = (tuple(Step(**one) for one in read.pop(name)) for name in ("steps", "beside"))
    return Task(steps=steps, beside=beside, **read), Path(sys.argv[2])


def written() -> int:
    """Bytes this process has handed to write calls so far; 0 where the system does not count them."""
    counters = Path("/proc/self/io")
    if not counters.exists():
        return 0
    lines = counters.read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("wchar")))


async def timed(work: Work, script: Script, calls: int) -> tuple[float, float, int]:
    """Seconds of wall and of processor, and bytes written, of one. Fails unless the model was asked `calls` times."""
    asked, bytes_before = script.calls, written()
    wall, cpu = time.perf_counter(), time.process_time()
    answers = await work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert script.calls - asked == calls, f"{script.calls - asked} model calls instead of {calls}"
    assert answers, "nothing was answered"
    assert set(answers) == {script.task.answer}, f"other answers than the script's: {set(answers)}"
    return wall, cpu, written() - bytes_before


async def series(work: Work, script: Script, calls: int, times: int, warm_ups: int = WARM_UPS) -> Series:
    """`times` repeats, after some that do not count."""
    for _ in range(warm_ups):
        await timed(work, script, calls)
    rows = [await timed(work, script, calls) for _ in range(times)]
    return Series(
        wall_seconds=tuple(row[0] for row in rows),
        cpu_seconds=tuple(row[1] for row in rows),
        written_bytes=sum(row[2] for row in rows) / times,
    )


async def side(name: str, durable: str, script: Script, *, bare: Work, pipeline: Work, beside: Work) -> Side:
    """One side, measured. Latency only where the agents are side by side."""
    task = script.task
    bare_series = await series(bare, script, len(task.steps), task.pipelines)
    pipeline_series = await series(pipeline, script, len(task.steps), task.pipelines)
    script.latency_seconds = task.latency_seconds
    beside_series = await series(beside, script, len(task.beside), task.besides, WARM_UPS_BESIDE)
    script.latency_seconds = 0.0
    return Side(name=name, durable=durable, bare=bare_series, pipeline=pipeline_series, beside=beside_series)


def tell(*sides: Side) -> None:
    """The last line of the process: what it found, as JSON."""
    sys.stdout.write("\n" + json.dumps([asdict(one) for one in sides]) + "\n")
