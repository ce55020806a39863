"""Fitting, keeping and explaining a head."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from benchmarks.routing.faithful import faithful
from numpy.typing import NDArray
from tests.unit.coordinator.conftest import CATALOG, SMALL
from tests.unit.coordinator.rosters import WORKSHOP

from nova.coordinator import logistic
from nova.coordinator.explanation import contributions
from nova.coordinator.fitting import fit_head, head_key
from nova.coordinator.head import Head, confidence_of, score
from nova.coordinator.head_file import load_head, save_head
from nova.coordinator.lessons import Correction
from nova.coordinator.nobody import NobodysJob
from nova.coordinator.zones import ZoneSettings
from nova.models.encoders import Encoder

EVERYONE = np.ones(len(WORKSHOP), np.bool_)
FRESH = (
    "are there unpaid bills",
    "what did Berg pay",
    "send Hansen a reminder in kind words",
    "thank the supplier by mail",
    "any brass hinges left",
    "we need more glue",
    "how many planks of walnut",
    "cut list for a bench please",
    "will the shelf bend under books",
    "which glue-up order for the door",
    "is Friday free",
    "shift the fitting to Monday",
    "what happens next week",
    "reply to the angry customer",
    "how much money came in last month",
    "how long does ash dry",
    "show the curve of the kiln",
    "where is the veneer",
    "which joint for a chair",
    "call off the appointment with Berg",
)


def test_optimum() -> None:
    """The fit stops at the optimum: the coefficients equal the weighted residuals, wherever it started."""
    chooser = np.random.default_rng(4)
    points = chooser.normal(size=(60, 5)).astype(np.float32)
    kernel: NDArray[np.float32] = (points @ points.T + 1).astype(np.float32)
    classes = np.argmax(points[:, :3], axis=1)
    weights = np.ones(60, np.float32)

    def shares(coefficients: NDArray[np.float32]) -> NDArray[np.float32]:
        return logistic.softmax((kernel @ coefficients).astype(np.float32))

    fitted = logistic.fit(kernel, classes, weights, 3, 2.0)
    residual = 2.0 * (np.eye(3, dtype=np.float32)[classes] - shares(fitted))
    assert np.abs(kernel @ (residual - fitted)).max() < 0.15 * np.abs(kernel @ fitted).max()
    other = logistic.fit(kernel, classes, weights, 3, 2.0, chooser.normal(size=(60, 3)).astype(np.float32))
    assert np.abs(shares(fitted) - shares(other)).max() < 0.03
    assert (np.argmax(kernel @ fitted, axis=1) == classes).mean() > 0.9


def test_citations_are_faithful(head: Head, encoder: Encoder) -> None:
    """Taking the cited text away and fitting anew lowers the chosen agent's probability in at least 95 of 100 cases."""
    assert faithful(head, encoder, FRESH) >= 0.95


def test_contributions_add_up(head: Head, encoder: Encoder) -> None:
    """What an explanation lists adds up to the log-odds between the chosen agent and its rival."""
    scored = score(head, encoder, ["are there unpaid bills"], EVERYONE)
    first, second = np.argsort(-scored.logits[0, :-1])[:2].tolist()
    told = sum(one.amount for one in contributions(head, first, second, scored.kernel[0]))
    real = (scored.logits[0, first] - scored.logits[0, second]) / head.cutoffs.temperature
    assert told == pytest.approx(float(real), abs=0.02)


def test_kept_in_a_file(head: Head, encoder: Encoder, tmp_path: Path) -> None:
    """A head from its file decides as the one that was saved; half precision moves no probability by a hundredth."""
    save_head(head, tmp_path / "head.npz")
    again = load_head(tmp_path / "head.npz", head.key)
    assert again is not None
    assert (again.agents, again.lessons, again.cutoffs) == (head.agents, head.lessons, head.cutoffs)
    was, now = (logistic.softmax(score(one, encoder, FRESH, EVERYONE).logits) for one in (head, again))
    assert np.abs(was - now).max() < 0.01
    assert [path.name for path in tmp_path.iterdir()] == ["head.npz"]


@pytest.mark.parametrize("damage", ["absent", "cut", "text", "key"])
def test_damaged_file(damage: str, head: Head, tmp_path: Path) -> None:
    """A file that is absent, damaged or of another roster is no head, and no error either."""
    path = tmp_path / "head.npz"
    save_head(head, path)
    if damage == "absent":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-5000])
    elif damage == "text":
        path.write_text("not a head", "utf-8")
    assert load_head(path, "other" if damage == "key" else head.key) is None


def test_key(encoder: Encoder, nobody: NobodysJob) -> None:
    """The key changes with everything a head depends on: examples, corrections, settings, generic questions."""
    correction = Correction(text="the bill", agent="diary", at=datetime(2026, 11, 20, tzinfo=UTC))
    shorter = (replace(WORKSHOP[0], examples=WORKSHOP[0].examples[1:]), *WORKSHOP[1:])
    keys = {
        head_key(WORKSHOP, encoder, (), nobody, SMALL),
        head_key(shorter, encoder, (), nobody, SMALL),
        head_key(WORKSHOP, encoder, (correction,), nobody, SMALL),
        head_key(WORKSHOP, encoder, (), nobody, ZoneSettings(error_max=0.01)),
        head_key(WORKSHOP, encoder, (), NobodysJob(), SMALL),
    }
    assert len(keys) == 5


def test_too_few_examples(encoder: Encoder, nobody: NobodysJob) -> None:
    """With five examples an agent nothing is certified, and it is said how many are missing."""
    few = tuple(replace(agent, examples=agent.examples[:5]) for agent in WORKSHOP)
    cutoffs = fit_head(few, encoder, nobody=nobody).cutoffs
    assert cutoffs.sure is None
    assert cutoffs.examples_missing >= 100 - cutoffs.examples


def test_stated_error_is_kept(head: Head) -> None:
    """The sure zone opens with an expected error below the stated one."""
    assert head.cutoffs.sure is not None
    assert 0 < head.cutoffs.share_expected < 1
    assert head.cutoffs.error_expected <= head.cutoffs.error_max


def test_confidence_with_one_candidate() -> None:
    """Where a single agent is in reach, its confidence is against nobody and not endless."""
    alone = np.array([[2.0, -np.inf, 0.0], [0.0, -np.inf, 2.0]], np.float32)
    high, low = confidence_of(alone).tolist()
    assert np.isfinite([high, low]).all()
    assert high > 0 > low


def test_own_territory_is_not_nobodys(encoder: Encoder, nobody: NobodysJob) -> None:
    """A home with a weather agent keeps weather: questions near to an agent's lessons are not nobody's."""
    weather = replace(
        WORKSHOP[1],
        name="weather",
        description="Tells the weather, rain and storms.",
        examples=(
            "will it rain tomorrow",
            "is there a storm coming",
            "what's the weather like",
            "how cold will it get",
        ),
    )
    fitted = fit_head((WORKSHOP[0], weather), encoder, nobody=nobody, settings=ZoneSettings(certify=False))
    kept = {lesson.text for lesson in fitted.lessons if not lesson.agent}
    assert "will it rain tomorrow in dublin" not in kept
    assert "how do magnets work" in kept


def test_shipped_vectors(encoder: Encoder, nobody: NobodysJob) -> None:
    """The shipped vectors are those of the shipped questions, of which there are about 800."""
    assert 780 <= len(nobody.lessons) <= 900
    assert nobody.vectors is not None
    some = list(range(0, len(nobody.lessons), 40))
    real = encoder.views([nobody.lessons[row].text for row in some])
    assert np.abs(real - nobody.vectors[some]).max() < 1e-3
    assert (CATALOG / "nobody.npy").stat().st_size < 1_500_000
