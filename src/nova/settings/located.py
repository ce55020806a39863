"""A value read from a text file, with the line each part of it was written on. Knows neither YAML nor TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from nova.core.json import Json

KeyPath: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The keys and values of a file. lines: path of each key and item -> its line in the file, from 1.

    The empty path stands for the whole: the line where the values begin.
    """

    file: str
    value: dict[str, Json]
    lines: Mapping[KeyPath, int]

    def line(self, path: KeyPath) -> int:
        """The line of `path`, or of the nearest enclosing part that was written; 0 when nothing was."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 0
