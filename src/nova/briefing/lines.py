"""Makes a line out of a note, a run, a commit, a branch, an issue. Pure; knows words, refuses to choose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from nova.briefing.card import Line
from nova.briefing.facts import noted_at
from nova.core.citations import Citation
from nova.core.notes import Note, Source, SourceKind
from nova.core.text import printable, shorten
from nova.projects.sources.branches import Branch
from nova.projects.sources.commits import Commit
from nova.projects.sources.issues import Issue

TEXT_MAX, WHY_MAX = 280, 240
_DUE = re.compile(r"\b(?:by|until|before|on|at the latest on) (\d{4}-\d{2}-\d{2})\b", re.IGNORECASE)


def plain(text: str, length_max: int = TEXT_MAX) -> str:
    """Safe to show, on one line, not longer than that."""
    return shorten(printable(text), length_max)


def of_note(note: Note, mark: str = "", extra: Sequence[Citation] = ()) -> Line:
    """A note as it is kept, with all that it rests on."""
    places = [*map(cited, note.sources), *extra]
    return Line(
        text=plain(note.text),
        what="note",
        at=noted_at(note),
        sources=tuple(dict.fromkeys(places)) or (Citation(path=note.id),),
        note=note.id,
        why=plain(note.why, WHY_MAX),
        alternatives=tuple(plain(one, WHY_MAX) for one in note.alternatives),
        by=plain(note.by, 60),
        mark=plain("; ".join(filter(None, [_from_when(note), mark]))),
        trusted=note.label.trusted,
    )


def _from_when(note: Note) -> str:
    """Said for what holds only from a later day on."""
    later = note.valid_from.date() > note.recorded_at.date()
    return f"from {note.valid_from:%Y-%m-%d} on" if later else ""


def cited(source: Source) -> Citation:
    """Where a source stands: a file with its line, or the id of a run or commit, or an address."""
    has_line = source.kind in (SourceKind.FILE, SourceKind.IMPORT)
    return Citation(path=source.ref, line=source.line) if has_line else Citation(path=source.ref or str(source))


def of_commit(commit: Commit, branch: str = "") -> Line:
    """A commit: its subject, who made it, why."""
    return Line(
        text=plain(commit.subject),
        what="commit",
        at=commit.at,
        sources=(Citation(path=commit.id),),
        why=plain(commit.reason, WHY_MAX),
        by=plain(commit.author, 60),
        mark=f"on {branch}" if branch else "",
    )


def of_branch(branch: Branch) -> Line:
    """A branch that holds something main lacks."""
    count = f"{branch.ahead} commit{'s' * (branch.ahead != 1)} " if branch.ahead else ""
    text = f"Branch {branch.name} is not merged: {count}up to “{branch.subject}”"
    what = "remote branch" if branch.remote else "branch"
    return Line(
        text=plain(text), what=what, at=branch.at, sources=(Citation(path=branch.commit),), by=plain(branch.author, 60)
    )


def of_issue(issue: Issue, said: str, at: datetime | None = None, extra: Sequence[Citation] = ()) -> Line:
    """An issue by number and title, which may be a stranger's words. said: what became of it."""
    return Line(
        text=plain(f"#{issue.number} {issue.title}: {said}"),
        what="issue",
        at=at or day_start(issue.opened),
        sources=(Citation(path=issue.path, line=issue.line_of("status")), *extra),
        by=plain(issue.opened_by, 60),
        trusted=False,
    )


def day_start(day: date | None) -> datetime | None:
    """Midnight of a day that carries no zone."""
    return datetime.combine(day, time(), tzinfo=UTC) if day else None


def due_mark(text: str, now: datetime) -> str:
    """Whether the day that a text names (`by 2026-11-20`) is near or over; empty where it names none."""
    found = _DUE.search(text)
    try:
        day = date.fromisoformat(found[1]) if found else None
    except ValueError:
        return ""
    if day is None:
        return ""
    left = (day - now.date()).days
    if left < 0:
        return f"overdue for {-left} day{'s' * (left != -1)}"
    return "due today" if left == 0 else f"due in {left} day{'s' * (left != 1)}" if left <= 7 else ""


def age(at: datetime, now: datetime) -> str:
    """How long ago, in a person's words."""
    days = max(0, (now.date() - at.date()).days)
    match days:
        case 0:
            return "today"
        case 1:
            return "yesterday"
        case _ if days < 14:
            return f"{days} days ago"
        case _ if days < 61:
            return f"{days // 7} weeks ago"
        case _:
            return f"{days // 30} months ago"
