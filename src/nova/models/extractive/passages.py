"""A result's lines made into pieces to quote: whole sentences of prose, lines of code and data as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath

from nova.models.extractive.values import Line, Result
from nova.models.sentences import split

GAP_LINES_MAX = 400
LISTED_MAX, SENTENCES_MAX, BODY_MAX = 6, 2, 16
_DEFINITION = re.compile(r"^\s*(?:async\s+def|def|class|function)\s")
_PROSE = frozenset({".md", ".markdown", ".txt", ".rst"})
_KEYED = re.compile(r"^[*_]{0,2}(?:[A-Z][\w-]*(?: [\w-]+){0,2}|[a-z_]+):[*_]{0,2}\s+\S.{0,120}$")
_MARKS = re.compile(r"^\s*(?:---|===|```|<!--|\|[\s|:-]+\|$)")


def pieces(result: Result, continuous: bool) -> list[Line]:
    """The quotable pieces of a result. continuous: its lines follow one another, so sentences can be joined."""
    lines = list(result.lines())
    if not continuous:
        return lines
    return [
        piece for path, group in groupby(lines, key=lambda line: line.path) for piece in _of_file(path, list(group))
    ]


def belonging(lines: Sequence[Line], place: int) -> range:
    """The places of what belongs to a piece: a definition's body, the list after a colon, the text under a heading,
    the next sentences of its paragraph."""
    line = lines[place]
    if not is_prose(line.path):
        return _body(lines, place) if _DEFINITION.match(line.text) else range(place, place + 1)
    opens = line.text.rstrip().endswith(":") or line.text.startswith("#")
    end = place + 1
    while (
        end < len(lines)
        and end - place <= (LISTED_MAX if opens else SENTENCES_MAX)
        and not lines[end].text.startswith("#")
    ):
        if not opens and lines[end].number - lines[end - 1].number > 2:
            break
        end += 1
    return range(place, end)


def _body(lines: Sequence[Line], place: int) -> range:
    end = place + 1
    while end < len(lines) and end - place < BODY_MAX and not _DEFINITION.match(lines[end].text):
        end += 1
    return range(place, end)


def is_prose(path: str) -> bool:
    """Whether a file holds sentences."""
    return PurePosixPath(path).suffix.casefold() in _PROSE


def _of_file(path: str, lines: Sequence[Line]) -> Iterator[Line]:
    if not is_prose(path):
        yield from lines
        return
    first, last = lines[0].number, lines[-1].number
    if not 0 < first <= last or last - first > len(lines) + GAP_LINES_MAX:
        yield from lines
        return
    rows = [""] * (last - first + 1)
    kept: list[Line] = []
    for line in lines:
        if _KEYED.match(line.text) or line.text.lstrip().startswith("#"):
            kept.append(line)
        elif first <= line.number <= last and not _MARKS.match(line.text):
            rows[line.number - first] = line.text
    kept += [Line(f"{path}:{sentence.line + first - 1}", sentence.text) for sentence in split("\n".join(rows))]
    yield from sorted(kept, key=lambda line: line.number)
