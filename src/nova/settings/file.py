"""The shape of nova.toml as pydantic reads it. The descriptions become the reference and the editors' schema."""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, WithJsonSchema, model_validator

from nova.settings.check import FileModel, wrong
from nova.settings.secrets import FORMS, parse_reference

NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
NAME_LENGTH_MAX = 40


def _secret(text: str) -> str:
    if parse_reference(text) is None:
        raise wrong(
            "This is not a reference to a secret, and a secret itself must not stand in a file that is committed.",
            f"Write where it lies: {FORMS}. If a key stood here, replace it at the provider.",
        )
    return text


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise wrong("This is not an address.", "Write http://host:port/v1 or https://host/v1.")
    if parts.username or parts.password:
        raise wrong("There is a user name or a password in this address.", f"Use api_key with {FORMS}.")
    return text.rstrip("/")


def _model(text: str) -> str:
    provider, _, model = text.partition(":")
    if text != "extractive" and (not provider.strip() or not model.strip()):
        raise wrong("This is not a model.", "Write provider:model (local:qwen3), or extractive for the built-in one.")
    return text


def _name(text: str) -> str:
    if len(text) > NAME_LENGTH_MAX or not NAME.fullmatch(text):
        raise wrong("This is not a name.", f"Use a-z, 0-9 and hyphens, a letter first, at most {NAME_LENGTH_MAX}.")
    return text


def _all_as_none(written: object) -> object:
    return None if written == "all" else written


_NAME_SCHEMA: dict[str, JsonValue] = {"pattern": f"^{NAME.pattern}$", "maxLength": NAME_LENGTH_MAX}
Secret: TypeAlias = Annotated[
    str, AfterValidator(_secret), Field(json_schema_extra={"pattern": "^(env|keyring|file):.+$"})
]
Address: TypeAlias = Annotated[str, AfterValidator(_address), Field(json_schema_extra={"format": "uri"})]
ModelText: TypeAlias = Annotated[str, AfterValidator(_model)]
Name: TypeAlias = Annotated[str, AfterValidator(_name), Field(json_schema_extra={**_NAME_SCHEMA})]


_ROSTER_SCHEMA: dict[str, JsonValue] = {
    "anyOf": [{"type": "array", "items": {"type": "string", **_NAME_SCHEMA}, "maxItems": 1000}, {"const": "all"}],
}


class ModelsSection(FileModel):
    """Which models answer, in the order they are tried. The built-in one (`extractive`) always comes last."""

    quick: list[ModelText] = Field(default=[], max_length=10, description="Models for agents with `model: quick`.")
    strong: list[ModelText] = Field(default=[], max_length=10, description="Models for agents with `model: strong`.")
    arbiter: list[ModelText] = Field(
        default=[], max_length=10, description="Models that are asked where the router itself is not sure."
    )


class PriceSection(FileModel):
    """US dollars for a million tokens of one model."""

    input_usd: float = Field(ge=0, le=100_000, description="Price of a million tokens that are sent.")
    output_usd: float = Field(ge=0, le=100_000, description="Price of a million tokens that come back.")


class ProviderSection(FileModel):
    """A server that models are reached through; NAME is what stands before the colon in `[models]`.

    `anthropic`, `openai` and `google` need no section when their key lies in ANTHROPIC_API_KEY, OPENAI_API_KEY
    or GOOGLE_API_KEY.
    """

    kind: Literal["anthropic", "openai", "google", "openai-compatible"] = Field(
        description="The wire format. Ollama, llama.cpp, vLLM and LM Studio are openai-compatible."
    )
    base_url: Address | None = Field(default=None, description="Address of the server; required for openai-compatible.")
    api_key: Secret | None = Field(
        default=None,
        description=f"Where the key lies: {FORMS}. By default in the variable of the provider's own tools.",
    )
    cleared_for: list[str] = Field(
        default=["public", "internal"],
        max_length=100,
        description="What may be sent here: levels (public, internal, client), scopes of projects, or all.",
    )
    timeout_seconds: float = Field(
        default=60.0, gt=0, le=3600, description="Longest silence of the server while it answers; then the call failed."
    )
    prices: dict[str, PriceSection] = Field(
        default={}, description="Prices by model. Without one, cost is shown as a count of tokens."
    )

    @model_validator(mode="after")
    def _compatible_has_address(self) -> ProviderSection:
        if self.kind == "openai-compatible" and self.base_url is None:
            raise wrong(
                "An openai-compatible provider needs its base_url.", 'Add base_url = "http://localhost:11434/v1".'
            )
        return self


class RouterSection(FileModel):
    """How requests are read, and how sure the router must be to decide alone."""

    encoder: Literal["minilm", "wordllama", "words", "endpoint"] = Field(
        default="minilm", description="What turns text into numbers; words needs no download and knows no synonyms."
    )
    endpoint: Address | None = Field(
        default=None, description="Address of an embeddings server, for encoder = endpoint."
    )
    endpoint_model: str | None = Field(default=None, min_length=1, description="The model to name to that server.")
    endpoint_key: Secret | None = Field(default=None, description=f"Where its key lies: {FORMS}.")
    sure_error_max: float = Field(
        default=0.02, gt=0, le=0.5, description="Share of wrong routes that is accepted among the sure ones."
    )
    outside_share: float = Field(
        default=0.18, ge=0, lt=1, description="Share of requests expected to be no agent's job, counted in that error."
    )
    margin_standard_errors: float = Field(
        default=2.0, ge=0, le=6, description="Safety margin of the cut-offs; more makes fewer routes sure."
    )

    @model_validator(mode="after")
    def _endpoint_has_address(self) -> RouterSection:
        if self.encoder == "endpoint" and (self.endpoint is None or self.endpoint_model is None):
            raise wrong("The encoder “endpoint” needs endpoint and endpoint_model.", "Add both under [router].")
        return self


class LimitsSection(FileModel):
    """Ceilings for every run, over the limits in the agents' files. Without a key only the agent's own limit counts."""

    model_calls_max: int | None = Field(default=None, ge=1, le=1000, description="Calls of a model in one run.")
    tool_calls_max: int | None = Field(default=None, ge=0, le=10_000, description="Calls of tools in one run.")
    tokens_max: int | None = Field(
        default=None, ge=100, le=100_000_000, description="Tokens sent and received in one run."
    )
    seconds_max: float | None = Field(default=None, gt=0, le=86_400, description="Wall time of one run.")
    identical_calls_max: int = Field(default=3, ge=1, le=100, description="Equal tool calls in one run.")
    context_tokens_max: int = Field(
        default=8000, ge=200, le=10_000_000, description="Tokens of context a run begins with."
    )


class TreeSection(FileModel):
    """What a run and everything below it may use together: its parts, its handoffs, the steps of its plan."""

    depth_max: int = Field(default=4, ge=0, le=50, description="Handoffs one below the other.")
    handoffs_max: int = Field(default=16, ge=0, le=10_000, description="Handoffs in all.")
    model_calls_max: int = Field(default=64, ge=1, le=1_000_000, description="Calls of models.")
    tool_calls_max: int = Field(default=256, ge=0, le=1_000_000, description="Calls of tools.")
    tokens_max: int = Field(default=400_000, ge=100, le=10_000_000_000, description="Tokens sent and received.")
    cost_usd_max: float | None = Field(
        default=None, gt=0, le=1_000_000, description="US dollars; with it, no model without a known price goes on."
    )
    seconds_max: float = Field(default=3600.0, gt=0, le=2_592_000, description="Wall time.")
    output_bytes_max: int = Field(
        default=16_000_000, ge=1_000, le=1_000_000_000, description="Bytes that one agent or step may give."
    )
    silence_seconds_max: float = Field(
        default=120.0, gt=0, le=86_400, description="Without an event for so long it counts as stalled."
    )
    rounds_max: int = Field(
        default=2, ge=1, le=50, description="Times two agents may pass the same work to and fro with nothing new."
    )


class StoreSection(FileModel):
    """Where the database is, and how it writes."""

    database_url: Secret | None = Field(
        default=None,
        description="Where the address of a PostgreSQL database lies (env:NOVA_DATABASE_URL); without it, a SQLite "
        "file in the home's data folder.",
    )
    synchronous: Literal["normal", "full"] = Field(
        default="normal",
        description="For the file: full waits for the disk at each write; safe against power cuts, slow.",
    )


class PipelinesSection(FileModel):
    """How long the traces of pipelines are kept."""

    keep_days: int = Field(
        default=90,
        ge=1,
        le=36_500,
        description="Days after its end that a run's steps are kept; of a run that a trigger started, its events and "
        "its row as well. What waits for a review, is pinned, or has a part that stays, is kept.",
    )


class RosterSection(FileModel):
    """Which agents of the catalog are engaged. Agents in the home's agents/ folder always are."""

    agents: Annotated[list[Name] | None, BeforeValidator(_all_as_none), WithJsonSchema(_ROSTER_SCHEMA)] = Field(
        default=None, max_length=1000, description='Names of agents of the catalog, or "all"; without this key: all.'
    )


class SettingsFile(FileModel):
    """All sections of nova.toml; every one may be left out."""

    models: ModelsSection = Field(default=ModelsSection(), description="Which models answer.")
    providers: dict[Name, ProviderSection] = Field(default={}, description="Servers that models are reached through.")
    router: RouterSection = Field(default=RouterSection(), description="How requests are read.")
    limits: LimitsSection = Field(default=LimitsSection(), description="What one run may use.")
    tree: TreeSection = Field(default=TreeSection(), description="What a run may use with everything below it.")
    store: StoreSection = Field(default=StoreSection(), description="Where the database is, and how it writes.")
    pipelines: PipelinesSection = Field(
        default=PipelinesSection(), description="How long the traces of pipelines are kept."
    )
    roster: RosterSection = Field(default=RosterSection(), description="Which agents are engaged.")
    variables: dict[str, str] = Field(
        default={}, description='Values for `${name}` in paths of project files: workspace = "~/code".'
    )
