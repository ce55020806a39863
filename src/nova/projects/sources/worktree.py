"""What lies in the working folder and is in no commit: changed files, stashes, a merge half done. Reads, never writes.

Knows git's status output and the marks it leaves; refuses to know why something was left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath

from nova.core.errors import ToolFailed
from nova.projects.sources.commits import FORMAT, Commit, commits
from nova.projects.sources.repository import git, top_of

FILES_MAX = 1_000


class FileState(StrEnum):
    """How a file differs from the last commit."""

    STAGED = "staged"
    CHANGED = "changed"
    UNTRACKED = "untracked"
    CONFLICT = "in conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """A file that differs from the last commit. at: when it was last written; None for one that is gone."""

    path: str
    state: FileState
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTree:
    """The working folder. branch: empty when no branch is checked out; files: the one written last comes first.

    doing: what git is in the middle of (rebase, merge, cherry-pick, revert, bisect), empty for nothing.
    stashes: their messages, newest first. cut: there are more files than FILES_MAX.
    """

    branch: str
    commit: str
    upstream: str = ""
    ahead: int = 0
    behind: int = 0
    files: tuple[ChangedFile, ...] = ()
    stashes: tuple[str, ...] = ()
    doing: str = ""
    cut: bool = False

    @property
    def clean(self) -> bool:
        """Whether everything is committed."""
        return not self.files and not self.doing

    @property
    def newest(self) -> ChangedFile | None:
        """The changed file that was written last."""
        return next((file for file in self.files if file.at is not None), None)


def worktree(root: Path) -> WorkTree:
    """The state of the working folder below `root`. Raises ToolFailed."""
    options = ("--porcelain=v2", "--branch", "-z", "--untracked-files=normal", "--ignore-submodules=dirty")
    out = git(root, "status", *options, "--no-renames", "--", ".")
    records = out.text.split("\0")
    facts = dict(record[2:].split(" ", 1) for record in records if record.startswith("# ") and " " in record[2:])
    prefix = _prefix(root)
    files = [file for record in records if (file := _file(record, root, prefix)) is not None]
    ahead, behind = _numbers(facts.get("branch.ab", ""))
    return WorkTree(
        branch=facts.get("branch.head", "").replace("(detached)", ""),
        commit=facts.get("branch.oid", "").replace("(initial)", "")[:7],
        upstream=facts.get("branch.upstream", ""),
        ahead=ahead,
        behind=behind,
        files=tuple(sorted(files, key=_written, reverse=True)[:FILES_MAX]),
        stashes=_stashes(root),
        doing=_doing(root),
        cut=out.cut or len(files) > FILES_MAX,
    )


def _prefix(root: Path) -> str:
    top = top_of(root)
    below = PurePosixPath(root.relative_to(top).as_posix()) if top else PurePosixPath(".")
    return "" if below == PurePosixPath(".") else f"{below}/"


def _file(record: str, root: Path, prefix: str) -> ChangedFile | None:
    kind, _, rest = record.partition(" ")
    if kind == "?":
        path, state = rest, FileState.UNTRACKED
    elif kind == "1" and rest.count(" ") >= 7:
        path, state = rest.split(" ", 7)[7], FileState.CHANGED if rest[1] != "." else FileState.STAGED
    elif kind == "u" and rest.count(" ") >= 9:
        path, state = rest.split(" ", 9)[9], FileState.CONFLICT
    else:
        return None
    name = path.removeprefix(prefix)
    return ChangedFile(path=name, state=state, at=_mtime(root / name))


def _mtime(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, tz=UTC)
    except (OSError, ValueError, OverflowError):
        return None


def _written(file: ChangedFile) -> datetime:
    return file.at or datetime.min.replace(tzinfo=UTC)


def _numbers(ahead_behind: str) -> tuple[int, int]:
    parts = ahead_behind.replace("+", "").replace("-", "").split()
    return (int(parts[0]), int(parts[1])) if len(parts) == 2 else (0, 0)


def _stashes(root: Path) -> tuple[str, ...]:
    try:
        out = git(root, "log", "--walk-reflogs", "--format=%gs", "--max-count=50", "refs/stash", "--")
    except ToolFailed:  # no stash
        return ()
    return tuple(out.text.splitlines())


_MARKS = (
    ("rebase-merge", "rebase"), ("rebase-apply", "rebase"), ("MERGE_HEAD", "merge"),
    ("CHERRY_PICK_HEAD", "cherry-pick"), ("REVERT_HEAD", "revert"), ("BISECT_LOG", "bisect"),
)  # fmt: skip


def _doing(root: Path) -> str:
    try:
        folder = Path(git(root, "rev-parse", "--absolute-git-dir").text.rstrip("\n"))
        return next((word for mark, word in _MARKS if (folder / mark).exists()), "")
    except (ToolFailed, OSError):  # no mark can be seen: then nothing is said to be half done
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """The file that was worked on last. commit: the one that holds it; None while it is in no commit."""

    path: str
    at: datetime
    commit: Commit | None = None
    branch: str = ""


def last_touched(root: Path, work: WorkTree, now: datetime) -> Touched | None:
    """What was worked on last: the newest uncommitted file, or the most changed file of the newest commit.

    Looks at all local branches but Nova's own (`nova/...`). A file's time after `now` (a clock that went backwards)
    counts as `now`.
    """
    written = work.newest
    last = _last_commit(root, work.branch)
    if written is not None and written.at is not None and (last is None or written.at >= last.at):
        return Touched(path=written.path, at=min(written.at, now), branch=work.branch)
    return last


_BRANCHES = ("--exclude=nova/*", "--branches")


def _last_commit(root: Path, head: str) -> Touched | None:
    form = f"--format=%S{FORMAT}"
    asked = ("--max-count=1", "--no-merges", "--source", form, "-z", "--numstat", "--relative", "--no-renames")
    try:
        out = git(root, "log", *asked, "--no-ext-diff", "--no-textconv", "HEAD", *_BRANCHES, "--", ".").text
    except ToolFailed:  # no commit yet
        return None
    found = commits(out)
    if not found:
        return None
    rows = _counted(found[0].files)
    path = max(rows, key=lambda row: (not _side(row[0]), row[1]), default=("", 0))[0]
    commit = replace(found[0], files=tuple(name for name, _ in rows))
    source = out.partition("\0")[0]
    return Touched(
        path=path, at=commit.at, commit=commit, branch=source.removeprefix("refs/heads/") if source != "HEAD" else head
    )


def _counted(rows: Sequence[str]) -> list[tuple[str, int]]:
    """Paths with their changed lines, from git's `added TAB removed TAB path`; a binary file counts none."""
    parts = [row.split("\t", 2) for row in rows]
    return [(path, sum(int(one) for one in counts if one.isdigit())) for *counts, path in parts if len(counts) == 2]


def _side(path: str) -> bool:
    """Files that every change touches beside what it is about."""
    name = PurePosixPath(path).name.casefold()
    return name.startswith(("changelog", "news", "history.")) or name.endswith((".lock", "-lock.json"))
