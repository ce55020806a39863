"""Rows of cursors: how far something has been read. A name and a text; refuses to know what the text means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from nova.core.labels import Label, Scope, write_label
from nova.store import times
from nova.store.tables import CURSORS


def values(connection: Connection, scope: Scope, prefix: str) -> Mapping[str, str]:
    """The cursors of these scopes whose names begin so."""
    query = select(CURSORS.c.name, CURSORS.c.value).where(
        CURSORS.c.name.startswith(prefix, autoescape=True), CURSORS.c.scope.in_(scope.names)
    )
    return {str(row[0]): str(row[1]) for row in connection.execute(query)}


def value(connection: Connection, scope: Scope, name: str) -> str:
    """How far it has been read; empty when it never was."""
    query = select(CURSORS.c.value).where(CURSORS.c.name == name, CURSORS.c.scope.in_(scope.names))
    return str(connection.execute(query).scalar_one_or_none() or "")


def put(connection: Connection, scope: Scope, name: str, value: str, at: datetime) -> None:
    """It has been read up to here, in this transaction."""
    changed = connection.execute(
        update(CURSORS)
        .where(CURSORS.c.name == name, CURSORS.c.scope.in_(scope.names))
        .values(value=value, at=times.written(at))
    )
    if changed.rowcount == 0:
        label = write_label(Label(scopes=frozenset({scope.own})))
        connection.execute(
            insert(CURSORS).values(name=name, scope=scope.own, label=label, value=value, at=times.written(at))
        )


def remove(connection: Connection, scope: Scope, names: Iterable[str]) -> None:
    """Takes them out: what is read under these names again begins anew."""
    wanted = CURSORS.c.name.in_(list(names))
    connection.execute(delete(CURSORS).where(wanted, CURSORS.c.scope.in_(scope.names)))
