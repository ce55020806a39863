"""The built-in model as the model library sees one: no key, no download, zero cost, the same bytes for the same input.

Knows how to stream; what it says is decided in replying.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage, ModelResponseStreamEvent
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from nova.core.json import Json, dump
from nova.core.text import printable, tokens_of
from nova.models.drained import Drained
from nova.models.extractive import transcript
from nova.models.extractive.ranking import Encode
from nova.models.extractive.replying import reply
from nova.models.extractive.values import Answer, Ask, Reply

NAME = "extractive"
DETAILS_KEY = "nova"


class ExtractiveModel(Drained):
    """Answers by calling tools and quoting what they return.

    encode: texts to unit vectors, float32[n, d]; orders findings by meaning too. Without it words alone decide.
    The final response's `provider_details["nova"]` holds, where they apply: `needs_model` (what was declined, a noun
    phrase), `nothing_found` (true), `cut` (how many lines were left out), `failed` (what tools said went wrong).
    """

    def __init__(self, *, encode: Encode | None = None) -> None:
        super().__init__()
        self._encode = encode

    @property
    def model_name(self) -> str:
        """Always `extractive`."""
        return NAME

    @property
    def system(self) -> str:
        """The provider's name: Nova itself."""
        return "nova"

    @property
    def provider(self) -> None:
        """There is no wire behind it."""
        return

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[object] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """One step: tool calls, or the answer in several deltas."""
        del run_context
        _, parameters = self.prepare_request(model_settings, model_request_parameters)
        said = transcript.conversation(messages)
        offered = transcript.tools(parameters.declared_function_tools)
        # In a thread: reading a large result takes a tenth of a second that other runs need not wait for.
        made = await asyncio.to_thread(reply, said, offered, self._encode)
        prefix = f"x{len(said.earlier)}-{said.now.rounds}"
        yield _Stream(
            model_request_parameters=parameters, reply=made, call_prefix=prefix, input_tokens=_input_tokens(said)
        )


def _input_tokens(said: transcript.Conversation) -> int:
    """What a model would have read: instructions, requests, answers and results, estimated by their length."""
    turns = [*said.earlier, said.now]
    texts = [text for turn in turns for text in (turn.request, turn.answer, *(result.text for result in turn.results))]
    return sum(tokens_of(text) for text in (said.instructions, *texts))


@dataclass
class _Stream(StreamedResponse):
    reply: Reply
    call_prefix: str
    input_tokens: int
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self._usage = RequestUsage(input_tokens=self.input_tokens)
        self.finish_reason = "tool_call" if isinstance(self.reply, Ask) else "stop"

    async def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
        if isinstance(self.reply, Ask):
            for at, call in enumerate(self.reply.calls):
                arguments = dump(dict(call.arguments))
                self._usage += RequestUsage(output_tokens=tokens_of(f"{call.tool} {arguments}"))
                yield self._parts_manager.handle_tool_call_part(
                    vendor_part_id=at, tool_name=call.tool, args=arguments, tool_call_id=f"{self.call_prefix}-{at}"
                )
            return
        self.provider_details = {DETAILS_KEY: _details(self.reply)}
        text = printable(self.reply.text)
        self._usage += RequestUsage(output_tokens=tokens_of(text))
        for piece in _pieces(text):
            for event in self._parts_manager.handle_text_delta(vendor_part_id="text", content=piece):
                yield event

    async def close_stream(self) -> None:
        """Nothing is open."""

    @property
    def model_name(self) -> str:
        return NAME

    @property
    def provider_name(self) -> str:
        return "nova"

    @property
    def provider_url(self) -> None:
        return None

    @property
    def timestamp(self) -> datetime:
        return self.started


def _details(answer: Answer) -> dict[str, Json]:
    told: dict[str, Json] = {}
    if answer.needs_model:
        told["needs_model"] = answer.needs_model
    if answer.nothing_found:
        told["nothing_found"] = True
    if answer.cut:
        told["cut"] = answer.cut
    if answer.failed:
        told["failed"] = list(answer.failed)
    return told


def _pieces(text: str) -> Iterator[str]:
    """The text line by line, long lines in pieces of 80 characters; a text of two characters has two at least."""
    for line in text.splitlines(keepends=True) if "\n" in text else [text[: len(text) // 2], text[len(text) // 2 :]]:
        for start in range(0, len(line), 80):
            yield line[start : start + 80]
