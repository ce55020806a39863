"""Where a statement comes from. A value; refuses to open anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A file with a line (path relative to the project's root), or, with `line` 0, the id of a commit, run or note."""

    path: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path
