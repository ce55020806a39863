"""The routing benchmark on data of its documented format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.routing.__main__ import main
from benchmarks.routing.data import read, roster
from benchmarks.routing.spans import join
from tests.unit.coordinator.rosters import BOOKS, LETTERS, STOCK

PROMISED = {
    "accuracy",
    "top3",
    "oos_auroc",
    "confident_share",
    "confident_error",
    "grey_share",
    "span_f1",
    "route_cpu_ms_p50",
    "refit_ms",
}


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Three agents, eight training and four test requests each, two out of scope."""
    agents = [
        {"name": one.name, "description": one.description, "boundaries": "none"} for one in (BOOKS, LETTERS, STOCK)
    ]
    (tmp_path / "agents.json").write_text(json.dumps(agents), "utf-8")
    for name, part in (("train", slice(0, 8)), ("test", slice(8, 12))):
        rows = [
            {"text": text, "agent": one.name, "intent": text[:1]}
            for one in (BOOKS, LETTERS, STOCK)
            for text in one.examples[part]
        ]
        rows += [{"text": text, "agent": None, "intent": None} for text in ("who was plato", "how tall is everest")]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return [
        f"--{key}={tmp_path / name}"
        for key, name in (("agents", "agents.json"), ("train", "train.jsonl"), ("test", "test.jsonl"))
    ]


def test_keys(
    files: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One JSON object with every promised figure comes out, and shares are shares."""
    monkeypatch.setattr("benchmarks.routing.__main__.RESULTS", tmp_path)
    assert main([*files, "--examples-per-agent", "5", "--seeds", "2", "--encoder", "words", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) >= PROMISED
    assert all(0 <= found[key] <= 1 for key in PROMISED - {"route_cpu_ms_p50", "refit_ms"})
    assert len(found["by_seed"]) == 2
    assert len(list(tmp_path.glob("routing-*.json"))) == 1


def test_few_shot(files: list[str]) -> None:
    """Each agent gets as many examples as asked for, others by another seed, and all of them without a number."""
    data = read(*(Path(one.split("=")[1]) for one in files))
    assert [len(agent.examples) for agent in roster(data, 5, 0)] == [5, 5, 5]
    assert roster(data, 5, 0) == roster(data, 5, 0)
    assert roster(data, 5, 0) != roster(data, 5, 1)
    assert [len(agent.examples) for agent in roster(data, None, 0)] == [8, 8, 8]


def test_joined(files: list[str]) -> None:
    """A request that spans agents is made of two requests of different agents."""
    data = read(*(Path(one.split("=")[1]) for one in files))
    for pair in join(data.inside, 20, 0):
        assert len(pair.agents) == 2


def test_strange_labels(files: list[str], tmp_path: Path) -> None:
    """A label that no agent has is refused by name."""
    (tmp_path / "test.jsonl").write_text(json.dumps({"text": "x", "agent": "ghost"}) + "\n", "utf-8")
    with pytest.raises(ValueError, match="ghost"):
        read(*(Path(one.split("=")[1]) for one in files))
