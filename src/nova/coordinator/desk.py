"""What the coordinator works with: everything it needs, handed in once by the composition root. No logic here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from nova.agents.definition import Agent
from nova.agents.toolset import Door
from nova.coordinator.router import Router
from nova.core.labels import Scope
from nova.memory.tiers import Memory
from nova.models.choose import Engaged
from nova.models.circuits import Circuits
from nova.models.ledger import Meter
from nova.projects.definition import Project
from nova.settings.definition import Ceilings
from nova.store.database import Database
from nova.tools.spec import Tool


class Engage(Protocol):
    """Gives the model of a role for a scope, every call metered. Two exist: the configured one and the tests'."""

    def __call__(
        self, role: str, *, scope: str, confidentiality: str, meter: Meter, purpose: str, door: Door | None
    ) -> Engaged:
        """The model, and what is less than it should be about it. door: the run's tools, for the built-in model."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One running Nova as the coordinator sees it. profile: the text of profile.md, read anew for each turn.

    source: the text of an agent's file, kept with the runs that used it. data: folder of the database and what lies
    beside it. circuits: of the tools.
    """

    database: Database
    memory: Memory
    agents: Mapping[str, Agent]
    projects: Sequence[Project]
    tools: Mapping[str, Tool]
    router: Router
    engage: Engage
    profile: Callable[[], str]
    source: Callable[[Agent], str]
    now: Callable[[], datetime]
    ceilings: Ceilings
    context_tokens_max: int
    data: Path
    circuits: Circuits | None = None

    @property
    def everything(self) -> Scope:
        """What the owner himself may list. Never put before a model."""
        return Scope.owner(project.scope for project in self.projects)
