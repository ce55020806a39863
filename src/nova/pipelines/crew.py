"""Who does the work of a plan's nodes, as the walk sees them. The coordinator implements it; tests need not.

Knows calls and what comes back; refuses to know models, tools and projects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nova.agents.tree import Tree
from nova.core.briefs import Brief, Report
from nova.core.degradations import Degradation
from nova.core.json import Json
from nova.core.labels import Label, Scope
from nova.core.runs import Run
from nova.store.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a node's work is done: the record of the run it belongs to, its path there, and what the tree may use."""

    record: Record
    path: str
    root: str
    tree: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCall:
    """One agent is given a brief. child: the id of the run that does it; role: a model role instead of its own."""

    brief: Brief
    child: str
    place: Place
    label: Label
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One tool is called. key: the idempotency key, the same for every try; approved: digests the owner agreed to."""

    tool: str
    arguments: dict[str, Json]
    key: str
    place: Place
    approved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOutput:
    """What a tool gave: text, headline, lines, citations, cut, count, and its own typed fields."""

    value: dict[str, Json]
    label: Label
    degradations: tuple[Degradation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFacts:
    """What the walk must know of a tool. acts: it changes something; repeatable: with the same key, harmlessly."""

    acts: bool
    repeatable: bool


class Crew(Protocol):
    """Does what a node says. Every call goes through the guard, the gate and the record."""

    async def agent(self, call: AgentCall) -> Report:
        """What the agent answers. Raises LimitReached of the tree, NotReady, StoreError."""
        ...

    async def tool(self, call: ToolCall) -> ToolOutput:
        """What the tool gives. Raises ToolFailed, Denied, LimitReached of the tree, StoreError."""
        ...

    def about(self, tool: str) -> ToolFacts:
        """What kind of tool it is. Raises Unknown."""
        ...

    def wall(self, run: Run) -> Scope:
        """What a run may read, and where it writes."""
        ...
