"""Notes of other tools as they are found, file after file. Knows duplicates; refuses to know whose files they are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from nova.core.errors import Problem
from nova.core.notes import Note

SOURCES_MAX = 20  # of one note; what stands in more places than that is no truer for it


@dataclass(slots=True)
class Foreign:
    """What was found in files of other tools so far. Guards: the same words twice are one note with both places.

    others: how many Markdown files are no memory of any tool that is known.
    """

    root: Path
    now: datetime
    into: str
    project: str
    trust: bool
    skipped: list[Problem] = field(default_factory=list[Problem])
    others: int = 0
    _found: dict[str, Note] = field(default_factory=dict[str, Note])
    _read: set[str] = field(default_factory=set[str])

    def notes(self) -> list[Note]:
        """The notes, in the order of their files."""
        return list(self._found.values())

    def add(self, note: Note) -> None:
        """One more note; known words only bring another source."""
        known = self._found.get(note.id)
        if known is None:
            self._found[note.id] = note
            return
        if len(known.sources) >= SOURCES_MAX:
            return
        places = {(one.ref, one.line): one for one in (*known.sources, *note.sources) if one.quote}
        places = {(one.ref, one.line): one for one in (*known.sources, *note.sources)} | places
        self._found[note.id] = replace(known, sources=tuple(places.values()))

    def skip(self, path: str, line: int, what: str, mend: str = "") -> None:
        """What was left out, and why."""
        self.skipped.append(Problem(file=str(self.root / path), line=line, what=what, mend=mend))

    def first_time(self, path: str) -> bool:
        """Whether this file was not read yet; an imported file is read once, however many name it."""
        if path in self._read:
            return False
        self._read.add(path)
        return True
