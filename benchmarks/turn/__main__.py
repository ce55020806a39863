"""`python -m benchmarks.turn [--json]`: what a routed turn costs on top of its model, and beside two peers.

One turn is: find the agent among 34, one tool call that reads a file, an answer; Nova also writes its record to disk.
The peers route as their manuals show: by a model call. All sides wait the same simulated time for each model call.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one thread, or the processor times mean nothing

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import cast

from benchmarks.environment import python_with
from benchmarks.turn import own
from nova.agents.load import load_roster
from nova.app import data
from nova.app.tools import all_tools

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
RESULT = ROOT / "benchmarks" / "results" / "turn.json"
CPU_TURNS, WALL_TURNS, LATENCY_SECONDS = 200, 8, 0.3
CPU_MS_MAX, WALL_RATIO_MAX = 8.0, 0.75
PEER_SECONDS_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Medians of one side. cpu_ms: without latency; wall_ms: with it."""

    name: str
    model_calls: int
    cpu_ms: float
    wall_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Nova's own figures. fresh: each text new, so the encoder has to read it; the other: the text was seen before."""

    side: Side
    fresh_cpu_ms: float
    encoder: str


def main(arguments: list[str]) -> int:
    """Measures and prints. 0 when every bar holds, 1 when one is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.turn", description="What a routed turn costs.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    asked = parser.parse_args(arguments)
    python = python_with(HERE / "requirements.txt")
    with tempfile.TemporaryDirectory(prefix="nova-turn-") as folder:
        root = own.a_project(Path(folder))
        nova = asyncio.run(_own(Path(folder), root))
        peers = _peers(python, Path(folder), root) if isinstance(python, Path) else []
    skipped = python if isinstance(python, str) else ""
    result = _result(nova, peers, skipped)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result) + "\n" if asked.json else _table(nova, peers, skipped))
    return 0 if all(holds for _, holds in _bars(nova, peers)) else 1


async def _own(folder: Path, root: Path) -> Own:
    opened = own.a_house(folder, root)
    seen = await own.turns(opened, [own.REQUEST] * CPU_TURNS)
    fresh = await own.turns(opened, own.different_texts(CPU_TURNS))
    slow = await own.turns(opened, [own.REQUEST] * WALL_TURNS, LATENCY_SECONDS)
    side = Side(name="nova", model_calls=seen.model_calls, cpu_ms=_ms(seen.cpu_seconds), wall_ms=_ms(slow.wall_seconds))
    return Own(side=side, fresh_cpu_ms=_ms(fresh.cpu_seconds), encoder=seen.encoder)


def _peers(python: Path, folder: Path, root: Path) -> list[Side]:
    roster = load_roster(data.catalog(), folder / "home", all_tools().keys(), None)
    task = folder / "task.json"
    written = {
        "agents": [{"name": agent.name, "description": agent.description} for agent in roster.agents],
        "agent": own.AGENT, "request": own.REQUEST, "root": str(root), "path": "notes.md",
        "contents": own.CONTENTS, "answer": own.ANSWER,
        "cpu_turns": CPU_TURNS, "wall_turns": WALL_TURNS, "latency_seconds": LATENCY_SECONDS,
    }  # fmt: skip
    task.write_text(json.dumps(written), encoding="utf-8")
    return [_peer(python, script, task) for script in sorted((HERE / "peers").glob("*.py"))]


def _peer(python: Path, script: Path, task: Path) -> Side:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LANG"))}
    done = subprocess.run(
        [str(python), str(script), str(task)],
        env=environment, capture_output=True, text=True, timeout=PEER_SECONDS_MAX, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{script.name} failed:\n{done.stderr[-2000:]}")
    said = cast("Mapping[str, object]", json.loads(done.stdout.splitlines()[-1]))
    return Side(
        name=str(said["name"]),
        model_calls=int(str(said["model_calls"])),
        cpu_ms=_ms(cast("list[float]", said["cpu_seconds"])),
        wall_ms=_ms(cast("list[float]", said["wall_seconds"])),
    )


def _ms(seconds: list[float] | tuple[float, ...]) -> float:
    return round(median(seconds) * 1000, 2)


def _bars(nova: Own, peers: list[Side]) -> list[tuple[str, bool]]:
    side = nova.side
    bars = [(f"processor time of a turn at most {CPU_MS_MAX:g} ms", side.cpu_ms <= CPU_MS_MAX)]
    for peer in peers:
        ratio = side.wall_ms / peer.wall_ms
        fewer = peer.model_calls - side.model_calls
        bars.append((f"{ratio:.3f} of {peer.name}'s wall time, at most {WALL_RATIO_MAX:g}", ratio <= WALL_RATIO_MAX))
        bars.append((f"{fewer} model call fewer than {peer.name}, at least 1", fewer >= 1))
    return bars


def _result(nova: Own, peers: list[Side], skipped: str) -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "latency_seconds": LATENCY_SECONDS,
        "cpu_turns": CPU_TURNS,
        "wall_turns": WALL_TURNS,
        "nova": {**asdict(nova.side), "fresh_cpu_ms": nova.fresh_cpu_ms, "encoder": nova.encoder},
        "peers": [asdict(peer) for peer in peers],
        "skipped": skipped,
        "bars": [{"bar": bar, "holds": holds} for bar, holds in _bars(nova, peers)],
    }


def _table(nova: Own, peers: list[Side], skipped: str) -> str:
    lines = [f"{'':<28}{'model calls':>12}{'CPU ms':>9}{'wall ms at 300 ms a call':>26}"]
    lines += [
        f"{side.name:<28}{side.model_calls:>12}{side.cpu_ms:>9.2f}{side.wall_ms:>26.1f}" for side in (nova.side, *peers)
    ]
    lines.append(f"nova, text never seen: {nova.fresh_cpu_ms:.2f} ms CPU, the encoder's pass included ({nova.encoder})")
    lines += [f"{'holds ' if holds else 'MISSED'}  {bar}" for bar, holds in _bars(nova, peers)]
    return "\n".join([*lines, *([skipped] if skipped else [])]) + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
