"""A reply as it may go on: into the record, to the tools, and back to the model with the next request.

Knows what servers get wrong; refuses to judge what was said. Lone surrogates, which no wire format can carry, become
`?`; a call that arrived twice is one call; two calls that share a number get one each.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pydantic_ai.messages import ModelResponse, ModelResponsePart, TextPart, ThinkingPart, ToolCallPart

from nova.core.ids import new_id


def sound(reply: ModelResponse, numbers: set[str]) -> ModelResponse:
    """The reply, mended where it must be. numbers: of all calls of this run so far; those of the reply are added."""
    parts = list(_numbered(reply.parts, numbers))
    unchanged = len(parts) == len(reply.parts) and all(map(operator.is_, parts, reply.parts))
    return reply if unchanged else replace(reply, parts=parts)


def _numbered(parts: Sequence[ModelResponsePart], numbers: set[str]) -> Iterator[ModelResponsePart]:
    here: list[ToolCallPart] = []
    for part in parts:
        if not isinstance(part, ToolCallPart):
            yield _speakable(part)
            continue
        call = replace(part, tool_name=_text(part.tool_name), args=_arguments(part))
        if any(call == one for one in here):
            continue
        here.append(call)
        if call.tool_call_id in numbers:
            call = replace(call, tool_call_id=new_id("k"))
        numbers.add(call.tool_call_id)
        yield call if call != part else part


def _speakable(part: ModelResponsePart) -> ModelResponsePart:
    if isinstance(part, TextPart | ThinkingPart) and (text := _text(part.content)) != part.content:
        return replace(part, content=text)
    return part


def _arguments(part: ToolCallPart) -> str | None:
    """As text, whatever the provider sends; NaN, which is no JSON, stays in it for the tool to refuse."""
    if part.args is None or isinstance(part.args, str):
        return _text(part.args) if part.args else part.args
    return _text(json.dumps(part.args, ensure_ascii=False))


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text
