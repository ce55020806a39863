"""A project's own history as notes, the minute it is added: with no model, and the same notes when read again.

Knows the order in which the past is read and what it may cost; refuses to keep anything (see nova.memory.notes).
What each source says is read in `nova.memory.past`: rules with their known mistakes stand there, in `past.rulings`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias, TypeVar

from nova.core.errors import Problem, ToolFailed
from nova.core.labels import Scope
from nova.core.notes import Note, SourceKind
from nova.memory.past.commits import branch_notes, commit_notes, of_branch
from nova.memory.past.decisions import decision_notes
from nova.memory.past.files import page_notes, release_notes, rule_notes, todo_notes
from nova.memory.past.ground import Ground, Limits
from nova.memory.past.issues import issue_notes
from nova.projects.definition import Project
from nova.projects.sources.branches import branches
from nova.projects.sources.changelog import changelog
from nova.projects.sources.commits import Commit
from nova.projects.sources.decisions import decisions
from nova.projects.sources.files import files_of
from nova.projects.sources.git import Commits, State, commits, standing
from nova.projects.sources.guidance import guidance
from nova.projects.sources.issues import issues
from nova.projects.sources.todos import todos
from nova.projects.sources.worktree import worktree

DAYS_PER_MONTH = 31
T = TypeVar("T")
_ISSUE_FOLDERS = ("issues", "docs/issues", ".issues")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One source and what came of it. count: records, commits, issues, ... that were read; notes: made from them.

    unread: why it was not read, or not to its end, with what to do about it; empty when all of it was.
    """

    source: str
    count: int
    notes: int
    unread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The notes, older ones first and what is superseded before what supersedes it, and how the reading went.

    since: commit messages before it were not read.
    """

    since: datetime
    notes: tuple[Note, ...]
    readings: tuple[Reading, ...]
    problems: tuple[Problem, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing was left out: only then does a note that is missing mean that its source is gone."""
        return not any(reading.unread for reading in self.readings)


def notes_of_history(
    root: Path, project: Project, scope: Scope, now: datetime, months: int = 3, limits: Limits | None = None
) -> History:
    """What the history of a project's folder says, as notes of `scope.own`. Never raises for what lies in the folder.

    months: how far back commit messages are read; decision records, issues and files count whatever their age.
    An id is made from scope, project, path or commit, and heading: reading again makes the same notes, and an edited
    record the same note with other words. Every note has sources with a quote and its fingerprint.
    """
    where = standing(root)
    spent = limits or Limits()
    ground = Ground(
        root=root, project=project.name, scope=scope.own, now=now, limits=spent,
        since=now - timedelta(days=DAYS_PER_MONTH * months), ends=time.monotonic() + spent.seconds_max,
    )  # fmt: skip
    tally = _Tally(ground)
    if where.what:
        tally.note_unread("git", f"{where.what} {where.mend}")
    if where.state is State.MISSING:
        return tally.history()
    tally.ground = ground = replace(ground, names=_names(tally))
    recent = tally.try_to("git log", lambda: commits(root, count_max=spent.commits_max)) if where.readable else None
    found = decisions(root, ground.names, spent.records_max)
    tally.problems += found.problems
    if recent is not None:
        tally.ground = ground = _with_commits(tally, recent, [record.path for record in found.records])
    paths = frozenset(record.path for record in found.records)
    tally.take("decision records", lambda: (found.records, decision_notes(ground, found.records), found.cut))
    if recent is not None:
        tally.take("commit messages", lambda: _of_commits(ground, recent, paths))
        tally.take("branches", lambda: _of_branches(ground))
    tally.take("issues", lambda: _of_issues(ground, project))
    tally.take("guidance", lambda: _of_guidance(tally))
    tally.take("to-dos", lambda: _of_todos(ground))
    tally.take("changelog", lambda: _of_changelog(ground))
    tally.take("pages", lambda: _of_pages(tally, project, paths))
    return tally.history()


def settled(history: History, known: Iterable[Note], now: datetime) -> tuple[Note, ...]:
    """Open notes that an earlier reading made and this one no longer finds: done, merged or struck out.

    known: the project's notes as they are kept. Empty unless the reading was whole. Record what comes back.
    """
    if not history.whole:
        return ()
    found = {note.id for note in history.notes}
    return tuple(
        replace(note, valid_to=max(now, note.valid_from))
        for note in known
        if note.open and note.id not in found and note.sources and _from_history(note, history.since)
    )


def _from_history(note: Note, since: datetime) -> bool:
    """Only files and commits with a fingerprint, and a project: what people said in a run has the run as a source.

    A message that has grown too old to be read again leaves open what it left open.
    """
    first = note.sources[0]
    if first.kind is SourceKind.COMMIT and first.at < since and not of_branch(note):
        return False
    return bool(note.project) and all(
        one.kind in (SourceKind.FILE, SourceKind.COMMIT) and bool(one.fingerprint) for one in note.sources
    )


_Step: TypeAlias = "tuple[Sequence[object], Iterable[Note], bool]"  # what was read, its notes, whether a limit cut it


@dataclass(slots=True)
class _Tally:
    """What has been read so far, and how that went."""

    ground: Ground
    notes: list[Note] = field(default_factory=list[Note])
    readings: list[Reading] = field(default_factory=list[Reading])
    problems: list[Problem] = field(default_factory=list[Problem])

    def note_unread(self, source: str, why: str) -> None:
        """Something was not read."""
        self.readings.append(Reading(source=source, count=0, notes=0, unread=why))

    def try_to(self, source: str, step: Callable[[], T]) -> T | None:
        """What a step gives; None, with a reading that says why, when git refuses."""
        try:
            return step()
        except ToolFailed as failure:
            self.note_unread(source, str(failure))
            return None

    def take(self, source: str, step: Callable[[], _Step]) -> None:
        """One source, unless time is up."""
        spent = self.ground.limits
        if self.ground.seconds_left <= 0:
            self.note_unread(source, f"Time was up: seconds_max is {spent.seconds_max:g} for the whole history.")
            return
        if (done := self.try_to(source, step)) is None:
            return
        read, made, cut = done
        fresh = list(made)
        self.notes += fresh
        unread = f"Only the first {len(read):,} were read: a limit of count, time or size was reached." if cut else ""
        self.readings.append(Reading(source=source, count=len(read), notes=len(fresh), unread=unread))

    def history(self) -> History:
        """The end of the reading. Two notes with one id cannot be: the same words twice in a file are one note."""
        notes = tuple({note.id: note for note in self.notes}.values())
        return History(
            since=self.ground.since, notes=notes, readings=tuple(self.readings), problems=tuple(self.problems)
        )


_PROSE = frozenset({"", ".md", ".markdown", ".txt"})


def _names(tally: _Tally) -> tuple[str, ...]:
    """The project's texts; code is looked at by git alone."""
    spent = tally.ground.limits
    names = files_of(tally.ground.root, _PROSE)
    if len(names) > spent.files_max:
        tally.note_unread("files", f"There are {len(names):,} texts; files_max is {spent.files_max:,}.")
    return tuple(names[: spent.files_max])


def _with_commits(tally: _Tally, recent: Commits, paths: Sequence[str]) -> Ground:
    """Which commit touched which path first and last; older ones are asked for where the log was cut off."""
    ground = tally.ground
    found = list(recent.commits)
    if recent.cut and paths:
        older = tally.try_to("git log of records", lambda: commits(ground.root, paths=paths))
        known = {commit.id for commit in found}
        found += [commit for commit in older.commits if commit.id not in known] if older else []
    last: dict[str, Commit] = {}
    first: dict[str, Commit] = {}
    for commit in found:
        for path in commit.files:
            last.setdefault(path, commit)
            first[path] = commit
    work = tally.try_to("working folder", lambda: worktree(ground.root))
    return replace(
        ground, last=last, first=first, authors=frozenset(commit.author for commit in found),
        dirty=frozenset(file.path for file in work.files) if work else frozenset(),
    )  # fmt: skip


def _of_commits(ground: Ground, recent: Commits, paths: frozenset[str]) -> _Step:
    young = [commit for commit in recent.commits if commit.at >= ground.since]
    return young, commit_notes(ground, young, paths), recent.cut and len(young) == len(recent.commits)


def _of_branches(ground: Ground) -> _Step:
    found = branches(ground.root, ground.limits.branches_max, ground.seconds_left)
    return found.branches, branch_notes(ground, found.unmerged), found.cut


def _of_issues(ground: Ground, project: Project) -> _Step:
    found = [issue for folder in _issue_folders(ground, project) for issue in issues(ground.root, folder, ground.names)]
    kept = found[: ground.limits.issues_max]
    return kept, issue_notes(ground, kept), len(found) > len(kept)


def _issue_folders(ground: Ground, project: Project) -> list[str]:
    """The folder that the project's file names, else those that are customary."""
    if project.issues is not None and project.issues.is_relative_to(ground.root):
        return [project.issues.relative_to(ground.root).as_posix()]
    return list(_ISSUE_FOLDERS)


def _of_guidance(tally: _Tally) -> _Step:
    found = guidance(tally.ground.root, tally.ground.names, tally.ground.limits.rules_max)
    tally.problems += found.problems
    return found.rules, rule_notes(tally.ground, found.rules), found.cut


def _of_todos(ground: Ground) -> _Step:
    found = todos(ground.root, todos_max=ground.limits.todos_max, seconds_max=min(10.0, ground.seconds_left))
    return found.todos, todo_notes(ground, found.todos), found.cut


def _of_changelog(ground: Ground) -> _Step:
    releases = changelog(ground.root, ground.names)
    return releases, release_notes(ground, releases), False


def _of_pages(tally: _Tally, project: Project, paths: frozenset[str]) -> _Step:
    ground = tally.ground
    prefixes = tuple(f"{folder}/" for folder in _issue_folders(ground, project))
    skipped = paths | {name for name in ground.names if name.startswith(prefixes)}
    found, read, cut = page_notes(ground, skipped)
    return range(read), found, cut
