"""Ranked lists made into one. Pure; knows ranks, not what is ranked.

Reciprocal rank fusion (Cormack, Clarke, Buettcher, SIGIR 2009): a row scores the sum of weight / (k + rank) over the
lists it is in. k = 10 instead of their 60 was better on every conversation measured (docs/log.md).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

K = 10

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused(Generic[T]):
    """One row with its score and its rank (from 1) in each list that has it."""

    row: T
    score: float
    ranks: Mapping[str, int]


def fuse(lists: Mapping[str, Sequence[T]], weights: Mapping[str, float] | None = None, k: int = K) -> list[Fused[T]]:
    """The rows of all lists, best first; equal scores keep the order of their first appearance."""
    ranks: dict[T, dict[str, int]] = {}
    for name, rows in lists.items():
        for rank, row in enumerate(rows, start=1):
            ranks.setdefault(row, {}).setdefault(name, rank)
    share = weights or {}
    fused = [
        Fused(row=row, score=sum(share.get(name, 1.0) / (k + rank) for name, rank in found.items()), ranks=found)
        for row, found in ranks.items()
    ]
    return sorted(fused, key=lambda one: -one.score)
