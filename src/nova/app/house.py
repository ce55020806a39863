"""A running Nova: its home opened, its parts put together. Knows every part; refuses to do their work."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nova.agents.definition import Agent
from nova.agents.load import Roster, load_roster
from nova.app import corrections, data
from nova.core.errors import NotReady
from nova.core.events import Event
from nova.core.labels import Scope
from nova.core.requests import Request
from nova.projects.definition import Project
from nova.projects.load import load_projects
from nova.settings.definition import Settings
from nova.settings.home import Home
from nova.settings.load import load_settings
from nova.store.database import Database
from nova.store.opening import open_store

if TYPE_CHECKING:
    from nova.app.callable import CallableAgent
    from nova.app.pipelines import Pipelines
    from nova.coordinator.desk import Desk
    from nova.coordinator.router import Router
    from nova.memory.tiers import Memory
    from nova.models.choose import LanguageModel


def now() -> datetime:
    """The clock of a real Nova."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Nova:
    """One home, opened. Heavy parts (database, encoder, model library) are made when they are first used.

    scripted: a model that answers instead of every configured one; tests only. clock: where the time comes from.
    """

    home: Home
    settings: Settings
    roster: Roster
    projects: tuple[Project, ...]
    scripted: LanguageModel | None = None
    clock: Callable[[], datetime] = now

    @cached_property
    def database(self) -> Database:
        """The store, brought up to date."""
        return open_store(self.home, self.settings)

    @cached_property
    def memory(self) -> Memory:
        """The memory over that store, read into vectors by the router's encoder."""
        from nova.memory.tiers import memory_of

        return memory_of(self.database, self.router.encoder, self.clock, self.grounds)

    @cached_property
    def grounds(self) -> Mapping[str, Path]:
        """The folder of each project, by its name."""
        return {project.name: project.repository for project in self.projects if project.repository is not None}

    @cached_property
    def router(self) -> Router:
        """The router of this roster."""
        from nova.app.routers import router_of

        return router_of(self.home, self.settings.router, self.roster.agents, self.corrections())

    @cached_property
    def desk(self) -> Desk:
        """What the coordinator works with."""
        from nova.app.desks import Parts, desk_of

        parts = Parts(
            home=self.home,
            settings=self.settings,
            roster=self.roster,
            projects=self.projects,
            memory=self.memory,
            router=self.router,
            clock=self.clock,
            scripted=self.scripted,
            pipelines=lambda: self.pipelines,
        )
        return desk_of(parts)

    @cached_property
    def pipelines(self) -> Pipelines:
        """Plans and pipelines: read, begun, walked."""
        from nova.app.pipelines import Pipelines

        return Pipelines(self)

    @cached_property
    def everything(self) -> Scope:
        """What the owner may list: the home and all projects."""
        return Scope.owner(project.scope for project in self.projects)

    @property
    def agents(self) -> Mapping[str, Agent]:
        """The engaged agents by name."""
        return {agent.name: agent for agent in self.roster.agents}

    def agent(self, name: str) -> CallableAgent:
        """An engaged agent as something to ask: `await nova.agent("erp-schema").ask("...")`. Raises Unknown."""
        from nova.app.callable import CallableAgent

        return CallableAgent(self, self.roster.agent(name).name)

    def ask(self, request: Request) -> AsyncGenerator[Event]:
        """The events of one run; see coordinator.dispatch."""
        from nova.coordinator.dispatch import dispatch

        return dispatch(request, self.desk)

    def corrections(self) -> tuple[corrections.Correction, ...]:
        """What the owner has corrected so far."""
        return corrections.read(self.home.root)

    def project_at(self, folder: Path) -> str:
        """The name of the project whose repository contains `folder`, or empty."""
        place = folder.resolve()
        owned = [project for project in self.projects if project.repository is not None]
        inside = [one for one in owned if one.repository and place.is_relative_to(one.repository.resolve())]
        return max(inside, key=lambda one: len(str(one.repository))).name if inside else ""

    def close(self) -> None:
        """Gives the database back, if it was opened."""
        if "database" in self.__dict__:
            self.database.close()


def open_nova(home: Home, *, scripted: LanguageModel | None = None, clock: Callable[[], datetime] = now) -> Nova:
    """The Nova of this home. Raises NotReady when there is none, BadFiles with every problem in its files."""
    if not home.exists:
        raise NotReady(f"There is no Nova home in {home.root}.", "Make one: nova init (or try nova demo first).")
    settings = load_settings(home.settings_file)
    from nova.app.tools import all_tools

    roster = load_roster(data.catalog(), home.root, all_tools().keys(), settings.roster)
    projects = load_projects(home.projects, settings.variables)
    return Nova(home=home, settings=settings, roster=roster, projects=projects, scripted=scripted, clock=clock)
