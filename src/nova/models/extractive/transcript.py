"""The model library's messages and tool definitions read into this package's values. Refuses to decide anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    SystemPromptPart,
    TextContent,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.tools import ToolDefinition

from nova.models.extractive.values import Argument, Call, Conversation, Result, Scalar, Tool, Turn, read_result

VALUES_KEY = "x-values"
_FAILED = re.compile(r"\s*(?:failed|denied|error|not allowed)\b", re.IGNORECASE)
_TODAY = re.compile(r"\b(?:today|date|now)\b[^\n]{0,40}?(\d{4}-\d{2}-\d{2})", re.IGNORECASE)


def tools(definitions: Sequence[ToolDefinition]) -> tuple[Tool, ...]:
    """The tools as values; an argument's possible values come from its `x-values`, else from its `enum`."""
    return tuple(
        Tool(name=definition.name, description=definition.description or "", arguments=tuple(_arguments(definition)))
        for definition in definitions
    )


def _arguments(definition: ToolDefinition) -> Iterator[Argument]:
    schema = cast("Mapping[str, object]", definition.parameters_json_schema)
    properties = _mapping(schema.get("properties"))
    required = {str(name) for name in _sequence(schema.get("required"))}
    for name, raw in properties.items():
        one = _mapping(raw)
        values = _sequence(one.get(VALUES_KEY)) or _sequence(one.get("enum"))
        yield Argument(
            name=name,
            kind=str(one.get("type", "string")),
            required=name in required,
            description=str(one.get("description", "")),
            values=tuple(dict.fromkeys(str(value) for value in values)),
        )


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()


def conversation(messages: Sequence[ModelMessage]) -> Conversation:
    """The turns of a conversation; the last user prompt begins the present one."""
    turns: list[Turn] = []
    calls: dict[str, Call] = {}
    system: list[str] = []
    standing, asked_at = "", None
    for message in messages:
        if isinstance(message, ModelResponse):
            turns[-1:] = [_answered(turns[-1] if turns else Turn(request=""), message, calls)]
            continue
        standing = message.instructions or standing
        system += [part.content for part in message.parts if isinstance(part, SystemPromptPart)]
        prompts = [part for part in message.parts if isinstance(part, UserPromptPart)]
        if prompts:
            turns.append(Turn(request=_prompt(prompts[-1])))
            asked_at = prompts[-1].timestamp
        if turns:
            turns[-1] = replace(turns[-1], results=(*turns[-1].results, *_results(message, calls)))
    now = turns.pop() if turns else Turn(request="")
    instructions = "\n".join(dict.fromkeys(filter(None, [*system, standing])))
    return Conversation(instructions=instructions, now=now, earlier=tuple(turns), today=_today(instructions, asked_at))


def _today(instructions: str, asked_at: datetime | None) -> str:
    written = _TODAY.search(instructions)
    return written[1] if written else asked_at.date().isoformat() if asked_at else ""


def _prompt(part: UserPromptPart) -> str:
    if isinstance(part.content, str):
        return part.content
    pieces = (
        item if isinstance(item, str) else item.content for item in part.content if isinstance(item, str | TextContent)
    )
    return "\n".join(pieces)


def _answered(turn: Turn, message: ModelResponse, calls: dict[str, Call]) -> Turn:
    made = [part for part in message.parts if isinstance(part, ToolCallPart)]
    for part in made:
        calls[part.tool_call_id] = _call(part)
    text = "".join(part.content for part in message.parts if isinstance(part, TextPart))
    return replace(turn, rounds=turn.rounds + bool(made), answer=turn.answer if made else text)


def _call(part: ToolCallPart) -> Call:
    given: object = part.args
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            given = {}
    plain: dict[str, Scalar] = {
        name: value if isinstance(value, int) else str(value) for name, value in _mapping(given).items()
    }
    return Call.of(part.tool_name, **plain)


def _results(message: ModelRequest, calls: Mapping[str, Call]) -> Iterator[Result]:
    for part in message.parts:
        if isinstance(part, ToolReturnPart):
            text = part.content if isinstance(part.content, str) else part.model_response_str(wrap_if_error=False)
            failed = part.outcome != "success" or bool(_FAILED.match(text[:40]))
            yield read_result(calls.get(part.tool_call_id, Call(part.tool_name)), text, failed=failed)
