"""Looks into a project's folder: git's state and history, issues, files that notes rest on. Reads in parallel threads.

Everything ends: counts and seconds have limits, and what could not be read is told, never left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from nova.briefing.facts import Groundwork, IssueChange, Made, Place, Trouble
from nova.core.errors import ToolFailed
from nova.core.notes import Note, SourceKind
from nova.projects.sources.branches import Branch, branches
from nova.projects.sources.commits import Commit
from nova.projects.sources.files import Content, read_named
from nova.projects.sources.git import State, commits, file_at, standing
from nova.projects.sources.issues import Issue, issue_of, issues
from nova.projects.sources.worktree import last_touched, worktree

SECONDS_MAX = 8.0
COMMITS_MAX, BRANCH_COMMITS_MAX, BRANCHES_MAX, BRANCHES_READ_MAX = 500, 50, 30, 5
ISSUES_COMPARED_MAX = 20
QUOTES_MAX = 100
BACK_MAX = timedelta(days=120)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Looks:
    """Collects what went wrong on the way."""

    troubles: list[Trouble] = field(default_factory=list[Trouble])

    def attempt(self, work: Callable[[], _T], otherwise: _T) -> _T:
        """What a reading gives; where it fails, the trouble is kept and `otherwise` given back."""
        try:
            return work()
        except ToolFailed as failure:
            self.troubles.append(Trouble(what=failure.what, mend=failure.mend))
        except OSError as problem:
            self.troubles.append(Trouble(what=f"{problem.filename} cannot be read: {problem.strerror}."))
        return otherwise


def look(place: Place, since: datetime, back: datetime, now: datetime, resting: Sequence[Note]) -> Groundwork:
    """What lies in a project's folder. since: where “changed” begins; back: the oldest commit that is asked for.

    resting: notes whose files are looked into. Never raises for what git or the disk refuse: that is a trouble.
    """
    root = place.root
    if root is None:
        return Groundwork()
    stands = standing(root)
    if stands.state is State.MISSING:
        return Groundwork(troubles=(Trouble(what=stands.what, mend=stands.mend),))
    looks = _Looks()
    with ThreadPoolExecutor(max_workers=3) as threads:
        told = threads.submit(looks.attempt, lambda: _issues(root, place.issues), ())
        gone = threads.submit(_gone, root, resting)
        if not stands.readable:
            looks.troubles.append(Trouble(what=stands.what, mend=stands.mend))
            work = looks.attempt(lambda: worktree(root), None) if stands.state is State.EMPTY else None
            touched = last_touched(root, work, now) if work else None
            found = told.result()
            return Groundwork(
                work=work, touched=touched, issues=found, gone=gone.result(), troubles=tuple(looks.troubles)
            )
        made = threads.submit(_history, looks, root, since, max(back, now - BACK_MAX))
        work = looks.attempt(lambda: worktree(root), None)
        touched = looks.attempt(lambda: last_touched(root, work, now), None) if work else None
        known, history, cut = made.result()
        changed = _issue_changes(root, told.result(), [one for one in history if one.commit.at >= since])
        return Groundwork(
            work=work,
            touched=touched,
            branches=known,
            commits=tuple(history),
            commits_cut=cut,
            issues=told.result(),
            issue_changes=tuple(changed),
            gone=gone.result(),
            troubles=tuple(looks.troubles),
        )


def _history(looks: _Looks, root: Path, since: datetime, back: datetime) -> tuple[tuple[Branch, ...], list[Made], bool]:
    """Branches, and the commits of the one that is checked out and of those that it does not hold."""
    from_day = min(since, back)
    found = looks.attempt(lambda: branches(root, BRANCHES_MAX, SECONDS_MAX), None)
    known = found.branches if found else ()
    own = looks.attempt(lambda: commits(root, from_day, COMMITS_MAX, seconds_max=SECONDS_MAX), None)
    here = next((branch.name for branch in known if branch.current), "")
    made = {one.id: Made(commit=one, branch=here) for one in (own.commits if own else ())}
    elsewhere = [branch for branch in known if not branch.current and (branch.main or not branch.merged)]
    for branch in elsewhere[:BRANCHES_READ_MAX]:
        more = looks.attempt(lambda at=branch.commit: _beyond(root, at, from_day), ())
        made |= {one.id: Made(commit=one, branch=branch.name) for one in more if one.id not in made}
    history = sorted(made.values(), key=lambda one: one.commit.at, reverse=True)
    return known, history, bool(own and own.cut)


def _beyond(root: Path, at: str, since: datetime) -> tuple[Commit, ...]:
    return commits(root, since, BRANCH_COMMITS_MAX, of=f"HEAD..{at}", seconds_max=SECONDS_MAX).commits


def _issues(root: Path, folder: str) -> tuple[Issue, ...]:
    return issues(root, folder) if folder else ()


def _issue_changes(root: Path, known: Sequence[Issue], history: Sequence[Made]) -> Iterable[IssueChange]:
    """What the commits since then did to the issues: opened, closed, given another status."""
    by_path = {issue.path: issue for issue in known}
    touched: dict[str, list[Commit]] = {}
    for one in history:
        for path in one.commit.files:
            if path in by_path:
                touched.setdefault(path, []).append(one.commit)
    for path, changes in list(touched.items())[:ISSUES_COMPARED_MAX]:
        before = _before(root, path, changes[-1].id)
        now = by_path[path]
        was = before.status if before else ""
        if was.casefold() != now.status.casefold():
            yield IssueChange(issue=now, was=was, at=changes[0].at, commit=changes[0].id)


def _before(root: Path, path: str, commit: str) -> Issue | None:
    """The issue as it was before a commit; None when it was not there."""
    try:
        text = file_at(root, f"{commit}~1", path)
    except ToolFailed:  # the first commit of all has nothing before it
        return None
    return issue_of(Content(path=path, lines=tuple(text.splitlines()), cut=False)) if text is not None else None


def _gone(root: Path, resting: Sequence[Note]) -> frozenset[tuple[str, str]]:
    """The quotes that their files do not hold any more. A file that cannot be read says nothing."""
    wanted: dict[str, set[str]] = {}
    for note in resting[:QUOTES_MAX]:
        for source in note.sources:
            if source.kind is SourceKind.FILE and source.quote:
                wanted.setdefault(source.ref, set()).add(source.quote)
    return frozenset((path, quote) for path, quotes in wanted.items() for quote in _absent(root, path, quotes))


def _absent(root: Path, path: str, quotes: Iterable[str]) -> list[str]:
    if not (root / path).exists():
        return list(quotes)
    try:
        text = " ".join(" ".join(read_named(root, path).lines).split())
    except (ToolFailed, OSError):
        return []
    return [quote for quote in quotes if " ".join(quote.split()) not in text]
