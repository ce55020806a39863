"""All built-in tools by name, and the one way to call one. Whether a call is allowed is the gate's to say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from pydantic import ValidationError

from nova.core.errors import ToolFailed, ToolTransient
from nova.core.text import nearest, shorten
from nova.tools.builtin import (
    context,
    django,
    drafts,
    files,
    git,
    issues,
    memory,
    posts,
    prices,
    releases,
    requirements_text,
    site,
    testing,
    text,
    worktree,
)
from nova.tools.spec import ARGUMENTS_CHARACTERS_MAX, SECONDS_MAX, Arguments, Reach, Tool, ToolResult

__all__ = ["ARGUMENTS_CHARACTERS_MAX", "SECONDS_MAX", "call", "invoke", "parse", "toolbox"]


@cache
def toolbox() -> Mapping[str, Tool]:
    """Every built-in tool by its name."""
    tools = [*files.TOOLS, *git.TOOLS, *django.TOOLS, *issues.TOOLS, *text.TOOLS, *memory.TOOLS]
    tools += [*posts.TOOLS, *prices.TOOLS, *releases.TOOLS, *requirements_text.TOOLS, *site.TOOLS]
    tools += [*context.TOOLS, *worktree.TOOLS, *testing.TOOLS, *drafts.TOOLS]
    return MappingProxyType({tool.name: tool for tool in tools})


def parse(tool: Tool, arguments_json: str) -> Arguments:
    """The arguments as values. Raises ToolFailed with a sentence that helps the caller to mend them."""
    if len(arguments_json) > tool.characters_max:
        raise ToolFailed(f"The arguments of {tool.name} are longer than {tool.characters_max:,} characters.")
    try:
        return tool.arguments.model_validate_json(arguments_json.strip() or "{}")
    except ValidationError as problem:
        known = list(tool.arguments.model_fields)
        said = " ".join(_complaint(error["type"], error["loc"], error["msg"], known) for error in problem.errors()[:5])
        names = ", ".join(known) or "none"
        raise ToolFailed(f"{tool.name} cannot be called like this: {said}", f"Its arguments: {names}.") from None


def _complaint(kind: str, place: tuple[int | str, ...], message: str, known: list[str]) -> str:
    name = shorten(str(place[0]), 60) if place else ""
    if kind == "extra_forbidden":
        near = nearest(name, known, 1)
        return f"there is no argument “{name}”" + (f", did you mean {near[0]}?" if near else ".")
    if kind == "missing":
        return f"the argument {name} is missing."
    if kind == "json_invalid":
        return f"the arguments are no JSON object ({shorten(message, 120)})."
    if not name:
        return "the arguments must be one JSON object."
    return f"{name}: {shorten(message[:1].lower() + message[1:], 160)}."


async def call(tool: Tool, arguments_json: str, reach: Reach, *, seconds_max: float = SECONDS_MAX) -> ToolResult:
    """Run a tool with arguments as JSON text. Raises ToolFailed when it cannot be done, or not in `seconds_max`."""
    return await invoke(tool, parse(tool, arguments_json), reach, seconds_max=seconds_max)


async def invoke(tool: Tool, arguments: Arguments, reach: Reach, *, seconds_max: float = SECONDS_MAX) -> ToolResult:
    """Run a tool with arguments that `parse` has read. Raises ToolTransient when it may go well a little later.

    A tool that says itself that it takes longer than others gets the time it says.
    """
    seconds_max = max(seconds_max, tool.seconds_max) if tool.seconds_max > SECONDS_MAX else seconds_max
    try:
        async with asyncio.timeout(seconds_max):
            return await tool.run(arguments, reach)
    except TimeoutError:
        what = f"{tool.name} did not finish within {seconds_max:g} seconds."
        raise ToolTransient(what, "Ask for a smaller part: a folder, a file, fewer lines.") from None
    except ConnectionError as problem:
        raise ToolTransient(f"{tool.name} lost its connection: {shorten(str(problem), 200)}.") from problem
    except (OSError, UnicodeError) as problem:
        raise ToolFailed(f"{tool.name} could not read: {shorten(str(problem), 200)}.") from problem
