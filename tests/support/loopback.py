"""Providers on loopback for tests: their settings, and the fixture that lets model requests through to them."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

import pytest
from pydantic_ai.models import override_allow_model_requests
from tests.support.provider_server import UseTool

from nova.settings.definition import ModelChoice, Provider, ProviderKind, Settings
from nova.settings.secrets import SecretPlace, SecretReference

KEY = "sk-loopback-7f3a9c51e8"
ANSWER = "The rent is 940 euros (notes.md:3)."
READ = UseTool("files_read", {"path": "notes.md", "start_line": 1})
OPENAI, ANTHROPIC, GOOGLE, COMPATIBLE = (
    ProviderKind.OPENAI, ProviderKind.ANTHROPIC, ProviderKind.GOOGLE, ProviderKind.COMPATIBLE,
)  # fmt: skip
FORMATS = (COMPATIBLE, ANTHROPIC, GOOGLE)
"""One kind of provider for each of the three wire formats."""


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Model requests are allowed here: they go to loopback, and the watched connect call lets nothing else through."""
    monkeypatch.setenv("LOOPBACK_KEY", KEY)
    with override_allow_model_requests(True):
        yield


def a_provider(name: str, kind: ProviderKind, address: str, timeout_seconds: float = 20.0) -> Provider:
    """A provider on loopback; the SDKs of OpenAI's format want the version in the address."""
    key = SecretReference(place=SecretPlace.ENV, name="LOOPBACK_KEY")
    base_url = address_of(kind, address)
    return Provider(name=name, kind=kind, base_url=base_url, api_key=key, timeout_seconds=timeout_seconds)


def address_of(kind: ProviderKind, address: str) -> str:
    """Where a provider of this kind is asked."""
    return address + ("/v1" if kind in (OPENAI, COMPATIBLE) else "")


def settings(*tries: tuple[Provider, str]) -> Settings:
    """The role `quick` tries these models of these providers, in order."""
    return Settings(
        models=MappingProxyType({"quick": tuple(ModelChoice(provider=one.name, model=model) for one, model in tries)}),
        providers=MappingProxyType({one.name: one for one, _ in tries}),
    )


def written(*tries: tuple[str, ProviderKind, str], timeout_seconds: float = 20.0) -> str:
    """The same as text of nova.toml, for a whole home: name, kind and address of each server, in order of the tries."""
    models = ", ".join(f'"{name}:m"' for name, _, _ in tries)
    roles = "\n".join(f"{role} = [{models}]" for role in ("quick", "strong", "arbiter"))
    tables = [
        f'[providers.{name}]\nkind = "{kind.value}"\nbase_url = "{address_of(kind, address)}"\n'
        f'api_key = "env:LOOPBACK_KEY"\ntimeout_seconds = {timeout_seconds}\n'
        for name, kind, address in tries
    ]
    return "\n".join([f"[models]\n{roles}", *tables])
