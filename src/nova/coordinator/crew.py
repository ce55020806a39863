"""The crew of a walk: agents engaged and tools called for the nodes of a plan, each through the guard, gate and record.

Knows the desk; refuses to know the order of nodes and what becomes of a failure.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nova.agents.trying import tried
from nova.coordinator.desk import Desk
from nova.coordinator.ending import PLANNED, to_its_end
from nova.coordinator.engagement import Ended, Engagement, carry_out, folder_of, issues_of, place
from nova.coordinator.handing import reported
from nova.coordinator.intake import wall_of
from nova.coordinator.reach import project_of_part
from nova.core import json
from nova.core.briefs import Brief, Report
from nova.core.conversations import Turn
from nova.core.degradations import Degradation, DegradationKind
from nova.core.errors import Denied, NotReady, ToolFailed, Unknown
from nova.core.events import GateDecided, RunStarted, ToolCalled, ToolReturned
from nova.core.json import Json
from nova.core.labels import HOME, Label, Scope
from nova.core.outcomes import NeedsInput
from nova.core.requests import Principal
from nova.core.runs import Run, RunState
from nova.core.text import nearest, printable
from nova.pipelines.crew import AgentCall, ToolCall, ToolFacts, ToolOutput
from nova.policy.gate import Allow, Effect, Grant, Verdict, attempt, decide, payload_digest
from nova.projects.definition import Project
from nova.store.record import Record
from nova.tools.registry import invoke, parse
from nova.tools.spec import Arguments, Reach, Tool, ToolResult

ACTS = frozenset({Effect.REMEMBER, Effect.WRITE, Effect.OUTSIDE})
OWN = frozenset({Effect.RECALL, Effect.REMEMBER})
"""Tools with these effects need no project's folder."""
ARGUMENTS_SHOWN = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeCrew:
    """The crew of one home. worktrees: where tools may make copies of projects; turns: of the conversation so far."""

    desk: Desk
    worktrees: Path
    turns: tuple[Turn, ...] = ()

    def about(self, tool: str) -> ToolFacts:
        """What kind of tool it is. Raises Unknown."""
        found = self._tool(tool)
        return ToolFacts(acts=found.effect in ACTS, repeatable=found.repeatable)

    def wall(self, run: Run) -> Scope:
        """A run of a project is behind that project's wall; all others are the home's."""
        return wall_of(self._project(run))

    async def agent(self, call: AgentCall) -> Report:
        """What the agent answers, in a run of its own. Raises Unknown, NotReady, BadInput, LimitReached of the tree."""
        found = self.desk.agents.get(call.brief.agent)
        if found is None:
            raise Unknown("agent", call.brief.agent, nearest(call.brief.agent, self.desk.agents))
        agent = replace(found, model=call.role) if call.role else found
        part = call.place.record.run.route == PLANNED
        project = self._project(call.place.record.run)
        if part:
            project = project_of_part(call.brief.task, project, self.desk.projects)
        record = self._begun(call, project)
        engagement = Engagement(
            agent=agent, text=call.brief.task, turns=self.turns if part else (),
            principal=Principal(record.run.principal), brief=_brief(call, part), tree=call.place.tree.branch(),
        )  # fmt: skip
        if part:
            return await self._as_a_part(engagement, project, record)
        return await reported(record, self._engaged(engagement, project, record))

    async def _engaged(self, engagement: Engagement, project: Project | None, record: Record) -> Ended:
        settled = place(engagement, project, self.desk)
        if isinstance(settled, NeedsInput):
            return Ended(outcome=settled)
        if settled is not None and settled.scope != record.scope.own:
            record.move(wall_of(settled), settled.name)
        return await carry_out(engagement, settled, self.desk, record)

    async def _as_a_part(self, engagement: Engagement, project: Project | None, record: Record) -> Report:
        """A part of what a person asked is remembered like a request of its own."""
        ended = await to_its_end(record, self.desk.memory, self._engaged(engagement, project, record))
        return Report(
            run=record.run.id, agent=engagement.agent.name, outcome=ended.outcome, data=ended.data, usage=ended.usage,
            label=record.run.label,
        )  # fmt: skip

    def _begun(self, call: AgentCall, project: Project | None) -> Record:
        above, now, part = call.place.record.run, self.desk.now(), call.place.record.run.route == PLANNED
        scope = wall_of(project) if part else call.place.record.scope
        label = Label(scopes=frozenset({scope.own}), trusted=above.label.trusted)
        run = replace(
            above, id=call.child, parent=above.id, request=call.brief.task, route="Part" if part else "Step", zone="",
            agents=(call.brief.agent,), agent_version="", state=RunState.RUNNING, started_at=now, last_at=now,
            ended_at=None, outcome=None, scope=scope.own, project=project.name if project else "",
            label=label if part else above.label.join(call.label),
        )  # fmt: skip
        record = call.place.record.below(run, scope)
        record.begin(
            RunStarted(
                request=run.request, principal=run.principal, project=run.project, conversation=run.conversation,
                parent=run.parent,
            )
        )  # fmt: skip
        return record

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
                tool, parsed, reach, record=record, circuits=self.desk.circuits, seconds_max=tool.seconds_max,
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
        found = next((one for one in self.desk.projects if one.name == project), None)
        ground = _Ground(run="", key="", project=found, principal=principal, scope=wall_of(found))
        reach, parsed = self._reach(tool, ground), parse(tool, json.dump(arguments))
        verdict = self._judge(tool, parsed, reach, ground, arguments)
        if not isinstance(verdict, Allow):
            raise Denied(f"{name} was not allowed by the rule {verdict.rule}: {verdict.why}")
        return _value(await invoke(tool, parsed, reach, seconds_max=tool.seconds_max))

    def _tool(self, name: str) -> Tool:
        if name not in self.desk.tools:
            raise Unknown("tool", name, nearest(name, self.desk.tools))
        return self.desk.tools[name]

    def _project(self, run: Run) -> Project | None:
        return next((one for one in self.desk.projects if one.name == run.project), None)

    def _reach(self, tool: Tool, ground: _Ground) -> Reach:
        """Without a project the owner's own runs see all his projects; what they give is labelled with all of them."""
        project, scope = ground.project, ground.scope
        if project is None and ground.principal in (Principal.OWNER, Principal.SCHEDULE):
            scope = Scope(own=HOME, names=frozenset({HOME, *(one.scope for one in self.desk.projects)}))
        in_files = tool.effect not in OWN
        if in_files and project is None:
            raise NotReady(f"{tool.name} works in a project's folder.", "Start it in one: --project NAME")
        return Reach(
            root=folder_of(project) if project is not None and in_files else Path("/nonexistent"),
            project=project.name if project else "",
            scope=scope,
            issues=issues_of(project),
            memory=self.desk.memory,
            run=ground.run,
            key=ground.key,
            worktrees=self.worktrees,
            now=self.desk.now,
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


def _brief(call: AgentCall, part: bool) -> Brief | None:
    """A part that needs no other is asked as if it were asked alone."""
    return None if part and not call.brief.facts else call.brief


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
