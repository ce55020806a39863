"""What routing may look at for one request: a project's specialists only where such a project is in reach."""

from __future__ import annotations

from nova.coordinator.desk import Desk
from nova.coordinator.intake import Taken
from nova.coordinator.router import candidate
from nova.core.requests import Principal
from nova.core.routes import RouteView


def view_of(taken: Taken, desk: Desk) -> RouteView:
    """The view of one request. In a project: its kind; at home: the kinds of all projects there are.

    An agent that somebody names is looked for in the whole roster; a visitor never sees more than the visitors' agents.
    """
    visitor = taken.principal is Principal.VISITOR
    project = taken.choice.project
    kinds = {project.kind} if project else {one.kind for one in desk.projects}
    allowed = [agent for agent in desk.agents.values() if agent.visitors == visitor]
    reached = [agent for agent in allowed if not agent.kinds or kinds.intersection(agent.kinds)]
    return RouteView(
        agents=tuple(candidate(agent) for agent in reached),
        roster=tuple(candidate(agent) for agent in (allowed if visitor else desk.agents.values())),
        project=project.name if project else "",
        kind=project.kind if project else "",
        named=taken.agent,
        named_by=taken.agent_said_by,
        visitor=visitor,
        thread=taken.thread,
    )
