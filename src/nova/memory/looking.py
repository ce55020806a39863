"""Looking at the places a note rests on: the file's words, the commit on the main branch, the page.

Knows how each kind of source is looked at again; refuses to go to the network by itself (pages are fetched by a
function that is handed in) and to change any note.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from nova.core.errors import ToolFailed
from nova.core.notes import Note, Source, SourceKind
from nova.projects.sources.files import fingerprint, read_named
from nova.projects.sources.git import CommitPlace, commit_on_main

FILES_REMEMBERED = 512
PLACES_REMEMBERED = 8_192
Grounds: TypeAlias = Mapping[str, Path]
Fetch: TypeAlias = "Callable[[str], str]"


class Verdict(StrEnum):
    """What looking again has shown."""

    HOLDS = "holds"
    MOVED = "moved"  # the words stand at another line now
    CHANGED = "changed"  # the place no longer says it
    GONE = "gone"  # the file or commit is not there any more
    UNREACHABLE = "unreachable"  # could not be looked at
    OVERDUE = "overdue"  # nothing to look at; so old that somebody should


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One note looked at again. why: in words, with the source."""

    note: Note
    verdict: Verdict
    why: str


def look(note: Note, grounds: Grounds, fetch: Fetch | None = None) -> Checked | None:
    """What its sources show; None when it has none that can be looked at.

    A file that was edited speaks louder than the commit that once wrote it; of several files one that holds is enough,
    of several places in one file all must hold.
    """
    looked = [(source, shown) for source in note.sources if (shown := _look(note, source, grounds, fetch)) is not None]
    if not looked:
        return None
    files = [(source, shown) for source, shown in looked if source.kind is not SourceKind.COMMIT]
    _, (verdict, why) = _best(files or looked)
    return Checked(note=note, verdict=verdict, why=why)


_BADNESS = (Verdict.HOLDS, Verdict.MOVED, Verdict.CHANGED, Verdict.GONE, Verdict.UNREACHABLE, Verdict.OVERDUE)
_Looked: TypeAlias = tuple[Source, tuple[Verdict, str]]


def _best(looked: Sequence[_Looked]) -> _Looked:
    """The file that says most of it still; for each file its worst place counts."""

    def badness(one: _Looked) -> int:
        return _BADNESS.index(one[1][0])

    worst: dict[tuple[str, str], _Looked] = {}
    for one in looked:
        place = (one[0].project, one[0].ref)
        worst[place] = max(worst.get(place, one), one, key=badness)
    return min(worst.values(), key=badness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """A file that no longer says what a note rests on. since: when it was changed; None for one that is gone."""

    why: str
    since: datetime | None


def stale(note: Note, grounds: Grounds) -> Stale | None:
    """Why its file no longer says it, None when it does or cannot be looked at. A file is read once a change."""
    files = [source for source in note.sources if source.kind is SourceKind.FILE and source.fingerprint]
    if not files or any(source.kind in (SourceKind.OWNER, SourceKind.RUN) for source in note.sources):
        return None
    looked = [(source, shown) for source in files if (shown := _look_file(note, source, grounds)) is not None]
    if not looked:
        return None
    source, (verdict, why) = _best(looked)
    if verdict not in (Verdict.CHANGED, Verdict.GONE):
        return None
    return Stale(why=why, since=_changed_at(grounds[source.project or note.project] / source.ref))


def _changed_at(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None


def _look(note: Note, source: Source, grounds: Grounds, fetch: Fetch | None) -> tuple[Verdict, str] | None:
    match source.kind:
        case SourceKind.FILE:
            return _look_file(note, source, grounds)
        case SourceKind.COMMIT:
            return _look_commit(note, source, grounds)
        case SourceKind.URL:
            return _look_page(source, fetch)
        case SourceKind.RUN | SourceKind.OWNER | SourceKind.IMPORT:
            return None


def _look_file(note: Note, source: Source, grounds: Grounds) -> tuple[Verdict, str] | None:
    root = grounds.get(source.project or note.project)
    if root is None or not source.fingerprint:
        return None
    place = f"{source.ref}:{source.line}" if source.line else source.ref
    try:
        stamp = (root / source.ref).stat()
    except FileNotFoundError:
        return Verdict.GONE, f"{source.ref} is not there any more"
    except (OSError, ValueError) as error:
        return Verdict.UNREACHABLE, f"{source.ref} cannot be read: {error}"
    version = (str(root), source.ref, stamp.st_mtime_ns, stamp.st_size)
    if _lines(*version) is None:
        return Verdict.UNREACHABLE, f"{source.ref} cannot be read as text"
    found = _where(*version, source.line, source.quote.count("\n") + 1, source.fingerprint)
    if found == 0:
        return Verdict.CHANGED, f"{place} no longer says “{source.quote[:80]}”"
    if found != source.line and source.line:
        return Verdict.MOVED, f"{source.ref} says it at line {found} now"
    return Verdict.HOLDS, f"{place} says so"


@lru_cache(maxsize=FILES_REMEMBERED)
def _lines(root: str, relative: str, changed_ns: int, size: int) -> tuple[str, ...] | None:
    """The lines of a file as it is at that time of change; read once."""
    del changed_ns, size
    try:
        return read_named(Path(root), relative).lines
    except ToolFailed:
        return None


@lru_cache(maxsize=PLACES_REMEMBERED)
def _where(root: str, relative: str, changed_ns: int, size: int, line: int, count: int, wanted: str) -> int:
    """The line where the words stand now: where they stood, else anywhere; 0 when they are gone. Sought once."""
    lines = _lines(root, relative, changed_ns, size) or ()
    starts = [line - 1, *range(len(lines))] if line else list(range(len(lines)))
    for start in starts:
        if 0 <= start < len(lines) and fingerprint("\n".join(lines[start : start + count])) == wanted:
            return start + 1
    return 0


def _look_commit(note: Note, source: Source, grounds: Grounds) -> tuple[Verdict, str] | None:
    root = grounds.get(source.project or note.project)
    if root is None:
        return None
    match commit_on_main(root, source.ref):
        case CommitPlace.ON_MAIN:
            return Verdict.HOLDS, f"{source.ref} is on the main branch"
        case CommitPlace.ELSEWHERE:
            return Verdict.CHANGED, f"{source.ref} is not on the main branch"
        case CommitPlace.GONE:
            return Verdict.GONE, f"there is no commit {source.ref} any more"
        case CommitPlace.UNKNOWN:
            return Verdict.UNREACHABLE, f"{source.ref} cannot be looked up"


def _look_page(source: Source, fetch: Fetch | None) -> tuple[Verdict, str] | None:
    if fetch is None or not source.fingerprint:
        return None
    try:
        text = fetch(source.ref)
    except OSError as error:
        return Verdict.UNREACHABLE, f"{source.ref} could not be read: {error}"
    same = fingerprint(text) == source.fingerprint or (source.quote and source.quote in text)
    return (Verdict.HOLDS, f"{source.ref} says so") if same else (Verdict.CHANGED, f"{source.ref} has changed")
