"""A brief: everything that travels on a handoff, and what comes back. Typed; nothing else passes between two agents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from nova.core.json import Json
from nova.core.labels import Label
from nova.core.limits import Usage
from nova.core.outcomes import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something known, where it comes from (`path:line`, a commit, a run, a note), and whose it is."""

    text: str
    source: str = ""
    label: Label = field(default_factory=Label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An input by reference. kind: file, step, run, note, url; ref: what it is; digest: of what stood there."""

    kind: str
    ref: str
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What one agent (or a plan) gives another to do.

    why: why this agent. sender: an agent's name, a pipeline's, or empty for the coordinator. output: JSON Schema of
    what is expected, empty for words. deadline: when it must be over. budget_share: of what the tree of runs has
    left, 0 to 1. depth: handoffs above this one. dropped: what was known and not passed on, and why.
    """

    task: str
    agent: str
    why: str = ""
    sender: str = ""
    inputs: tuple[Reference, ...] = ()
    facts: tuple[Fact, ...] = ()
    constraints: tuple[str, ...] = ()
    output: dict[str, Json] = field(default_factory=dict[str, Json])
    deadline: datetime | None = None
    budget_share: float = 1.0
    depth: int = 0
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What comes back to the sender: the run that did it, its outcome, its typed value, and what it used.

    data: a value of the brief's output schema; None when words were asked for, or the outcome is not Done.
    """

    run: str
    agent: str
    outcome: Outcome
    data: Json = None
    usage: Usage = field(default_factory=Usage)
    label: Label = field(default_factory=Label)
