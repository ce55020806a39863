"""The crew of a walk: agents engaged and tools called for the nodes of a plan, each through the guard, gate and record.

Knows projects, tools and where the desk is; refuses to know the order of nodes and what becomes of a failure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nova.agents.trying import tried
from nova.coordinator.folders import folder_of, issues_of
from nova.coordinator.intake import wall_of
from nova.core import json
from nova.core.briefs import Report
from nova.core.conversations import Turn
from nova.core.degradations import Degradation, DegradationKind
from nova.core.errors import Denied, NotReady, ToolFailed, Unknown
from nova.core.events import GateDecided, ToolCalled, ToolReturned
from nova.core.json import Json
from nova.core.labels import HOME, Label, Scope
from nova.core.requests import Principal
from nova.core.runs import Run
from nova.core.text import nearest, printable
from nova.models.circuits import Circuits
from nova.pipelines.crew import AgentCall, ToolCall, ToolFacts, ToolOutput
from nova.policy.gate import Allow, Effect, Grant, Verdict, attempt, decide, payload_digest
from nova.projects.definition import Project
from nova.tools.registry import invoke, parse
from nova.tools.spec import Arguments, Reach, Tool, ToolResult

if TYPE_CHECKING:
    from nova.coordinator.desk import Desk
    from nova.memory.tiers import Memory

ACTS = frozenset({Effect.REMEMBER, Effect.WRITE, Effect.OUTSIDE, Effect.START})
OWN = frozenset({Effect.RECALL, Effect.REMEMBER, Effect.START})
"""Tools with these effects need no project's folder."""
ARGUMENTS_SHOWN = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeCrew:
    """The crew of one home. worktrees: where tools may make copies of projects; turns: of the conversation so far.

    desk, memory: made when they are first needed; a plan of tools that only read pays for no model library.
    """

    tools: Mapping[str, Tool]
    projects: Sequence[Project]
    memory: Callable[[], Memory]
    desk: Callable[[], Desk]
    now: Callable[[], datetime]
    circuits: Circuits | None
    worktrees: Path
    turns: tuple[Turn, ...] = ()

    @classmethod
    def at(cls, desk: Desk, turns: tuple[Turn, ...] = ()) -> HomeCrew:
        """The crew at a desk that stands already."""
        return cls(
            tools=desk.tools, projects=desk.projects, memory=lambda: desk.memory, desk=lambda: desk, now=desk.now,
            circuits=desk.circuits, worktrees=desk.data / "worktrees", turns=turns,
        )  # fmt: skip

    def about(self, tool: str) -> ToolFacts:
        """What kind of tool it is. Raises Unknown."""
        found = self._tool(tool)
        return ToolFacts(acts=found.effect in ACTS, repeatable=found.repeatable)

    def wall(self, run: Run) -> Scope:
        """A run of a project is behind that project's wall; all others are the home's."""
        return wall_of(self._project(run))

    async def agent(self, call: AgentCall) -> Report:
        """What the agent answers, in a run of its own. Raises Unknown, NotReady, BadInput, LimitReached of the tree."""
        from nova.coordinator.crew_agents import Asking

        return await Asking(desk=self.desk(), turns=self.turns).report(call)

    async def tool(self, call: ToolCall) -> ToolOutput:
        """What the tool gives. Raises ToolFailed, Denied, NotReady, LimitReached of the tree."""
        tool, record = self._tool(call.tool), call.place.record
        ground = _Ground(
            run=record.run.id, key=call.key, project=self._project(record.run), scope=record.scope,
            principal=Principal(record.run.principal), approved=call.approved,
        )  # fmt: skip
        reach, written = self._reach(tool, ground), json.dump(call.arguments)
        parsed = parse(tool, written)
        verdict = self._judge(tool, parsed, reach, ground, call.arguments)
        asked = ToolCalled(call=call.place.path, tool=tool.name, arguments=printable(written[:ARGUMENTS_SHOWN]))
        decided = GateDecided(
            call=call.place.path, tool=tool.name, verdict=verdict.verdict, rule=verdict.rule, why=verdict.why
        )
        record.append(asked, decided)
        if not isinstance(verdict, Allow):
            raise Denied(f"{tool.name} was not allowed by the rule {verdict.rule}: {verdict.why}")
        started = time.perf_counter()
        try:
            result, before = await tried(
                tool, parsed, reach, record=record, circuits=self.circuits, seconds_max=tool.seconds_max,
                seconds_left=call.place.tree.seconds_left,
            )  # fmt: skip
        except ToolFailed as failure:
            record.append(_failed(call, failure, started))
            raise
        return _output(call, result, reach, before, started)

    async def look(self, name: str, arguments: dict[str, Json], project: str, principal: Principal) -> dict[str, Json]:
        """What a reading tool gives outside of any run: for checks. Raises Denied, ToolFailed, NotReady."""
        tool = self._tool(name)
        if tool.effect in ACTS:
            raise Denied(f"{name} changes something; a check only looks.", "Check with a tool that reads.")
        found = next((one for one in self.projects if one.name == project), None)
        ground = _Ground(run="", key="", project=found, principal=principal, scope=wall_of(found))
        reach, parsed = self._reach(tool, ground), parse(tool, json.dump(arguments))
        verdict = self._judge(tool, parsed, reach, ground, arguments)
        if not isinstance(verdict, Allow):
            raise Denied(f"{name} was not allowed by the rule {verdict.rule}: {verdict.why}")
        return _value(await invoke(tool, parsed, reach, seconds_max=tool.seconds_max))

    def _tool(self, name: str) -> Tool:
        if name not in self.tools:
            raise Unknown("tool", name, nearest(name, self.tools))
        return self.tools[name]

    def _project(self, run: Run) -> Project | None:
        return next((one for one in self.projects if one.name == run.project), None)

    def _reach(self, tool: Tool, ground: _Ground) -> Reach:
        """Without a project the owner's own runs see all his projects; what they give is labelled with all of them."""
        project, scope = ground.project, ground.scope
        if project is None and ground.principal in (Principal.OWNER, Principal.SCHEDULE):
            scope = Scope(own=HOME, names=frozenset({HOME, *(one.scope for one in self.projects)}))
        in_files = tool.effect not in OWN
        if in_files and project is None:
            raise NotReady(f"{tool.name} works in a project's folder.", "Start it in one: --project NAME")
        return Reach(
            root=folder_of(project) if project is not None and in_files else Path("/nonexistent"),
            project=project.name if project else "",
            scope=scope,
            issues=issues_of(project),
            memory=self.memory(),
            run=ground.run,
            key=ground.key,
            worktrees=self.worktrees,
            now=self.now,
        )

    def _judge(
        self, tool: Tool, parsed: Arguments, reach: Reach, ground: _Ground, arguments: dict[str, Json]
    ) -> Verdict:
        base = tool.base(parsed, reach)
        grant = Grant(tools=frozenset({tool.name}), scope=reach.scope, root=base if base.exists() else None)
        wanted = attempt(
            tool=tool.name, effect=tool.effect, paths=tool.paths(parsed), scope=reach.scope.own, root=grant.root,
            principal=ground.principal, own=tool.own, payload=payload_digest(arguments), approved=ground.approved,
        )  # fmt: skip
        return decide(wanted, grant)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """For whom and where a tool is called."""

    run: str
    key: str
    project: Project | None
    scope: Scope
    principal: Principal
    approved: frozenset[str] = frozenset()


def _output(call: ToolCall, result: ToolResult, reach: Reach, before: ToolFailed | None, started: float) -> ToolOutput:
    """The tool's own typed fields beside what every tool gives; and what happened, in the record."""
    text, citations = printable(result.text()), result.citations()
    label = result.label
    if len(reach.scope.names) > 2:
        label = label.join(Label(scopes=reach.scope.names))
    call.place.record.append(
        ToolReturned(
            call=call.place.path, tool=call.tool, text=text, citations=[str(one) for one in citations],
            seconds=round(time.perf_counter() - started, 4), cut=result.cut,
        ),
        label=label,
    )  # fmt: skip
    notes = list(result.degradations)
    if result.cut:
        notes.append(Degradation(kind=DegradationKind.OUTPUT_CUT, what=f"{call.tool} found more than it may show."))
    if before is not None:
        what = f"{printable(before.what)} It went well when tried again."
        notes.append(Degradation(kind=DegradationKind.RETRIED, what=what))
    return ToolOutput(value=_value(result), label=label, degradations=tuple(notes))


def _value(result: ToolResult) -> dict[str, Json]:
    """What every tool gives, and the tool's own typed fields."""
    value: dict[str, Json] = {
        "text": printable(result.text()),
        "headline": result.headline,
        "lines": [str(line) for line in result.lines],
        "citations": [str(one) for one in result.citations()],
        "cut": result.cut,
        "count": len(result.lines),
    }
    typed: Mapping[str, Json] = result.data.model_dump(mode="json") if result.data is not None else {}
    return {**value, **typed}


def _failed(call: ToolCall, failure: ToolFailed, started: float) -> ToolReturned:
    return ToolReturned(
        call=call.place.path, tool=call.tool, text=f"FAILED: {printable(str(failure))}", citations=[],
        seconds=round(time.perf_counter() - started, 4), failed=printable(failure.what),
    )  # fmt: skip
