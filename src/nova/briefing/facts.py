"""What a card is made of, gathered once: what git, the files, the record and the notes say. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nova.core.citations import Citation
from nova.core.conversations import Conversation
from nova.core.labels import HOME
from nova.core.limits import TreeLimits
from nova.core.notes import Note
from nova.core.reviews import Review
from nova.core.runs import Run
from nova.core.steps import Walk
from nova.projects.definition import Project
from nova.projects.sources.branches import Branch
from nova.projects.sources.commits import Commit
from nova.projects.sources.issues import Issue
from nova.projects.sources.worktree import Touched, WorkTree

DAYS = 14
EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A project as a card needs it. root: its folder, None for the home; issues: their folder below it, or empty."""

    name: str
    kind: str
    scope: str
    root: Path | None
    issues: str = ""


THE_HOME = Place(name=HOME, kind="home", scope=HOME, root=None)


def place_of(project: Project) -> Place:
    """Where a project's card is gathered."""
    root, issues = project.repository, ""
    if root is not None and project.issues is not None and project.issues.is_relative_to(root):
        issues = project.issues.relative_to(root).as_posix()
    return Place(name=project.name, kind=project.kind, scope=project.scope, root=root, issues=issues)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for. since: from when on, None for what is usual: the last visit, and `days` for decisions.

    days None: decisions of all times.
    without_run: the run that asks; it is no part of the past. silence_seconds: a run that is silent for longer stands.
    """

    since: datetime | None = None
    days: int | None = DAYS
    without_run: str = ""
    silence_seconds: float = TreeLimits().silence_seconds_max


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that could not be read: what, and what to do about it."""

    what: str
    mend: str = ""


def noted_at(note: Note) -> datetime:
    """When a note was said. What is to hold from a later day on was said before that day."""
    return min(note.valid_from, note.recorded_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What answered a question, in words, and where that stands."""

    text: str
    sources: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingOn:
    """A run that runs or waits for its turn. walk: its durable side, None without a plan; sign_at: its last event."""

    run: Run
    walk: Walk | None
    sign_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recollection:
    """What the store holds about one wall. runs: the owner's, newest first; conversations: theirs, by id.

    standing: notes that are active, unconfirmed or quarantined, newest first; past: superseded ones.
    conflicts: (newer note, older note, why). answers: what questions were answered by, by its id.
    talks: what the conversation of a run is called, by the run's id. reviews: those that wait, oldest first.
    failed: runs of whoever began them, newest first; going_on: what runs or is queued.
    """

    runs: tuple[Run, ...] = ()
    conversations: Mapping[str, Conversation] = field(default_factory=dict[str, Conversation])
    standing: tuple[Note, ...] = ()
    past: tuple[Note, ...] = ()
    conflicts: tuple[tuple[Note, Note, str], ...] = ()
    talks: Mapping[str, str] = field(default_factory=dict[str, str])
    answers: Mapping[str, Answered] = field(default_factory=dict[str, Answered])
    reviews: tuple[Review, ...] = ()
    failed: tuple[Run, ...] = ()
    going_on: tuple[GoingOn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A commit, and the branch it was found on."""

    commit: Commit
    branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueChange:
    """What became of an issue since the day that was asked for. was: its status before, empty when it was not there."""

    issue: Issue
    was: str
    at: datetime
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Groundwork:
    """What lies in the folder. work: None without git. gone: (path, quote) that a file no longer says.

    commits: newest first, of all branches that are not merged too.
    """

    work: WorkTree | None = None
    touched: Touched | None = None
    branches: tuple[Branch, ...] = ()
    commits: tuple[Made, ...] = ()
    commits_cut: bool = False
    issues: tuple[Issue, ...] = ()
    issue_changes: tuple[IssueChange, ...] = ()
    gone: frozenset[tuple[str, str]] = frozenset()
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that one card is decided from. visited_at: the end of the owner's last visit before this one."""

    place: Place
    now: datetime
    asked: Asked
    visited_at: datetime | None
    memory: Recollection
    ground: Groundwork
    troubles: tuple[Trouble, ...] = ()

    @property
    def since(self) -> datetime:
        """From when on something counts as changed."""
        return self.asked.since or self.visited_at or self.now - timedelta(days=self.asked.days or DAYS)

    def is_new(self, at: datetime) -> bool:
        """Whether something of that time counts as changed: from the day that was asked for on, or after the visit."""
        return at >= self.since if self.asked.since or not self.visited_at else at > self.since

    @property
    def decided_since(self) -> datetime:
        """From when on a decision is shown; EVER for all of them."""
        return self.asked.since or (EVER if self.asked.days is None else self.now - timedelta(days=self.asked.days))
