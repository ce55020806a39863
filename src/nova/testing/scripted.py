"""A model that answers from a list. Leftovers fail the test; running out of lines fails it too.

Knows replies, simulated latency and faults; refuses to look at what it is asked, beyond keeping it for the test.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import TypeAlias

from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from pydantic_ai.settings import ModelSettings

from nova.core import json
from nova.core.json import Json
from nova.models.drained import Drained

PIECE_CHARACTERS = 24


@dataclass(frozen=True, slots=True)
class Say:
    """The model says this, in pieces of 24 characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """The model calls a tool. Several in one reply: put them in a tuple."""

    tool: str
    arguments: dict[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Fault:
    """The call fails with this exception; after `text`, when there is some."""

    error: Exception
    text: str = ""


Reply: TypeAlias = Say | Call | Fault | tuple[Call, ...]


class ScriptedModel(Drained):
    """Replies from a list, one for each call. Use it as a context manager: leftovers raise AssertionError.

    latency_seconds: waited before each reply. asked: the messages of every call, oldest first.
    """

    def __init__(self, *replies: Reply, latency_seconds: float = 0.0, name: str = "scripted") -> None:
        super().__init__()
        self.asked: list[list[ModelMessage]] = []
        self._replies = list(replies)
        self._latency_seconds = latency_seconds
        self._name = name
        self._inner = FunctionModel(stream_function=self._stream, model_name=name)

    @property
    def model_name(self) -> str:
        """The name in the ledger."""
        return self._name

    @property
    def system(self) -> str:
        """The provider in the ledger."""
        return "scripted"

    def __enter__(self) -> ScriptedModel:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is None and self._replies:
            raise AssertionError(f"{len(self._replies)} replies of the script were never asked for: {self._replies}")

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[object] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """The next reply as a stream."""
        self.asked.append(list(messages))
        async with self._inner.request_stream(messages, model_settings, model_request_parameters) as stream:
            yield stream

    async def _stream(self, _messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        await asyncio.sleep(self._latency_seconds)
        if not self._replies:
            raise AssertionError("the script has no more replies, but the model was called once more")
        match self._replies.pop(0):
            case Say(text):
                for piece in _pieces(text):
                    yield piece
            case Fault(error, text):
                for piece in _pieces(text):
                    yield piece
                raise error
            case Call() as call:
                yield self._calls([call])
            case calls:
                yield self._calls(calls)

    def _calls(self, calls: Sequence[Call]) -> DeltaToolCalls:
        turn = len(self.asked)
        return {
            place: DeltaToolCall(
                name=call.tool, json_args=json.dump(call.arguments), tool_call_id=f"call-{turn}-{place}"
            )
            for place, call in enumerate(calls)
        }


def _pieces(text: str) -> list[str]:
    return [text[start : start + PIECE_CHARACTERS] for start in range(0, max(len(text), 1), PIECE_CHARACTERS)]
