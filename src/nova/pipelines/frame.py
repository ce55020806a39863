"""One plan being walked in one run: what it was given, what its nodes have given so far, and who does the work."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nova.agents.tree import Tree
from nova.core.degradations import Degradation
from nova.core.events import Degraded, Event
from nova.core.ids import id_of
from nova.core.json import Json
from nova.core.labels import Scope
from nova.core.plans import Node, Plan
from nova.core.steps import Step
from nova.pipelines.bindings import View
from nova.pipelines.crew import Crew, Place
from nova.pipelines.journal import Hold, Journal
from nova.pipelines.settled import Settled
from nova.store.database import Database
from nova.store.values import Blobs

DEPTH_MAX = 8
"""Pipelines within pipelines; loading refuses circles, so this is for chains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What every frame of one tree has in common. below: the frozen pipelines it may call, by id.

    everything: what the owner may list, for runs that stand behind another wall than the tree's top.
    settle, walk_below: the walk's own functions, for nodes that hold other nodes.
    """

    database: Database
    blobs: Blobs
    crew: Crew
    hold: Hold
    tree: Tree
    below: Mapping[str, Plan]
    now: Callable[[], datetime]
    heard: Callable[[Event], None]
    everything: Scope
    sleep: Callable[[float], Awaitable[None]]
    settle: Callable[[Frame, Node, str, View], Awaitable[Settled]]
    walk_below: Callable[[Frame, Node, Step, dict[str, Json]], Awaitable[Settled]]
    chance: random.Random = field(default_factory=random.Random)


@dataclass(slots=True, kw_only=True)
class Frame:
    """One run of one plan. outputs: of the nodes settled so far, by id; depth: pipelines above it."""

    plan: Plan
    journal: Journal
    tools: Tools
    inputs: Mapping[str, Json]
    outputs: dict[str, Json] = field(default_factory=dict[str, Json])
    degradations: list[Degradation] = field(default_factory=list[Degradation])
    depth: int = 0

    @property
    def run(self) -> str:
        """The id of its run."""
        return self.journal.record.run.id

    @property
    def scope(self) -> Scope:
        """What it may read, and where it writes."""
        return self.journal.record.scope

    @property
    def view(self) -> View:
        """What bindings of this plan see now."""
        return View(inputs=self.inputs, outputs=self.outputs)

    def place(self, path: str) -> Place:
        """Where the work of a step is done."""
        return Place(record=self.journal.record, path=path, root=self.tools.hold.root, tree=self.tools.tree)

    def name_of(self, path: str) -> str:
        """The name of a step, as it is shown and kept."""
        return f"pipe:{self.plan.id}@{self.plan.revision}/node:{path}"

    def child(self, path: str, attempt: int = 1) -> str:
        """The id of the run that does a step: the same for the same try, always."""
        return id_of("r", self.run, path, str(attempt))

    def degrade(self, *degradations: Degradation) -> tuple[Degraded, ...]:
        """Keeps what is new for the outcome, and gives the events that tell it."""
        fresh = [one for one in dict.fromkeys(degradations) if one not in self.degradations]
        self.degradations += fresh
        return tuple(Degraded(degradation=one.kind.value, what=one.what, mend=one.mend) for one in fresh)
