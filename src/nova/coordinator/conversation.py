"""The running conversation: started or found, and read back as turns. Knows runs; refuses to know routing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nova.core.conversations import Conversation, Turn
from nova.core.errors import BadInput, Unknown
from nova.core.events import Happening, Routed
from nova.core.ids import new_id
from nova.core.labels import Label, Scope
from nova.core.outcomes import Done, Failed, NeedsInput, Outcome, Stopped
from nova.core.routes import AskBack, Asked, Thread
from nova.core.routes_json import route_from_json
from nova.core.runs import Run
from nova.core.text import shorten
from nova.store import conversations, events, runs
from nova.store.database import Database

TURNS_MAX = 12
TITLE_CHARACTERS = 80


def begin(database: Database, scope: Scope, at: datetime, *, project: str, first: str) -> str:
    """A new conversation; its id."""
    conversation = new_id("c")
    with database.write() as connection:
        conversations.start(
            connection, scope, conversation, at, project=project, title=shorten(first, TITLE_CHARACTERS)
        )
    return conversation


def find(database: Database, scope: Scope, prefix: str) -> Conversation:
    """The conversation whose id begins so. Raises Unknown, or BadInput when there are two."""
    with database.read() as connection:
        found = conversations.beginning_with(connection, scope, prefix)
    if not found:
        raise Unknown("conversation", prefix, mend="See nova runs for the conversations there are.")
    if len(found) > 1:
        raise BadInput(f"Two conversations begin with {prefix}.", "Type one letter more.")
    return found[0]


def newest(database: Database, scope: Scope, now: datetime, within: timedelta) -> Conversation | None:
    """The conversation spoken in last, if that was not longer ago than `within`."""
    with database.read() as connection:
        found = conversations.latest(connection, scope, 1)
    return found[0] if found and now - found[0].last_at <= within else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a conversation stands: the project and agent of its last turn, and the options that wait for an answer."""

    project: str
    agent: str
    options: tuple[str, ...]

    def chosen(self, text: str) -> str | None:
        """The option that `text` picks by its number, or None. Each option is a whole request in itself."""
        number = text.strip().rstrip(".)")
        return self.options[int(number) - 1] if number.isdigit() and 0 < int(number) <= len(self.options) else None


def standing(database: Database, scope: Scope, conversation: str) -> Standing | None:
    """Where the conversation stands, None when nothing was said in it yet. Project names only, never texts."""
    with database.read() as connection:
        found = runs.of_conversation(connection, scope, conversation, TURNS_MAX)
    if not found:
        return None
    last = found[-1]
    waits = isinstance(last.outcome, NeedsInput) and last.route != AskBack.__name__
    options = last.outcome.options if waits and isinstance(last.outcome, NeedsInput) else ()
    return Standing(project=last.project, agent=last.agents[0] if last.agents else "", options=options)


def turns(database: Database, scope: Scope, conversation: str) -> tuple[Turn, ...]:
    """The last turns that are inside this wall, oldest first.

    A turn whose label names a scope outside (an answer made from two projects) stays out, wherever its row lies.
    """
    with database.read() as connection:
        found = runs.of_conversation(connection, scope, conversation, TURNS_MAX)
    return tuple(_turn(run, run.outcome) for run in found if run.outcome and run.label.scopes <= scope.names)


def thread(database: Database, scope: Scope, conversation: str) -> Thread:
    """What routing needs of it: the last request, who answered, and the question that waits for an answer."""
    with database.read() as connection:
        found = [run for run in runs.of_conversation(connection, scope, conversation, TURNS_MAX) if run.outcome]
        if not found:
            return Thread()
        last = found[-1]
        asked = _asked([e.happening for e in events.of_run(connection, scope, last.id)]) if _asks(last) else None
    answered = next((run for run in reversed(found) if run.agents), last)
    return Thread(request=answered.request, agents=answered.agents, asked=asked)


def _asks(run: Run) -> bool:
    return isinstance(run.outcome, NeedsInput)


def _asked(happenings: list[Happening]) -> Asked | None:
    for happening in happenings:
        if isinstance(happening, Routed):
            route = route_from_json(happening.decision)
            if isinstance(route, AskBack):
                return Asked(text=route.text, readings=route.readings)
    return None


def _turn(run: Run, outcome: Outcome) -> Turn:
    return Turn(
        run=run.id,
        request=run.request,
        answer=answer_of(outcome),
        agents=run.agents,
        project=run.project,
        options=outcome.options if isinstance(outcome, NeedsInput) else (),
        at=run.started_at,
        label=run.label.join(Label(scopes=frozenset({run.scope}))),
    )


def answer_of(outcome: Outcome) -> str:
    """What the person was told, as text."""
    match outcome:
        case Done(text=text):
            return text
        case NeedsInput(question=question, options=options):
            numbered = [f"{number}. {option}" for number, option in enumerate(options, start=1)]
            return "\n".join([question, *numbered])
        case Failed(what=what, mend=mend):
            return f"{what} {mend}".strip()
        case Stopped(text=text, evidence=evidence, mend=mend):
            return f"{text}\n\nStopped: {evidence}. {mend}".strip()
