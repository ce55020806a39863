"""Which providers of models are ready. Knows settings, packages and whether a key is there; never shows a key.

Opens no connection and imports no provider's package.
"""

from __future__ import annotations

from dataclasses import dataclass

from nova.core.errors import NotReady
from nova.core.json import Json
from nova.models.packages import package_missing
from nova.settings.definition import ROLES, Provider, ProviderKind, Settings
from nova.settings.secrets import resolve_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a provider stands. key: where it lies, empty when none is needed; missing: each thing with its mend.

    roles: those that name it.
    """

    name: str
    kind: str
    address: str
    key: str
    missing: tuple[str, ...]
    cleared_for: tuple[str, ...]
    roles: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether a call could be made; whether the server answers is found out then."""
        return not self.missing


def standings(settings: Settings) -> tuple[Standing, ...]:
    """Every provider, those that a role names first."""
    found = [_standing(provider, settings) for provider in settings.providers.values()]
    return tuple(sorted(found, key=lambda one: (not one.roles, not one.ready, one.name)))


def standing_json(one: Standing) -> dict[str, Json]:
    """A standing for scripts."""
    return {
        "name": one.name,
        "kind": one.kind,
        "address": one.address,
        "key": one.key,
        "ready": one.ready,
        "missing": list(one.missing),
        "cleared_for": list(one.cleared_for),
        "roles": list(one.roles),
    }


def _standing(provider: Provider, settings: Settings) -> Standing:
    used = [role for role in ROLES if any(one.provider == provider.name for one in settings.models.get(role, ()))]
    return Standing(
        name=provider.name,
        kind=provider.kind.value,
        address=provider.base_url or "the provider's own",
        key=str(provider.api_key) if provider.api_key else "",
        missing=tuple(one for one in (_package(provider.kind), _key(provider)) if one),
        cleared_for=tuple(sorted(provider.cleared_for)),
        roles=tuple(used),
    )


def _package(kind: ProviderKind) -> str:
    return f"Its package is not installed. Add it: ./nova setup {kind.value}" if package_missing(kind) else ""


def _key(provider: Provider) -> str:
    if provider.api_key is None:
        return ""
    try:
        resolve_secret(provider.api_key)
    except NotReady as error:
        return str(error)
    return ""
