"""What every reader of a project's history shares: where it stands, what may be spent, and how a note is made there.

Knows that a note needs a place, a moment and words that stay; refuses to know what any one source says.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nova.core.ids import id_of
from nova.core.labels import Label
from nova.core.notes import Note, NoteKind, Source, SourceKind
from nova.core.text import printable, shorten
from nova.projects.sources.commits import Commit
from nova.projects.sources.files import Quote, quote

TEXT_CHARACTERS_MAX = 360
WHY_CHARACTERS_MAX = 700
ALTERNATIVE_CHARACTERS_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What reading a history may cost. What a limit cuts off is named in the report.

    commits_max: of the last months; files_max: names that are looked at; bytes_max: of one file; seconds_max: in all.
    """

    commits_max: int = 2_000
    files_max: int = 50_000
    records_max: int = 300
    issues_max: int = 500
    todos_max: int = 100
    rules_max: int = 200
    branches_max: int = 30
    pages_max: int = 300
    bytes_max: int = 200_000
    seconds_max: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One project's history while it is read. since: older commits are not looked at for notes of their own.

    names: the project's files; last, first: the newest and the oldest commit that touched a path; dirty: paths that
    differ from the last commit; authors: everybody who committed; ends: when to stop, on the monotonic clock.
    """

    root: Path
    project: str
    scope: str
    now: datetime
    since: datetime
    limits: Limits
    ends: float
    names: tuple[str, ...] = ()
    last: Mapping[str, Commit] = field(default_factory=dict[str, Commit])
    first: Mapping[str, Commit] = field(default_factory=dict[str, Commit])
    dirty: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()

    @property
    def seconds_left(self) -> float:
        """What is left of seconds_max; never less than nothing."""
        return max(0.0, self.ends - time.monotonic())

    def id(self, *parts: str) -> str:
        """The id of a note by where it comes from: read twice it stays one note, edited it is the same note."""
        return id_of("n", self.scope, self.project, *parts)

    def note(self, id_: str, kind: NoteKind, text: str, at: datetime, *sources: Source, trusted: bool = True) -> Note:
        """A note of this project. at: since when it holds. The caller adds why, alternatives and status."""
        return Note(
            id=id_,
            scope=self.scope,
            kind=kind,
            text=said(text[:1].upper() + text[1:], TEXT_CHARACTERS_MAX),
            recorded_at=self.now,
            valid_from=min(at, self.now),
            label=Label(scopes=frozenset({self.scope}), trusted=trusted),
            project=self.project,
            sources=sources,
        )

    def from_file(self, path: str, words: Quote) -> Source:
        """A place in a file. at, commit: of the last commit that touched it; of the disk while it is not committed."""
        commit = None if path in self.dirty else self.last.get(path)
        return Source(
            kind=SourceKind.FILE,
            ref=path,
            at=commit.at if commit else written_at(self.root / path, self.now),
            line=words.line,
            commit=commit.id if commit else "",
            project=self.project,
            quote=words.text,
            fingerprint=words.fingerprint,
        )

    def author_of(self, path: str) -> str:
        """Who last committed a change of a file; empty while it is in no commit."""
        return self.last[path].author if path in self.last and path not in self.dirty else ""

    def from_commit(self, commit: Commit) -> Source:
        """A commit with its message."""
        words = quote([commit.subject, *(["", *commit.body.split("\n")] if commit.body else [])], 1)
        return Source(
            kind=SourceKind.COMMIT,
            ref=commit.id,
            at=commit.at,
            commit=commit.id,
            project=self.project,
            quote=words.text,
            fingerprint=words.fingerprint,
        )


def said(text: str, characters_max: int) -> str:
    """Words of a repository on one line, without what a terminal would obey, and no longer than they may be."""
    return shorten(printable(text), characters_max)


def sentences_that_fit(sentences: Iterable[str], characters_max: int) -> str:
    """As many whole sentences as there is room for; the first one always."""
    kept: list[str] = []
    for sentence in sentences:
        if kept and sum(map(len, kept)) + len(kept) + len(sentence) > characters_max:
            break
        kept.append(sentence)
    return " ".join(kept)


def written_at(path: Path, now: datetime) -> datetime:
    """When a file was last written, to the second; `now` where the disk cannot say or claims the future."""
    try:
        return min(datetime.fromtimestamp(int(path.lstat().st_mtime), tz=UTC), now)
    except (OSError, ValueError, OverflowError):
        return now
