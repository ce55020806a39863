"""How a run ended. A closed union: Done, Failed, NeedsInput, Stopped; none of them hides a degradation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from nova.core.citations import Citation
from nova.core.degradations import Degradation


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An answer. `verified` says that every citation was opened and found in this run: another fact than Done."""

    text: str
    citations: tuple[Citation, ...] = ()
    degradations: tuple[Degradation, ...] = ()
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The run could not be done. error: the class of the error; what and mend: for the person."""

    error: str
    what: str
    mend: str = ""
    degradations: tuple[Degradation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsInput:
    """A question back, answerable by number. options: the readings, in the order they are shown."""

    question: str
    options: tuple[str, ...] = ()
    degradations: tuple[Degradation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Cut by a limit, a loop or a person. evidence: what was seen; mend: what to do next."""

    reason: str
    evidence: str
    mend: str = ""
    text: str = ""
    degradations: tuple[Degradation, ...] = ()


Outcome: TypeAlias = Done | Failed | NeedsInput | Stopped
