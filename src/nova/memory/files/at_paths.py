"""`@path` in an instruction file: what it imports, as Claude Code reads it. Pure over text; opens nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

_IMPORT = re.compile(r"(?<![\w`@/])@((?:\\ |[\w./~-])*[\w/~-])")
_CODE_SPAN = re.compile(r"`[^`]*`")
_POINTER = re.compile(r"(see|read|@)\b.*@", re.IGNORECASE)


def imports(text: str) -> Iterator[tuple[int, str]]:
    """(line, path) of each `@path`; what stands in code is none, nor is a word without a dot or slash (@mara)."""
    fenced = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced:
            for match in _IMPORT.finditer(_CODE_SPAN.sub("", line)):
                target = match.group(1).replace("\\ ", " ")
                if "/" in target or "." in target:
                    yield number, target


def without_imports(words: str) -> str:
    """The words beside the imports; none of a line that only points to other files."""
    return "" if _POINTER.match(words) else _IMPORT.sub("", words).strip(" -:")
