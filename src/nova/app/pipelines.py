"""Pipelines and plans of a running Nova: read, begun, walked, taken up again. Knows the parts; does none of their work.

A command walks a run in its own process; a worker (app.working) takes up what is in the queue. Both write one journal,
and whoever comes second finds the run held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nova.app import data
from nova.app.tools import all_tools, tools_of
from nova.coordinator.intake import wall_of
from nova.coordinator.reach import choose_project
from nova.core.errors import BadFiles, BadInput, Problem, Unknown
from nova.core.events import Event
from nova.core.json import Json
from nova.core.labels import Label, Scope
from nova.core.outcomes import Outcome
from nova.core.plans import Plan, Trigger
from nova.core.requests import Principal
from nova.core.runs import Run
from nova.core.steps import Walk
from nova.pipelines.engine import new_executor
from nova.pipelines.freezing import Frozen, freeze, thaw
from nova.pipelines.known import Known, known_of
from nova.pipelines.legs import Walking, leg
from nova.pipelines.load import Library, parse_pipeline
from nova.pipelines.missed import missed_before
from nova.pipelines.reviews import Waking
from nova.pipelines.settled import Waits
from nova.pipelines.shelf import Shelf
from nova.pipelines.spending import usage_of
from nova.pipelines.starting import Enqueue, Ground, Start, begin
from nova.store import texts, walks
from nova.store.database import Connection
from nova.store.values import Blobs

if TYPE_CHECKING:
    from nova.app.house import Nova
    from nova.coordinator.crew import HomeCrew
    from nova.pipelines.frame import Frame

Heard = Callable[[Event], None]


def _nobody(_event: Event) -> None:
    """Nobody listens."""


def _told(frame: Frame) -> Outcome | None:
    """The answer of a request in parts; of a pipeline its outputs are told, and the coordinator is not loaded."""
    if frame.journal.record.run.route == "Pipeline":
        return None
    from nova.coordinator.planned import told

    return told(frame)


def _no_queue(_connection: Connection, _run: str, _leg: int, _queue: str, _partition: str) -> None:
    """The caller walks the leg himself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A run of a plan, as far as it went: its outcome, or what it waits for."""

    run: str
    outcome: Outcome | None
    waits: Waits | None = None


@dataclass(frozen=True)
class Pipelines:
    """The durable side of one Nova."""

    nova: Nova

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf(data.catalog(), self.nova.home.root, self._known)

    def _known(self) -> Known:
        return known_of(self.nova.agents, all_tools().values(), self.nova.roster.known)

    @property
    def library(self) -> Library:
        """The sound pipelines of the catalog and the home as they are now; of a broken one the last sound version."""
        return self._shelf.look().library

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the others; one broken file stops no other."""
        return self._shelf.look().problems

    @cached_property
    def blobs(self) -> Blobs:
        """Big values of steps."""
        return Blobs(self.nova.home.data / "blobs")

    @cached_property
    def crew(self) -> HomeCrew:
        """Who does the work of nodes. The model library is loaded when an agent is asked, and not before."""
        from nova.coordinator.crew import HomeCrew
        from nova.models.circuits import Circuits

        nova = self.nova
        tools = tools_of(nova.home, nova.projects, lambda: nova.router, nova.roster.agents, lambda: self)
        return HomeCrew(
            tools=tools, projects=nova.projects, memory=lambda: nova.memory, desk=lambda: nova.desk, now=nova.clock,
            circuits=Circuits(nova.database, nova.clock), worktrees=self.worktrees,
        )  # fmt: skip

    @property
    def worktrees(self) -> Path:
        """Where tools make copies of projects."""
        return self.nova.home.data / "worktrees"

    def plan(self, name: str) -> Plan:
        """The pipeline. Raises Unknown with the nearest names, BadInput when its file cannot be used."""
        try:
            return self.library.plan(name)
        except Unknown:
            mine = [problem for problem in self.problems if Path(problem.file).stem == name]
            if mine:
                said = "\n".join(f"  {problem}" for problem in mine)
                raise BadInput(f"The pipeline {name} cannot be used:\n{said}", "Mend its file.") from None
            raise

    def frozen(self, plan: Plan) -> Frozen:
        """The plan with everything it calls, as a run keeps it."""
        return freeze(plan, self.library.plans)

    def walking(self, heard: Heard = _nobody) -> Walking:
        """What a leg needs."""
        nova = self.nova
        return Walking(
            database=nova.database, blobs=self.blobs, crew=self.crew, everything=lambda: nova.everything,
            limits=nova.settings.limits.tree, now=nova.clock, heard=heard, say=_told,
        )  # fmt: skip

    def waking(self, enqueue: Enqueue | None = None) -> Waking:
        """What an answer, a time or a stop needs. enqueue: None when the caller walks the next leg himself."""
        nova = self.nova
        return Waking(
            database=nova.database, blobs=self.blobs, everything=lambda: nova.everything, wall=self.wall,
            enqueue=enqueue or _no_queue, now=nova.clock,
        )  # fmt: skip

    def wall(self, run: Run) -> Scope:
        """What a run may read, and where it writes."""
        return wall_of(next((one for one in self.nova.projects if one.name == run.project), None))

    def begin(
        self,
        plan: Plan,
        inputs: Json,
        *,
        project: str | None = None,
        principal: Principal = Principal.OWNER,
        trigger: str = "",
        run: str = "",
        label: Label | None = None,
        queue: str = "interactive",
        enqueue: Enqueue | None = None,
        heard: Heard = _nobody,
    ) -> Run:
        """A run of a pipeline, begun. Raises BadInput for inputs that do not fit, Unknown for a project."""
        found = choose_project("", said=project, conversation="", folder="", projects=self.nova.projects).project
        if plan.kinds and (found is None or found.kind not in plan.kinds):
            raise BadInput(
                f"{plan.id} works in a project of the kind {' or '.join(plan.kinds)}.", _in_which(plan, self.nova)
            )
        scope = wall_of(found)
        with self.nova.database.read() as connection:
            notes = missed_before(connection, self.nova.everything, plan.id)
        start = Start(
            frozen=self.frozen(plan), inputs=inputs, scope=scope, principal=principal, trigger=trigger, run=run,
            project=found.name if found else "", label=label, queue=queue, notes=notes,
        )  # fmt: skip
        return begin(start, self.ground(heard), enqueue)

    async def walk(self, run: str, number: int, *, heard: Heard = _nobody, executor: str = "") -> Ran:
        """Walks one leg here, until the run ends or waits. Raises Superseded when another takes it over."""
        ended = await leg(self.walking(heard), run, number, executor=executor or new_executor())
        return _ran(run, ended)

    async def run(
        self, name: str, inputs: Json, *, project: str | None = None, heard: Heard = _nobody,
        principal: Principal = Principal.OWNER,
    ) -> Ran:  # fmt: skip
        """A pipeline from its beginning, in this process, as far as it goes without a person."""
        begun = self.begin(self.plan(name), inputs, project=project, heard=heard, principal=principal)
        return await self.walk(begun.id, 1, heard=heard)

    async def check(self, trigger: Trigger) -> int:
        """How much a trigger's check finds: its `count`. Nothing is recorded, and no model is asked."""
        found = await self.crew.look(trigger.check, dict(trigger.check_given), trigger.project, Principal.SCHEDULE)
        count = found.get("count")
        return count if isinstance(count, int) else 0

    def ground(self, heard: Heard = _nobody) -> Ground:
        """Where runs are written."""
        return Ground(database=self.nova.database, blobs=self.blobs, now=self.nova.clock, heard=heard)

    def pin(self, run: str, pinned: bool) -> None:
        """Keeps the steps of a run for good, or lets them be collected again. Raises Unknown."""
        walk = self.walk_of(run)
        if walk is None:
            raise Unknown("durable run", run, mend="Only runs of plans and pipelines have steps to keep.")
        with self.nova.database.write() as connection:
            walks.pin(connection, self.nova.everything, walk.root, pinned)

    def walk_of(self, run: str) -> Walk | None:
        """The durable side of a run, None for one that has no plan."""
        with self.nova.database.read() as connection:
            return walks.of_run(connection, self.nova.everything, run, self.blobs)

    def plan_of(self, run: str) -> Plan | None:
        """The frozen plan of a run; of a part of a run, the pipeline that was called. None without one."""
        walk = self.walk_of(run)
        if walk is None:
            return None
        with self.nova.database.read() as connection:
            body = texts.body_of(connection, self.nova.everything, walk.plan)
        try:
            frozen = thaw(body or "", walk.plan)
        except BadInput:
            return None  # words of it were forgotten
        return next((one for one in (frozen.plan, *frozen.below.values()) if one.name == walk.name), frozen.plan)

    def cost_of(self, root: str) -> float | None:
        """What a tree of runs has cost so far, in dollars; None when a price is unknown."""
        with self.nova.database.read() as connection:
            return usage_of(connection, self.nova.everything, root, self.blobs).cost_usd

    def problems_in(self, files: Sequence[Path]) -> tuple[Problem, ...]:
        """What is wrong with these files, the library's pipelines known beside them."""
        known, found = self._known(), list[Problem]()
        for file in files:
            try:
                parse_pipeline(file.read_bytes(), file, known, self.library.plans)
            except BadFiles as bad:
                found += bad.problems
        return tuple(found)

    def row_of(self, run: str) -> Run:
        """A run by the beginning of its id. Raises Unknown, BadInput when two begin so."""
        from nova.app.why import run_of

        return run_of(self.nova, run)


def _ran(run: str, ended: Outcome | Waits | None) -> Ran:
    if isinstance(ended, Waits):
        return Ran(run=run, outcome=None, waits=ended)
    return Ran(run=run, outcome=ended)


def _in_which(plan: Plan, nova: Nova) -> str:
    fitting: Iterable[str] = [one.name for one in nova.projects if one.kind in plan.kinds]
    names = ", ".join(fitting)
    return f"Say in which: --project {names}" if names else "There is none: nova projects add PATH"
