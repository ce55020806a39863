"""Rows of events: appended, read back, never changed (the database itself refuses)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, func, insert, select

from nova.core import json
from nova.core.events import Event, Happening, from_json, kind_of, to_json
from nova.core.json import Json
from nova.core.labels import Scope, read_label, write_label
from nova.store import times
from nova.store.tables import EVENTS, RUNS

_ADD = insert(EVENTS)


def append(connection: Connection, scope: Scope, events: Sequence[Event]) -> None:
    """Adds the events. Raises ValueError when one is not of the scope's own name."""
    strangers = [event for event in events if event.scope != scope.own]
    if strangers:
        raise ValueError(f"event {strangers[0].number} belongs to {strangers[0].scope}, not to {scope.own}")
    connection.execute(_ADD, [_row(event) for event in events])


def of_run(connection: Connection, scope: Scope, run: str, after: int = 0) -> list[Event]:
    """The run's events in order, those after number `after` only."""
    query = select(EVENTS).where(EVENTS.c.run == run, EVENTS.c.scope.in_(scope.names), EVENTS.c.number > after)
    return [
        Event(
            run=row["run"],
            number=row["number"],
            at=times.read_set(row["at"]),
            scope=row["scope"],
            label=read_label(row["label"]),
            happening=from_json(row["kind"], cast("dict[str, Json]", json.load(row["data"]))),
        )
        for row in connection.execute(query.order_by(EVENTS.c.number)).mappings()
    ]


def of_kind(connection: Connection, scope: Scope, run: str, kind: str, *, before: str = "") -> list[Happening]:
    """What happened of one kind (`Degraded`, ...) in the run, in order. before: only until the first of that kind."""
    here = (EVENTS.c.run == run) & EVENTS.c.scope.in_(scope.names)
    query = select(EVENTS.c.data).where(here, EVENTS.c.kind == kind)
    if before:
        first = select(func.min(EVENTS.c.number)).where(here, EVENTS.c.kind == before).scalar_subquery()
        query = query.where(EVENTS.c.number < func.coalesce(first, EVENTS.c.number + 1))
    found = connection.execute(query.order_by(EVENTS.c.number)).scalars()
    return [from_json(kind, cast("dict[str, Json]", json.load(data))) for data in found]


def times_of(connection: Connection, scope: Scope, run: str) -> list[tuple[str, datetime]]:
    """Kind and time of each event of the run, in order."""
    query = select(EVENTS.c.kind, EVENTS.c.at).where(EVENTS.c.run == run, EVENTS.c.scope.in_(scope.names))
    rows = connection.execute(query.order_by(EVENTS.c.number))
    return [(str(kind), times.read_set(at)) for kind, at in rows]


def count_below(connection: Connection, scope: Scope, run: str, kind: str) -> int:
    """How many events of this kind the run and everything below it have."""
    tree = select(RUNS.c.id).where(RUNS.c.id == run).cte("tree", recursive=True)
    tree = tree.union(select(RUNS.c.id).where(RUNS.c.parent == tree.c.id))
    mine = EVENTS.c.run.in_(select(tree.c.id)) & (EVENTS.c.kind == kind) & EVENTS.c.scope.in_(scope.names)
    return int(connection.execute(select(func.count()).select_from(EVENTS).where(mine)).scalar_one())


def last_number(connection: Connection, scope: Scope, run: str) -> int:
    """The number of the run's last event; 0 before the first."""
    query = select(func.max(EVENTS.c.number)).where(EVENTS.c.run == run, EVENTS.c.scope.in_(scope.names))
    return int(connection.execute(query).scalar_one() or 0)


def _row(event: Event) -> dict[str, object]:
    return {
        "run": event.run,
        "number": event.number,
        "at": times.written(event.at),
        "scope": event.scope,
        "label": write_label(event.label),
        "kind": kind_of(event.happening),
        "data": json.dump(to_json(event.happening)),
    }
