"""How to open what a finding points at: the lines of a file, one entry of a list. Refuses to choose among findings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nova.models.extractive.arguments import names_authors
from nova.models.extractive.places import is_path
from nova.models.extractive.values import Argument, Call, Line, Scalar, Tool, Turn

_NUMBER = re.compile(r"(?:^|\s)#?(\d{1,6})\b")


def reader(tools: Sequence[Tool], *, authors: bool = False) -> Tool | None:
    """The tool that gives the lines of a file, or their authors: all it needs is a path, and it can take lines."""
    for tool in tools:
        needs_path = len(tool.required) == 1 and is_path(tool.required[0])
        if needs_path and tool.argument("start_line") and names_authors(tool) == authors:
            return tool
    return None


def read_lines(tool: Tool, path: str, first: int, last: int) -> Call:
    """The call that reads these lines, counted from 1."""
    given: dict[str, Scalar] = {tool.required[0].name: path, "start_line": max(1, first)}
    if tool.argument("end_line"):
        given["end_line"] = last
    return Call.of(tool.name, **given)


def seen(call: Call, turn: Turn) -> bool:
    """Whether the lines that a call would read have been read already."""
    first, last = call.get("start_line"), call.get("end_line")
    if not isinstance(first, int) or not isinstance(last, int):
        return False
    for result in turn.results:
        if result.call.tool == call.tool and result.call.get("path") == call.get("path"):
            numbers = [line.number for line in result.lines()]
            if numbers and numbers[0] <= first + 2 and (numbers[-1] >= last - 2 or numbers[-1] < last):
                return True
    return False


def driving(tool: Tool) -> Argument | None:
    """The argument that says which entry: the required one, or a revision."""
    if len(tool.required) == 1:
        return tool.required[0]
    return tool.argument("revision") if not tool.required else None


def value_of(argument: Argument, line: Line) -> Scalar | None:
    """The value for an argument that a result's line carries."""
    if is_path(argument):
        return line.path or None
    if argument.name == "revision":
        return line.place if line.place and not line.path else None
    if argument.kind == "integer":
        found = _NUMBER.search(line.text)
        return int(found[1]) if found else None
    first = {word.strip(":;.`*") for word in line.text.replace(",", " ").replace("(", " ").split()[:2]}
    return next((value for value in argument.values if value in first or value.rpartition(".")[2] in first), None)
