"""One question to a model, one text back: for the arbiter. Refuses to loop, to call tools, and to keep history."""

from __future__ import annotations

import asyncio

from pydantic_ai.exceptions import AgentRunError, FallbackExceptionGroup
from pydantic_ai.messages import ModelMessage, ModelRequest, SystemPromptPart, UserPromptPart
from pydantic_ai.models import Model, ModelRequestParameters

from nova.core.errors import ProviderTransient
from nova.models.failures import spoken


async def ask(model: Model, *, system: str, question: str, seconds_max: float) -> str:
    """The model's answer as text. Raises ProviderError."""
    parts = [SystemPromptPart(content=system), UserPromptPart(content=question)]
    messages: list[ModelMessage] = [ModelRequest(parts=parts)]
    try:
        async with (
            asyncio.timeout(seconds_max),
            model,
            model.request_stream(messages, None, ModelRequestParameters()) as stream,
        ):
            async for _ in stream:
                pass
            return stream.get().text or ""
    except TimeoutError:
        raise ProviderTransient(f"{model.model_name} did not answer within {seconds_max:g} seconds.") from None
    except (AgentRunError, FallbackExceptionGroup) as error:
        raise spoken(error) from error
