"""Issues kept as Markdown files with front matter, read into values. Their words may be a stranger's: untrusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from nova.core.errors import ToolFailed
from nova.projects.sources.files import Content, files_of, read_named
from nova.projects.sources.frontmatter import front_matter

ISSUES_MAX = 2_000
_NUMBER = re.compile(r"^0*(\d{1,9})")
_CLOSED = frozenset({"closed", "done", "resolved", "fixed", "wontfix", "won't fix", "rejected", "duplicate", "invalid"})
_WAITS = ("waiting_on", "waiting on", "waiting_for", "waiting for", "waits_for", "blocked_by", "blocked on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One issue as its file says it. front: the other keys in order; body_line: where the body begins, from 1."""

    number: int
    title: str
    status: str
    labels: tuple[str, ...]
    front: tuple[tuple[str, str], ...]
    content: Content
    body_line: int

    @property
    def path(self) -> str:
        """Its file, below the project's folder."""
        return self.content.path

    @property
    def open(self) -> bool:
        """Whether nobody has said that it is done."""
        return self.status.casefold() not in _CLOSED

    @property
    def opened(self) -> date | None:
        """The day it was opened, where the file names one."""
        return _day(dict(self.front).get("opened") or dict(self.front).get("date") or "")

    @property
    def opened_by(self) -> str:
        """Who opened it, in the file's words."""
        front = dict(self.front)
        return front.get("opened_by") or front.get("author") or ""

    @property
    def waits_for(self) -> str:
        """Whom or what the front matter says it waits for; empty when it does not."""
        front = dict(self.front)
        return next((front[key] for key in _WAITS if front.get(key)), "")

    @property
    def body(self) -> tuple[tuple[int, str], ...]:
        """The lines of the body with their numbers."""
        return tuple(enumerate(self.content.lines[self.body_line - 1 :], self.body_line))

    def line_of(self, key: str) -> int:
        """The line of a key of the front matter; 1 when it is not there."""
        lines = self.content.lines[: self.body_line]
        return next((at for at, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)


def issues(root: Path, folder: str, names: Iterable[str] | None = None) -> tuple[Issue, ...]:
    """The issues of a folder below `root`, by number; at most ISSUES_MAX files are looked at.

    names: the project's files, where they are known already. Files that are no issues are left out.
    """
    prefix = f"{folder}/"
    known = files_of(root) if names is None else names
    chosen = [name for name in known if name.startswith(prefix) and name.endswith((".md", ".markdown"))]
    found = [issue for name in chosen[:ISSUES_MAX] if (issue := _issue(root, name)) is not None]
    return tuple(sorted(found, key=lambda issue: (issue.number, issue.path)))


def _issue(root: Path, name: str) -> Issue | None:
    try:
        return issue_of(read_named(root, name))
    except ToolFailed:  # binary or unreadable: not an issue
        return None


def issue_of(content: Content) -> Issue | None:
    """The issue in a file; None when it has no number, neither in its front matter nor in its name."""
    front, body_line = front_matter(content.lines)
    stem = PurePosixPath(content.path).stem
    from_name = _NUMBER.match(stem)
    number = front.get("number", from_name.group(1) if from_name else "")
    if not number.isdigit() or len(number) > 9:
        return None
    heading = next((line.lstrip("# ") for line in content.lines[body_line - 1 :] if line.startswith("#")), "")
    return Issue(
        number=int(number),
        title=front.get("title") or heading or stem.replace("-", " "),
        status=front.get("status", "open"),
        labels=tuple(part.strip() for part in front.get("labels", "").split(",") if part.strip()),
        front=_rest(front),
        content=content,
        body_line=body_line,
    )


def _rest(front: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    named = {"number", "title", "status", "labels"}
    return tuple((key, value) for key, value in front.items() if key not in named)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
