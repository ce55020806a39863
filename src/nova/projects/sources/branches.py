"""The branches of a repository, each held against the one that counts. Knows refs; refuses to touch a file."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nova.core.errors import ToolFailed
from nova.projects.sources.git import main_of
from nova.projects.sources.repository import SECONDS_MAX, git

BRANCHES_MAX = 50
_FIELDS = ("refname", "objectname:short", "authordate:iso-strict", "authorname", "subject", "upstream:short", "HEAD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One branch and its last commit. name: as a person types it; remote: it is only known from a remote.

    ahead, behind: commits that main lacks, and that it lacks of main; None when time ran out before they were counted.
    current: it is checked out. main: it is the one the others are held against.
    """

    name: str
    commit: str
    at: datetime
    author: str
    subject: str
    upstream: str = ""
    current: bool = False
    main: bool = False
    remote: bool = False
    merged: bool = False
    ahead: int | None = None
    behind: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """Branches, the one with the newest commit first. cut: there are more."""

    branches: tuple[Branch, ...]
    cut: bool

    @property
    def unmerged(self) -> tuple[Branch, ...]:
        """Those that hold something main lacks."""
        return tuple(branch for branch in self.branches if not branch.merged and not branch.main)


def branches(root: Path, count_max: int = BRANCHES_MAX, seconds_max: float = SECONDS_MAX) -> Branches:
    """Local branches, and remote ones that no local one has the name of. Raises ToolFailed."""
    ends = time.monotonic() + seconds_max
    main = main_of(root)
    form = "%00".join(f"%({field})" for field in _FIELDS)
    sought = ("--sort=-committerdate", f"--format={form}", "refs/heads", "refs/remotes")
    rows = [line.split("\0") for line in git(root, "for-each-ref", *sought).text.splitlines()]
    rows = [row for row in rows if len(row) == len(_FIELDS) and not row[0].endswith("/HEAD") and row[2]]
    local = {row[0].removeprefix("refs/heads/") for row in rows if row[0].startswith("refs/heads/")}
    kept = [row for row in rows if row[0].startswith("refs/heads/") or _remote_name(row[0]) not in local]
    merged = _merged(root, main, seconds_max)
    found = [_branch(root, row, main, merged, ends) for row in kept[:count_max]]
    return Branches(branches=tuple(found), cut=len(kept) > count_max)


def _remote_name(ref: str) -> str:
    return ref.removeprefix("refs/remotes/").partition("/")[2]


def _merged(root: Path, main: str, seconds_max: float) -> frozenset[str]:
    try:
        out = git(root, "for-each-ref", f"--merged={main}", "--format=%(refname)", seconds_max=seconds_max)
    except ToolFailed:  # a detached head, or too much to count: then nothing is said to be merged
        return frozenset()
    return frozenset(out.text.split())


def _branch(root: Path, row: list[str], main: str, merged: frozenset[str], ends: float) -> Branch:
    ref, commit, at, author, subject, upstream, head = row
    ahead, behind = (None, None) if time.monotonic() > ends else _apart(root, main, ref)
    return Branch(
        name=ref.removeprefix("refs/heads/").removeprefix("refs/remotes/"),
        commit=commit,
        at=datetime.fromisoformat(at),
        author=author,
        subject=subject,
        upstream=upstream,
        current=head == "*",
        main=ref == main,
        remote=ref.startswith("refs/remotes/"),
        merged=ref in merged,
        ahead=ahead,
        behind=behind,
    )


def _apart(root: Path, main: str, ref: str) -> tuple[int | None, int | None]:
    try:
        both = git(root, "rev-list", "--left-right", "--count", "--end-of-options", f"{main}...{ref}", seconds_max=3.0)
    except ToolFailed:  # counting is a comfort, not a condition
        return None, None
    behind, _, ahead = both.text.strip().partition("\t")
    return int(ahead), int(behind)
