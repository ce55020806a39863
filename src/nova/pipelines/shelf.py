"""The pipelines of a home as they lie on disk now: read again when a file has changed, for processes that live long.

Knows which version to go by while a file is broken; refuses to know who reads and what a pipeline does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nova.core.errors import Problem
from nova.core.plans import Plan
from nova.pipelines.known import Known
from nova.pipelines.load import Library, survey_pipelines
from nova.pipelines.used import uses

Print = tuple[tuple[str, int, int], ...]
"""Of every pipeline file its path, when it was changed (nanoseconds), and its size in bytes."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was read. library: the sound pipelines, and the last sound version of each broken one."""

    library: Library
    problems: tuple[Problem, ...]
    taken_from: Print


@dataclass
class Shelf:
    """The pipelines of the catalog and one home. known: what they may name, asked once."""

    catalog: Path
    home: Path
    known: Callable[[], Known]
    _last: Survey | None = field(default=None, init=False)
    _known: Known | None = field(default=None, init=False)

    def look(self) -> Survey:
        """The pipelines as they are now; a file that somebody is just breaking keeps its last sound version at work."""
        found = _print(self.catalog, self.home)
        before = self._last
        if before is not None and before.taken_from == found:
            return before
        library, problems = survey_pipelines(self.catalog, self.home, self._names())
        if before is not None:
            there = {Path(path).stem for path, _, _ in found}
            library = Library(plans=_with_last_sound(library.plans, before.library.plans, there))
        self._last = Survey(library, problems, found)
        return self._last

    def _names(self) -> Known:
        if self._known is None:
            self._known = self.known()
        return self._known


def _print(*bases: Path) -> Print:
    return tuple(_each(bases))


def _each(bases: tuple[Path, ...]) -> Iterator[tuple[str, int, int]]:
    for base in bases:
        for file in sorted((base / "pipelines").glob("*.y*ml")):
            try:
                about = file.stat()
            except OSError:  # gone since, or a link that leads nowhere: then reading says what is wrong
                yield str(file), 0, 0
            else:
                yield str(file), about.st_mtime_ns, about.st_size


def _with_last_sound(now: Mapping[str, Plan], before: Mapping[str, Plan], there: set[str]) -> dict[str, Plan]:
    """The sound plans, and older ones in the place of broken ones, as long as all they call is what they knew."""
    kept = {name: plan for name, plan in before.items() if name not in now and name in there}
    while True:
        plans = {**now, **kept}
        strange = [name for name, plan in kept.items() if not _knew(plan, plans, before)]
        if not strange:
            return dict(sorted(plans.items()))
        for name in strange:
            del kept[name]


def _knew(plan: Plan, plans: Mapping[str, Plan], before: Mapping[str, Plan]) -> bool:
    called = {name for _, name in uses(plan)}
    return all(name in plans and name in before and plans[name].revision == before[name].revision for name in called)
