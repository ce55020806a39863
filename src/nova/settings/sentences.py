"""A value that does not fit, in one sentence and one mend. Knows pydantic's error types, so that nobody else must."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic_core import ErrorDetails

from nova.core.text import nearest, shorten
from nova.settings.located import KeyPath


def shown(path: KeyPath) -> str:
    """A path as a person reads it: `nova.examples, item 3`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f", item {part + 1}"
        else:
            text += f".{shorten(part, 40)}" if text else shorten(part, 40)
    return text.replace(", item", " item", 1) if text.startswith(", item") else text


_EXPECTED: dict[str, str] = {
    "string_type": "be text",
    "int_type": "be a whole number",
    "int_from_float": "be a whole number",
    "float_type": "be a number",
    "finite_number": "be a finite number",
    "bool_type": "be true or false",
    "list_type": "be a list",
    "dict_type": "hold keys with values",
    "model_type": "hold keys with values",
    "model_attributes_type": "hold keys with values",
}
_MENDS: dict[str, str] = {
    "string_type": "Put the text in quotes.",
    "bool_type": "Write true or false, without quotes.",
    "int_type": "Write it with digits only.",
    "int_from_float": "Write it with digits only.",
    "float_type": "Write the number without quotes.",
    "list_type": "Write [one, two], or [] for none.",
    "model_type": "Give each of its keys a line of its own.",
    "model_attributes_type": "Give each of its keys a line of its own.",
    "dict_type": "Give each of its keys a line of its own.",
}


_BOUNDS: dict[str, tuple[str, str]] = {
    "greater_than_equal": ("is too small", "Give at least {ge}."),
    "greater_than": ("is too small", "Give more than {gt}."),
    "less_than_equal": ("is too large", "Give at most {le}."),
    "less_than": ("is too large", "Give less than {lt}."),
    "string_too_short": ("is empty", "Write something, or delete the line."),
    "string_too_long": ("is too long", "Keep it under {max_length} characters."),
    "too_long": ("has too many items", "Keep it to {max_length}."),
}


def mismatch(path: KeyPath, detail: ErrorDetails) -> tuple[str, str]:
    """What is wrong with the value at `path`, and how to mend it. The value itself is only shown where it is a word."""
    kind, name = detail["type"], f"“{shown(path)}”"
    context: Mapping[str, object] = detail.get("ctx", {})
    if kind in _EXPECTED:
        return _wrong_type(name, kind, detail["input"])
    if kind == "literal_error":
        return _wrong_choice(name, detail["input"], str(context.get("expected", "")))
    if kind in _BOUNDS:
        said, mend = _BOUNDS[kind]
        return f"{name} {said}.", mend.format_map({key: f"{value}" for key, value in context.items()})
    return f"{name} has a value that does not fit.", "See the reference of this file's keys."


def _wrong_type(name: str, kind: str, given: object) -> tuple[str, str]:
    if given is None:
        return f"{name} must {_EXPECTED[kind]}, and has no value.", "Give one, or delete the line."
    if kind == "string_type" and isinstance(given, dict):
        return f"{name} is read as a key with a value, because of the colon in it.", _MENDS[kind]
    return f"{name} must {_EXPECTED[kind]}, and is {_kind_of(given)}.", _MENDS.get(kind, "")


def _wrong_choice(name: str, given: object, expected: str) -> tuple[str, str]:
    choices = re.findall(r"'([^']*)'", expected)
    said = f"“{shorten(given, 40)}”" if isinstance(given, str) else _kind_of(given)
    near = nearest(given, choices, 1) if isinstance(given, str) else ()
    mend = f"Did you mean “{near[0]}”?" if near else f"Choose one of: {', '.join(choices)}."
    return f"{name} cannot be {said}.", mend


def _kind_of(given: object) -> str:
    match given:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "keys with values"
        case _:
            return "empty"
