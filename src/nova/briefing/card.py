"""A resume card as a value: lines with their sources, in parts. Knows no rule; refuses to know who shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nova.core.citations import Citation


class Part(StrEnum):
    """What a line of a card answers. The order is the order in which people read."""

    LEFT_OFF = "left-off"  # the last conversation, the last file, the last run
    UNCOMMITTED = "uncommitted"
    NEXT = "next"  # what somebody said comes next, the last said first
    SIGNS = "signs"  # weaker than a word: branches that are not merged, boxes without a tick
    DONE = "perhaps-done"  # said to come next; something later looks as if it was done
    OPEN = "open"  # questions, the oldest first
    PERHAPS_ANSWERED = "perhaps-answered"  # asked once; something said later looks like the answer
    ANSWERED = "answered"  # questions that something has answered, the last answered first
    WAITING = "waiting"
    DECISIONS = "decisions"
    CHANGED = "changed"
    SUPERSEDED = "superseded"
    NEEDS_YOU = "needs-you"
    AT_WORK = "at-work"  # what runs or is queued now
    PROBLEMS = "problems"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One finding. text: one sentence; what: the kind of thing (`note`, `run`, `commit`, `file`, `branch`, `issue`;
    of what runs by itself: `review`, `failed run`, `silent run`, `going on`).

    at: when it was said or happened; sources: where it stands, the first one first; note: its note's id, or empty.
    talk: the conversation it was said in, as it is called, or empty.
    mark: what must be said before it is believed (stale, overdue, perhaps done). trusted: no stranger's words.
    """

    text: str
    what: str
    at: datetime | None = None
    sources: tuple[Citation, ...] = ()
    note: str = ""
    why: str = ""
    alternatives: tuple[str, ...] = ()
    by: str = ""
    talk: str = ""
    mark: str = ""
    trusted: bool = True

    @property
    def source(self) -> Citation | None:
        """Where it stands first."""
        return self.sources[0] if self.sources else None

    @property
    def words(self) -> str:
        """Everything it says, for those who look for words."""
        return "\n".join(
            [self.text, self.why, *self.alternatives, self.by, self.talk, self.mark, *map(str, self.sources)]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The lines of one part. more: how many there are beyond those."""

    part: Part
    lines: tuple[Line, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeCard:
    """Where one project stands at `at`. touched_at: when anything happened there last; None: never.

    visited_at: the end of the owner's last visit before this one; since: where “changed” begins; decided_since: where
    decisions do. about: the words that the lines were chosen by, or empty.
    """

    name: str
    kind: str
    at: datetime
    touched_at: datetime | None
    visited_at: datetime | None
    since: datetime
    decided_since: datetime
    about: str = ""
    sections: tuple[Section, ...] = ()

    def lines(self, part: Part) -> tuple[Line, ...]:
        """The lines of one part."""
        return next((section.lines for section in self.sections if section.part is part), ())

    def count(self, part: Part) -> int:
        """How many lines a part has, those that are not shown too."""
        return sum(len(section.lines) + section.more for section in self.sections if section.part is part)


def section(part: Part, lines: Iterable[Line], count_max: int) -> Section:
    """The first lines of a part."""
    found = tuple(lines)
    return Section(part=part, lines=found[:count_max], more=max(0, len(found) - count_max))
