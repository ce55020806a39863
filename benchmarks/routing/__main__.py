"""`python -m benchmarks.routing`: reads the arguments, measures each seed, prints a table or JSON."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one thread, or the processor times mean nothing

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

from benchmarks.routing.data import Data, read
from benchmarks.routing.measure import Figures, measure
from nova.coordinator.nobody import load_nobody
from nova.models.encoder_choice import MiniLMChoice, WordsChoice
from nova.models.encoder_files import encoder_folder
from nova.models.encoders import Encoder
from nova.models.encoding import open_network

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
EXAMPLES_MAX = 5_000  # of all agents together: the head's kernel grows with the square
PUBLISHED = (
    "Without arguments the files are taken from $NOVA_BENCH_DATA/routing/clinc34. The data: CLINC150 (github.com/clinc/"
    "oos-eval, CC BY 3.0), its intents grouped into 34 agents; BANKING77 (github.com/PolyAI-LDN/task-specific-"
    "datasets, CC BY 4.0). Rows are {text, agent, intent}, agent null where it is nobody's job."
)
Flat = dict[str, float | None]


def main(arguments: list[str]) -> int:
    """Runs the benchmark. Returns the exit code."""
    asked = _parser().parse_args(arguments)
    missing = [str(file) for file in (asked.agents, asked.train, asked.test) if not file.is_file()]
    if missing:
        sys.stdout.write(f"Skipped: there is no {', no '.join(missing)}.\n{PUBLISHED}\n")
        return 0 if asked.agents == _given("agents.json") else 2
    data = read(asked.agents, asked.train, asked.test)
    each = asked.examples_per_agent or max(1, EXAMPLES_MAX // max(1, len(data.agents)))
    if not asked.examples_per_agent:
        sys.stderr.write(f"At most {each} examples an agent, {EXAMPLES_MAX:,} in all.\n")
    network = open_network(WordsChoice() if asked.encoder == "words" else MiniLMChoice(folder=encoder_folder()))
    for lost in network.degradations:
        sys.stderr.write(f"{lost}\n")
    encoder = Encoder(network, rows_max=200_000)
    _warm(data, encoder)
    nobody = load_nobody(ROOT / "catalog")
    seeds = [_flat(measure(data, each, seed, encoder, network, nobody)) for seed in range(asked.seeds)]
    result = {
        **_means(seeds),
        "encoder": network.name,
        "examples_per_agent": asked.examples_per_agent,
        "agents": len(data.agents),
        "test_in_scope": len(data.inside),
        "test_out_of_scope": len(data.outside),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "by_seed": seeds,
    }
    name = f"routing-{asked.agents.resolve().parent.name}-{asked.examples_per_agent or 'all'}-{network.name}.json"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / name).write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    sys.stdout.write(json.dumps(result) + "\n" if asked.json else _table(seeds))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routing", description=__doc__, epilog=PUBLISHED)
    given = {name: _given(name) for name in ("agents.json", "train.jsonl", "val.jsonl")}
    parser.add_argument("--agents", type=Path, default=given["agents.json"], help="JSON list of {name, description}")
    parser.add_argument("--train", type=Path, default=given["train.jsonl"], help="JSON lines of {text, agent, intent}")
    parser.add_argument("--test", type=Path, default=given["val.jsonl"], help="the same; agent null is out of scope")
    parser.add_argument("--examples-per-agent", type=int, metavar="K", help="few-shot; without it: all that fit")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="rosters to draw (0 to N-1)")
    parser.add_argument("--encoder", choices=("minilm", "words"), default="minilm")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser


def _given(name: str) -> Path:
    """Where the data lies when no argument says so."""
    return Path(os.environ.get("NOVA_BENCH_DATA", "bench-data")) / "routing" / "clinc34" / name


def _warm(data: Data, encoder: Encoder) -> None:
    """Reads the test texts once for all seeds."""
    texts = [row.text for row in data.test]
    for start in range(0, len(texts), 512):
        encoder.views(texts[start : start + 512])


def _flat(figures: Figures) -> Flat:
    parts = (figures.ranks, figures.zones, figures.spans, figures.costs)
    flat: Flat = {key: value for part in parts for key, value in asdict(part).items()}
    return flat | {
        "citation_faithful": figures.citation_faithful,
        "examples": float(figures.examples),
        "examples_missing": float(figures.examples_missing),
    }


def _means(seeds: list[Flat]) -> Flat:
    means: Flat = {}
    for key in seeds[0]:
        values = [value for seed in seeds if (value := seed[key]) is not None]
        means[key] = round(mean(values), 5) if values else None
    return means


def _table(seeds: list[Flat]) -> str:
    lines = [f"{'':28}{'mean':>10}" + "".join(f"{f'seed {seed}':>10}" for seed in range(len(seeds)))]
    for key, middle in _means(seeds).items():
        row = [middle, *(seed[key] for seed in seeds)]
        lines.append(f"{key:28}" + "".join(f"{'-' if value is None else format(value, '.4g'):>10}" for value in row))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
