"""What a series of lives and deaths did to the steps: lost, repeated, done twice in the world. Pure.

A life is one process from its start to its death or end. Knows rows and lines; refuses to know how either came to be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TypeAlias

from benchmarks.faults.world import Line, What

Key: TypeAlias = tuple[str, str]
"""A step: its run and its path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """settled: steps that were finished on disk when it was over, with their outputs. seen: in the world meanwhile."""

    settled: Mapping[Key, str]
    seen: Sequence[Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """steps: all that must be finished, each with those that must be finished before it begins. effects: that act."""

    steps: Mapping[Key, frozenset[Key]]
    effects: frozenset[Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How often each was seen. lost: a step was finished, and then it was not, or it never was.

    repeated: a step was entered again although it was finished. duplicated: an effect took place more than once.
    missing: a finished step whose effect did not. unfinished: runs that did not end as they should.
    in_flight: steps that were entered again because they had not been finished; that much is allowed.
    """

    lost: int = 0
    repeated: int = 0
    duplicated: int = 0
    missing: int = 0
    unfinished: int = 0
    in_flight: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing happened that must not."""
        return not (self.lost or self.repeated or self.duplicated or self.missing or self.unfinished)

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})


def judged(expected: Expected, lives: Sequence[Life], states: Mapping[str, str], good: str = "done") -> Verdict:
    """states: how every run stands at the end, `good` being as it should."""
    entered = Counter(_key(line) for life in lives for line in life.seen if line.what is What.BEGAN)
    acted = Counter(_key(line) for life in lives for line in life.seen if line.what is What.ACTED)
    last: Mapping[Key, str] = lives[-1].settled if lives else {}
    repeated = _repeated(lives)
    return Verdict(
        lost=_vanished(lives) + _too_early(expected, lives) + len(expected.steps.keys() - last.keys()),
        repeated=repeated,
        duplicated=sum(count - 1 for count in acted.values()),
        missing=len((expected.effects & last.keys()) - acted.keys()),
        unfinished=sum(state != good for state in states.values()),
        in_flight=sum(count - 1 for count in entered.values()) - repeated,
    )


def _key(line: Line) -> Key:
    return line.run, line.path


def _vanished(lives: Sequence[Life]) -> int:
    """Steps whose finished output was there at the end of one life, and another or none at the end of the next."""
    pairs = pairwise(lives)
    return sum(after.settled.get(key) != output for before, after in pairs for key, output in before.settled.items())


def _too_early(expected: Expected, lives: Iterable[Life]) -> int:
    """Steps that were taken for finished, as the next was entered, and were not on disk when the process had died."""
    return sum(
        len(expected.steps.get(_key(line), frozenset()) - life.settled.keys())
        for life in lives
        for line in life.seen
        if line.what is What.BEGAN
    )


def _repeated(lives: Sequence[Life]) -> int:
    pairs = pairwise(lives)
    return sum(
        line.what is What.BEGAN and _key(line) in before.settled for before, after in pairs for line in after.seen
    )
