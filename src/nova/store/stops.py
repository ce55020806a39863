"""Wishes that a run may end now, left where the process that runs it looks twice a second. Takes a Scope, always."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Connection, insert, select, update

from nova.core import json
from nova.core.events import StopAsked
from nova.core.ids import new_id
from nova.core.json import Json
from nova.core.labels import Label, Scope, write_label
from nova.store import times
from nova.store.database import Database
from nova.store.tables import OCCURRENCES, WALKS

KIND = "stop"
LOOK_SECONDS = 0.5


def ask(connection: Connection, scope: Scope, run: str, *, by: str, why: str, at: datetime) -> None:
    """Leaves the wish, for a run at the top of its tree; where it has a walk, there as well."""
    connection.execute(
        insert(OCCURRENCES).values(
            id=f"{KIND}.{run}.{new_id('s')}",
            scope=scope.own,
            label=write_label(Label(scopes=frozenset({scope.own}))),
            kind=KIND,
            at=times.written(at),
            data=json.dump({"run": run, "by": by, "why": why}),
        )
    )
    mine = (WALKS.c.run == run) & (WALKS.c.ended_at == "") & WALKS.c.scope.in_(scope.names)
    connection.execute(update(WALKS).where(mine).values(stop_asked_at=times.written(at), stop_why=why))


def asked(connection: Connection, scope: Scope, run: str) -> StopAsked | None:
    """The first wish that this run may end, or None. Cheap: one look into an index."""
    query = select(OCCURRENCES.c.data).where(_of(run), OCCURRENCES.c.scope.in_(scope.names))
    row = connection.execute(query.order_by(OCCURRENCES.c.seq).limit(1)).first()
    if row is None:
        return None
    said = cast("dict[str, Json]", json.load(row[0]))
    return StopAsked(by=str(said["by"]), why=str(said["why"]))


def settle(connection: Connection, scope: Scope, run: str, at: datetime) -> None:
    """The run is over: what was asked of it is done with."""
    mine = _of(run) & OCCURRENCES.c.scope.in_(scope.names)
    connection.execute(update(OCCURRENCES).where(mine).values(handled_at=times.written(at)))


async def until_stopped(database: Database, scope: Scope, run: str) -> StopAsked:
    """Returns when somebody wants the run to end; looks every half second. Raises StoreError."""
    while True:
        with database.read() as connection:
            if (wish := asked(connection, scope, run)) is not None:
                return wish
        await asyncio.sleep(LOOK_SECONDS)


def _of(run: str) -> ColumnElement[bool]:
    named = OCCURRENCES.c.id.startswith(f"{KIND}.{run}.", autoescape=True)
    return (OCCURRENCES.c.kind == KIND) & (OCCURRENCES.c.handled_at == "") & named
