"""The connections of one model: bounded in what they may bring, closed when the model is left.

Knows bytes; refuses to know wire formats. A provider that sends without end costs a limit, not the machine's memory.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from functools import cache
from types import TracebackType
from typing import cast

import httpx2
from pydantic_ai.models import Model, get_user_agent
from pydantic_ai.models.wrapper import WrapperModel

from nova.core.errors import LimitReached

CONNECT_SECONDS_MAX = 5.0
REPLY_BYTES_MAX = 24_000_000
"""Of one response, errors included. An answer of the longest that is let through takes about a third of it."""


def bounded_client(silence_seconds_max: float) -> httpx2.AsyncClient:
    """A client whose responses raise LimitReached beyond REPLY_BYTES_MAX. An OwningModel closes it."""
    hooks = {"request": [_cap], "response": [_bound]}
    agent, silence = {"User-Agent": get_user_agent()}, httpx2.Timeout(silence_seconds_max, pool=None)
    return httpx2.AsyncClient(verify=_trusted(), timeout=silence, headers=agent, event_hooks=hooks)


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates of the system: 20 ms of CPU to read, so it is done once a process."""
    return httpx2.create_ssl_context()


class OwningModel(WrapperModel):
    """A model with the client it is reached through: enter it for as long as it is used."""

    def __init__(self, wrapped: Model, client: httpx2.AsyncClient) -> None:
        super().__init__(wrapped)
        self._client = client

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> bool | None:
        try:
            return await super().__aexit__(exc_type, exc_val, exc_tb)
        finally:
            await self._client.aclose()


async def _cap(request: httpx2.Request) -> None:
    """A long silence is allowed while a model thinks, not while it is reached."""
    timeout = cast("dict[str, float | None]", request.extensions.get("timeout", {}))
    for phase in ("connect", "pool"):
        timeout[phase] = min(timeout.get(phase) or CONNECT_SECONDS_MAX, CONNECT_SECONDS_MAX)


async def _bound(response: httpx2.Response) -> None:
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):
    """The bytes of a response as they arrive, up to the limit."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        came = 0
        async for piece in self._stream:
            came += len(piece)
            if came > REPLY_BYTES_MAX:
                said = f"the model's server had sent {REPLY_BYTES_MAX // 1_000_000} MB and went on"
                raise LimitReached("answer_bytes", said, "Ask for a smaller part, or look at that server.")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
