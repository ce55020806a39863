"""`python -m benchmarks.validity`: reads the arguments, keeps the facts, asks, prints a table or JSON."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one thread, or the processor times mean nothing

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.validity.data import read
from benchmarks.validity.facts import Clock
from benchmarks.validity.measure import Asked, Figures, ask, figures
from nova.core.errors import BadInput
from nova.memory.tiers import memory_of
from nova.models.encoder_choice import MiniLMChoice, WordsChoice
from nova.models.encoder_files import encoder_folder
from nova.models.encoding import open_encoder
from nova.store.database import open_database

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results"
BARS = {"supersession": 0.02, "repair_propagation": 0.11}  # at most so many queries see what no longer holds
PRESENT_MIN = 0.95
PUBLISHED = (
    "Without an argument the file is $NOVA_BENCH_DATA/memory/statebench/dev.jsonl. The data: StateBench "
    "(github.com/Parslee-ai/statebench, MIT), JSON lines of {id, track, initial_state, events}."
)


def main(arguments: list[str]) -> int:
    """Runs the benchmark. Returns the exit code."""
    asked = _parser().parse_args(arguments)
    if not asked.timelines.is_file():
        sys.stdout.write(f"Skipped: there is no {asked.timelines}.\n{PUBLISHED}\n")
        return 0 if asked.timelines == given() else 2
    try:
        timelines = [one for one in read(asked.timelines) if asked.track in ("", one.track)]
    except BadInput as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    encoder = open_encoder(WordsChoice() if asked.encoder == "words" else MiniLMChoice(folder=encoder_folder()))
    for lost in encoder.degradations:
        sys.stderr.write(f"{lost}\n")
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        memory = memory_of(open_database(Path(folder) / "nova.db"), encoder, clock)
        rows = ask(memory, clock, timelines, turns=asked.episodes)
        memory.database.close()
    if not rows:
        sys.stdout.write(f"Nothing was asked: {asked.timelines} has no query of this track.\n")
        return 2
    tracks = {name: figures(row for row in rows if row.track == name) for name in sorted({row.track for row in rows})}
    result = {
        **_headline(tracks),
        "all": asdict(figures(rows)),
        "tracks": {name: asdict(one) for name, one in tracks.items()},
        "episodes": asked.episodes,
        "encoder": encoder.name,
        "timelines": len(timelines),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if not asked.track:
        _keep(result, asked.timelines.resolve(), encoder.name, episodes=asked.episodes)
    if asked.failures:
        sys.stderr.writelines(_failures(rows))
    sys.stdout.write(json.dumps(result) + "\n" if asked.json else _table({**tracks, "all": figures(rows)}))
    return 0


def given() -> Path:
    """Where the data lies when no argument says so."""
    return Path(os.environ.get("NOVA_BENCH_DATA", "bench-data")) / "memory" / "statebench" / "dev.jsonl"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.validity", description=__doc__, epilog=PUBLISHED)
    parser.add_argument("--timelines", type=Path, default=given(), metavar="FILE")
    parser.add_argument("--episodes", action="store_true", help="keep what was said as well, not facts alone")
    parser.add_argument("--track", default="", metavar="NAME", help="this track alone; nothing is written to results")
    parser.add_argument("--encoder", choices=("minilm", "words"), default="minilm")
    parser.add_argument("--failures", action="store_true", help="every query that went wrong, with its context")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser


def _headline(tracks: Mapping[str, Figures]) -> dict[str, object]:
    """The tracks that a bar is set for, and whether it is met."""
    bars = {
        name: {
            "present_of_known": tracks[name].present_of_known,
            "present_of_known_min": PRESENT_MIN,
            "outdated": tracks[name].outdated,
            "outdated_max": bar,
            "met": (tracks[name].present_of_known or 0) >= PRESENT_MIN and (tracks[name].outdated or 0) <= bar,
        }
        for name, bar in BARS.items()
        if name in tracks
    }
    return {"bars": bars}


def _keep(result: dict[str, object], file: Path, encoder: str, *, episodes: bool) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    kept = f"validity-{file.parent.name}-{file.stem}-{'episodes-' if episodes else ''}{encoder}.json"
    (RESULTS / kept).write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def _failures(rows: list[Asked]) -> list[str]:
    return [
        f"{row.timeline} ({row.track}) {row.prompt}\n  missed {list(row.missed)}, slipped in {list(row.slipped)}\n"
        + "".join(f"    {line}\n" for line in row.context.splitlines())
        for row in rows
        if row.missed or row.slipped
    ]


def _table(lines: Mapping[str, Figures]) -> str:
    names = list(asdict(next(iter(lines.values()))))
    head = f"{'':26}" + "".join(f"{name:>21}" for name in names)
    rows = [f"{track:26}" + "".join(f"{_shown(value):>21}" for value in asdict(one).values())
            for track, one in lines.items()]  # fmt: skip
    return "\n".join([head, *rows]) + "\n"


def _shown(value: float | None) -> str:
    return "-" if value is None else format(value, ".4g")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
