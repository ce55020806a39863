"""When a run last gave a sign of life: the newest event of it and of everything below it. Takes a Scope, always."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from nova.core.labels import Scope
from nova.store import times
from nova.store.tables import EVENTS, RUNS


def last_sign(connection: Connection, scope: Scope, run: str) -> datetime | None:
    """The time of the newest event in the tree below (and with) this run; None when there is none."""
    tree = select(RUNS.c.id).where(RUNS.c.id == run, RUNS.c.scope.in_(scope.names)).cte("tree", recursive=True)
    tree = tree.union(select(RUNS.c.id).where(RUNS.c.parent == tree.c.id, RUNS.c.scope.in_(scope.names)))
    query = select(func.max(EVENTS.c.at)).where(EVENTS.c.run.in_(select(tree.c.id)))
    return times.read(str(connection.execute(query).scalar() or ""))
