"""The running conversation: started or found, and read back as turns. Knows runs; refuses to know routing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nova.core.conversations import Conversation, Turn
from nova.core.errors import BadInput, Unknown
from nova.core.events import Happening, Routed
from nova.core.ids import new_id
from nova.core.labels import Label, Scope
from nova.core.outcomes import Done, Failed, NeedsInput, Outcome, Stopped
from nova.core.requests import Principal
from nova.core.routes import AskBack, Asked, Thread
from nova.core.routes_json import route_from_json
from nova.core.runs import Run
from nova.core.text import nearest, shorten
from nova.store import conversations, events
from nova.store.conversations import Stretch
from nova.store.database import Database

TURNS_MAX = 200  # what a context may be made from; the record keeps all
FOLLOWED_MAX = 12
NAMES_MAX = 1000
TITLE_CHARACTERS = 80
ELSEWHERE = "something in another project"


def begin(database: Database, scope: Scope, at: datetime, *, project: str, first: str) -> str:
    """A new conversation; its id."""
    conversation = new_id("c")
    with database.write() as connection:
        conversations.start(
            connection, scope, conversation, at, project=project, title=shorten(first, TITLE_CHARACTERS)
        )
    return conversation


def find(database: Database, scope: Scope, name_or_id: str) -> Conversation:
    """The conversation with this name, else the one whose id begins so.

    Raises Unknown with the nearest names, BadInput for nothing, and for a beginning that two ids share.
    """
    wanted = name_or_id.strip()
    if not wanted:
        raise BadInput("No conversation was given.", "Give its name or id; see them: nova conversations list")
    with database.read() as connection:
        named = conversations.latest(connection, scope, NAMES_MAX, named_only=True)
        found = [one for one in named if one.name.casefold() == wanted.casefold()]
        found = found or conversations.beginning_with(connection, scope, wanted)
    if not found:
        close = nearest(wanted, [one.name for one in named])
        raise Unknown("conversation", wanted, close, "See those there are: nova conversations list")
    if len(found) > 1:
        both = " and ".join(f"{one.id} ({one.name or shorten(one.title, 40) or 'no title'})" for one in found)
        raise BadInput(f"More than one conversation begins with {wanted}: {both}.", "Type one letter more.")
    return found[0]


def newest(
    database: Database, scope: Scope, now: datetime, within: timedelta, *, project: str = ""
) -> Conversation | None:
    """The open conversation spoken in last, if that was not longer ago than `within`.

    project: only among those that stand in it.
    """
    with database.read() as connection:
        found = conversations.latest(connection, scope, 1, project=project, open_only=True)
    return found[0] if found and now - found[0].last_at <= within else None


def refuse_closed(conversation: Conversation) -> None:
    """Raises BadInput for a closed one: it can be read, and opened again."""
    if conversation.closed_at is not None:
        since = f"{conversation.closed_at:%Y-%m-%d %H:%M}"
        what = f"The conversation {conversation.name or conversation.id} is closed since {since}."
        raise BadInput(what, f"Open it again: nova conversations reopen {conversation.id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a conversation stands: its project, the agent of its last turn, and the options that wait for an answer.

    line: what it is made of. scopes: whose words the options are; nobody else may be answered with them. last_at: when
    its last turn began.
    """

    line: tuple[Stretch, ...]
    project: str
    agent: str = ""
    options: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()
    last_at: datetime | None = None

    def next_at(self, now: datetime) -> datetime:
        """When its next turn begins: now, and after the last one even where the clock went backwards."""
        return now if self.last_at is None or now > self.last_at else self.last_at + timedelta(microseconds=1)

    def chosen(self, text: str, wall: Scope) -> str | None:
        """The option that `text` picks by its number, or None. Each option is a whole request in itself."""
        number = text.strip().rstrip(".)")
        if not number.isdecimal() or len(number) > 2 or not self.scopes <= wall.names:
            return None
        return self.options[int(number) - 1] if 0 < int(number) <= len(self.options) else None


def standing(database: Database, everything: Scope, conversation: str, *, visitor: bool = False) -> Standing:
    """Where the conversation stands. everything: all that the owner may list.

    Raises Unknown when there is no such conversation, for a visitor also when none of them began it; BadInput when it
    is closed.
    """
    with database.read() as connection:
        row = conversations.by_id(connection, everything, [conversation]).get(conversation)
        line = conversations.line(connection, everything, conversation)
        found = conversations.runs_of(connection, everything, line, 1)
    if row is None or (visitor and not any(run.principal == Principal.VISITOR.value for run in found)):
        raise Unknown("conversation", conversation, mend="See those there are: nova conversations list")
    refuse_closed(row)
    if not found:
        return Standing(line=line, project=row.project)
    last = found[-1]
    waits = isinstance(last.outcome, NeedsInput) and last.route != AskBack.__name__
    return Standing(
        line=line,
        project=row.project or last.project,
        agent=last.agents[0] if last.agents else "",
        options=last.outcome.options if waits and isinstance(last.outcome, NeedsInput) else (),
        scopes=last.label.scopes | {last.scope},
        last_at=last.started_at,
    )


def turns(database: Database, scope: Scope, line: Sequence[Stretch]) -> tuple[Turn, ...]:
    """The last turns that are inside this wall, oldest first; what of them is heard word for word, the context says.

    A turn whose label names a scope outside (an answer made from two projects) stays out, wherever its row lies.
    """
    with database.read() as connection:
        found = conversations.runs_of(connection, scope, line, TURNS_MAX)
        before = 0
        if len(found) == TURNS_MAX:
            before = sum(conversations.length(connection, scope, one).turns for one in line) - TURNS_MAX
    numbered = [(number, run) for number, run in enumerate(found, before + 1) if run.label.scopes <= scope.names]
    return tuple(turn_of(run, run.outcome, number) for number, run in numbered if run.outcome)


def thread(database: Database, everything: Scope, wall: Scope, line: Sequence[Stretch]) -> Thread:
    """What routing needs of it: the last request, who answered, and the question that waits for an answer.

    Who answered is told over all scopes; the words of a request only inside the wall it was said in.
    """
    with database.read() as connection:
        found = [run for run in conversations.runs_of(connection, everything, line, FOLLOWED_MAX) if run.outcome]
        if not found:
            return Thread()
        last = found[-1]
        waits = isinstance(last.outcome, NeedsInput) and last.scope in wall.names
        asked = _asked([e.happening for e in events.of_run(connection, wall, last.id)]) if waits else None
    answered = next((run for run in reversed(found) if run.agents), last)
    request = answered.request if answered.scope in wall.names else ELSEWHERE
    return Thread(request=request, agents=answered.agents, asked=asked)


def _asked(happenings: list[Happening]) -> Asked | None:
    for happening in happenings:
        if isinstance(happening, Routed):
            route = route_from_json(happening.decision)
            if isinstance(route, AskBack):
                return Asked(text=route.text, readings=route.readings)
    return None


def turn_of(run: Run, outcome: Outcome, number: int = 0) -> Turn:
    """A run that has ended, as a turn. number: its place in the conversation."""
    return Turn(
        run=run.id,
        request=run.request,
        answer=answer_of(outcome),
        agents=run.agents,
        project=run.project,
        options=outcome.options if isinstance(outcome, NeedsInput) else (),
        at=run.started_at,
        label=run.label.join(Label(scopes=frozenset({run.scope}))),
        number=number,
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
