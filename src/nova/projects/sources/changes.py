"""A unified diff as changed lines with their places. Pure; knows git's diff format and nothing of repositories."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a diff, or a remark on a whole file."""

    path: str
    sign: str  # "+", "-", " " or "@" for a remark on the whole file
    number: int  # of the line: in the new file, for "-" in the old one
    text: str


def changes(text: str) -> Iterator[Change]:
    """The lines of a diff made without renames, in order."""
    path, old, new, inside = "", 0, 0, False
    for line in text.split("\n"):
        if line.startswith("diff --git "):
            path, inside = _path_of(line), False
        elif hunk := re.match(r"@@ -(\d+)(?:,\d+)? \+(\d+)", line):
            old, new, inside = int(hunk[1]), int(hunk[2]), True
        elif inside and line[:1] in {"+", "-", " "}:
            sign = line[0]
            yield Change(path, sign, old if sign == "-" else new, line[1:])
            old, new = old + (sign != "+"), new + (sign != "-")
        elif not inside and line.startswith(("Binary files", "new file", "deleted file", "new mode")):
            remark = "binary files differ" if line.startswith("Binary") else line
            yield Change(path, "@", 0, f"({remark})")


def _path_of(header: str) -> str:
    """`diff --git a/P b/P` names one path twice, since renames are switched off."""
    both = header.removeprefix("diff --git ")
    half = both[: (len(both) - 1) // 2]
    return half.strip('"').removeprefix("a/")
