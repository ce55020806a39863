"""Taking a request in: its words made safe, its conversation found or begun, its project and with it its wall.

Knows what a request can be; refuses to route it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nova.coordinator import conversation
from nova.coordinator.reach import ProjectChoice, choose_project
from nova.core.conversations import Turn
from nova.core.errors import BadInput
from nova.core.labels import HOME, Scope
from nova.core.requests import Principal, Request
from nova.core.routes import Thread
from nova.core.text import printable
from nova.projects.definition import Project
from nova.store.database import Database

REQUEST_CHARACTERS_MAX = 100_000
BINARY_SHARE_MAX = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A request that can be routed. choice: the project and how it was found; agent: named by somebody, or empty.

    at: when it was asked, never before the turn that it follows.
    """

    text: str
    principal: Principal
    at: datetime
    conversation: str
    choice: ProjectChoice
    scope: Scope
    turns: tuple[Turn, ...]
    thread: Thread
    agent: str = ""
    agent_said_by: str = ""


def wall_of(project: Project | None) -> Scope:
    """What a run for this project may read and where it writes; the home's own texts are readable from everywhere."""
    own = project.scope if project else HOME
    return Scope(own=own, names=frozenset({own, HOME}))


def take_in(request: Request, database: Database, projects: Sequence[Project]) -> Taken:
    """The request, taken in. Raises BadInput for what is no question and for a closed conversation, Unknown for a
    project or conversation that does not exist.
    """
    text = readable(request.text)
    everything = Scope.owner(project.scope for project in projects)
    visitor, before = request.principal is Principal.VISITOR, None
    if request.conversation:
        before = conversation.standing(database, everything, request.conversation, visitor=visitor)
    stands_in = before.project if before else ""
    agent, said_by = request.agent or "", request.agent_said_by
    if before and (option := before.chosen(text, wall_of(_choose("", request, stands_in, projects).project))):
        text, agent, said_by = option, before.agent, "your answer"
    choice = _choose(text, request, stands_in, projects)
    scope = wall_of(choice.project)
    current = request.conversation or conversation.begin(
        database, scope, request.at, project=choice.project.name if choice.project else "", first=text
    )
    return Taken(
        text=text,
        principal=request.principal,
        at=before.next_at(request.at) if before else request.at,
        conversation=current,
        choice=choice,
        scope=scope,
        turns=conversation.turns(database, scope, before.line) if before else (),
        thread=conversation.thread(database, everything, scope, before.line) if before else Thread(),
        agent=agent,
        agent_said_by=said_by,
    )


def _choose(text: str, request: Request, stands_in: str, projects: Sequence[Project]) -> ProjectChoice:
    return choose_project(text, said=request.project, conversation=stands_in, folder=request.folder, projects=projects)


def readable(text: str) -> str:
    """The words, without what no question contains. Raises BadInput when nothing is left, or when it is no text."""
    if len(text) > REQUEST_CHARACTERS_MAX:
        size = f"{len(text):,} characters; {REQUEST_CHARACTERS_MAX:,} is the most"
        raise BadInput(f"This request is too long ({size}).", "Put the text into a file of a project and ask about it.")
    shown = printable(text)
    if len(text) - len(shown) + shown.count("\N{REPLACEMENT CHARACTER}") > max(2, BINARY_SHARE_MAX * len(text)):
        raise BadInput("This looks like binary data, not like a question.", "Ask about the file by its path instead.")
    if not shown.strip():
        raise BadInput("There is no question.", 'Type one: nova ask "Which fields does Invoice have?"')
    return shown.strip()
