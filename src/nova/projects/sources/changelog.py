"""A project's changelog as releases with their lines. Knows the usual headings; refuses to know what a change did."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nova.core.errors import ToolFailed
from nova.projects.sources.files import Content, Quote, read_named
from nova.projects.sources.markdown import Block, Section, blocks, sections

RELEASES_MAX = 200
_NAMES = ("changelog.md", "changes.md", "history.md", "news.md", "releases.md", "changelog")
_VERSION = re.compile(
    r"^\W*(?:version |release )?(?P<version>v?\d+(?:\.\d+){1,3}[\w.+-]*|unreleased|\d{4}-\d\d(?:-\d\d)?)\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One version and what it says. version: as written, a month where the project goes by months; day: if told."""

    path: str
    line: int
    version: str
    day: date | None
    entries: tuple[Block, ...]
    content: Content

    @property
    def unreleased(self) -> bool:
        """What is done and has no version yet."""
        return self.version.casefold() == "unreleased"

    @property
    def title(self) -> Quote:
        """Its heading."""
        return self.content.quote(self.line, self.line)

    def quote(self, entry: Block) -> Quote:
        """One of its entries as it stands in the file."""
        return self.content.quote(entry.first, entry.last)


def changelog(root: Path, names: Iterable[str] | None = None) -> tuple[Release, ...]:
    """The releases in the file's order, newest first by custom; at most RELEASES_MAX. Empty without a changelog."""
    known = list(names) if names is not None else [path.name for path in root.glob("*") if path.is_file()]
    named = [name for name in known if name.casefold() in _NAMES]
    for name in sorted(named, key=lambda name: _NAMES.index(name.casefold())):
        try:
            content = read_named(root, name)
        except ToolFailed:  # unreadable, or not text
            continue
        heads = [one for one in sections(content.lines) if _VERSION.match(one.title)]
        return tuple(_release(content, one) for one in heads[:RELEASES_MAX])
    return ()


def _release(content: Content, section: Section) -> Release:
    named = _VERSION.match(section.title)
    assert named is not None
    return Release(
        path=content.path,
        line=section.line,
        version=named["version"],
        day=_day(section.title),
        entries=blocks(content.lines, section.first, section.last),
        content=content,
    )


def _day(title: str) -> date | None:
    found = _DAY.search(title)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None
