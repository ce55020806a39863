"""Agents that cannot be told apart are found by their own examples."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.coordinator.conftest import SMALL
from tests.unit.coordinator.rosters import BOOKS, WORKSHOP

from nova.coordinator.nobody import NobodysJob
from nova.coordinator.overlap import examine
from nova.models.encoders import Encoder


def test_distinct(encoder: Encoder, nobody: NobodysJob) -> None:
    """An agent with work of its own is in no inseparable pair, and most held-out examples come home."""
    report = examine(WORKSHOP, encoder, (), nobody, SMALL)
    assert report.accuracy > 0.7
    assert not any(pair.inseparable for pair in report.overlaps if "book-keeper" in (pair.first, pair.second))


def test_twins(encoder: Encoder, nobody: NobodysJob) -> None:
    """Two agents that share their territory are named as a pair, with the examples that went astray."""
    here = replace(BOOKS, examples=BOOKS.examples[::2])
    twin = replace(BOOKS, name="accountant", examples=BOOKS.examples[1::2])
    report = examine((*WORKSHOP[1:], here, twin), encoder, (), nobody, SMALL)
    worst = report.overlaps[0]
    assert {worst.first, worst.second} == {"accountant", "book-keeper"}
    assert worst.inseparable
    assert all(stray.agent != stray.goes_to for stray in worst.strays)
