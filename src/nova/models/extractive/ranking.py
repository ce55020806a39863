"""Which lines of the tools' results speak of the request. Pure; the same input gives the same order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from nova.models.extractive.concepts import concepts
from nova.models.extractive.reading import Reading
from nova.models.extractive.values import Line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Encode: TypeAlias = "Callable[[Sequence[str]], NDArray[np.float32]]"
ENCODED_MAX = 48
_PATH_WEIGHT, _QUOTED_WEIGHT, _COSINE_WEIGHT = 0.5, 3.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A line with how much of the request it holds. at: its place in the reading order of all results."""

    line: Line
    score: float
    found: frozenset[str]
    at: int


def rank(
    reading: Reading,
    lines: Iterable[Line],
    encode: Encode | None = None,
    priors: Sequence[float] = (),
    headings: Sequence[str] = (),
) -> list[Hit]:
    """The lines, best first: the request's concepts that a line holds, rare ones counting more, then meaning.

    headings: for each line, the heading it stands under; its words count half, as those of the path do.
    priors: for each line, what was known for it before, such as the place a search gave it; a tenth of a word or more.
    """
    listed = list(lines)
    held = [concepts(line.text) for line in listed]
    paths = {line.path: concepts(line.path) for line in listed}
    above = [concepts(heading) for heading in headings] or [frozenset[str]()] * len(listed)
    wanted = reading.concepts
    spread = Counter(word for bag in held for word in bag & wanted)
    rarity = {word: math.log(1 + (len(listed) + 1) / (1 + spread[word])) for word in wanted}
    hits = [
        Hit(
            line=line,
            at=at,
            found=bag & wanted,
            score=_score(reading, line, bag & wanted, ((paths[line.path] | above[at]) & wanted) - bag, rarity)
            + (priors[at] if priors else 0.0),
        )
        for at, (line, bag) in enumerate(zip(listed, held, strict=True))
    ]
    hits.sort(key=lambda hit: (-hit.score, hit.at))
    return _by_meaning(reading, hits, encode) if encode is not None and hits else hits


def _score(
    reading: Reading, line: Line, found: frozenset[str], beside: frozenset[str], rarity: dict[str, float]
) -> float:
    lower = line.text.casefold()
    quoted = sum(name.casefold() in lower for name in (*reading.quoted, *reading.codes))
    held = sum(rarity[word] for word in sorted(found))
    return held + _PATH_WEIGHT * sum(rarity[word] for word in sorted(beside)) + _QUOTED_WEIGHT * quoted


def _by_meaning(reading: Reading, hits: list[Hit], encode: Encode) -> list[Hit]:
    """The best by words, reordered with the cosine of request and line added; the rest stays behind them."""
    head = hits[:ENCODED_MAX]
    vectors = encode([reading.text, *(hit.line.text for hit in head)])
    near = [round(float(value), 4) for value in vectors[1:] @ vectors[0]]
    moved = [
        Hit(line=hit.line, at=hit.at, found=hit.found, score=hit.score + _COSINE_WEIGHT * max(0.0, value))
        for hit, value in zip(head, near, strict=True)
    ]
    return sorted(moved, key=lambda hit: (-hit.score, hit.at)) + hits[ENCODED_MAX:]
