"""`python -m benchmarks.faults.worker WORLD FOLDER ADDRESS SECONDS CONCURRENCY`: a worker as a process of its own."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from benchmarks.faults.crew import line_of
from benchmarks.faults.places import Place
from benchmarks.faults.runner import Work, worked
from benchmarks.faults.world import World


def main(world: Path, folder: Path, address: str, seconds: float, concurrency: int) -> None:
    """Works until the queue has run empty. What it walks stands in the runs themselves, not in the plan it is given."""
    place = Place(folder=folder, address=address)
    work = Work(place=place, plan=line_of(1), world=World(world), seconds=seconds, concurrency=concurrency)
    asyncio.run(worked(work))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], float(sys.argv[4]), int(sys.argv[5]))
