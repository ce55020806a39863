"""What routing may look at for one request: a project's specialists only where such a project is in reach."""

from __future__ import annotations

from dataclasses import replace

from nova.agents.definition import Agent
from nova.coordinator.desk import Desk
from nova.coordinator.intake import Taken
from nova.coordinator.router import candidate
from nova.core.requests import Principal
from nova.core.routes import Candidate, RouteView

OUT_OF_REACH = ("out of reach",)


def view_of(taken: Taken, desk: Desk) -> RouteView:
    """The view of one request. In a project: its kind; at home: the kinds of all projects there are.

    Agents out of reach are still in the view, because somebody may name one; a visitor never sees more than the
    visitors' agents, named or not.
    """
    visitor = taken.principal is Principal.VISITOR
    project = taken.choice.project
    kinds = {project.kind} if project else {one.kind for one in desk.projects}
    shown = [agent for agent in desk.agents.values() if agent.visitors or not visitor]
    return RouteView(
        agents=tuple(_seen(agent, kinds, visitor) for agent in shown),
        project=project.name if project else "",
        named=taken.agent,
        named_by=taken.agent_said_by,
        visitor=visitor,
        thread=taken.thread,
    )


def _seen(agent: Agent, kinds: set[str], visitor: bool) -> Candidate:
    """The agent as routing sees it from here: its own kinds are answered already, in reach or not."""
    reached = agent.visitors == visitor and (not agent.kinds or not kinds.isdisjoint(agent.kinds))
    return replace(candidate(agent), kinds=() if reached else OUT_OF_REACH)
