"""Rows of conversations: started, named, closed, forked, moved, found again. Functions that read text take a Scope.

Knows that a fork begins with another's turns; refuses to copy them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update

from nova.core.conversations import Conversation
from nova.core.labels import Label, Scope, write_label
from nova.core.runs import Run
from nova.store import runs, times
from nova.store.tables import CONVERSATIONS, RUNS

FORKS_MAX = 16  # how many forks of forks one conversation may rest on


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of what a conversation is made of: the turns of one row, to their end or until a time."""

    conversation: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """How many turns were asked in a conversation itself, and in which projects, the first one first."""

    turns: int = 0
    projects: tuple[str, ...] = ()


def start(
    connection: Connection,
    scope: Scope,
    conversation: str,
    at: datetime,
    *,
    project: str,
    title: str,
    forked_from: str = "",
    forked_at: datetime | None = None,
) -> None:
    """A new conversation in the scope's own name; forked_from: the one whose turns up to `forked_at` it begins with."""
    connection.execute(
        insert(CONVERSATIONS).values(
            id=conversation,
            scope=scope.own,
            label=write_label(Label(scopes=frozenset({scope.own}))),
            project=project,
            title=title,
            started_at=times.written(at),
            last_at=times.written(at),
            forked_from=forked_from,
            forked_at=times.written(forked_at) if forked_at else "",
        )
    )


_TOUCH = update(CONVERSATIONS).where(CONVERSATIONS.c.id == bindparam("mine")).values(last_at=bindparam("at"))
_TOUCH_IN = _TOUCH.values(project=bindparam("in_project"))


def touch(connection: Connection, conversation: str, at: datetime, *, project: str | None = None) -> None:
    """Something was said in it at `at`; project: where it stands now. Tells no text, so it needs no scope."""
    given = {"mine": conversation, "at": times.written(at)}
    if project is None:
        connection.execute(_TOUCH, given)
    else:
        connection.execute(_TOUCH_IN, {**given, "in_project": project})


def latest(
    connection: Connection,
    scope: Scope,
    count_max: int = 20,
    *,
    project: str = "",
    open_only: bool = False,
    named_only: bool = False,
) -> list[Conversation]:
    """The conversations of these scopes, the one spoken in last first. project: only those that stand there now."""
    query = select(CONVERSATIONS).where(CONVERSATIONS.c.scope.in_(scope.names))
    if project:
        query = query.where(CONVERSATIONS.c.project == project)
    if open_only:
        query = query.where(CONVERSATIONS.c.closed_at == "")
    if named_only:
        query = query.where(CONVERSATIONS.c.name != "")
    rows = connection.execute(query.order_by(CONVERSATIONS.c.last_at.desc(), CONVERSATIONS.c.id).limit(count_max))
    return [_value(row) for row in rows.mappings()]


def beginning_with(connection: Connection, scope: Scope, prefix: str) -> list[Conversation]:
    """The conversations of these scopes whose id begins so; two at most, enough to see that it is not unique."""
    query = select(CONVERSATIONS).where(
        CONVERSATIONS.c.id.startswith(prefix, autoescape=True), CONVERSATIONS.c.scope.in_(scope.names)
    )
    return [_value(row) for row in connection.execute(query.order_by(CONVERSATIONS.c.id).limit(2)).mappings()]


def by_id(connection: Connection, scope: Scope, conversations: Sequence[str]) -> dict[str, Conversation]:
    """The conversations with these ids, as far as these scopes may read them."""
    query = select(CONVERSATIONS).where(CONVERSATIONS.c.id.in_(conversations), CONVERSATIONS.c.scope.in_(scope.names))
    return {row["id"]: _value(row) for row in connection.execute(query).mappings()}


def rename(connection: Connection, scope: Scope, conversation: str, name: str) -> None:
    """Gives it another name; that no other one has it is for the caller to see to, in the same transaction."""
    _change(connection, scope, conversation, {"name": name})


def close(connection: Connection, scope: Scope, conversation: str, at: datetime | None) -> None:
    """It is not continued by itself any more; `at` None opens it again."""
    _change(connection, scope, conversation, {"closed_at": times.written(at) if at else ""})


def move(connection: Connection, scope: Scope, conversation: Conversation, to: str, project: str) -> None:
    """From now on it belongs to the scope `to`. Its title was said in the old one and stays with the run that has it.

    Raises ValueError when `to` is outside of `scope`.
    """
    if to not in scope.names:
        raise ValueError(f"conversation {conversation.id} cannot be moved to {to}, which is outside")
    values = {"scope": to, "label": write_label(Label(scopes=frozenset({to}))), "project": project}
    if to != conversation.scope:
        values["title"] = ""
    _change(connection, scope, conversation.id, values)


def line(connection: Connection, scope: Scope, conversation: str) -> tuple[Stretch, ...]:
    """What a conversation is made of, oldest first: the turns it was forked from, then its own.

    Ids and times only. Goes back over FORKS_MAX forks, and ends at one that these scopes may not read.
    """
    found: list[Stretch] = []
    at, until = conversation, None
    columns = (CONVERSATIONS.c.forked_from, CONVERSATIONS.c.forked_at)
    while at and len(found) <= FORKS_MAX:
        query = select(*columns).where(CONVERSATIONS.c.id == at, CONVERSATIONS.c.scope.in_(scope.names))
        row = connection.execute(query).first()
        if row is None:
            break
        found.append(Stretch(at, until))
        at, forked = str(row[0]), times.read(str(row[1]))
        until = min((one for one in (until, forked) if one is not None), default=None)
    return tuple(reversed(found))


def runs_of(connection: Connection, scope: Scope, stretches: Sequence[Stretch], count_max: int) -> list[Run]:
    """The last runs of a conversation and of what it was forked from, oldest first, parts left out."""
    found: list[Run] = []
    for stretch in reversed(stretches):
        room = count_max - len(found)
        if room > 0:
            found = [*runs.of_conversation(connection, scope, stretch.conversation, room, until=stretch.until), *found]
    return found


def length(connection: Connection, scope: Scope, stretch: Stretch) -> Length:
    """How many turns a stretch has within these scopes; parts of runs are not counted."""
    counted = func.count().label("turns")
    query = select(RUNS.c.project, counted).where(
        RUNS.c.conversation == stretch.conversation, RUNS.c.scope.in_(scope.names), RUNS.c.parent == ""
    )
    if stretch.until is not None:
        query = query.where(RUNS.c.started_at <= times.written(stretch.until))
    rows = connection.execute(query.group_by(RUNS.c.project).order_by(func.min(RUNS.c.started_at))).all()
    return Length(sum(int(row[1]) for row in rows), tuple(str(row[0]) for row in rows if row[0]))


def first_words(connection: Connection, scope: Scope, stretches: Sequence[Stretch]) -> str:
    """The first request of a conversation that these scopes may read, or nothing: what a title is made of."""
    for stretch in stretches:
        query = select(RUNS.c.request).where(
            RUNS.c.conversation == stretch.conversation, RUNS.c.scope.in_(scope.names), RUNS.c.parent == ""
        )
        if words := connection.execute(query.order_by(RUNS.c.started_at).limit(1)).scalar():
            return str(words)
    return ""


def _change(connection: Connection, scope: Scope, conversation: str, values: dict[str, str]) -> None:
    mine = update(CONVERSATIONS).where(CONVERSATIONS.c.id == conversation, CONVERSATIONS.c.scope.in_(scope.names))
    connection.execute(mine.values(values))


def _value(row: RowMapping) -> Conversation:
    return Conversation(
        id=row["id"],
        scope=row["scope"],
        project=row["project"],
        title=row["title"],
        started_at=times.read_set(row["started_at"]),
        last_at=times.read_set(row["last_at"]),
        name=row["name"],
        closed_at=times.read(row["closed_at"]),
        forked_from=row["forked_from"],
        forked_at=times.read(row["forked_at"]),
    )
