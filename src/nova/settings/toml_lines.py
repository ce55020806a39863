"""TOML text as plain values with lines. The standard parser reads the values; a small scanner finds their lines.

The scanner runs only over text the parser has accepted, so it need not judge, only find its way.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from typing import cast

from nova.core.json import Json
from nova.settings.located import KeyPath, Located
from nova.settings.text import refusal
from nova.settings.toml_errors import syntax_problem

_BLANK = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})(?!")'
    r"|'''.*?'''(?:'{0,2})(?!')"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}#\n]+")


def read_toml(text: str, file: str) -> Located:
    """The tables that `text` holds. Raises BadFiles with the line of the first mistake in the syntax."""
    try:
        value = _json(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise syntax_problem(str(error), text, file) from None
    except (RecursionError, ValueError):  # a thousand brackets; a number of 5,000 digits
        longest = max(enumerate(text.split("\n"), 1), key=lambda line: len(line[1]))[0]
        raise refusal(file, longest, "A value is nested too deep, or has too many digits.", "Write less.") from None
    assert isinstance(value, dict)
    return Located(file=file, value=value, lines=_Scanner(text).lines())


def _json(value: object) -> Json:
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        return {key: _json(item) for key, item in table.items()}
    if isinstance(value, list):
        return [_json(item) for item in cast("list[object]", value)]
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    assert isinstance(value, str | int | float | bool)
    return value


class _Scanner:
    """Walks over valid TOML once. Guards: every key and item has one line, the one it was first written on."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[KeyPath, int] = {(): 1}
        self._counts: dict[KeyPath, int] = {}

    def lines(self) -> dict[KeyPath, int]:
        """Path -> line for all keys, tables and items."""
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            table = self._header() if self._next() == "[" else self._pair(table)
            self._skip(_BLANK)
        return self._lines

    def _header(self) -> KeyPath:
        start = self._at
        is_array = self._text.startswith("[[", start)
        self._at += 2 if is_array else 1
        path = self._inside(self._key_path())
        if is_array:
            number = self._counts.get(path, 0)
            self._counts[path] = number + 1
            self._lines.setdefault(path, self._line(start))
            path = (*path, number)
        self._note((), path, start)
        self._lines[path] = self._line(start)
        self._at += 2 if is_array else 1
        return path

    def _pair(self, table: KeyPath) -> KeyPath:
        start = self._at
        path = (*table, *self._key_path())
        self._note(table, path, start)
        self._at += 1  # the equals sign
        self._skip(_SPACES)
        self._value(path)
        return table

    def _key_path(self) -> KeyPath:
        parts: list[str] = []
        while True:
            self._skip(_SPACES)
            quoted = self._next() in "\"'"
            written = self._take(_STRING if quoted else _BARE)
            parts.append(_unquoted(written) if quoted else written)
            self._skip(_SPACES)
            if self._next() != ".":
                return tuple(parts)
            self._at += 1

    def _value(self, path: KeyPath) -> None:
        sign = self._next()
        if sign == "[":
            self._items(path)
        elif sign == "{":
            self._inline_table(path)
        else:
            self._take(_STRING if sign in "\"'" else _PLAIN)

    def _items(self, path: KeyPath) -> None:
        self._at += 1
        number = 0
        self._skip(_BLANK)
        while self._next() != "]":
            self._lines[(*path, number)] = self._line(self._at)
            self._value((*path, number))
            number += 1
            self._separator()
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        self._skip(_BLANK)
        while self._next() != "}":
            self._pair(path)
            self._separator()
        self._at += 1

    def _separator(self) -> None:
        self._skip(_BLANK)
        if self._next() == ",":
            self._at += 1
            self._skip(_BLANK)

    def _inside(self, path: KeyPath) -> KeyPath:
        """`path` with the number of the latest item after each array of tables."""
        real: KeyPath = ()
        for position, key in enumerate(path):
            real = (*real, key)
            if position < len(path) - 1 and real in self._counts:
                real = (*real, self._counts[real] - 1)
        return real

    def _note(self, table: KeyPath, path: KeyPath, start: int) -> None:
        for end in range(len(table) + 1, len(path) + 1):
            self._lines.setdefault(path[:end], self._line(start))

    def _line(self, position: int) -> int:
        return self._text.count("\n", 0, position) + 1

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        if match := pattern.match(self._text, self._at):
            self._at = match.end()

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        assert match, f"the scanner lost its way at character {self._at}"
        self._at = match.end()
        return match.group()


def _unquoted(written: str) -> str:
    return str(tomllib.loads(f"key = {written}")["key"])
