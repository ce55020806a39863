"""Cut-offs that keep what they state."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.coordinator.conftest import SMALL
from tests.unit.coordinator.rosters import GUIDE, KILN, WORKSHOP

from nova.coordinator.fitting import prepare
from nova.coordinator.logistic import listed
from nova.coordinator.nobody import NobodysJob
from nova.coordinator.zones import Trial, ZoneSettings, calibrate, certify, cross_validate, reach, uncertified
from nova.models.encoders import Encoder


@pytest.fixture(scope="module")
def trial(encoder: Encoder, nobody: NobodysJob) -> Trial:
    """The workshop, fitted."""
    return prepare(WORKSHOP, encoder, (), nobody).trial


def test_held_out(trial: Trial) -> None:
    """Every example but the visitors' and every generic question is judged once, by a fit that has not seen it."""
    seen = cross_validate(trial, SMALL)
    texts = [trial.lessons[row].text for row in listed(seen.rows)]
    assert len(texts) == len(set(texts))
    assert {text for agent in WORKSHOP if agent is not GUIDE for text in agent.examples} <= set(texts)
    assert not set(GUIDE.examples) & set(texts)
    for place, fold in enumerate(listed(seen.folds)):
        assert seen.rows[place] not in seen.fits[fold][0]
    assert seen.weight.sum() == pytest.approx(1.0)


def test_topics_are_held_out_together(trial: Trial) -> None:
    """Generic questions of one topic share a fold, so that out-of-scope traffic is of a sort the fit has not seen."""
    seen = cross_validate(trial, SMALL)
    folds: dict[str, set[int]] = {}
    for row, fold in zip(listed(seen.rows), listed(seen.folds), strict=True):
        if trial.lessons[row].topic:
            folds.setdefault(trial.lessons[row].topic, set()).add(fold)
    assert folds
    assert all(len(one) == 1 for one in folds.values())


def test_margin_costs_share(trial: Trial) -> None:
    """More standard errors of margin never open the sure zone wider."""
    seen = cross_validate(trial, SMALL)
    shares = [certify(trial, seen, replace(SMALL, margin=margin)).share_expected for margin in (0.0, 1.0, 2.0, 4.0)]
    assert shares == sorted(shares, reverse=True)


def test_wrong_labels_close_the_zone(trial: Trial) -> None:
    """When held-out examples are wrong at random, nothing is certified."""
    seen = cross_validate(trial, SMALL)
    noisy = replace(seen, right=np.random.default_rng(1).random(len(seen.right)) > 0.4)
    found = certify(trial, noisy, replace(SMALL, error_max=0.02))
    assert found.sure is None
    assert found.examples_missing > 0


def test_missing_examples(trial: Trial) -> None:
    """The count of missing examples falls to zero when every agent has enough; visitors' agents are not counted."""
    assert uncertified(trial, replace(SMALL, examples_min=12)).examples_missing == 0
    assert uncertified(trial, replace(SMALL, examples_min=14)).examples_missing == 2 * 4
    assert uncertified(trial, ZoneSettings()).examples_missing == 100 - 72


def test_calibration() -> None:
    """The temperature and the bias found are those that the scores were spoilt by."""
    chooser = np.random.default_rng(2)
    true = chooser.normal(scale=2.0, size=(4000, 5)).astype(np.float32)
    p = np.exp(true) / np.exp(true).sum(axis=1, keepdims=True)
    classes = np.array([chooser.choice(5, p=row / row.sum()) for row in p.astype(np.float64)])
    weight = np.full(4000, 1 / 4000)
    spoilt = true * 2
    spoilt[:, -1] += 1.5
    heat, bias = calibrate(spoilt, classes, weight)
    assert heat == pytest.approx(2.0, rel=0.1)
    assert bias == pytest.approx(-1.5, abs=0.3)


def test_reach() -> None:
    """Agents of another project kind are out of reach; visitors reach only theirs."""
    names = [agent.name for agent in WORKSHOP]
    assert dict(zip(names, reach(WORKSHOP, "kiln").tolist(), strict=True))[KILN.name]
    assert not dict(zip(names, reach(WORKSHOP, "blog").tolist(), strict=True))[KILN.name]
    assert [name for name, there in zip(names, reach(WORKSHOP, "", visitor=True).tolist(), strict=True) if there] == [
        "guide"
    ]
