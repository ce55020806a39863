"""Puts the coordinator's desk together: models behind roles, the profile, the agents' sources."""

from __future__ import annotations

from pathlib import Path

from nova.agents.definition import Agent
from nova.agents.toolset import Door, WithValues
from nova.app.house import Nova
from nova.coordinator.desk import Desk
from nova.models.choose import Engaged, LanguageModel, engage
from nova.models.extractive import ExtractiveModel
from nova.models.ledger import Meter, MeteredModel
from nova.tools.registry import toolbox

PROFILE_BYTES_MAX = 100_000


def desk_of(nova: Nova) -> Desk:
    """The desk of this Nova."""

    def engaged(
        role: str, *, scope: str, confidentiality: str, meter: Meter, purpose: str, door: Door | None
    ) -> Engaged:
        if nova.scripted is not None:
            model = MeteredModel(nova.scripted, meter, purpose)
            return Engaged(model=model, names=(nova.scripted.model_name,), generates=True)
        return engage(
            nova.settings,
            role,
            scope=scope,
            confidentiality=confidentiality,
            meter=meter,
            purpose=purpose,
            built_in=lambda: _built_in(nova, door),
        )

    return Desk(
        database=nova.database,
        agents=nova.agents,
        projects=nova.projects,
        tools=toolbox(),
        router=nova.router,
        engage=engaged,
        profile=lambda: _profile(nova.home.profile_file),
        source=_source,
        now=nova.clock,
        ceilings=nova.settings.limits,
        context_tokens_max=nova.settings.context_tokens_max,
    )


def _built_in(nova: Nova, door: Door | None) -> LanguageModel:
    encoder = nova.router.encoder
    model = ExtractiveModel(encode=None if encoder.degradations else encoder.encode)
    return WithValues(model, door.tools, door.reach) if door else model


def _profile(file: Path) -> str:
    """The profile as it is now; at most 100 kB are read, the context's budget says what of it is left out."""
    if not file.is_file():
        return ""
    with file.open("rb") as opened:
        return opened.read(PROFILE_BYTES_MAX).decode("utf-8", errors="replace")


def _source(agent: Agent) -> str:
    return Path(agent.file).read_text(encoding="utf-8", errors="replace")
