"""Where the problems of one pipeline are gathered, each at its line. Refuses to judge anything."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from nova.core.errors import Problem
from nova.core.text import nearest, shorten
from nova.settings.located import KeyPath, Located

PROBLEMS_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """The problems found in one file. at: where the part that is looked at stands in it."""

    located: Located
    problems: list[Problem] = field(default_factory=list[Problem])
    at: KeyPath = ()

    def add(self, place: KeyPath, what: str, mend: str = "") -> None:
        """One more problem, at a place below `at`. Of one file, PROBLEMS_MAX are kept."""
        line = self.located.line((*self.at, *place))
        problem = Problem(file=self.located.file, line=line, what=what, mend=mend)
        if len(self.problems) < PROBLEMS_MAX and problem not in self.problems:
            self.problems.append(problem)

    def in_order(self) -> list[Problem]:
        """The problems from the first line of the file to the last."""
        return sorted(self.problems, key=lambda problem: problem.line)

    def below(self, *place: str | int) -> Notes:
        """The same gathering, looking at a part."""
        return Notes(located=self.located, problems=self.problems, at=(*self.at, *place))


def unknown(kind: str, name: str, known: Collection[str]) -> tuple[str, str]:
    """What is said of a name that does not exist, and how to mend it."""
    near = nearest(name, known, 2)
    mend = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(sorted(known)[:20]) or 'none'}."
    return f"There is no {kind} named “{shorten(name, 60)}”.", mend
