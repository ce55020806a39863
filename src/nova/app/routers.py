"""Puts a router together: settings, encoder, corrections, cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from nova.agents.definition import Agent
from nova.agents.load import load_roster
from nova.app import data
from nova.app.tools import all_tools
from nova.coordinator.lessons import Correction
from nova.coordinator.router import Router
from nova.coordinator.zones import ZoneSettings
from nova.models.encoder_choice import EncoderChoice, EndpointChoice, MiniLMChoice, WordLlamaChoice, WordsChoice
from nova.models.encoding import open_encoder
from nova.models.vector_file import VectorFile
from nova.settings.definition import EncoderKind, RouterSettings
from nova.settings.home import Home
from nova.settings.secrets import resolve_secret


def router_of(
    home: Home, settings: RouterSettings, agents: Sequence[Agent], corrections: Sequence[Correction]
) -> Router:
    """The router of these agents; nothing is loaded before its first decision."""
    taught = VectorFile(home.cache / "taught-vectors")
    return Router(
        agents=agents,
        corrections=corrections,
        open_encoder=lambda: open_encoder(_choice(home, settings)),
        open_teacher=lambda: open_encoder(_choice(home, settings), taught),
        settings=ZoneSettings(
            error_max=settings.sure_error_max,
            margin=settings.margin_standard_errors,
            out_of_scope_share=settings.outside_share,
        ),
        catalog=data.catalog(),
        cache=home.cache / "heads",
    )


def teach(home: Home) -> bool:
    """Fits the router of the whole catalog into the cache, so that the first question need not wait for it.

    False without the encoder: by words alone there is nothing worth waiting for.
    """
    roster = load_roster(data.catalog(), None, all_tools().keys())
    router = router_of(home, RouterSettings(), roster.agents, ())
    return not router.encoder.degradations and bool(router.head.agents)


def _choice(home: Home, settings: RouterSettings) -> EncoderChoice:
    match settings.encoder:
        case EncoderKind.MINILM:
            return MiniLMChoice(folder=home.encoder)
        case EncoderKind.WORDS:
            return WordsChoice()
        case EncoderKind.WORDLLAMA:
            return WordLlamaChoice(folder=home.cache / "wordllama")
        case EncoderKind.ENDPOINT:
            key = resolve_secret(settings.endpoint_key) if settings.endpoint_key else ""
            return EndpointChoice(base_url=settings.endpoint or "", model=settings.endpoint_model or "", key=key)
    assert_never(settings.encoder)
