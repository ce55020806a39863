"""`python -m benchmarks.recall`: reads the arguments, fills a store, asks, prints a table or JSON."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one thread, or the processor times mean nothing

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.recall.data import read
from benchmarks.recall.measure import ANSWERABLE, Figures, ask, figures, fill
from nova.memory.tiers import memory_of
from nova.models.encoder_choice import MiniLMChoice, WordsChoice
from nova.models.encoder_files import encoder_folder
from nova.models.encoding import open_encoder
from nova.store.database import open_database

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results"
PUBLISHED = (
    "Without arguments the files are taken from $NOVA_BENCH_DATA/memory/locomo. The data: LoCoMo (github.com/"
    "snap-research/locomo, CC BY-NC 4.0, to evaluate with only). Turns are JSON lines of {conversation, session, turn, "
    "at, speaker, text}, questions of {conversation, question, evidence, category}."
)


def main(arguments: list[str]) -> int:
    """Runs the benchmark. Returns the exit code."""
    asked = _parser().parse_args(arguments)
    if missing := [str(file) for file in (asked.turns, asked.questions) if not file.is_file()]:
        sys.stdout.write(f"Skipped: there is no {', no '.join(missing)}.\n{PUBLISHED}\n")
        return 0 if asked.turns == given("turns.jsonl") else 2
    data = read(asked.turns, asked.questions)
    encoder = open_encoder(WordsChoice() if asked.encoder == "words" else MiniLMChoice(folder=encoder_folder()))
    for lost in encoder.degradations:
        sys.stderr.write(f"{lost}\n")
    with tempfile.TemporaryDirectory() as folder:
        memory = memory_of(open_database(Path(folder) / "nova.db"), encoder, lambda: datetime.now(UTC))
        speed = fill(memory, data)
        rows = ask(memory, data)
        memory.database.close()
    groups = {
        "answerable": figures(row for row in rows if row.category in ANSWERABLE),
        **{
            f"category_{number}": figures(row for row in rows if row.category == number)
            for number in sorted({row.category for row in rows})
        },
    }
    result = {
        **{name: asdict(one) for name, one in groups.items()},
        "embeddings_per_cpu_second": round(speed, 1),
        "encoder": encoder.name,
        "turns": len(data.turns),
        "questions_without_evidence": data.dropped,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    name = f"recall-{asked.turns.resolve().parent.name}-{encoder.name}.json"
    (RESULTS / name).write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    sys.stdout.write(json.dumps(result) + "\n" if asked.json else _table(groups, speed))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recall", description=__doc__, epilog=PUBLISHED)
    parser.add_argument("--turns", type=Path, default=given("turns.jsonl"), metavar="FILE")
    parser.add_argument("--questions", type=Path, default=given("questions.jsonl"), metavar="FILE")
    parser.add_argument("--encoder", choices=("minilm", "words"), default="minilm")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser


def given(name: str) -> Path:
    """Where the data lies when no argument says so."""
    return Path(os.environ.get("NOVA_BENCH_DATA", "bench-data")) / "memory" / "locomo" / name


def _table(groups: dict[str, Figures], speed: float) -> str:
    lines = [f"{'':22}" + "".join(f"{name:>12}" for name in groups)]
    columns = [asdict(one) for one in groups.values()]
    lines += [f"{key:22}" + "".join(f"{column[key]:>12.4g}" for column in columns) for key in columns[0]]
    return "\n".join([*lines, f"{'embeddings_per_cpu_s':22}{speed:>12.4g}"]) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
