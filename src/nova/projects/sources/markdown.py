"""Markdown as sections, paragraphs and list items with their lines. Pure; refuses to know what a heading means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_HEADING = re.compile(r"^ {0,3}(?P<marks>#{1,6})\s+(?P<title>.*?)\s*#*\s*$")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_ITEM = re.compile(r"^\s*(?:[-*+]|(?P<mark>[A-Z]{0,2}\d{1,3})[.)])\s+(?P<box>\[(?P<tick>[ xX])\]\s+)?(?P<text>.*)$")
_LINK = re.compile(r"!?\[(?P<words>[^\[\]\n]{0,300})\]\([^)\n]{0,500}\)")
_MARKS = re.compile(r"(\*\*|__|~~|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with the lines below it. line: of the heading, from 1; first to last: its lines, both within.

    The lines go on until a heading of the same or a higher level, so sections below it are part of it.
    """

    title: str
    level: int
    line: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph or a list item on one line of text. ticked: of a box, None for what has none.

    mark: the number of a numbered item, such as 3 or L7.
    """

    text: str
    first: int
    last: int
    item: bool = False
    ticked: bool | None = None
    heading: str = ""
    mark: str = ""


def sections(lines: Sequence[str], start: int = 1) -> tuple[Section, ...]:
    """All headings outside code fences from line `start` on, in order."""
    heads = [(number, len(match["marks"]), plain(match["title"])) for number, match in _headings(lines, start)]
    return tuple(
        Section(
            title=title,
            level=level,
            line=number,
            first=number + 1,
            last=next((other - 1 for other, depth, _ in heads[at + 1 :] if depth <= level), len(lines)),
        )
        for at, (number, level, title) in enumerate(heads)
    )


def _headings(lines: Sequence[str], start: int) -> Iterator[tuple[int, re.Match[str]]]:
    fence = ""
    for number, line in enumerate(lines[start - 1 :], start):
        if mark := _FENCE.match(line):
            fence = "" if fence and line.strip().startswith(fence) else fence or mark[1][:3]
        elif not fence and (match := _HEADING.match(line)):
            yield number, match


def blocks(lines: Sequence[str], first: int, last: int) -> tuple[Block, ...]:
    """The paragraphs and list items of a span of lines; code fences, comments and tables are left out."""
    reader = _Reader()
    for number in range(first, min(last, len(lines)) + 1):
        reader.take(number, lines[number - 1])
    reader.flush()
    return tuple(reader.found)


@dataclass(slots=True)
class _Reader:
    """Where a reading of lines is: inside a fence, a comment, an item, and under which heading."""

    found: list[Block] = field(default_factory=list[Block])
    pending: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    item: re.Match[str] | None = None
    fence: str = ""
    comment: bool = False
    heading: str = ""

    def take(self, number: int, line: str) -> None:
        if mark := _FENCE.match(line):
            self.flush()
            self.fence = "" if self.fence and line.strip().startswith(self.fence) else self.fence or mark[1][:3]
        elif self.fence or self.comment or "<!--" in line:
            self.comment = not self.fence and "-->" not in line
        elif title := _HEADING.match(line):
            self.flush()
            self.heading = plain(title["title"])
        elif not line.strip() or line.lstrip().startswith("|"):
            self.flush()
        elif starts := _ITEM.match(line):
            self.flush()
            self.item = starts
            self.pending.append((number, starts["text"]))
        else:
            self.pending.append((number, line.strip().removeprefix("> ")))

    def flush(self) -> None:
        """What was read so far becomes a block, when it says anything."""
        text = plain(" ".join(words for _, words in self.pending)) if self.pending else ""
        if any(character.isalnum() for character in text):
            self.found.append(self._block(text))
        self.pending.clear()
        self.item = None

    def _block(self, text: str) -> Block:
        tick = self.item["tick"] if self.item else None
        return Block(
            text=text,
            first=self.pending[0][0],
            last=self.pending[-1][0],
            item=self.item is not None,
            ticked=None if tick is None else tick != " ",
            heading=self.heading,
            mark=(self.item["mark"] or "") if self.item else "",
        )


def plain(text: str) -> str:
    """Without Markdown's marks: links keep their words, code and emphasis keep their content; on one line."""
    return " ".join(_MARKS.sub("", _LINK.sub(r"\g<words>", text)).split())
