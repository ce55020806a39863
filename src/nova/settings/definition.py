"""What nova.toml says, as frozen values with its defaults. Refuses to know how the file is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from nova.core.limits import Limits, TreeLimits
from nova.settings.secrets import SecretPlace, SecretReference

EXTRACTIVE = "extractive"
ROLES = ("quick", "strong", "arbiter")


class Confidentiality(StrEnum):
    """How far a project's text may travel. A provider is cleared for levels, for scopes, or for all."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CLIENT = "client"


class ProviderKind(StrEnum):
    """The wire format a provider speaks."""

    ANTHROPIC = "anthropic"
    OPENAI = "openai"
    GOOGLE = "google"
    COMPATIBLE = "openai-compatible"


class EncoderKind(StrEnum):
    """What turns text into numbers for the router."""

    MINILM = "minilm"
    WORDLLAMA = "wordllama"
    WORDS = "words"
    ENDPOINT = "endpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model of a provider, written `provider:model`. The built-in one has no provider."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}" if self.provider else self.model

    @property
    def built_in(self) -> bool:
        """Whether this is the extractive model, which needs no provider."""
        return not self.provider


BUILT_IN = ModelChoice(provider="", model=EXTRACTIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens."""

    input_usd: float
    output_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A server that models are reached through. cleared_for: levels, scopes, or `all`.

    timeout_seconds: the longest silence while it answers.
    """

    name: str
    kind: ProviderKind
    base_url: str | None = None
    api_key: SecretReference | None = None
    cleared_for: frozenset[str] = frozenset({Confidentiality.PUBLIC.value, Confidentiality.INTERNAL.value})
    timeout_seconds: float = 60.0
    prices: Mapping[str, Price] = field(default_factory=lambda: MappingProxyType({}))

    def clears(self, scope: str, confidentiality: Confidentiality) -> bool:
        """Whether text of this scope and confidentiality may be sent here."""
        return not self.cleared_for.isdisjoint({"all", scope, confidentiality.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterSettings:
    """How the router reads requests and how sure is sure. endpoint_*: only used by the encoder `endpoint`."""

    encoder: EncoderKind = EncoderKind.MINILM
    endpoint: str | None = None
    endpoint_model: str | None = None
    endpoint_key: SecretReference | None = None
    sure_error_max: float = 0.02
    outside_share: float = 0.18
    margin_standard_errors: float = 2.0


DEFAULT_KEYS: Mapping[ProviderKind, SecretReference] = MappingProxyType(
    {
        ProviderKind.ANTHROPIC: SecretReference(place=SecretPlace.ENV, name="ANTHROPIC_API_KEY"),
        ProviderKind.OPENAI: SecretReference(place=SecretPlace.ENV, name="OPENAI_API_KEY"),
        ProviderKind.GOOGLE: SecretReference(place=SecretPlace.ENV, name="GOOGLE_API_KEY"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """What no run may exceed, whatever its agent's file says. None: only the agent's own limit counts.

    tree: what a run and everything below it may use together.
    """

    model_calls_max: int | None = None
    tool_calls_max: int | None = None
    tokens_max: int | None = None
    seconds_max: float | None = None
    identical_calls_max: int = 3
    tree: TreeLimits = field(default_factory=TreeLimits)

    def over(self, limits: Limits) -> Limits:
        """The limits of an agent, each lowered to its ceiling."""
        return Limits(
            model_calls_max=_lower(limits.model_calls_max, self.model_calls_max),
            tool_calls_max=_lower(limits.tool_calls_max, self.tool_calls_max),
            tokens_max=_lower(limits.tokens_max, self.tokens_max),
            seconds_max=_lower(limits.seconds_max, self.seconds_max),
            identical_calls_max=self.identical_calls_max,
        )


Number = TypeVar("Number", int, float)


def _lower(limit: Number, ceiling: Number | None) -> Number:
    return limit if ceiling is None else min(limit, ceiling)


def default_providers() -> Mapping[str, Provider]:
    """The providers that need no entry in nova.toml: their key lies in the variable their own tools use."""
    return MappingProxyType(
        {kind.value: Provider(name=kind.value, kind=kind, api_key=key) for kind, key in DEFAULT_KEYS.items()}
    )


def _no_models() -> Mapping[str, tuple[ModelChoice, ...]]:
    return MappingProxyType(dict.fromkeys(ROLES, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of nova.toml. models: role -> models in the order they are tried; an empty role means the built-in model.

    database_url: where the address of a PostgreSQL database lies; None for the home's SQLite file.
    keep_days: how long the steps of an ended pipeline are kept, and the whole record of those that were triggered.
    roster: names of the engaged agents of the catalog, None for all of them. variables: for `${name}` in paths.
    """

    models: Mapping[str, tuple[ModelChoice, ...]] = field(default_factory=_no_models)
    providers: Mapping[str, Provider] = field(default_factory=default_providers)
    router: RouterSettings = RouterSettings()
    limits: Ceilings = Ceilings()
    context_tokens_max: int = 8000
    store_synchronous: str = "normal"
    keep_days: int = 90
    database_url: SecretReference | None = None
    roster: tuple[str, ...] | None = None
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def choices(self, role: str) -> tuple[ModelChoice, ...]:
        """The models of a role in the order they are tried, the built-in one last."""
        chosen = self.models.get(role, ())
        return chosen if BUILT_IN in chosen else (*chosen, BUILT_IN)
