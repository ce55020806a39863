"""Puts the router of a Nova together: settings, encoder, corrections, cache."""

from __future__ import annotations

from nova.app import data
from nova.app.house import Nova
from nova.coordinator.head import HeadSettings
from nova.coordinator.router import Router
from nova.models.encoders import Encoder, open_encoder
from nova.settings.secrets import resolve_secret


def router_of(nova: Nova) -> Router:
    """The router of this roster; nothing is loaded before its first decision."""
    settings = nova.settings.router

    def encoder() -> Encoder:
        return open_encoder(
            settings.encoder.value,
            folder=nova.home.encoder,
            base_url=settings.endpoint or "",
            model=settings.endpoint_model or "",
            key=resolve_secret(settings.endpoint_key) if settings.endpoint_key else "",
        )

    return Router(
        agents=nova.roster.agents,
        corrections=nova.corrections(),
        open_encoder=encoder,
        settings=HeadSettings(
            error_max=settings.sure_error_max,
            outside_share=settings.outside_share,
            margin_standard_errors=settings.margin_standard_errors,
        ),
        catalog=data.catalog(),
        cache=nova.home.cache / "heads",
    )
