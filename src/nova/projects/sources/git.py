"""What a repository's history says: whether there is one, its commits, and where a commit or an older file stands.

Knows which questions to put to git; `repository` runs it. Refuses to know what a commit means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from nova.core.errors import ToolFailed
from nova.projects.sources.commits import FORMAT, Commit
from nova.projects.sources.commits import commits as parsed
from nova.projects.sources.repository import SECONDS_MAX, git, revision, top_of

COMMITS_MAX = 2_000
_NUMBER = re.compile(r"\d+")
_BLAMED = re.compile(r"(?P<id>[0-9a-f]{40,64}) \d+ (?P<line>\d+)")


class State(StrEnum):
    """What there is to read below a folder."""

    READY = "ready"
    SHALLOW = "shallow"  # readable, but the history is cut off at some commit
    EMPTY = "empty"  # a repository without a commit
    BARE = "bare"  # git's own files without a working folder
    NONE = "none"  # a folder, but in no repository
    MISSING = "missing"  # no folder
    BROKEN = "broken"  # git itself refuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether history can be read, and if not, why and what to do about it."""

    state: State
    what: str = ""
    mend: str = ""

    @property
    def readable(self) -> bool:
        """Whether there are commits to read."""
        return self.state in (State.READY, State.SHALLOW)


def standing(root: Path) -> Standing:
    """Looks at a folder. Never raises: what is wrong is the answer."""
    try:
        is_folder = root.is_dir()
        top = top_of(root) if is_folder else None
    except OSError as problem:
        return Standing(state=State.MISSING, what=f"{root} cannot be entered: {problem.strerror}.", mend=_RIGHTS)
    if not is_folder:
        return Standing(state=State.MISSING, what=f"{root} is no folder.", mend="Correct `repository:` in its file.")
    if top is None:
        return _without_top(root)
    try:
        shallow = git(root, "rev-parse", "--is-shallow-repository").text.strip() == "true"
        heads = git(root, "rev-list", "--max-count=1", "--all", "--ignore-missing", "HEAD").text.strip()
    except ToolFailed as failure:
        if "no commit" in failure.mend:
            return _EMPTY
        return Standing(state=State.BROKEN, what=failure.what, mend=failure.mend)
    if not heads:
        return _EMPTY
    return Standing(state=State.SHALLOW, what=_CUT, mend=_UNCUT) if shallow else Standing(state=State.READY)


_RIGHTS = "Give yourself the right to read it."
_CUT, _UNCUT = "The clone is shallow: older commits are not on this machine.", "`git fetch --unshallow` brings them."
_EMPTY = Standing(state=State.EMPTY, what="The repository has no commit yet.", mend="Make a first commit.")


def _without_top(root: Path) -> Standing:
    if (root / "HEAD").is_file() and (root / "objects").is_dir() and (root / "refs").is_dir():
        mend = "Name a clone of it that has a working folder."
        return Standing(state=State.BARE, what=f"{root} is a bare repository, without files to read.", mend=mend)
    mend = "Run `git init` there to start a history."
    return Standing(state=State.NONE, what=f"{root} is in no git repository.", mend=mend)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commits:
    """Commits, newest first. cut: there are more than were asked for, or than git's output may hold."""

    commits: tuple[Commit, ...]
    cut: bool


def commits(
    root: Path,
    since: datetime | None = None,
    count_max: int = COMMITS_MAX,
    *,
    of: str = "HEAD",
    paths: Iterable[str] = (),
    seconds_max: float = SECONDS_MAX,
) -> Commits:
    """The commits that a revision or range reaches and that touch the project's folder, with their files.

    of: HEAD, a branch, `main..topic`. paths: only commits that touch these. Raises ToolFailed.
    """
    below = list(paths) or ([] if top_of(root) == root else ["."])
    options = [f"--max-count={count_max + 1}", f"--format={FORMAT}", "-z", "--name-only", "--relative"]
    if since is not None:
        options.append(f"--since={since.isoformat(timespec='seconds')}")
    asked = [*options, *_PLAIN, "--end-of-options", revision(of), "--", *below]
    out = git(root, "log", *asked, seconds_max=seconds_max, partial=True)
    found = parsed(out.text)
    if out.cut and found:  # the last one's list of files may be cut off
        found.pop()
    return Commits(commits=tuple(found[:count_max]), cut=out.cut or len(found) > count_max)


_PLAIN = ("--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all")


class CommitPlace(StrEnum):
    """Where a commit stands today."""

    ON_MAIN = "on main"
    ELSEWHERE = "elsewhere"  # it exists, and main does not contain it
    GONE = "gone"  # rewritten, or never there
    UNKNOWN = "unknown"  # a shallow clone, or git could not say


def commit_on_main(root: Path, id: str) -> CommitPlace:  # noqa: A002 the noun that commits carry everywhere
    """Whether the main branch still contains a commit. Never raises."""
    where = standing(root)
    if not where.readable or not re.fullmatch(r"[0-9a-f]{4,64}", id):
        return CommitPlace.UNKNOWN if not where.readable else CommitPlace.GONE
    try:
        git(root, "rev-list", "--max-count=1", "--end-of-options", f"{id}^{{commit}}")
    except ToolFailed:
        return CommitPlace.UNKNOWN if where.state is State.SHALLOW else CommitPlace.GONE
    try:
        missing = git(root, "rev-list", "--count", "--end-of-options", f"{main_of(root)}..{id}").text.strip()
    except ToolFailed:
        return CommitPlace.UNKNOWN
    return CommitPlace.ON_MAIN if missing == "0" else CommitPlace.ELSEWHERE


def main_of(root: Path) -> str:
    """The full name of the branch that counts: what the remote calls its head, else main, master, trunk, else HEAD."""
    names = git(root, "for-each-ref", "--format=%(refname)%00%(symref)", "refs/heads", "refs/remotes/origin/HEAD")
    refs = dict(line.split("\0", 1) for line in names.text.splitlines() if "\0" in line)
    remote = refs.get("refs/remotes/origin/HEAD", "")
    local = remote.replace("refs/remotes/origin/", "refs/heads/", 1)
    known = [local, *(f"refs/heads/{name}" for name in ("main", "master", "trunk"))]
    return next((name for name in known if name in refs), remote or "HEAD")


def file_at(root: Path, at: str, path: str) -> str | None:
    """The text of a file as a commit had it; None when it was not there. Raises ToolFailed for what is no revision."""
    try:
        return git(root, "cat-file", "blob", f"{revision(at)}:./{path}").text
    except ToolFailed as failure:
        if "not a revision" in failure.what or "is not in a git repository" in failure.what:
            raise
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blamed:
    """Who last changed a line, when and in which commit; commit is empty while it is not committed."""

    commit: str
    author: str
    at: datetime


def blame(root: Path, path: str, lines: Iterable[int], seconds_max: float = SECONDS_MAX) -> Mapping[int, Blamed]:
    """Who last changed these lines of a file as it lies on the disk. Empty for a file that git does not know."""
    spans = [f"-L{line},{line}" for line in dict.fromkeys(lines)]
    if not spans:
        return {}
    try:
        out = git(root, "blame", "--line-porcelain", "--no-textconv", *spans, "--", path, seconds_max=seconds_max)
    except ToolFailed:  # not committed yet, gone, or not finished in time: nobody can be named
        return {}
    return dict(_blamed(out.text))


def _blamed(text: str) -> Iterable[tuple[int, Blamed]]:
    commit, number, author, seconds = "", 0, "", 0
    for line in text.split("\n"):
        if line.startswith("\t"):
            moment = datetime.fromtimestamp(min(seconds, 253_402_300_799), tz=UTC)
            yield number, Blamed(commit="" if not commit.strip("0") else commit[:7], author=author, at=moment)
        elif head := _BLAMED.match(line):
            commit, number = head["id"], int(head["line"])
        elif line.startswith("author "):
            author = line.removeprefix("author ")
        elif line.startswith("author-time ") and (told := _NUMBER.search(line)):
            seconds = int(told[0])
