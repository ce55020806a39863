"""Puts the router of a Nova together: settings, encoder, corrections, cache."""

from __future__ import annotations

from typing import assert_never

from nova.app import data
from nova.app.house import Nova
from nova.coordinator.router import Router
from nova.coordinator.zones import ZoneSettings
from nova.models.encoders import Encoder
from nova.models.encoding import (
    EncoderChoice,
    EndpointChoice,
    MiniLMChoice,
    WordLlamaChoice,
    WordsChoice,
    open_encoder,
)
from nova.settings.definition import EncoderKind
from nova.settings.secrets import resolve_secret


def router_of(nova: Nova) -> Router:
    """The router of this roster; nothing is loaded before its first decision."""
    settings = nova.settings.router
    return Router(
        agents=nova.roster.agents,
        corrections=nova.corrections(),
        open_encoder=lambda: encoder_of(nova),
        settings=ZoneSettings(
            error_max=settings.sure_error_max,
            margin=settings.margin_standard_errors,
            out_of_scope_share=settings.outside_share,
        ),
        catalog=data.catalog(),
        cache=nova.home.cache / "heads",
    )


def encoder_of(nova: Nova) -> Encoder:
    """The encoder that nova.toml chooses; by words alone, and saying so, when it cannot be had."""
    return open_encoder(_choice(nova))


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
