"""Lines chosen by words, compared by their stems. Pure; knows no meaning, so another word for it is not found."""

from __future__ import annotations

from collections.abc import Sequence

from nova.briefing.card import Line
from nova.models.words import stem, words


def that_name(lines: Sequence[Line], about: str) -> Sequence[Line]:
    """The lines with all of these words; of three and more words two thirds are enough, where no line has all."""
    wanted = _stems(about)
    if not wanted:
        return lines
    shares = [len(wanted & _stems(line.words)) for line in lines]
    most = max(shares, default=0)
    if 3 * most < 2 * len(wanted):
        return ()
    return [line for line, share in zip(lines, shares, strict=True) if share == most]


def _stems(text: str) -> frozenset[str]:
    """Cut twice: `viewers` and `viewer` do not end alike after the first time."""
    return frozenset(map(stem, words(text)))
