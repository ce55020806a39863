"""A worker in a process of its own, to be killed.

    python -m tests.support.a_worker PLACE FOLDER

works on the store at PLACE until SIGTERM. It appends a line `begun RUN PROCESS` or `ended RUN PROCESS` to FOLDER/log
for each walk, and writes FOLDER/ready.PROCESS once it is at work; a walk ends when FOLDER/go is there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

from tests.support.grounds import ground_at
from tests.support.places import opened

from nova.core.errors import NovaError
from nova.pipelines.worker import Tick, Worker

PATIENCE_SECONDS = 30.0


def lines(folder: Path) -> list[tuple[str, str, int]]:
    """What has been noted so far: begun or ended, the run, the process."""
    log = folder / "log"
    said = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [(word, run, int(process)) for word, run, process in (line.split() for line in said)]


def runs(folder: Path, word: str, process: int = 0) -> list[str]:
    """The runs that have begun or ended, in order. process: only those of this one."""
    return [run for said, run, by in lines(folder) if said == word and process in (0, by)]


def until(true: Callable[[], bool], what: str) -> None:
    """Waits until it is so, for a while."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@contextlib.contextmanager
def a_worker(place: str, folder: Path) -> Generator[subprocess.Popen[bytes]]:
    """A worker that is at work; killed at the end if it still is. What it says is appended to FOLDER/said."""
    command = [sys.executable, "-m", "tests.support.a_worker", place, str(folder)]
    with (folder / "said").open("a", encoding="utf-8") as said, subprocess.Popen(command, stderr=said) as process:
        try:
            until(
                lambda: (folder / f"ready.{process.pid}").exists() or process.poll() is not None,
                "the worker did not come up",
            )
            yield process
        finally:
            process.kill()


async def _work(place: str, folder: Path) -> None:
    def note(word: str, run: str) -> None:
        with (folder / "log").open("a", encoding="utf-8") as log:
            log.write(f"{word} {run} {os.getpid()}\n")

    async def walk(run: str, _leg: int) -> None:
        note("begun", run)
        while not (folder / "go").exists():  # noqa: ASYNC110  # what it waits for is another process
            await asyncio.sleep(0.02)
        note("ended", run)

    async def ready() -> None:
        (folder / f"ready.{os.getpid()}").touch()

    database = opened(place)
    try:
        tick = Tick(name="ready", every_seconds=60.0, run=ready)
        await Worker(ground_at(place), database, walk, what="nova worker", ticks=[tick]).run(signals=True)
    finally:
        database.close()


if __name__ == "__main__":
    try:
        asyncio.run(_work(sys.argv[1], Path(sys.argv[2])))
    except NovaError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
