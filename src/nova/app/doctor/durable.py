"""The doctor on durable work: who takes it up, what stands, what waits, and whether code can be run in the sandbox."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nova.app.doctor.finding import Finding, note, ok
from nova.pipelines.again import SILENT
from nova.pipelines.engine import Client, LegState, ground_of
from nova.pipelines.engine_ground import SCHEMA, Ground
from nova.pipelines.lock import holder
from nova.policy import sandbox
from nova.settings.definition import Settings
from nova.settings.home import Home
from nova.store import glimpse
from nova.store.glimpse import Work

SEEN = timedelta(seconds=30)
NAMED = 3
BLOBS_MB_GOOD = 2_000


def examine_durable(home: Home, settings: Settings) -> Iterable[Finding]:
    """Worker, stuck and cut off runs, waiting reviews, big values. Loads the engine only where it was used."""
    ground = ground_of(home, settings)
    work = _work(ground)
    if work is not None:
        yield _worker(ground, work)
        if work.cut_off:
            yield _cut_off(work)
        if work.engine:
            yield from _stuck(ground)
        yield _reviews(work)
    if (home.data / "blobs").is_dir():
        yield _blobs(home.data / "blobs")


def examine_sandbox() -> Finding:
    """Whether tests of a project can be run safely here; what even a good sandbox does not hold is said."""
    ready = asyncio.run(sandbox.ready())
    if not ready.usable:
        return note("sandbox", f"{ready.what} No code of a project is run", ready.mend)
    weak = "".join(f" {one}" for one in ready.not_held)
    return ok("sandbox", f"{ready.bwrap}, every promise tried." + (f" Not held here:{weak}" if weak else ""))


def _work(ground: Ground) -> Work | None:
    """None where there is no database yet."""
    now = datetime.now(UTC)
    if ground.file is None:
        from nova.store.glimpse_postgres import work

        return work(ground.address, now - SILENT, now - SEEN, SCHEMA)
    return glimpse.work(ground.file, now - SILENT) if ground.file.exists() else None


def _worker(ground: Ground, work: Work) -> Finding:
    found = holder(ground.file) if ground.file is not None else None
    at_work = [(found.what, found.host, found.pid, found.since)] if found is not None else [
        ("nova worker", host, pid, datetime.fromisoformat(since)) for host, pid, since in work.workers or ()
    ]  # fmt: skip
    said = "; ".join(
        f"“{what}”, process {pid} on {host}, since {since.astimezone():%Y-%m-%d %H:%M}"
        for what, host, pid, since in at_work
    )
    queued = f"{work.queued} queued" if work.queued else "nothing queued"
    if said:
        return ok("worker", f"{said}; {queued}")
    mend = "Start one: nova worker   (runs that you begin yourself need none)"
    if work.queued or work.cut_off:
        return note("worker", f"none is at work; {queued}, {len(work.cut_off)} to be taken up again", mend)
    return note("worker", "none is at work: no schedule or event starts anything", mend)


def _cut_off(work: Work) -> Finding:
    count = len(work.cut_off)
    seen = f"{count} said to run and {'gives' if count == 1 else 'give'} no sign of life: {_named(work.cut_off)}"
    return note("runs", seen, f"Go on: nova runs resume {work.cut_off[0]}   (a worker does so by itself)")


def _stuck(ground: Ground) -> Iterable[Finding]:
    client = Client.open(ground)
    try:
        found = client.stuck()
    finally:
        client.close()
    for given_up, why in ((True, "given up: every worker that took them died"), (False, "of another version of Nova")):
        legs = [one.run for one in found if (one.state is LegState.GIVEN_UP) is given_up]
        if legs:
            mend = f"Take it up here: nova runs resume {legs[0]} --force"
            yield note("queue", f"{len(legs)} in the queue {why}: {_named(legs)}", mend)


def _reviews(work: Work) -> Finding:
    if not work.waiting:
        return ok("reviews", "none waits")
    return note("reviews", f"{work.waiting} wait{'s' * (work.waiting == 1)} for you", "Look: nova reviews")


def _blobs(folder: Path) -> Finding:
    sizes = [one.stat().st_size for one in _files(folder)]
    seen = f"{folder}: {len(sizes)} big value{'s' * (len(sizes) != 1)} of steps, {sum(sizes) / 1e6:.1f} MB"
    if sum(sizes) < BLOBS_MB_GOOD * 1_000_000:
        return ok("blobs", seen)
    return note("blobs", seen, "Keep finished runs for fewer days (keep_days in nova.toml); a worker collects them.")


def _files(folder: Path) -> Iterable[os.DirEntry[str]]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield entry


def _named(runs: Iterable[str]) -> str:
    names = list(dict.fromkeys(runs))
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
