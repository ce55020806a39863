"""How a piece of a walk can end, as values; and the error that carries a step's failure up to its policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from nova.core import errors
from nova.core.degradations import Degradation
from nova.core.errors import NovaError
from nova.core.json import Json
from nova.core.labels import Label
from nova.core.limits import Usage
from nova.core.reviews import Review
from nova.pipelines.plain import plain_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """It gave this. degradations: what was less than it should be on the way."""

    output: Json
    degradations: tuple[Degradation, ...] = ()
    usage: Usage = field(default_factory=Usage)
    label: Label = field(default_factory=Label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """It was left out by a condition, or because what it needs was left out."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """It waits for these (`review v12`, `event issue-opened`, `until 2026-...`); wakes_at: the earliest time of them.

    review: a question that is to be asked with the wait, in the same transaction.
    """

    on: tuple[str, ...]
    wakes_at: datetime | None = None
    review: Review | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Broke:
    """It failed for good. error: the class; path: the step at the bottom of it."""

    path: str
    error: str
    what: str
    mend: str = ""
    degradations: tuple[Degradation, ...] = ()
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Halted:
    """A limit of the whole tree, a loop or a person ended everything. As core.outcomes.Stopped."""

    reason: str
    evidence: str
    mend: str = ""


Settled: TypeAlias = Finished | Skipped | Waits | Broke | Halted


class NodeFailed(Exception):
    """A try of a node failed. error: the class name in core.errors, by which the policy decides.

    path: of the step at the bottom of it, when that is another one; degradations: what it has noted on the way.
    """

    def __init__(self, error: str, what: str, mend: str = "", usage: Usage | None = None) -> None:
        super().__init__(what)
        self.error = error
        self.what = plain_text(what)
        self.mend = mend
        self.usage = usage or Usage()
        self.path = ""
        self.degradations: tuple[Degradation, ...] = ()
        self.retry_after_seconds: float | None = None


def failed(error: NovaError) -> NodeFailed:
    """One of Nova's errors as a node's failure."""
    found = NodeFailed(type(error).__name__, error.what, error.mend)
    found.retry_after_seconds = getattr(error, "retry_after_seconds", None)
    return found


def broken(below: Broke) -> NodeFailed:
    """A node that holds others failed because one of them broke."""
    found = NodeFailed(below.error, below.what, below.mend, below.usage)
    found.path, found.degradations = below.path, below.degradations
    return found


def is_among(error: str, classes: tuple[str, ...]) -> bool:
    """Whether the error class of this name is one of the classes, or below one of them."""
    kind = getattr(errors, error, None)
    names = [one.__name__ for one in kind.__mro__] if isinstance(kind, type) else [error]
    return any(name in classes for name in names)
