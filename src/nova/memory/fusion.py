"""Ranked lists made into one. Pure; knows ranks and scores, not what is ranked.

`blend` adds up scores, each as a share of its list's best: how much better the first is than the second is worth
knowing. Where scores tell nothing, `fuse` goes by ranks.
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
    """One row with its score and its rank (from 1) in each list that has it; besides: what else counted, in words."""

    row: T
    score: float
    ranks: Mapping[str, int]
    besides: str = ""


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


def blend(
    lists: Mapping[str, Sequence[tuple[T, float]]], weights: Mapping[str, float], floors: Mapping[str, bool]
) -> list[Fused[T]]:
    """The rows of all lists, best first: the sum of weight * score / best score of the list. Lists are best first.

    floors: whether a row that a list lacks counts as much as the list's last one there (every row has a likeness in
    meaning, it is only not among the first), or as nothing.
    """
    scores: dict[T, dict[str, float]] = {}
    ranks: dict[T, dict[str, int]] = {}
    lacking: dict[str, float] = {}
    for name, rows in lists.items():
        best = max((score for _, score in rows), default=0.0)
        share = weights.get(name, 1.0) / best if best > 0 else 0.0
        lacking[name] = share * rows[-1][1] if rows and floors.get(name, False) else 0.0
        for rank, (row, score) in enumerate(rows, start=1):
            scores.setdefault(row, {})[name] = share * score
            ranks.setdefault(row, {})[name] = rank
    fused = [
        Fused(row=row, score=sum(own.get(name, lacking[name]) for name in lists), ranks=ranks[row])
        for row, own in scores.items()
    ]
    return sorted(fused, key=lambda one: -one.score)
