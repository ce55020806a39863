"""The receiver's side of a handoff: another agent engaged for a Brief, in a run of its own below the sender's.

Knows who may receive what, and how a child run begins and ends; refuses to know what an agent does in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nova.agents.definition import Agent
from nova.agents.findings import Findings
from nova.agents.guard import Guard
from nova.agents.handoff import Handoffs
from nova.agents.tree import Tree
from nova.coordinator.desk import Desk
from nova.core.briefs import Brief, Report
from nova.core.errors import NovaError, StoreError
from nova.core.events import RunFailed, RunFinished, RunStarted
from nova.core.json import Json
from nova.core.labels import Label
from nova.core.limits import Usage
from nova.core.outcomes import Failed, Outcome, Stopped
from nova.core.runs import Run, RunState, outcome_to_json, state_of
from nova.core.text import shorten
from nova.policy.gate import Allow, Effect, Verdict
from nova.policy.handoffs import PassingOn, decide_handoff
from nova.projects.definition import Project
from nova.store.record import Record
from nova.tools.spec import Tool

if TYPE_CHECKING:
    from nova.coordinator.engagement import Ended, Engagement

    Carry = Callable[[Engagement, Project | None, Desk, Record], Awaitable[Ended]]

DOES_CHARACTERS_MAX = 160
NOTHING = Usage()


def handoffs_of(
    sender: Engagement,
    project: Project | None,
    desk: Desk,
    record: Record,
    guard: Guard,
    findings: Findings,
    carry: Carry,
) -> Handoffs | None:
    """What a run needs to pass work on; None for an agent that has nobody to pass it on to.

    carry: engagement.carry_out, handed in because it is what calls this.
    """
    handing = Hands(engagement=sender, project=project, desk=desk, record=record, carry_out=carry)
    if not handing.targets:
        return None
    return Handoffs(handing=handing, record=record, guard=guard, findings=findings)


@dataclass(frozen=True, kw_only=True)
class Hands:
    """Engages other agents for one sender, in the sender's project and behind its wall."""

    engagement: Engagement
    project: Project | None
    desk: Desk
    record: Record
    carry_out: Carry

    @property
    def sender(self) -> str:
        """The name of the agent that passes work on."""
        return self.engagement.agent.name

    @property
    def targets(self) -> Mapping[str, str]:
        """The declared agents that can take work on here, each with what it does."""
        declared = [self.desk.agents[name] for name in self.engagement.agent.handoffs if name in self.desk.agents]
        return {agent.name: shorten(agent.description, DOES_CHARACTERS_MAX) for agent in declared if self._fits(agent)}

    def judge(self, agent: str) -> Verdict:
        """The gate's verdict on passing work on to this agent."""
        return self._judged(agent, tuple(self.targets))

    def _judged(self, agent: str, valid: tuple[str, ...]) -> Verdict:
        found = self.desk.agents.get(agent)
        return decide_handoff(
            PassingOn(
                to=shorten(agent, 60),
                declared=agent in self.engagement.agent.handoffs,
                engaged=found is not None,
                visitors=found is not None and found.visitors,
                same_wall=found is not None and self._same_wall(found),
                principal=self.engagement.principal,
                valid=valid,
            )
        )

    def seconds_of(self, agent: str) -> float:
        """How long that agent may work at most."""
        return self.desk.ceilings.over(self.desk.agents[agent].limits).seconds_max

    async def carry(self, brief: Brief, *, run: str, label: Label, tree: Tree) -> Report:
        """Has the receiver do it in a run of that id, and waits. The sender's history does not come with it."""
        agent = self.desk.agents[brief.agent]
        child = self.record.below(self._run(brief, run, label))
        engagement = replace(self.engagement, agent=agent, text=brief.task, turns=(), brief=brief, tree=tree)
        child.begin(
            RunStarted(
                request=brief.task, principal=child.run.principal, project=child.run.project,
                conversation=child.run.conversation, parent=child.run.parent,
            )
        )  # fmt: skip
        return await reported(child, self.carry_out(engagement, self.project, self.desk, child))

    def _fits(self, agent: Agent) -> bool:
        return isinstance(self._judged(agent.name, ()), Allow)

    def _same_wall(self, agent: Agent) -> bool:
        """Whether it can work where the sender works: in this project, or without one."""
        if self.project is not None:
            return agent.serves(self.project.kind)
        return not agent.kinds and not _needs_a_folder(agent, self.desk.tools)

    def _run(self, brief: Brief, run: str, label: Label) -> Run:
        above, at = self.record.run, self.desk.now()
        return replace(
            above, id=run, parent=above.id, request=brief.task, agents=(brief.agent,), agent_version="",
            route="Handoff", zone="", state=RunState.RUNNING, started_at=at, last_at=at, ended_at=None, outcome=None,
            label=above.label.join(label),
        )  # fmt: skip


def _needs_a_folder(agent: Agent, tools: Mapping[str, Tool]) -> bool:
    return any(tools[name].effect is Effect.READ for name in agent.tools if name in tools)


async def reported(record: Record, work: Awaitable[Ended]) -> Report:
    """Waits for the work and writes how it ended. A failure of the receiver is a report, never the sender's end."""
    try:
        ended = await work
    except asyncio.CancelledError:
        why = f"the run {record.run.parent} that waited for it ended or was stopped"
        _end(record, Stopped(reason="sender", evidence=why, mend=f"See what was done: nova why {record.run.id}"))
        raise
    except StoreError:
        raise  # what cannot be recorded is not said
    except NovaError as error:
        return _end(record, Failed(error=type(error).__name__, what=error.what, mend=error.mend))
    except Exception as bug:
        what = f"Nova itself failed: {type(bug).__name__}: {shorten(str(bug), 300)}"
        mend = f"This is a bug in Nova; what was done is in nova why {record.run.id}"
        _end(record, Failed(error=type(bug).__name__, what=what, mend=mend))
        raise
    return _end(record, ended.outcome, ended.usage, ended.label, ended.data)


def _end(
    record: Record, outcome: Outcome, usage: Usage = NOTHING, label: Label | None = None, data: Json = None
) -> Report:
    """The last event and the row's final state. The memory keeps the sender's turn, of which this is a part."""
    state, written = state_of(outcome), outcome_to_json(outcome)
    label = record.run.label.join(label or record.run.label)
    run = replace(record.run, state=state, outcome=outcome, usage=usage, label=label, ended_at=record.now())
    if isinstance(outcome, Failed):
        record.save(run, RunFailed(error=outcome.error, what=outcome.what, outcome=written))
    else:
        record.save(run, RunFinished(state=state.value, outcome=written))
    agent = run.agents[0]
    return Report(run=run.id, agent=agent, outcome=outcome, data=data, usage=usage, label=label)
