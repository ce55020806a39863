"""Cuts a request at connectives and scores every way to cut it. Knows words and probabilities; refuses to know agents' files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

CUTS_CONSIDERED_MAX = 12  # connectives looked at in one request
CUTS_MAX = 3  # a request is never split into more than four clauses
SEGMENTS_MAX = 28  # texts that the encoder reads for one request: six cuts
WORDS_MIN = 2  # of a clause
BIAS = -3.5

_STRONG = r"(?:[;.?!]\s+(?:(?:and|also|then|plus|und|dann|außerdem)\b[\s,]*)*|,?\s+(?:and\s+then|and\s+also|after\s+that|und\s+dann|danach|außerdem|then|plus)\s+)"
_WEAK = r"(?:,\s+(?:and|also|but|or|und|aber)\s+|\s+(?:and|also|but|as\s+well\s+as|before|und|sowie|aber)\s+|,\s+|\s+&\s+|\s*\n+\s*)"
_CONNECTIVE = re.compile(f"(?P<strong>{_STRONG})|(?P<weak>{_WEAK})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One connective: where the clause before it ends and the one after it begins."""

    end: int
    start: int
    strong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A way to cut a request. classes: the agent of each clause; scores: its probability among the agents; confidences: what
    the sure cut-off is compared with; value: log-odds that the cut is meant."""

    texts: tuple[str, ...]
    classes: tuple[int, ...]
    scores: tuple[float, ...]
    confidences: tuple[float, ...]
    value: float


def cuts(text: str) -> tuple[Cut, ...]:
    """The connectives that leave at least two words on both sides; the strong ones first kept when there are too many."""
    found = [
        Cut(end=match.start(), start=match.end(), strong=match["strong"] is not None)
        for match in _CONNECTIVE.finditer(text)
        if min(len(text[: match.start()].split()), len(text[match.end() :].split())) >= WORDS_MIN
    ][:CUTS_CONSIDERED_MAX]
    while len(found) and (len(found) + 1) * (len(found) + 2) // 2 > SEGMENTS_MAX:
        weakest = min(range(len(found)), key=lambda index: (found[index].strong, -index))
        del found[weakest]
    return tuple(found)


def segments(text: str, found: Sequence[Cut]) -> dict[tuple[int, int], str]:
    """Every clause between two cuts (or an end of the text), as (first, last) numbers of the pieces it spans."""
    starts = [0, *(cut.start for cut in found)]
    ends = [*(cut.end for cut in found), len(text)]
    return {
        (first, last): text[starts[first] : ends[last]].strip(" ,;.?!&\n")
        for first in range(len(starts))
        for last in range(first, len(ends))
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the head says about clauses. probabilities: [n, agents + 1]; confidences: [n]."""

    probabilities: Floats
    confidences: Floats


def best_split(
    text: str, found: Sequence[Cut], judge: Callable[[Sequence[str]], Judged], whole: Floats
) -> Split | None:
    """The best way to cut into clauses for different agents, or None when one agent takes it all.

    judge: the head's word on clauses; whole: the probabilities of the uncut text, [agents + 1].
    """
    pieces = {span: piece for span, piece in segments(text, found).items() if len(piece.split()) >= WORDS_MIN}
    if len(pieces) < 3:
        return None
    judged = judge(list(pieces.values()))
    table = dict(zip(pieces, zip(judged.probabilities, judged.confidences.tolist(), strict=True), strict=True))
    best: Split | None = None
    for count in range(1, min(CUTS_MAX, len(found)) + 1):
        for chosen in combinations(range(len(found)), count):
            split = _judge(chosen, len(found), found, pieces, table, whole)
            if split is not None and (best is None or split.value > best.value):
                best = split
    return best if best is not None and best.value > 0 else None


def _judge(
    chosen: tuple[int, ...],
    last: int,
    found: Sequence[Cut],
    pieces: dict[tuple[int, int], str],
    table: dict[tuple[int, int], tuple[Floats, float]],
    whole: Floats,
) -> Split | None:
    spans = list(zip((0, *(cut + 1 for cut in chosen)), (*chosen, last), strict=True))
    if any(span not in table for span in spans):
        return None
    said = [table[span] for span in spans]
    classes = [int(probabilities[:-1].argmax()) for probabilities, _ in said]
    if len(set(classes)) < len(classes):
        return None
    shares = [float(p[owner] / p[:-1].sum()) for (p, _), owner in zip(said, classes, strict=True)]
    texts = tuple(pieces[span] for span in spans)
    strong = sum(found[cut].strong for cut in chosen)
    alone = float(whole[:-1].max() / max(float(whole[:-1].sum()), 1e-9))
    value = _value(np.array(shares), strong, min(len(text.split()) for text in texts), alone)
    return Split(
        texts=texts,
        classes=tuple(classes),
        scores=tuple(shares),
        confidences=tuple(confidence for _, confidence in said),
        value=value,
    )


def _value(scores: NDArray[np.float64], strong: int, words_least: int, whole: float) -> float:
    """Log-odds that this cut is meant. scores, whole: probability of the best agent among the agents, of clauses and uncut.

    The weights are a logistic regression on pairs joined from CLINC150's and BANKING77's training rows at 5, 10 and 20
    examples, moved so that 0.5 % of plain single requests are cut.
    """
    odds = _log_odds(scores)
    cut = len(scores) - 1
    value = 0.40 * odds.min() + 0.80 * odds.mean() - 0.75 * _log_odds(np.array([whole]))[0]
    return float(value + 1.85 * strong / cut - 3.5 * (cut - 1) + 1.65 * np.log(words_least) + BIAS)


def _log_odds(p: NDArray[np.float64]) -> NDArray[np.float64]:
    clipped = np.clip(p, 1e-6, 1 - 1e-6)
    return np.log(clipped / (1 - clipped))
