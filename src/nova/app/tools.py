"""All tools of a running Nova by name: those that stand alone, and those that need what is above them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from nova.agents.definition import Agent
from nova.app.assigning import Switchboard, assign_tool
from nova.app.pipeline_looks import looking_tools
from nova.app.pipeline_tools import start_tool
from nova.briefing.decided import decisions_tool
from nova.briefing.facts import place_of
from nova.briefing.morning import morning_tools
from nova.briefing.owners_view import Ground
from nova.briefing.tool import project_brief
from nova.core.errors import NotReady
from nova.projects.definition import Project
from nova.settings.home import Home
from nova.store.values import Blobs
from nova.tools.registry import toolbox
from nova.tools.spec import Tool

if TYPE_CHECKING:
    from nova.app.pipelines import Pipelines
    from nova.coordinator.router import Router


@cache
def all_tools() -> Mapping[str, Tool]:
    """Every tool there is, to be described and checked against; those that look over a whole home look at none."""
    return _named([*toolbox().values(), project_brief(), *_over(_no_ground, _no_board, _no_pipelines)])


def tools_of(
    home: Home,
    projects: Sequence[Project],
    router: Callable[[], Router],
    agents: Iterable[Agent],
    pipelines: Callable[[], Pipelines],
) -> Mapping[str, Tool]:
    """Every tool, those that look over a whole home looking at this one. router: asked when a tool needs it."""
    ground = Ground(places=tuple(map(place_of, projects)), blobs=Blobs(home.data / "blobs"))
    domains = {agent.name: agent.domain for agent in agents}

    def board() -> Switchboard:
        return Switchboard(router=router(), projects=projects, domains=domains)

    return MappingProxyType({**all_tools(), **_named(_over(lambda: ground, board, pipelines))})


def _over(
    ground: Callable[[], Ground], board: Callable[[], Switchboard], pipelines: Callable[[], Pipelines]
) -> Iterable[Tool]:
    yield from (*morning_tools(ground), decisions_tool(ground), assign_tool(board))
    yield from (*looking_tools(pipelines), start_tool(pipelines))


def _named(tools: Iterable[Tool]) -> Mapping[str, Tool]:
    return MappingProxyType({tool.name: tool for tool in tools})


def _no_ground() -> Ground:
    raise NotReady("This tool looks over all projects of a home, and there is none.", "Call it in a running Nova.")


def _no_board() -> Switchboard:
    raise NotReady("This tool asks the router of a home, and there is none.", "Call it in a running Nova.")


def _no_pipelines() -> Pipelines:
    raise NotReady("This tool works with the pipelines of a home, and there is none.", "Call it in a running Nova.")
