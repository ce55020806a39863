"""kill -9 at moments of every kind: no step is lost, none that was finished runs again, nothing happens twice.

The processes are really killed (benchmarks.faults), on a real SQLite file and a real PostgreSQL, some dozens of them;
`python -m benchmarks.faults` is the long form with hundreds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

ROOT = Path(__file__).parent.parent.parent
KILLS_MIN = 40


@pytest.fixture(scope="module")
def found() -> Mapping[str, object]:
    """What the short form found. A process of its own: only one without threads may be forked."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.faults", "--short", "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.stdout, done.stderr
    return cast("Mapping[str, object]", json.loads(done.stdout))


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("killed at every statement, commit and effect", "SQLite"),
        ("workers killed at random moments", "SQLite"),
        ("killed around effects that no key makes harmless", "SQLite"),
        ("waiting reviews, all answered twice", "SQLite"),
        ("killed at every statement, commit and effect", "PostgreSQL"),
        ("one of two workers killed", "PostgreSQL"),
    ],
)
def test_a_kill_costs_at_most_the_step_in_flight(found: Mapping[str, object], name: str, place: str) -> None:
    """Every run ends as it should, each of its steps finished once, each effect in the world once."""
    results = cast("list[dict[str, object]]", found["results"])
    (result,) = [one for one in results if (one["name"], one["place"]) == (name, place)]
    verdict = cast("dict[str, int]", result["verdict"])
    assert {key: count for key, count in verdict.items() if key != "in_flight"} == {
        "lost": 0, "repeated": 0, "duplicated": 0, "missing": 0, "unfinished": 0,
    }  # fmt: skip
    assert result["misses"] == []
    assert cast("int", result["kills"]) > 0


def test_enough_were_killed(found: Mapping[str, object]) -> None:
    """At least forty processes died for this, and some of them in the middle of a step."""
    assert cast("int", found["kills"]) >= KILLS_MIN
    verdicts = [cast("dict[str, int]", one["verdict"]) for one in cast("list[dict[str, object]]", found["results"])]
    assert sum(verdict["in_flight"] for verdict in verdicts) > 0
