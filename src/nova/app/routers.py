"""Puts the router of a Nova together: settings, encoder, corrections, cache."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from nova.agents.load import load_roster
from nova.app import data
from nova.app.house import Nova
from nova.coordinator.router import Router
from nova.coordinator.zones import ZoneSettings
from nova.models.encoding import (
    EncoderChoice,
    EndpointChoice,
    MiniLMChoice,
    WordLlamaChoice,
    WordsChoice,
    open_encoder,
)
from nova.models.vector_file import VectorFile
from nova.settings.definition import EncoderKind, Settings
from nova.settings.home import Home
from nova.settings.secrets import resolve_secret
from nova.tools.registry import toolbox


def router_of(nova: Nova) -> Router:
    """The router of this roster; nothing is loaded before its first decision."""
    settings = nova.settings.router
    return Router(
        agents=nova.roster.agents,
        corrections=nova.corrections(),
        open_encoder=lambda: open_encoder(_choice(nova)),
        open_teacher=lambda: open_encoder(_choice(nova), VectorFile(nova.home.cache / "taught-vectors")),
        settings=ZoneSettings(
            error_max=settings.sure_error_max,
            margin=settings.margin_standard_errors,
            out_of_scope_share=settings.outside_share,
        ),
        catalog=data.catalog(),
        cache=nova.home.cache / "heads",
    )


def teach(home: Home) -> bool:
    """Fits the router of the whole catalog into the cache, so that the first question need not wait for it.

    False without the encoder: by words alone there is nothing worth waiting for.
    """
    roster = load_roster(data.catalog(), None, toolbox().keys())
    nova = Nova(home=replace(home, root=home.cache), settings=Settings(), roster=roster, projects=())
    router = router_of(nova)
    return bool(router.head.agents) if not router.encoder.degradations else False


def _choice(nova: Nova) -> EncoderChoice:
    settings = nova.settings.router
    match settings.encoder:
        case EncoderKind.MINILM:
            return MiniLMChoice(folder=nova.home.encoder)
        case EncoderKind.WORDS:
            return WordsChoice()
        case EncoderKind.WORDLLAMA:
            return WordLlamaChoice(folder=nova.home.cache / "wordllama")
        case EncoderKind.ENDPOINT:
            key = resolve_secret(settings.endpoint_key) if settings.endpoint_key else ""
            return EndpointChoice(base_url=settings.endpoint or "", model=settings.endpoint_model or "", key=key)
    assert_never(settings.encoder)
