"""One finding of the doctor as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a thing stands."""

    OK = "ok"
    NOTE = "note"  # less than it could be; Nova works
    MISSING = "missing"  # Nova cannot work like this


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was looked at, how it stands, what was seen, and the command or step that mends it."""

    what: str
    state: State
    seen: str
    mend: str = ""


def ok(what: str, seen: str) -> Finding:
    """It is as it should be."""
    return Finding(what=what, state=State.OK, seen=seen)


def note(what: str, seen: str, mend: str) -> Finding:
    """It could be better."""
    return Finding(what=what, state=State.NOTE, seen=seen, mend=mend)


def missing(what: str, seen: str, mend: str) -> Finding:
    """Nova cannot work like this."""
    return Finding(what=what, state=State.MISSING, seen=seen, mend=mend)
