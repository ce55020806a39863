"""Puts the coordinator's desk together: models behind roles, the profile, the agents' sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nova.agents.definition import Agent
from nova.agents.load import Roster
from nova.agents.toolset import Door, WithValues
from nova.app.tools import tools_of
from nova.coordinator.desk import Desk
from nova.coordinator.router import Router
from nova.memory.tiers import Memory
from nova.models.choose import Engaged, LanguageModel, engage
from nova.models.circuits import Circuits
from nova.models.extractive import ExtractiveModel
from nova.models.ledger import Meter, MeteredModel
from nova.projects.definition import Project
from nova.settings.definition import Settings
from nova.settings.home import Home

if TYPE_CHECKING:
    from nova.app.pipelines import Pipelines

PROFILE_BYTES_MAX = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a desk is made of. scripted: a model that answers instead of every configured one; tests only.

    pipelines: of the same home, asked when a tool is called, as they need the desk themselves.
    """

    home: Home
    settings: Settings
    roster: Roster
    projects: tuple[Project, ...]
    memory: Memory
    router: Router
    clock: Callable[[], datetime]
    scripted: LanguageModel | None
    pipelines: Callable[[], Pipelines]


def desk_of(parts: Parts) -> Desk:
    """The desk made of these parts."""

    def engaged(
        role: str, *, scope: str, confidentiality: str, meter: Meter, purpose: str, door: Door | None
    ) -> Engaged:
        if parts.scripted is not None:
            model = MeteredModel(parts.scripted, meter, purpose)
            return Engaged(model=model, names=(parts.scripted.model_name,), generates=True)
        return engage(
            parts.settings,
            role,
            scope=scope,
            confidentiality=confidentiality,
            meter=meter,
            purpose=purpose,
            built_in=lambda: _built_in(parts.router, door),
            circuits=circuits,
        )

    circuits = Circuits(parts.memory.database, parts.clock)
    return Desk(
        database=parts.memory.database,
        memory=parts.memory,
        agents={agent.name: agent for agent in parts.roster.agents},
        projects=parts.projects,
        tools=tools_of(parts.home, parts.projects, lambda: parts.router, parts.roster.agents, parts.pipelines),
        router=parts.router,
        engage=engaged,
        profile=lambda: _profile(parts.home.profile_file),
        source=_source,
        now=parts.clock,
        ceilings=parts.settings.limits,
        context_tokens_max=parts.settings.context_tokens_max,
        data=parts.home.data,
        circuits=circuits,
    )


def _built_in(router: Router, door: Door | None) -> LanguageModel:
    encoder = router.encoder
    model = ExtractiveModel(encode=None if encoder.degradations else encoder.encode)
    return WithValues(model, door.tools, door.reach) if door else model


def _profile(file: Path) -> str:
    """The profile as it is now; what of it is over the budget is ranked and listed, what is over 2 MB is said."""
    if not file.is_file():
        return ""
    with file.open("rb") as opened:
        text = opened.read(PROFILE_BYTES_MAX).decode("utf-8", errors="replace")
    over = file.stat().st_size - PROFILE_BYTES_MAX
    return f"{text}\n\n({over:,} more bytes of {file.name} were not read.)" if over > 0 else text


def _source(agent: Agent) -> str:
    return Path(agent.file).read_text(encoding="utf-8", errors="replace")
