"""What corrections are worth: a stream of requests, a part of the errors put right by the owner, the head refitted.

`python -m benchmarks.routing.learning --agents FILE --train FILE --test FILE [--requests N] [--corrected SHARE]`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import random
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.routing.data import Data, read, roster
from nova.coordinator.fitting import fit_head
from nova.coordinator.head import score
from nova.coordinator.lessons import Correction
from nova.coordinator.nobody import load_nobody
from nova.coordinator.zones import ZoneSettings
from nova.models.encoding import open_encoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.routing.data import Row
    from nova.coordinator.head import Head
    from nova.coordinator.nobody import NobodysJob
    from nova.core.routes import Candidate
    from nova.models.encoders import Encoder

ROOT = Path(__file__).resolve().parents[2]
BARE = ZoneSettings(certify=False)  # accuracy needs no cut-offs
REFIT_AFTER = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """Accuracy before and after, and how much of what was right turned wrong (and of what was wrong, right)."""

    accuracy_before: float
    accuracy_after: float
    right_turned_wrong: float
    wrong_turned_right: float
    corrections: int
    refits: int


def main(arguments: list[str]) -> int:
    """Runs the stream and prints the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routing.learning", description=__doc__)
    for name in ("agents", "train", "test"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--examples-per-agent", type=int, default=3)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--corrected", type=float, default=0.3, help="share of the errors that the owner corrects")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    data = read(asked.agents, asked.train, asked.test)
    found = learn(
        data, asked.examples_per_agent, asked.requests, asked.corrected, open_encoder(), load_nobody(ROOT / "catalog")
    )
    result = {**asdict(found), "at": datetime.now(UTC).isoformat(timespec="seconds")}
    name = f"routing-learning-{asked.agents.resolve().parent.name}.json"
    (ROOT / "benchmarks" / "results" / name).write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    sys.stdout.write(
        json.dumps(result) + "\n" if asked.json else "".join(f"{key:20}{value}\n" for key, value in result.items())
    )
    return 0


def learn(
    data: Data, per_agent: int, requests: int, corrected: float, encoder: Encoder, nobody: NobodysJob
) -> Learning:
    """Sends training requests that are no examples through the head in turn, and corrects some of its errors."""
    chooser = random.Random(0)
    agents = roster(data, per_agent, 0)
    known = {text for agent in agents for text in agent.examples}
    stream = [row for row in data.train if row.agent is not None and row.text not in known]
    chooser.shuffle(stream)
    head = fit_head(agents, encoder, nobody=nobody, settings=BARE)
    before = _right(head, encoder, data.inside)
    told: list[Correction] = []
    refits = 0
    waiting = 0
    for row in stream[:requests]:
        if not _right(head, encoder, [row])[0] and chooser.random() < corrected:
            told.append(Correction(text=row.text, agent=row.agent or "", at=datetime.now(UTC)))
            waiting += 1
        if waiting == REFIT_AFTER:
            head, refits, waiting = _refit(agents, encoder, told, nobody, head), refits + 1, 0
    head = _refit(agents, encoder, told, nobody, head)
    after = _right(head, encoder, data.inside)
    return Learning(
        accuracy_before=round(float(before.mean()), 4),
        accuracy_after=round(float(after.mean()), 4),
        right_turned_wrong=round(float((~after[before]).mean()), 4),
        wrong_turned_right=round(float(after[~before].mean()), 4),
        corrections=len(told),
        refits=refits + 1,
    )


def _refit(
    agents: Sequence[Candidate], encoder: Encoder, told: Sequence[Correction], nobody: NobodysJob, head: Head
) -> Head:
    return fit_head(agents, encoder, told, nobody, BARE, before=head)


def _right(head: Head, encoder: Encoder, rows: Sequence[Row]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    everyone = np.ones(len(head.agents), np.bool_)
    best = score(head, encoder, [row.text for row in rows], everyone).logits[:, :-1].argmax(axis=1)
    return best == np.array([head.agents.index(row.agent or "") for row in rows])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
