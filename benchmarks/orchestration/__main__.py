"""`python -m benchmarks.orchestration [--json] [--rounds N]`: what a durable pipeline costs, beside two peers.

One pipeline is five agents in turn, each kept before the next begins, with a scripted model that takes no time; then
34 agents side by side with a simulated latency. Every side runs in a process of its own, in turn, several rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.environment import python_with
from benchmarks.orchestration import figures
from benchmarks.orchestration.figures import Bar, Row
from benchmarks.orchestration.timing import Side, Step, Task

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RESULT = ROOT / "benchmarks" / "results" / "orchestration.md"
PEERS = {"langgraph.txt": "langgraph_saver.py", "pydantic_ai_dbos.txt": "pydantic_ai_dbos.py"}
PLAIN = "plain nodes"
ROUNDS, PIPELINES, BESIDES = 5, 15, 3
SIDE_SECONDS_MAX = 600
ANSWER = (
    "The rent of the workshop is 940 euros a month, the lamp in the hall is broken, and nobody has asked for it to be "
    "repaired so far. It was said before, and it is said once more here."
)
TASK = Task(
    request="Summarise what is known of the workshop.",
    answer=ANSWER,
    steps=tuple(Step(f"step{number}", f"You are step {number} of five. Say it once more.") for number in range(1, 6)),
    beside=tuple(Step(f"agent{number}", f"You are agent {number} of 34. Say it.") for number in range(1, 35)),
    latency_seconds=0.05,
    pipelines=PIPELINES,
    besides=BESIDES,
)


def main(arguments: list[str]) -> int:
    """Measures and prints. 0 when every bar holds, 1 when one is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.orchestration", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args(arguments)
    pythons = {script: python_with(HERE / "peers" / name) for name, script in PEERS.items()}
    skipped = [python for python in pythons.values() if isinstance(python, str)]
    rounds = [_round(pythons) for _ in range(asked.rounds)]
    rows = [figures.row_of(side, len(TASK.steps)) for side in figures.pooled(rounds)]
    agents, plain, peers = rows[0], rows[1], rows[2:]
    with_agents = [peer for peer in peers if not peer.name.endswith(PLAIN)]
    with_none = [peer for peer in peers if peer.name.endswith(PLAIN)]
    bars = figures.bars_of(agents, plain, with_agents)
    page = _page([agents, *with_agents, plain, *with_none], bars, skipped, asked.rounds)
    RESULT.write_text(page, encoding="utf-8")
    result = {"rows": [asdict(row) for row in rows], "bars": [asdict(bar) for bar in bars], "skipped": skipped}
    sys.stdout.write(json.dumps(result) + "\n" if asked.json else page)
    return 0 if all(bar.holds for bar in bars) else 1


def _round(pythons: Mapping[str, Path | str]) -> list[Side]:
    own = [sys.executable, "-m", "benchmarks.orchestration.own"]
    sides = _measured(own, {**_environment(), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"})
    for script, python in pythons.items():
        if isinstance(python, Path):
            command = [str(python), str(HERE / "peers" / script)]
            sides += _measured(command, {**_environment(), "PYTHONPATH": str(HERE)})
    return sides


def _measured(command: Sequence[str], environment: Mapping[str, str]) -> list[Side]:
    with tempfile.TemporaryDirectory(prefix="nova-orchestration-") as name:
        folder, task = Path(name) / "files", Path(name) / "task.json"
        folder.mkdir()
        task.write_text(json.dumps(asdict(TASK)), encoding="utf-8")
        done = subprocess.run(
            [*command, str(task), str(folder)], cwd=ROOT, env=dict(environment), capture_output=True, text=True,
            timeout=SIDE_SECONDS_MAX, check=False,
        )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{command[-1]} failed:\n{done.stderr[-2000:]}")
    return figures.sides_of(json.loads(done.stdout.splitlines()[-1]))


def _environment() -> dict[str, str]:
    """This process's, without what would change the other's Python or send traces anywhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LANG", "NOVA_"))}
    return {**kept, "OPENBLAS_NUM_THREADS": "1"}


def _page(rows: Sequence[Row], bars: Sequence[Bar], skipped: Sequence[str], rounds: int) -> str:
    count = f"{rounds} rounds of {TASK.pipelines} pipelines and {TASK.besides} times {len(TASK.beside)} agents"
    lines = [
        "# What a durable pipeline costs",
        "",
        f"`python -m benchmarks.orchestration`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python "
        f"{sys.version_info.major}.{sys.version_info.minor}, {os.cpu_count()} cores; {count} on each side, all on "
        "SQLite files, each side in a process of its own, in turn. p10 is near to what an idle machine "
        "takes; CPU is the median, all threads together; KB are 1,000 bytes handed to write calls. Bare: the same "
        "in turn with nothing kept (of nova: the agents of the library it is built on). A plain node or step is one "
        "call of the model; an agent is what each of them calls one.",
        "",
        figures.table_of(rows, len(TASK.steps), len(TASK.beside), TASK.latency_seconds * 1000),
        "",
        *(f"- {'holds' if bar.holds else '**missed**'}: {bar.says}" for bar in bars),
        *(f"- {one}" for one in skipped),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
