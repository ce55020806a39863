"""`python -m benchmarks.recall.scale`: what a recall costs among very many turns, and what it costs to add one.

The turns are semi-synthetic: READ_MAX real turns are read by the encoder; each further one is the first half of a real
turn and the second half of another, with the vector halfway between theirs and a little noise. So the words are as
frequent as in real talk and the vectors lie as real ones do, but none was read by the encoder. Requests are real.
Speakers are Nova's, so that no request names one. Times are processor times, the encoder's included, and on PostgreSQL
those of the server's process for our connection, as far as this machine shows it (a server elsewhere counts nothing).
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one thread, or the processor times mean nothing

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, quantiles
from time import process_time
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.recall.__main__ import PUBLISHED, RESULTS, given
from benchmarks.recall.data import Data, read
from nova.core.episodes import Episode
from nova.core.labels import Label, Scope
from nova.memory.recall import recall
from nova.memory.tiers import Memory, memory_of
from nova.models.encoder_choice import MiniLMChoice
from nova.models.encoder_files import encoder_folder
from nova.models.encoders import Encoder
from nova.models.encoding import open_network
from nova.store import episodes
from nova.store.database import Database, open_database, open_database_at
from nova.store.episodes import Vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

READ_MAX = 2_000
REQUESTS_MAX = 200
INSERTS = 200  # runs of two turns
CONVERSATION_TURNS = 20
NOISE = 0.1  # of a vector's length
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many turns lie in how many scopes."""

    turns: int
    scopes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What was measured at one size. insert: a run's two turns with words, vectors and commit, for one turn."""

    turns: int
    scopes: int
    requests: int
    query_cpu_ms_p50: float
    query_cpu_ms_p95: float
    first_query_cpu_ms: float
    rss_growth_mb: float
    insert_cpu_ms: float
    fill_cpu_ms: float
    disk_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Real turns with their vectors, float32 [n, width], to be mixed."""

    texts: tuple[str, ...]
    vectors: Floats
    encoder: str

    def turns(self, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
        """`count` texts with float16 vectors, always the same for one seed."""
        random = np.random.default_rng(seed)
        for start in range(0, count, 1_000):
            size = min(1_000, count - start)
            first, second = (random.integers(len(self.texts), size=size) for _ in range(2))
            mixed = _unit(self.vectors[first] + self.vectors[second])
            noise = random.normal(scale=NOISE / mixed.shape[1] ** 0.5, size=mixed.shape).astype(np.float32)
            halves = _unit(mixed + noise).astype(np.float16)
            for place in range(size):
                one, other = self.texts[int(first[place])], self.texts[int(second[place])]
                yield _mixed(one, other), halves[place].tobytes()


def main(arguments: list[str]) -> int:
    """Runs the benchmark. Returns the exit code."""
    asked = _parser().parse_args(arguments)
    if missing := [str(file) for file in (asked.turns, asked.questions) if not file.is_file()]:
        sys.stdout.write(f"Skipped: there is no {', no '.join(missing)}.\n{PUBLISHED}\n")
        return 0 if asked.turns == given("turns.jsonl") else 2
    data = read(asked.turns, asked.questions)
    encoder = Encoder(open_network(MiniLMChoice(folder=encoder_folder())), rows_max=1)  # every request is read anew
    source = _source(data, encoder)
    sizes = [Size(turns=asked.rows * max(1, scopes // 64), scopes=scopes) for scopes in asked.scopes]
    costs = [_cost(size, source, data, encoder, asked.postgres) for size in sizes]
    engine = "postgresql" if asked.postgres else "sqlite"
    at = datetime.now(UTC).isoformat(timespec="seconds")
    result = {"engine": engine, "at": at, "sizes": [asdict(cost) for cost in costs]}
    RESULTS.mkdir(parents=True, exist_ok=True)
    name = f"recall-scale-{engine}-{'-'.join(map(str, asked.scopes))}.json"
    (RESULTS / name).write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    sys.stdout.write(json.dumps(result) + "\n" if asked.json else _table(costs))
    return 0


def _cost(size: Size, source: Source, data: Data, encoder: Encoder, postgres: str) -> Cost:
    """Each size gets a new file, or scopes of its own in the database on PostgreSQL, which is left filled."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "nova.db"
        database = open_database_at(postgres) if postgres else open_database(file)
        names = [f"s{size.scopes}-{number}" for number in range(size.scopes)]
        filled = _fill(database, names, size, source)
        memory = memory_of(database, encoder, lambda: datetime.now(UTC))
        before = _rss_mb()
        firsts = [_asked(memory, data.questions[0].question, name) for name in names]
        times = [
            _asked(memory, one.question, names[place % len(names)])
            for place, one in enumerate(data.questions[:REQUESTS_MAX])
        ]
        growth = _rss_mb() - before
        insert = _insert(memory, names, source)
        database.close()
        disk = sum(part.stat().st_size for part in file.parent.iterdir()) / 1e6
    cut = quantiles(times, n=100, method="inclusive")
    return Cost(
        turns=size.turns,
        scopes=size.scopes,
        requests=len(times),
        query_cpu_ms_p50=round(cut[49], 2),
        query_cpu_ms_p95=round(cut[94], 2),
        first_query_cpu_ms=round(mean(firsts), 2),
        rss_growth_mb=round(growth, 1),
        insert_cpu_ms=round(insert, 3),
        fill_cpu_ms=round(filled, 3),
        disk_mb=round(disk, 1),
    )


def _source(data: Data, encoder: Encoder) -> Source:
    texts = [turn.text for turn in data.turns if turn.text.strip()][:READ_MAX]
    return Source(texts=tuple(texts), vectors=encoder.encode(texts), encoder=encoder.name)


def _fill(database: Database, names: Sequence[str], size: Size, source: Source) -> float:
    """Conversations of CONVERSATION_TURNS turns, one transaction for each; milliseconds for one turn."""
    spent, each = 0.0, size.turns // size.scopes
    for place, scope in enumerate(names):
        said = list(source.turns(each, place))
        begun = _spent(database)
        for first in range(0, each, CONVERSATION_TURNS):
            part = said[first : first + CONVERSATION_TURNS]
            _append(database, Scope.of(scope), f"{scope}/{first}", 1, part, source.encoder)
        spent += _spent(database) - begun
        sys.stderr.write(f"\r{(place + 1) * each:,} of {size.turns:,} turns, {spent:.0f} s ")
    sys.stderr.write("\n")
    return 1_000 * spent / (each * size.scopes)


def _insert(memory: Memory, names: Sequence[str], source: Source) -> float:
    """Runs of two turns, one after the other in one conversation, each with its commit; milliseconds for one turn."""
    said = list(source.turns(2 * INSERTS, 9_999))
    begun = _spent(memory.database)
    for run in range(INSERTS):
        part = said[2 * run : 2 * run + 2]
        _append(memory.database, Scope.of(names[run % len(names)]), "one more", 2 * run + 1, part, source.encoder)
    return 1_000 * (_spent(memory.database) - begun) / (2 * INSERTS)


def _append(
    database: Database, scope: Scope, place: str, number: int, said: Sequence[tuple[str, bytes]], encoder: str
) -> None:
    label = Label(scopes=frozenset({scope.own}))
    turns = [
        Episode(
            id=f"{scope.own}/{place}/{at}",
            scope=scope.own,
            conversation=place,
            number=at,
            speaker="owner" if at % 2 else "general-chat",
            at=BEGIN + timedelta(hours=abs(hash((place, at))) % 7_000),
            text=text,
            label=label,
        )
        for at, (text, _) in enumerate(said, start=number)
    ]
    with database.write() as connection:
        episodes.append(connection, scope, turns, [Vector(encoder, data) for _, data in said])


def _asked(memory: Memory, request: str, scope: str) -> float:
    """Milliseconds of processor time for one recall as an agent asks for it."""
    begun = _spent(memory.database)
    recall(memory, request, Scope.of(scope))
    return 1_000 * (_spent(memory.database) - begun)


def _spent(database: Database) -> float:
    """Seconds of processor time so far: ours, and the server's for the one connection that the pool keeps."""
    if database.engine.dialect.name != "postgresql":
        return process_time()
    with database.read() as connection:
        server = int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    runs = Path(f"/proc/{server}/schedstat")
    return process_time() + (int(runs.read_text("utf-8").split()[0]) / 1e9 if runs.exists() else 0.0)


def _unit(rows: Floats) -> Floats:
    return np.divide(rows, np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _mixed(first: str, second: str) -> str:
    one, other = first.split(), second.split()
    return " ".join([*one[: len(one) // 2 + 1], *other[len(other) // 2 :]])


def _rss_mb() -> float:
    status = Path("/proc/self/status").read_text("utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1_000


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recall.scale", description=__doc__, epilog=PUBLISHED)
    parser.add_argument("--turns", type=Path, default=given("turns.jsonl"), metavar="FILE")
    parser.add_argument("--questions", type=Path, default=given("questions.jsonl"), metavar="FILE")
    parser.add_argument("--rows", type=int, default=100_000, metavar="N", help="turns in up to 64 scopes (100,000)")
    parser.add_argument("--scopes", type=int, nargs="+", default=[64, 1], help="64 1; 640: ten times as many turns")
    parser.add_argument("--postgres", default="", metavar="ADDRESS", help="an empty database: postgresql://...")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser


def _table(costs: Sequence[Cost]) -> str:
    columns = [asdict(cost) for cost in costs]
    return "".join(f"{key:22}" + "".join(f"{column[key]:>12,.6g}" for column in columns) + "\n" for key in columns[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
