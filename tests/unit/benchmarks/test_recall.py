"""The recall benchmark on data of its documented format, through the real store and the real encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.recall.__main__ import main
from benchmarks.recall.data import read
from benchmarks.recall.measure import ndcg

SAID = [
    ("s1", "d1", "1:56 pm on 8 May, 2023", "Caroline", "I went to a support group yesterday, it was powerful."),
    ("s1", "d2", "1:56 pm on 8 May, 2023", "Melanie", "Thanks, Caroline! I painted a lake at sunrise last year."),
    ("s2", "d3", "2023-06-01T10:00:00", "Melanie", "My son fell off his bike, and the doctor set his arm."),
    ("s2", "d4", "2023-06-01T10:01:00", "Caroline", "Oh no! Is he well?"),
]
ASKED = [
    ("When did Caroline go to the support group?", ["d1"], 2),
    ("What did Melanie paint?", ["d2"], 4),
    ("Who set the arm of Melanie's son?", ["d3"], 1),
    ("What did Caroline paint?", ["d2"], 5),
    ("Where is the lost turn?", ["d9"], 1),
]
PROMISED = {"r5", "r10", "r20", "ndcg10", "mrr", "session_r10", "query_cpu_ms_p50", "query_cpu_ms_p95"}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Two sessions of one conversation and five questions, one of them about a turn that is not there."""
    turns, questions = tmp_path / "turns.jsonl", tmp_path / "questions.jsonl"
    names = ("session", "turn", "at", "speaker", "text")
    rows = [{"conversation": "c1", **dict(zip(names, row, strict=True))} for row in SAID]
    turns.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    names = ("question", "evidence", "category")
    rows = [{"conversation": "c1", **dict(zip(names, row, strict=True))} for row in ASKED]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return turns, questions


def test_what_was_said_is_read_and_what_cannot_be_found_is_left_out(files: tuple[Path, Path]) -> None:
    """Both forms of a time are read, and a question about a turn that is not there is counted, not asked."""
    data = read(*files)
    assert [turn.at.isoformat() for turn in data.turns[1:3]] == [
        "2023-05-08T13:56:00+00:00",
        "2023-06-01T10:00:00+00:00",
    ]
    assert (len(data.questions), data.dropped) == (4, 1)


def test_a_run_finds_what_was_said(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All promised figures are there, for what can be answered, by category and apart for what cannot."""
    monkeypatch.setattr("benchmarks.recall.__main__.RESULTS", tmp_path / "results")
    assert main(["--turns", str(files[0]), "--questions", str(files[1]), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["answerable"].keys() >= PROMISED
    assert (result["answerable"]["questions"], result["category_5"]["questions"]) == (3, 1)
    assert result["answerable"]["mrr"] == result["answerable"]["r5"] == 1.0
    assert result["embeddings_per_cpu_second"] > 0
    assert [file.name[:14] for file in (tmp_path / "results").iterdir()] == ["recall-" + tmp_path.name[:7]]


def test_without_data_it_says_where_the_data_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No data is no failure; a named file that is not there is one."""
    monkeypatch.setenv("NOVA_BENCH_DATA", str(tmp_path))
    assert main([]) == 0
    assert "github.com/snap-research/locomo" in capsys.readouterr().out
    assert main(["--turns", str(tmp_path / "none.jsonl")]) == 2


def test_gain_is_discounted_by_rank_and_measured_against_the_best_ranking() -> None:
    """1 where all evidence comes first, less where it comes later, and a second hit counts its own place."""
    assert ndcg([True, True, False], 2, 10) == 1.0
    assert ndcg([False, True], 1, 10) == pytest.approx(0.6309, abs=1e-4)
    assert ndcg([True, False, True], 2, 10) == pytest.approx((1 + 0.5) / (1 + 0.6309), abs=1e-4)
    assert ndcg([False] * 10 + [True], 1, 10) == 0.0
