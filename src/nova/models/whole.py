"""A provider's stream that ends whole or with an error: nothing cut, endless or refused passes for an answer.

Knows how streams go wrong; refuses to know which model is asked next. It must end within its time and its size, say
that it is finished, and not have been filtered. An error that the library has no name for is the provider's here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import datetime

from pydantic_ai import RunContext
from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
    ModelAPIError,
    ModelConnectionError,
    ModelTimeoutError,
    UnexpectedModelBehavior,
)
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from nova.core.errors import LimitReached, NovaError

CHARACTERS_MAX = 400_000
"""Of one reply: its text, what the model thinks, and the arguments of its calls."""
ROUNDS_MAX = 64
"""Of the event loop, in which an abandoned stream is closed: each generator of an SDK takes a few."""


class WholeModel(WrapperModel):
    """A model whose every stream is a WholeStream. seconds_max: from the request to the last word."""

    def __init__(self, wrapped: Model, seconds_max: float) -> None:
        super().__init__(wrapped)
        self._seconds_max = seconds_max

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[object] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """One streamed call. Opening and reading it raise ModelAPIError, UnexpectedModelBehavior or LimitReached."""
        time = _Time(self.wrapped.model_name, self._seconds_max)
        asked = self.wrapped.request_stream(messages, model_settings, model_request_parameters, run_context)
        async with AsyncExitStack() as stack:
            with time.watched():
                try:
                    async with asyncio.timeout_at(time.ends_at):
                        stream = await stack.enter_async_context(asked)
                except UnexpectedModelBehavior:  # the library's word for a stream that was over before it began
                    raise _cut(self.wrapped.model_name) from None
            whole = WholeStream(stream, time)
            try:
                yield whole
            finally:
                await whole.close()


class _Time:
    """The time of one call, and what it raises when that is up or the provider breaks."""

    def __init__(self, model: str, seconds_max: float) -> None:
        self.model = model
        self.ends_at = asyncio.get_running_loop().time() + seconds_max
        self._seconds_max = seconds_max

    @contextmanager
    def watched(self) -> Generator[None]:
        """Whatever goes wrong inside is an error of the library's tree, or one of Nova's own."""
        try:
            yield
        except (NovaError, AgentRunError):
            raise
        except TimeoutError:
            said = f"its answer was not complete after {self._seconds_max:g} seconds"
            raise ModelTimeoutError(self.model, said) from None
        except Exception as error:
            raise ModelAPIError(model_name=self.model, message=f"{type(error).__name__}: {error}") from error


class WholeStream(StreamedResponse):
    """A stream that raises where it would otherwise end unfinished. Made by WholeModel."""

    def __init__(self, inner: StreamedResponse, time: _Time) -> None:
        super().__init__(model_request_parameters=inner.model_request_parameters)
        self._inner = inner
        self._time = time
        self._characters = 0
        self._held: deque[ModelResponseStreamEvent] = deque()
        self._source = aiter(inner)
        self._arriving = self._arrivals()
        self._replayed = self._get_event_iterator()
        self._event_iterator = self._replayed
        self._ended = False

    async def until_heard(self) -> None:
        """Reads on until there are words for the listener, or the reply is complete; what was read is not lost.

        A reply of nothing but calls is complete then, so that a call is never half of one.
        """
        async for event in self._arriving:
            self._held.append(event)
            if _words(event):
                return

    async def close(self) -> None:
        """Lets go of a stream that is left before its end, here and not when the program ends.

        Each generator of the SDK that reads from another lets go of that one in a round of the loop of its own.
        """
        if self._ended:
            return
        for reading in (self._replayed, self._arriving, self._source):
            if isinstance(reading, AsyncGenerator):
                await reading.aclose()
        with suppress(NotImplementedError):
            await self._inner.cancel()
        for _ in range(ROUNDS_MAX):
            await asyncio.sleep(0)

    async def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
        while self._held:
            yield self._held.popleft()
        async for event in self._arriving:
            yield event

    async def _arrivals(self) -> AsyncIterator[ModelResponseStreamEvent]:
        while True:
            with self._time.watched():
                async with asyncio.timeout_at(self._time.ends_at):
                    event = await anext(self._source, None)
            if event is None:
                break
            self._characters += _characters(event)
            if self._characters > CHARACTERS_MAX:
                said = f"the model had sent {CHARACTERS_MAX:,} characters and went on"
                raise LimitReached("answer_characters", said, "Ask for a smaller part.")
            yield event
        self._ended = True
        _check(self._inner)

    def get(self) -> ModelResponse:
        """The reply as far as it has come."""
        return self._inner.get()

    @property
    def usage(self) -> RequestUsage:
        """The tokens counted so far."""
        return self._inner.usage

    @property
    def model_name(self) -> str:
        """The library's name for it."""
        return self._inner.model_name

    @property
    def provider_name(self) -> str | None:
        """The library's name for its provider."""
        return self._inner.provider_name

    @property
    def provider_url(self) -> str | None:
        """Where it was reached."""
        return self._inner.provider_url

    @property
    def timestamp(self) -> datetime:
        """When it began."""
        return self._inner.timestamp


def _check(stream: StreamedResponse) -> None:
    """Whether a stream that has ended may count as complete."""
    told = (stream.provider_details or {}).get("finish_reason")
    if stream.finish_reason == "content_filter":
        raise ContentFilterError(f"it said {told}" if told else "it gave no reason")
    if stream.finish_reason == "error":
        raise UnexpectedModelBehavior(f"its provider gave up on the answer ({told})")
    if not told:  # the library's own finish_reason is a guess then
        raise _cut(stream.model_name)


def _cut(model: str) -> ModelConnectionError:
    return ModelConnectionError(model, "the connection ended before the answer was complete", phase="read")


def _words(event: ModelResponseStreamEvent) -> bool:
    match event:
        case PartStartEvent(part=TextPart(content=text)) | PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
            return bool(text)
        case _:
            return False


def _characters(event: ModelResponseStreamEvent) -> int:
    match event:
        case PartStartEvent(part=TextPart(content=text)) | PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
            return len(text)
        case PartStartEvent(part=ThinkingPart(content=text)):
            return len(text)
        case PartDeltaEvent(delta=ThinkingPartDelta(content_delta=text)):
            return len(text or "")
        case (
            PartStartEvent(part=ToolCallPart(args=arguments))
            | PartDeltaEvent(delta=ToolCallPartDelta(args_delta=arguments))
        ):
            return len(arguments if isinstance(arguments, str) else str(arguments or ""))
        case _:
            return 0
