"""Rows of conversations: started, touched, read back with their turns. Every function takes a Scope."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from nova.core.conversations import Conversation
from nova.core.labels import Label, Scope, write_label
from nova.store import times
from nova.store.tables import CONVERSATIONS


def start(connection: Connection, scope: Scope, conversation: str, at: datetime, *, project: str, title: str) -> None:
    """A new conversation in the scope's own name."""
    connection.execute(
        insert(CONVERSATIONS).values(
            id=conversation,
            scope=scope.own,
            label=write_label(Label(scopes=frozenset({scope.own}))),
            project=project,
            title=title,
            started_at=times.written(at),
            last_at=times.written(at),
        )
    )


def touch(connection: Connection, conversation: str, at: datetime) -> None:
    """Something was said in it at `at`. Tells nothing, so it needs no scope."""
    connection.execute(
        update(CONVERSATIONS).where(CONVERSATIONS.c.id == conversation).values(last_at=times.written(at))
    )


def latest(connection: Connection, scope: Scope, count_max: int = 20) -> list[Conversation]:
    """The conversations of these scopes, the one spoken in last first."""
    query = select(CONVERSATIONS).where(CONVERSATIONS.c.scope.in_(scope.names))
    rows = connection.execute(query.order_by(CONVERSATIONS.c.last_at.desc()).limit(count_max))
    return [_value(row) for row in rows.mappings()]


def beginning_with(connection: Connection, scope: Scope, prefix: str) -> list[Conversation]:
    """The conversations of these scopes whose id begins so; two at most, enough to see that it is not unique."""
    query = select(CONVERSATIONS).where(
        CONVERSATIONS.c.id.startswith(prefix, autoescape=True), CONVERSATIONS.c.scope.in_(scope.names)
    )
    return [_value(row) for row in connection.execute(query.limit(2)).mappings()]


def _value(row: RowMapping) -> Conversation:
    return Conversation(
        id=row["id"],
        scope=row["scope"],
        project=row["project"],
        title=row["title"],
        started_at=times.read_set(row["started_at"]),
        last_at=times.read_set(row["last_at"]),
    )
