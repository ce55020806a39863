"""The loop itself: ask the model, hear it out, make its calls, ask again, until it answers without a call.

Knows messages and order; refuses to know limits (the guard), what is allowed (the gate), and who listens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from pydantic_ai.exceptions import UnexpectedModelBehavior
from pydantic_ai.messages import (
    InstructionPart,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponseStreamEvent,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters

from nova.agents.sound import sound
from nova.agents.toolset import Door, make_call, offered
from nova.core.errors import LimitReached

IN_VAIN_MAX = 2
"""Replies in a row that say nothing and make no call that can be tried; then the model counts as unusable."""
SHORTER = "Ask for a smaller part, or use a model that may say more (nova models)."
AGAIN = "Your reply was empty. Answer the request, or call one of your tools."

Listen = Callable[[ModelResponseStreamEvent], None]


async def converse(model: Model, messages: Sequence[ModelMessage], door: Door, listen: Listen) -> ModelResponse:
    """The reply that answers, whole. Raises LimitReached, UnexpectedModelBehavior, and what the model raises."""
    said = list(messages)
    instructions = said[-1].instructions if isinstance(said[-1], ModelRequest) else None
    told = [InstructionPart(content=instructions)] if instructions else None
    parameters = ModelRequestParameters(function_tools=offered(door), instruction_parts=told)
    in_vain, numbers = 0, set[str]()
    while True:
        reply = sound(await _heard(model, said, parameters, listen), numbers)
        if reply.finish_reason == "length":
            raise LimitReached("answer_tokens", "the model stopped in the middle, at its own limit of tokens", SHORTER)
        calls = [part for part in reply.parts if isinstance(part, ToolCallPart)]
        if not calls and (reply.text or "").strip():
            return reply
        returned = await _all_made(calls, door)
        in_vain = 0 if any(one.outcome == "success" for one in returned) else in_vain + 1
        if in_vain >= IN_VAIN_MAX:
            raise UnexpectedModelBehavior(_in_vain(calls))
        said += [reply, _next(returned, instructions)]


async def _heard(
    model: Model, said: list[ModelMessage], parameters: ModelRequestParameters, listen: Listen
) -> ModelResponse:
    async with model.request_stream(said, None, parameters) as stream:
        async for event in stream:
            listen(event)
    return stream.get()


async def _all_made(calls: Sequence[ToolCallPart], door: Door) -> list[ToolReturnPart]:
    """Side by side; when one of them ends the run, the others are stopped first."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(make_call(door, call)) for call in calls]
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None
    return [task.result() for task in tasks]


def _next(returned: Sequence[ToolReturnPart], instructions: str | None) -> ModelRequest:
    parts = returned or [UserPromptPart(content=AGAIN)]
    return ModelRequest(parts=list(parts), instructions=instructions)


def _in_vain(calls: Sequence[ToolCallPart]) -> str:
    if not calls:
        return f"its reply was empty {IN_VAIN_MAX} times"
    return f"it called {calls[0].tool_name} in vain {IN_VAIN_MAX} times"
