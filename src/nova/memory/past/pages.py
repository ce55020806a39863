"""What a decision wrote into the project's pages, what stood there before, and whether it still stands.

Knows prose that was changed line by line; refuses to know why it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from nova.core.errors import ToolFailed
from nova.memory.past.ground import Ground
from nova.models.sentences import split
from nova.models.words import words
from nova.projects.sources.changes import Change, changes
from nova.projects.sources.commits import Commit
from nova.projects.sources.files import Content, own, read_named
from nova.projects.sources.markdown import plain
from nova.projects.sources.repository import git

COMMITS_MAX = 60  # decisions whose changes are looked at
LINES_MAX = 3
ALIKE_MIN = 0.4  # share of words that make a changed line of an old one
CHARACTERS_MIN, CHARACTERS_MAX = 25, 300
_MARKS = re.compile(r"^\s*(?:[-*+>|]|[A-Z]{0,2}\d{1,3}[.)])\s*")
_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-renames", "--relative", "--unified=0", "--format=", "--first-parent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a commit changed in one line of a page. text, before: the sentences that are new, and those that went.

    line: where the whole line stands today; 0 when it stands there no longer. whole, whole_before: the whole lines.
    """

    path: str
    text: str
    before: str
    line: int
    content: Content | None
    whole: str
    whole_before: str


def written(ground: Ground, commit: Commit) -> tuple[Written, ...]:
    """The lines of prose that a commit changed in pages, at most LINES_MAX; none when git does not say."""
    pages = pages_of(commit)
    if not pages or ground.seconds_left <= 0:
        return ()
    try:
        out = git(ground.root, "show", *_PLAIN, "--end-of-options", commit.hash, "--", *pages[:20]).text
    except ToolFailed:  # it says less, and nothing wrong
        return ()
    found = [one for path, old, new in _hunks(changes(out)) for one in _pairs(ground, path, old, new)]
    return tuple(found[:LINES_MAX])


def pages_of(commit: Commit) -> list[str]:
    """The project's own pages among the files of a commit."""
    return [path for path in commit.files if _page(path)]


def _page(path: str) -> bool:
    name = PurePosixPath(path)
    said_elsewhere = name.name.casefold().startswith(("changelog", "changes", "history", "news"))
    return own(path) and name.suffix.casefold() in (".md", ".markdown") and not said_elsewhere


def _hunks(lines: Iterator[Change]) -> Iterator[tuple[str, list[str], list[str]]]:
    """(path, lines that went, lines that came) of each place that was changed."""
    path, old, new = "", list[str](), list[str]()
    for change in lines:
        if change.sign == "@":
            continue
        if change.path != path or (change.sign == "-" and new):
            yield path, old, new
            path, old, new = change.path, [], []
        (old if change.sign == "-" else new).append(change.text)
    yield path, old, new


def _pairs(ground: Ground, path: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Written]:
    """Changed lines only: a page that is new, or mostly written anew, says nothing about one decision."""
    if not old or len(new) > 12:
        return
    for said in (_bare(text) for text in new if not text.lstrip().startswith("|")):
        if not CHARACTERS_MIN <= len(said) <= CHARACTERS_MAX:
            continue
        before = max((_bare(one) for one in old), key=lambda one: _alike(one, said))
        if before != said and _alike(before, said) >= ALIKE_MIN:
            content = _now(ground, path)
            line = _line(content, said) if content else 0
            text, gone = _without(said, before), _without(before, said)
            yield Written(
                path=path, text=text, before=gone, line=line, content=content, whole=said, whole_before=before
            )


def _bare(line: str) -> str:
    """A line without its marks."""
    return plain(_MARKS.sub("", line))


def _without(line: str, other: str) -> str:
    """The sentences of one line that another does not have."""
    known = {one.text for one in split(other)}
    return " ".join(one.text for one in split(line) if one.text not in known) or line


def _alike(left: str, right: str) -> float:
    one, other = frozenset(words(left)), frozenset(words(right))
    return len(one & other) / max(1, min(len(one), len(other)))


def _now(ground: Ground, path: str) -> Content | None:
    try:
        return read_named(ground.root, path, ground.limits.bytes_max)
    except ToolFailed:  # the page is gone
        return None


def _line(content: Content, said: str) -> int:
    return next((number for number, line in enumerate(content.lines, 1) if _bare(line) == said), 0)
