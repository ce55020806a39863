"""How each provider is reached: wire format, address, key. One function a kind; its SDK is imported when it is used.

Knows SDKs; refuses to know roles and fallbacks. SDK retries are off: a retry the ledger cannot see is a hidden call.
Each model owns its connections: enter it (`async with`) for as long as it is used, and they are closed afterwards.
A provider's `timeout_seconds` is its longest silence: nothing arrives for so long, not even a byte.
"""

from __future__ import annotations

from typing import assert_never

import httpx2
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from nova.core.errors import NotReady
from nova.models.connections import OwningModel, bounded_client
from nova.models.packages import package_missing
from nova.settings.definition import ModelChoice, Provider, ProviderKind
from nova.settings.secrets import resolve_secret


def connect(provider: Provider, choice: ModelChoice) -> Model:
    """The model, ready to be called. Raises NotReady when its package or its key is missing."""
    if package_missing(provider.kind):
        what = f"The provider {provider.name} needs a package that is not installed."
        raise NotReady(what, f"Add it: ./nova setup {provider.kind.value}")
    key = resolve_secret(provider.api_key) if provider.api_key else None
    client = bounded_client(provider.timeout_seconds)
    return OwningModel(_model(provider, choice.model, key, client), client)


def _model(provider: Provider, model: str, key: str | None, client: httpx2.AsyncClient) -> Model:
    match provider.kind:
        case ProviderKind.OPENAI | ProviderKind.COMPATIBLE:
            return _openai(provider, model, key, client)
        case ProviderKind.ANTHROPIC:
            return _anthropic(provider, model, key, client)
        case ProviderKind.GOOGLE:
            return _google(provider, model, key, client)
    assert_never(provider.kind)


def _settings(provider: Provider) -> ModelSettings:
    return ModelSettings(timeout=provider.timeout_seconds, max_retries=0)


def _openai(provider: Provider, model: str, key: str | None, client: httpx2.AsyncClient) -> Model:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    # A key is always given: without one the SDK would send OPENAI_API_KEY to any compatible server.
    reached = OpenAIProvider(base_url=provider.base_url, api_key=key or "none", http_client=client)
    return OpenAIChatModel(model, provider=reached, settings=_settings(provider))


def _anthropic(provider: Provider, model: str, key: str | None, client: httpx2.AsyncClient) -> Model:
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    reached = AnthropicProvider(base_url=provider.base_url, api_key=key or "none", http_client=client)
    return AnthropicModel(model, provider=reached, settings=_settings(provider))


def _google(provider: Provider, model: str, key: str | None, client: httpx2.AsyncClient) -> Model:
    from google.genai.types import HttpRetryOptions
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    once = HttpRetryOptions(attempts=1)
    reached = GoogleProvider(base_url=provider.base_url, api_key=key or "none", retry_options=once, http_client=client)
    return GoogleModel(model, provider=reached, settings=_settings(provider))
