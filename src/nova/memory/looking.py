"""Looking at the places a note rests on: the file's words, the commit on the main branch, the page.

Knows how each kind of source is looked at again; refuses to go to the network by itself (pages are fetched by a
function that is handed in) and to change any note.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from nova.core.errors import ToolFailed
from nova.core.notes import Note, Source, SourceKind
from nova.projects.sources.files import fingerprint, read_named
from nova.projects.sources.git import CommitPlace, commit_on_main

FILES_REMEMBERED = 512
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

    A file that was edited speaks louder than the commit that once wrote it; of several files one that holds is enough.
    """
    looked = [(source, shown) for source in note.sources if (shown := _look(note, source, grounds, fetch)) is not None]
    if not looked:
        return None
    files = [shown for source, shown in looked if source.kind is not SourceKind.COMMIT]
    verdict, why = min(files or [shown for _, shown in looked], key=lambda pair: _BADNESS.index(pair[0]))
    return Checked(note=note, verdict=verdict, why=why)


_BADNESS = (Verdict.HOLDS, Verdict.MOVED, Verdict.CHANGED, Verdict.GONE, Verdict.UNREACHABLE, Verdict.OVERDUE)


def stale(note: Note, grounds: Grounds) -> str:
    """Why its file no longer says it, empty when it does or cannot be looked at. A file is read once a change."""
    files = [source for source in note.sources if source.kind is SourceKind.FILE and source.fingerprint]
    if not files or any(source.kind in (SourceKind.OWNER, SourceKind.RUN) for source in note.sources):
        return ""
    looked = [shown for source in files if (shown := _look_file(note, source, grounds)) is not None]
    bad = [why for verdict, why in looked if verdict in (Verdict.CHANGED, Verdict.GONE)]
    return bad[0] if looked and len(bad) == len(looked) else ""


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
    lines = _lines(str(root), source.ref, stamp.st_mtime_ns, stamp.st_size)
    if lines is None:
        return Verdict.UNREACHABLE, f"{source.ref} cannot be read as text"
    found = _where(lines, source)
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


def _where(lines: Sequence[str], source: Source) -> int:
    """The line where the words stand now: where they stood, else anywhere; 0 when they are gone."""
    count = max(1, source.quote.count("\n") + 1)
    starts = [source.line - 1, *range(len(lines))] if source.line else list(range(len(lines)))
    for start in starts:
        if 0 <= start < len(lines) and fingerprint("\n".join(lines[start : start + count])) == source.fingerprint:
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
