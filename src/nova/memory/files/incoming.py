"""Everything that a folder of memory holds, read with its problems: Nova's own files and those of other tools.

Knows which file is whose; refuses to know what the home has already, and stores nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from nova.core.errors import BadFiles, Problem
from nova.core.labels import HOME
from nova.core.notes import Note, NoteKind
from nova.memory.files import manifest
from nova.memory.files.foreign import read_foreign
from nova.memory.files.gathering import Foreign
from nova.memory.files.origins import Origin, origin_of, sniffed
from nova.memory.files.places import CONVERSATIONS
from nova.memory.files.reading import Ground, NoteFile, read_note
from nova.memory.files.texts import text_of
from nova.memory.files.transcripts import TRANSCRIPT_BYTES_MAX, Transcript, is_transcript, read_transcript
from nova.memory.files.walk import Limits, Walked, walk

_KINDS = frozenset(kind.value for kind in NoteKind)
_OWN_NAME = re.compile(r".*-n[0-9a-hjkmnp-tv-z]{10}\.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a folder is read. scopes: those of this home, each with its project's name (the home's own with none).

    into: the scope that everything is taken into, empty for where it says; usual: the scope of what says none (another
    tool's files); trust: whether other tools' notes count as confirmed at once.
    """

    now: datetime
    scopes: Mapping[str, str]
    into: str = ""
    usual: str = HOME
    trust: bool = False
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True)
class Incoming:
    """What was read. problems: files that could not be taken as they are; skipped: what is no memory, with why."""

    root: Path
    own: list[NoteFile] = field(default_factory=list[NoteFile])
    foreign: list[Note] = field(default_factory=list[Note])
    transcripts: list[Transcript] = field(default_factory=list[Transcript])
    problems: list[Problem] = field(default_factory=list[Problem])
    skipped: list[Problem] = field(default_factory=list[Problem])


def read_all(place: Path, reading: Reading, seen: Callable[[int], None] | None = None) -> Incoming:
    """The memory that lies in a folder or file. seen: told how many files were looked at, and then read, so far.

    Broken files are listed and the others come in. Raises BadInput when there is no such place, LimitReached when it
    holds more than is read; nothing was read then.
    """
    walked = walk(place, reading.limits, _wanted, seen)
    incoming = Incoming(walked.root, skipped=walked.skipped)
    roots = {str(PurePosixPath(path).parent) for path in walked.files if path.endswith(manifest.NAME)}
    alone = place.is_file()
    foreign = Foreign(
        root=walked.root,
        now=reading.now,
        into=reading.into or reading.usual,
        project=reading.scopes.get(reading.into or reading.usual, ""),
        trust=reading.trust,
    )
    for number, path in enumerate(path for path in walked.files if not path.endswith(manifest.NAME)):
        if _own(path, roots):
            _read_own(incoming, walked, path, reading)
        else:
            _read_other(incoming, walked, path, reading, foreign, alone=alone)
        if seen and number % 100 == 99:
            seen(number + 1)
    incoming.foreign = foreign.notes()
    incoming.skipped += foreign.skipped
    if foreign.others:
        what = f"{foreign.others:,} Markdown files here are no memory of a tool that Nova knows."
        mend = "To take one in all the same, name the file itself."
        incoming.skipped.append(Problem(file=str(walked.root), line=0, what=what, mend=mend))
    return incoming


def _wanted(path: str) -> bool:
    return path.lower().endswith(".md") or path.rpartition("/")[2] == manifest.NAME


def _own(path: str, roots: set[str]) -> bool:
    """Whether it lies where an export puts its files, or is called as they are."""
    pure = PurePosixPath(path)
    if _OWN_NAME.fullmatch(pure.name):
        return True
    within = len(pure.parts) >= 3 and (pure.parent.name in _KINDS or pure.parent.name == CONVERSATIONS)
    return within and str(PurePosixPath(*pure.parts[:-3])) in roots


def _read_own(incoming: Incoming, walked: Walked, path: str, reading: Reading) -> None:
    shown = str(walked.root / path)
    try:
        _sort_own(incoming, text_of(walked.root / path, shown, TRANSCRIPT_BYTES_MAX), path, shown, reading)
    except BadFiles as error:
        incoming.problems += error.problems


def _sort_own(incoming: Incoming, text: str, path: str, shown: str, reading: Reading) -> None:
    if is_transcript(text):
        incoming.transcripts.append(read_transcript(text, shown))
    else:
        incoming.own.append(read_note(text, shown, _ground(path, reading)))


def _ground(path: str, reading: Reading) -> Ground:
    """What the folders say of a file by hand: SCOPE/KIND/NAME.md."""
    parts = PurePosixPath(path).parts
    scope = reading.into or (parts[-3] if len(parts) >= 3 and parts[-3] in reading.scopes else reading.usual)
    kind = NoteKind(parts[-2]) if len(parts) >= 2 and parts[-2] in _KINDS else NoteKind.FACT
    return Ground(now=reading.now, scope=scope, kind=kind, project=reading.scopes.get(scope, ""))


def _read_other(
    incoming: Incoming, walked: Walked, path: str, reading: Reading, foreign: Foreign, *, alone: bool
) -> None:
    shown = str(walked.root / path)
    origin = origin_of(path, walked.files)
    try:
        text = text_of(walked.root / path, shown, reading.limits.file_bytes_max)
    except BadFiles as error:
        incoming.skipped += error.problems
        return
    origin = sniffed(text, origin, alone=alone)
    if origin is Origin.NOVA:
        try:
            _sort_own(incoming, text, path, shown, reading)
        except BadFiles as error:
            incoming.problems += error.problems
    else:
        read_foreign(foreign, text, path, origin, walked.files[path].st_mtime)
