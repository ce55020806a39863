"""Agents as the nodes of a plan ask them: each in a run of its own below the plan's. Loaded when one is asked.

Knows the desk; refuses to know the order of nodes and what becomes of a failure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nova.coordinator.desk import Desk
from nova.coordinator.ending import PLANNED, to_its_end
from nova.coordinator.engagement import Ended, Engagement, carry_out, place
from nova.coordinator.handing import reported
from nova.coordinator.intake import wall_of
from nova.coordinator.reach import project_of_part
from nova.core.briefs import Brief, Report
from nova.core.conversations import Turn
from nova.core.errors import Unknown
from nova.core.events import RunStarted
from nova.core.labels import Label
from nova.core.outcomes import NeedsInput
from nova.core.requests import Principal
from nova.core.runs import Run, RunState
from nova.core.text import nearest
from nova.pipelines.crew import AgentCall
from nova.projects.definition import Project
from nova.store.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Asks agents at a desk. turns: of the conversation so far, for the parts of a request."""

    desk: Desk
    turns: tuple[Turn, ...] = ()

    async def report(self, call: AgentCall) -> Report:
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

    def _project(self, run: Run) -> Project | None:
        return next((one for one in self.desk.projects if one.name == run.project), None)


def _brief(call: AgentCall, part: bool) -> Brief | None:
    """A part that needs no other is asked as if it were asked alone."""
    return None if part and not call.brief.facts else call.brief
