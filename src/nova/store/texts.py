"""Rows of texts by content: the version of an agent file that a run used can be read years later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from nova.core.labels import HOME, Label, Scope, write_label
from nova.store import times
from nova.store.tables import TEXTS

_KNOWN = select(TEXTS.c.digest).where(TEXTS.c.digest == bindparam("mine"))
_ADD = insert(TEXTS)


def keep(connection: Connection, scope: Scope, digest: str, at: datetime, *, kind: str, name: str, body: str) -> None:
    """Keeps a text once; the same digest again changes nothing. Agents and pipelines are the home's."""
    if connection.execute(_KNOWN, {"mine": digest}).first() is None:
        owner = HOME if kind in ("agent", "pipeline") else scope.own
        label = write_label(Label(scopes=frozenset({owner})))
        row = {"digest": digest, "scope": owner, "label": label, "kind": kind, "name": name, "body": body}
        connection.execute(_ADD, {**row, "at": times.written(at)})


def body_of(connection: Connection, scope: Scope, digest: str) -> str | None:
    """The text, if these scopes may read it."""
    query = select(TEXTS.c.body).where(TEXTS.c.digest == digest, TEXTS.c.scope.in_(scope.names | {HOME}))
    return connection.execute(query).scalar_one_or_none()
