"""The tool `tasks_assign`: which agent each of several tasks is for. Asks the router, which needs no model for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import Field

from nova.core.routes import AskBack, Decision, Nobody, RouteView, ToAgent, ToPlan, Zone
from nova.policy.gate import Effect
from nova.projects.definition import Project
from nova.tools.builtin.requirements_text import TASKS_MAX, RequirementTask
from nova.tools.spec import Arguments, Data, Reach, ResultLine, Tool, ToolResult, reading, result

if TYPE_CHECKING:
    from nova.coordinator.router import Router

ARGUMENTS_CHARACTERS_MAX = 400_000


class TasksAssign(Arguments):
    """Arguments of tasks_assign."""

    tasks: list[RequirementTask] = Field(max_length=TASKS_MAX, description="Tasks as requirements_read gives them.")


class AssignedTask(RequirementTask):
    """A task, and who it is for. agent: empty for nobody; sure: whether the router is; others: who else it could be."""

    agent: str
    domain: str
    sure: bool
    others: list[str]


class TasksAssigned(Data):
    """Every task with its agent; by_agent: their ids; table: the same as Markdown."""

    tasks: list[AssignedTask]
    by_agent: dict[str, list[str]]
    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Switchboard:
    """Who could be asked, and what is known of the projects. domains: of each agent, by name."""

    router: Router
    projects: Sequence[Project]
    domains: Mapping[str, str]


def assign_tool(board: Callable[[], Switchboard]) -> Tool:
    """The tool; `board` is asked when it is called."""
    tool = reading(
        "tasks_assign",
        "Says for each of several tasks which agent it is for, how sure that is, and who else it could be.",
        TasksAssign, lambda given, reach: _assign(given, reach, board()), output=TasksAssigned,
    )  # fmt: skip
    return replace(tool, effect=Effect.RECALL, characters_max=ARGUMENTS_CHARACTERS_MAX)


def _assign(given: TasksAssign, reach: Reach, board: Switchboard) -> ToolResult:
    view = _view(reach, board)
    found = [_assigned(task, board.router.decide(task.text, view), board) for task in given.tasks]
    by_agent: dict[str, list[str]] = {}
    for one in found:
        by_agent.setdefault(one.agent or "nobody", []).append(one.id)
    noun = "task" if len(found) == 1 else "tasks"
    headline = f"{len(found)} {noun} for {', '.join(sorted(by_agent)) or 'nobody'}."
    rows = [
        f"| {one.id} | {one.agent or 'nobody'}{'' if one.sure else ' (perhaps)'} | {one.strength} | {one.due} | "
        f"{one.text.replace('|', '/')} | {one.place} |"
        for one in found
    ]
    table = "\n".join(["| | For | | Until | Task | Place |", "|---|---|---|---|---|---|", *rows]) + "\n"
    data = TasksAssigned(tasks=found, by_agent=by_agent, table=table)
    lines = [ResultLine(text=f"{one.id} {one.agent or 'nobody'}: {one.text} ({one.place})") for one in found]
    return result(headline, lines, reach, trusted=False, data=data)


def _view(reach: Reach, board: Switchboard) -> RouteView:
    """As a request in this project would be seen: its specialists, and those of no kind."""
    kind = next((one.kind for one in board.projects if one.name == reach.project), "")
    seen = [one for one in board.router.candidates if not one.visitors and (not one.kinds or kind in one.kinds)]
    return RouteView(agents=tuple(replace(one, kinds=()) for one in seen), project=reach.project)


def _assigned(task: RequirementTask, decision: Decision, board: Switchboard) -> AssignedTask:
    route = decision.route
    ranked = [one.agent for one in route.explanation.ranking]
    match route:
        case ToAgent(agent=agent):
            chosen = agent
        case ToPlan(parts=parts):
            chosen = parts[0].agent
        case AskBack(readings=readings):
            chosen = readings[0].agent
        case Nobody():
            chosen = ""
    others = [name for name in ranked if name != chosen][:2]
    sure = route.zone is Zone.SURE and bool(chosen)
    return AssignedTask(
        **task.model_dump(), agent=chosen, domain=board.domains.get(chosen, ""), sure=sure, others=others
    )
