"""What was left to do, as the files say: TODO, FIXME and XXX comments, unticked boxes, "To do:" in a text.

Knows comment signs and Markdown; git finds the lines. Refuses to know whether it is still meant.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from pathlib import Path, PurePosixPath

from nova.core.errors import ToolFailed
from nova.policy.paths import secret
from nova.projects.sources.files import Content, Quote, files_of, own, read_named
from nova.projects.sources.git import Blamed, blame
from nova.projects.sources.markdown import plain
from nova.projects.sources.repository import git, top_of

TODOS_MAX = 200
FILES_MAX = 5_000
SECONDS_MAX = 10.0
BLAME_SECONDS_MAX = 3.0  # after these, lines are left undated: better a to-do without a day than none
FILE_BYTES_MAX = 500_000
LINE_CHARACTERS_MAX = 1_000
_GREP = r"TODO|FIXME|XXX|[-*+] \[ \] |^(To do|Todo|Missing|Next|Next steps?|Still to do): "
_COMMENT = re.compile(
    r"(?:#|//|/\*+|^\s*\*|--|;|<!--|%|\{#|\{%)\s*@?(?P<kind>TODO|FIXME|XXX)\b(?:\((?P<who>[^)\n]{1,60})\))?"
    r"\s*[:.–—-]?\s*(?P<text>.*?)\s*(?:\*/|-->|#\}|%\})?\s*$"
)
_PROSE = re.compile(
    r"^(?:> )?\**(?P<kind>TODO|FIXME|XXX|To do|Todo|Missing|Next|Next steps?|Still to do)\**:\**\s+(?P<text>\S.*)$"
)
_BOX = re.compile(r"^\s*(?:> )?[-*+] \[ \]\s+(?P<text>\S.*)$")
_PROSE_FILES = frozenset({".md", ".markdown", ".txt", ".rst", ""})
_TEMPLATES = re.compile(r"(?:^|/)(?:\.github|\.gitlab|templates?)/|template", re.IGNORECASE)


class TodoKind(StrEnum):
    """How it is written."""

    TODO = "TODO"
    FIXME = "FIXME"
    XXX = "XXX"
    BOX = "box"
    PROSE = "to do"  # a paragraph that begins with "To do:", "Missing:" or "Next:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """One thing left to do. word: as it is marked, in its own spelling; who: named in brackets.

    at, author, commit: who wrote the line and when, by git; None and empty while it is in no commit.
    """

    path: str
    line: int
    kind: TodoKind
    text: str
    quote: Quote
    word: str = ""
    who: str = ""
    at: datetime | None = None
    author: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Todos:
    """What was found, by path and line. cut: limits were reached before all files were read."""

    todos: tuple[Todo, ...]
    cut: bool


def todos(
    root: Path, names: Iterable[str] | None = None, *, todos_max: int = TODOS_MAX, seconds_max: float = SECONDS_MAX
) -> Todos:
    """Everything left to do in a project's own files. names: its files, where they are known already. Never raises."""
    ends = time.monotonic() + seconds_max
    blame_ends = time.monotonic() + min(BLAME_SECONDS_MAX, seconds_max)
    places, cut = _places(root, names, seconds_max / 2)
    found: list[Todo] = []
    for path, group in groupby(places, key=lambda place: place[0]):
        if len(found) >= todos_max or time.monotonic() > ends:
            return Todos(todos=tuple(found[:todos_max]), cut=True)
        found += _dated(root, _in_file(root, path, [line for _, line in group]), blame_ends)
    return Todos(todos=tuple(found[:todos_max]), cut=cut or len(found) > todos_max)


def _places(root: Path, names: Iterable[str] | None, seconds_max: float) -> tuple[list[tuple[str, int]], bool]:
    """(path, line) of every line that may hold one, and whether the search was cut short."""
    if top_of(root) is None:
        return _walked(root, names, seconds_max)
    asked = ("-n", "-z", "-I", "--no-color", "--untracked", "--no-recurse-submodules", "-E", "-e", _GREP, "--", ".")
    try:
        out = git(root, "grep", *asked, seconds_max=seconds_max, partial=True)
    except ToolFailed:  # git's exit code 1: no line in any file
        return [], False
    rows = [row.split("\0", 2) for row in out.text.split("\n")]
    return [(row[0], int(row[1])) for row in rows if len(row) == 3 and row[1].isdigit() and _mine(row[0])], out.cut


def _walked(root: Path, names: Iterable[str] | None, seconds_max: float) -> tuple[list[tuple[str, int]], bool]:
    ends = time.monotonic() + seconds_max
    known = [name for name in (files_of(root) if names is None else names) if _mine(name)]
    found: list[tuple[str, int]] = []
    sign = re.compile(_GREP)
    for name in known[:FILES_MAX]:
        if time.monotonic() > ends:
            return found, True
        try:
            lines = read_named(root, name, FILE_BYTES_MAX).lines
        except ToolFailed:  # binary or unreadable: nothing to do in it
            continue
        found += [(name, number) for number, line in enumerate(lines, 1) if sign.search(line)]
    return found, len(known) > FILES_MAX


def _mine(name: str) -> bool:
    return own(name) and not secret(name) and _TEMPLATES.search(name) is None


def _in_file(root: Path, path: str, lines: Sequence[int]) -> list[Todo]:
    try:
        content = read_named(root, path, FILE_BYTES_MAX)
    except ToolFailed:  # gone since git listed it
        return []
    return [todo for line in lines if line <= len(content.lines) if (todo := _todo(content, line)) is not None]


def _todo(content: Content, line: int) -> Todo | None:
    text = content.lines[line - 1][:LINE_CHARACTERS_MAX]
    prose = PurePosixPath(content.path).suffix.casefold() in _PROSE_FILES
    found = (_BOX.match(text) or _PROSE.match(text)) if prose else None
    found = found or _COMMENT.search(text)
    if found is None or not any(character.isalpha() for character in found["text"]):
        return None
    said = found.groupdict()
    kind = TodoKind.BOX if "kind" not in said else _kind(said["kind"])
    last = _last(content, line, prose)
    more = [_bare(content.lines[number - 1]) for number in range(line + 1, last + 1)]
    return Todo(
        path=content.path,
        line=line,
        kind=kind,
        text=plain(" ".join([found["text"], *more])),
        quote=content.quote(line, last),
        word=said.get("kind") or "",
        who=said.get("who") or "",
    )


def _kind(word: str) -> TodoKind:
    return next((kind for kind in (TodoKind.TODO, TodoKind.FIXME, TodoKind.XXX) if kind.value == word), TodoKind.PROSE)


def _last(content: Content, line: int, prose: bool) -> int:
    """The last line of the same remark: one that goes on in the next comment line or in the same paragraph."""
    last = line
    for number in range(line + 1, min(line + 6, len(content.lines) + 1)):
        text = content.lines[number - 1]
        if not (_bare(text)[:1].islower() if not prose else text.strip() and not _starts(text)):
            break
        if not prose and (not _sign(text) or _sign(text) != _sign(content.lines[line - 1])):
            break
        last = number
    return last


def _starts(text: str) -> bool:
    return re.match(r"\s*(?:[-*+>#|]|\d+[.)])\s?", text) is not None or _PROSE.match(text) is not None


def _sign(text: str) -> str:
    found = re.match(r"\s*(#|//|\*|--|;|%)", text)
    return found[1] if found else ""


def _bare(text: str) -> str:
    return re.sub(r"^\s*(?:#|//|\*|--|;|%)\s*", "", text).removesuffix("*/").strip() if _sign(text) else text.strip()


def _dated(root: Path, found: Sequence[Todo], ends: float) -> Iterator[Todo]:
    left = ends - time.monotonic()
    lines = [todo.line for todo in found] if left > 0 else []
    known: Mapping[int, Blamed] = blame(root, found[0].path, lines, left) if lines else {}
    for todo in found:
        who = known.get(todo.line)
        yield todo if who is None else replace(todo, at=who.at, author=who.author, commit=who.commit)
