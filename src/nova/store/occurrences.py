"""Rows of occurrences: what happened that may start a pipeline or wake a run. Appended once by id, handled once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from nova.core import json
from nova.core.json import Json
from nova.core.labels import Label, Scope, read_label, write_label
from nova.core.steps import Occurrence
from nova.store import times
from nova.store.tables import OCCURRENCES, STEPS, WALKS


def append(connection: Connection, scope: Scope, occurrence: Occurrence) -> bool:
    """Writes it down; False when its id is known. Raises ValueError when it is not of the scope's name."""
    if occurrence.scope != scope.own:
        raise ValueError(f"occurrence {occurrence.id} belongs to {occurrence.scope}, not to {scope.own}")
    known = select(OCCURRENCES.c.seq).where(OCCURRENCES.c.id == occurrence.id)
    if connection.execute(known).first() is not None:
        return False
    connection.execute(
        insert(OCCURRENCES).values(
            id=occurrence.id,
            scope=occurrence.scope,
            label=write_label(occurrence.label),
            kind=occurrence.kind,
            at=times.written(occurrence.at),
            project=occurrence.project,
            data=json.dump(cast("Json", occurrence.data)),
        )
    )
    return True


def unhandled(
    connection: Connection, scope: Scope, *, kinds: Iterable[str] = (), count_max: int = 200
) -> list[Occurrence]:
    """What nobody has looked at yet, in order."""
    query = select(OCCURRENCES).where(OCCURRENCES.c.handled_at == "", OCCURRENCES.c.scope.in_(scope.names))
    wanted = list(kinds)
    if wanted:
        query = query.where(OCCURRENCES.c.kind.in_(wanted))
    rows = connection.execute(query.order_by(OCCURRENCES.c.seq).limit(count_max)).mappings()
    return [_value(row) for row in rows]


def since(connection: Connection, scope: Scope, kind: str, at: datetime, count_max: int = 200) -> list[Occurrence]:
    """Those of one kind that happened at or after `at`, in order."""
    query = select(OCCURRENCES).where(
        OCCURRENCES.c.kind == kind, OCCURRENCES.c.at >= times.written(at), OCCURRENCES.c.scope.in_(scope.names)
    )
    rows = connection.execute(query.order_by(OCCURRENCES.c.seq).limit(count_max)).mappings()
    return [_value(row) for row in rows]


def waited_for(connection: Connection, scope: Scope) -> frozenset[str]:
    """The kinds of events that steps wait for now."""
    query = select(STEPS.c.waits_for).where(
        STEPS.c.waits_for >= "event ", STEPS.c.waits_for < "event!", STEPS.c.scope.in_(scope.names)
    )
    return frozenset(str(one).removeprefix("event ") for one in connection.execute(query.distinct()).scalars())


def by_id(connection: Connection, scope: Scope, occurrence: str) -> Occurrence | None:
    """What happened, or None."""
    query = select(OCCURRENCES).where(OCCURRENCES.c.id == occurrence, OCCURRENCES.c.scope.in_(scope.names))
    row = connection.execute(query).mappings().first()
    return _value(row) if row is not None else None


def newest(connection: Connection) -> int:
    """The number of the last one; a number, so it needs no scope."""
    return int(connection.execute(select(func.max(OCCURRENCES.c.seq))).scalar_one() or 0)


def came_after(connection: Connection, scope: Scope, kind: str, number: int) -> bool:
    """Whether one of this kind was written down after that number."""
    query = select(OCCURRENCES.c.seq).where(
        OCCURRENCES.c.kind == kind, OCCURRENCES.c.seq > number, OCCURRENCES.c.scope.in_(scope.names)
    )
    return connection.execute(query.limit(1)).first() is not None


def about(connection: Connection, scope: Scope, runs: Iterable[str]) -> frozenset[str]:
    """The events that have set off one of these runs: what they tell is in its inputs."""
    query = select(WALKS.c.trigger).where(
        WALKS.c.run.in_(list(runs)), WALKS.c.trigger.startswith("event "), WALKS.c.scope.in_(scope.names)
    )
    return frozenset(str(one).rpartition(" ")[2] for one in connection.execute(query).scalars())


def handled(connection: Connection, scope: Scope, occurrence: str, at: datetime) -> bool:
    """Marks it; False when somebody else was first."""
    mine = (OCCURRENCES.c.id == occurrence) & (OCCURRENCES.c.handled_at == "")
    changed = connection.execute(
        update(OCCURRENCES).where(mine, OCCURRENCES.c.scope.in_(scope.names)).values(handled_at=times.written(at))
    )
    return changed.rowcount == 1


def _value(row: RowMapping) -> Occurrence:
    label: Label = read_label(row["label"])
    return Occurrence(
        id=row["id"],
        scope=row["scope"],
        label=label,
        kind=row["kind"],
        at=times.read_set(row["at"]),
        project=row["project"],
        data=cast("dict[str, Json]", json.load(row["data"])),
        handled_at=times.read(row["handled_at"]),
    )
