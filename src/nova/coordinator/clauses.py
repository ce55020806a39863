"""Cuts a request at connectives and scores every way to cut it.

Knows words and probabilities; refuses to know agents' files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from nova.coordinator.clause_words import asks, points_back, subordinate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

CUTS_CONSIDERED_MAX = 12  # connectives looked at in one request
CUTS_MAX = 3  # a request is never split into more than four clauses
SEGMENTS_MAX = 28  # texts that the encoder reads for one request: six cuts
WORDS_READ_MAX = 90  # of all clauses together: 0.3 ms of the encoder each
WORDS_MIN = 2  # of a clause

_MOREOVER = (
    r"(?:also|then|besides(?:\s+that)?|apart\s+from\s+that|separately|after\s+that|afterwards|additionally|in\s+addition"
    r"|on\s+top\s+of\s+that|finally|secondly|unrelated|not\s+related|by\s+the\s+way|dann|außerdem|danach|übrigens)"
)
_AND_SO_ON = rf"(?:(?:and|plus|next|und|{_MOREOVER})\b[\s,:]*)*"
_STRONG = (
    rf"(?:[;.?!]\s+{_AND_SO_ON}|,?\s+(?:and|und),?\s+{_MOREOVER}\b[\s,:]+"
    r"|,?\s+(?:then|plus|after\s+that|danach|außerdem)\s+)"
)
_WEAK = (
    r"(?:,\s+(?:and|also|but|or|und|aber)\s+|\s+(?:and|also|but|as\s+well\s+as|before|und|sowie|aber)\s+"
    r"|,\s+|\s+&\s+|\s*\n+\s*)"
)
_CONNECTIVE = re.compile(f"(?P<strong>{_STRONG})|(?P<weak>{_WEAK})", re.IGNORECASE)
_PLAIN_AND = re.compile(r"\s+(?:and|und|&)\s+", re.IGNORECASE)
"""It joins two nouns (“tenants and branches”) far more often than two requests: then what follows must ask."""
_JOINS = re.compile(r"\b(?:and|also|then|plus|und|dann)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One connective: the end of the clause before it, the start of the one after; joins: it says «and», «then»."""

    end: int
    start: int
    strong: bool
    joins: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A way to cut a request. classes: the agent of each clause; scores: its probability among the agents.

    confidences: what the sure cut-off is compared with; value: log-odds that the cut is meant.
    """

    texts: tuple[str, ...]
    classes: tuple[int, ...]
    scores: tuple[float, ...]
    confidences: tuple[float, ...]
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the head says about texts. probabilities: [n, agents + 1]; confidences: [n]."""

    probabilities: Floats
    confidences: Floats


def cuts(text: str) -> tuple[Cut, ...]:
    """The connectives that leave at least two words on both sides; the weak ones go first when there are too many."""
    found = [
        Cut(
            end=match.start(),
            start=match.end(),
            strong=match["strong"] is not None,
            joins=bool(_JOINS.search(match[0])),
        )
        for match in _CONNECTIVE.finditer(text)
        if min(len(text[: match.start()].split()), len(text[match.end() :].split())) >= WORDS_MIN
        and not (_PLAIN_AND.fullmatch(match[0]) and not asks(text[match.end() :]))
    ][:CUTS_CONSIDERED_MAX]
    while found and ((len(found) + 1) * (len(found) + 2) // 2 > SEGMENTS_MAX or _words(text, found) > WORDS_READ_MAX):
        weakest = min(range(len(found)), key=lambda index: (found[index].strong, -index))
        del found[weakest]
    return tuple(found)


def segments(text: str, found: Sequence[Cut]) -> dict[tuple[int, int], str]:
    """Every clause of two words or more between two cuts (or an end), by the numbers of its first and last piece."""
    starts = [0, *(cut.start for cut in found)]
    ends = [*(cut.end for cut in found), len(text)]
    spans = {
        (first, last): text[starts[first] : ends[last]].strip(" ,;.?!&\n")
        for first in range(len(starts))
        for last in range(first, len(ends))
    }
    return {span: piece for span, piece in spans.items() if len(piece.split()) >= WORDS_MIN}


def best_split(text: str, judge: Callable[[Sequence[str]], Judged], whole: Floats, least: float) -> Split | None:
    """The best way to cut into clauses for different agents, or None when one agent takes it all.

    judge: the head's word on clauses; whole: the probabilities of the uncut text, [agents + 1]; least: a cut's value
    below which it is not meant.
    """
    found = cuts(text)
    pieces = segments(text, found)
    if not found or len(pieces) < 3:
        return None
    judged = judge(list(pieces.values()))
    table = dict(zip(pieces, zip(judged.probabilities, judged.confidences.tolist(), strict=True), strict=True))
    best: Split | None = None
    for count in range(1, min(CUTS_MAX, len(found)) + 1):
        for chosen in combinations(range(len(found)), count):
            split = _judge(chosen, found, pieces, table, whole)
            if split is not None and (best is None or split.value > best.value):
                best = split
    return best if best is not None and best.value >= least else None


def _words(text: str, found: Sequence[Cut]) -> int:
    """The words that the encoder would read; the uncut text is read already."""
    return sum(len(piece.split()) for piece in segments(text, found).values()) - len(text.split())


def _judge(
    chosen: tuple[int, ...],
    found: Sequence[Cut],
    pieces: dict[tuple[int, int], str],
    table: dict[tuple[int, int], tuple[Floats, float]],
    whole: Floats,
) -> Split | None:
    spans = list(zip((0, *(cut + 1 for cut in chosen)), (*chosen, len(found)), strict=True))
    if any(span not in table for span in spans):
        return None
    said = [table[span] for span in spans]
    classes = [int(probabilities[:-1].argmax()) for probabilities, _ in said]
    if len(set(classes)) < len(classes):
        return None
    shares = [float(p[owner] / p[:-1].sum()) for (p, _), owner in zip(said, classes, strict=True)]
    texts = tuple(pieces[span] for span in spans)
    alone = float(whole[:-1].max() / max(float(whole[:-1].sum()), 1e-9))
    return Split(
        texts=texts,
        classes=tuple(classes),
        scores=tuple(shares),
        confidences=tuple(confidence for _, confidence in said),
        value=_by_scores(np.array(shares), alone) + _by_words(texts, [found[cut] for cut in chosen]),
    )


def _by_scores(shares: NDArray[np.float64], alone: float) -> float:
    """What probabilities say: sure clauses speak for a cut, a sure whole against it.

    These weights and those of `_by_words` are one logistic regression on requests joined from CLINC150's and
    BANKING77's training rows and from the shipped agents' examples, against single ones with a connective.
    """
    odds = _log_odds(shares)
    return float(0.20 * odds.min() + 0.80 * odds.mean() - 0.62 * _log_odds(np.array([alone]))[0]) - 4.8


def _by_words(texts: Sequence[str], used: Sequence[Cut]) -> float:
    """What the words say: each clause a request of its own, long enough, joined by a word or a full stop."""
    value = 1.8 * float(np.log(min(len(text.split()) for text in texts))) - 2.2 * (len(used) - 1)
    value += 1.4 * sum(cut.strong for cut in used) / len(used) + 0.75 * any(cut.joins for cut in used)
    value += 0.9 * asks(texts[0]) + 0.9 * all(asks(text) for text in texts)
    value -= 0.85 * sum(points_back(text) for text in texts[1:]) / len(used)
    return value - 0.6 * any(subordinate(text) for text in texts)


def _log_odds(p: NDArray[np.float64]) -> NDArray[np.float64]:
    clipped = np.clip(p, 1e-6, 1 - 1e-6)
    return np.log(clipped / (1 - clipped))
