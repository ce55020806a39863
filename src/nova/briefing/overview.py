"""All projects on one screen: one line each, the one touched last first, and what needs the owner. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from nova.briefing.card import Line, Part, ResumeCard
from nova.briefing.work import NEEDS, REVIEW


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLine:
    """One project in a line. left_off, next: the first line of that part, or None; the counts are of whole parts.

    said: whether somebody said that it comes next; else it is only a sign.
    """

    name: str
    kind: str
    touched_at: datetime | None
    left_off: Line | None
    next: Line | None
    said: bool
    uncommitted: int
    open: int
    waiting: int
    needs_you: int
    problems: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The first screen. needs_you: how many things wait for the owner, in all projects.

    urgent: reviews that wait and runs that failed or stand, with their project, the oldest review first; at_work: what
    runs or is queued now.
    """

    at: datetime
    lines: tuple[CardLine, ...]
    needs_you: int
    urgent: tuple[tuple[str, Line], ...] = ()
    at_work: tuple[tuple[str, Line], ...] = ()


def overview(cards: Iterable[ResumeCard], at: datetime) -> Overview:
    """The cards in a line each; a project that nothing has ever touched comes last."""
    cards = list(cards)
    lines = sorted(map(card_line, cards), key=_touched, reverse=True)
    needs = [(card.name, line) for card in cards for line in card.lines(Part.NEEDS_YOU) if line.what in NEEDS]
    return Overview(
        at=at,
        lines=tuple(lines),
        needs_you=sum(line.needs_you for line in lines),
        urgent=tuple(sorted(needs, key=_pressing)),
        at_work=tuple((card.name, line) for card in cards for line in card.lines(Part.AT_WORK)),
    )


def _pressing(one: tuple[str, Line]) -> tuple[bool, float]:
    """Reviews first; within each the oldest first."""
    line = one[1]
    return line.what != REVIEW, line.at.timestamp() if line.at else 0.0


def card_line(card: ResumeCard) -> CardLine:
    """A card in one line. What is next: what was said, else the strongest sign."""
    return CardLine(
        name=card.name,
        kind=card.kind,
        touched_at=card.touched_at,
        left_off=_first(card, Part.LEFT_OFF),
        next=_first(card, Part.NEXT) or _first(card, Part.SIGNS),
        said=bool(card.lines(Part.NEXT)),
        uncommitted=card.count(Part.UNCOMMITTED),
        open=card.count(Part.OPEN),
        waiting=card.count(Part.WAITING),
        needs_you=card.count(Part.NEEDS_YOU),
        problems=card.lines(Part.PROBLEMS),
    )


def _first(card: ResumeCard, part: Part) -> Line | None:
    return next(iter(card.lines(part)), None)


def _touched(line: CardLine) -> float:
    return line.touched_at.timestamp() if line.touched_at else float("-inf")
