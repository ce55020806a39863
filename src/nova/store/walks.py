"""Rows of walks: begun, taken up, parked, woken, ended. The holder of a walk is the only one who writes it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from nova.core import json
from nova.core.errors import Superseded
from nova.core.labels import Scope, read_label, write_label
from nova.core.steps import Walk, WalkState
from nova.store import times
from nova.store.tables import WALKS
from nova.store.values import Blobs

_FOR_GOOD = frozenset({"run", "root", "plan", "name", "inputs", "trigger", "created_at", "queue", "pinned"})
"""What saving never changes. `pinned` is the owner's: whoever walks the run knows only how it was before."""


_NEW = insert(WALKS)


def begin(connection: Connection, scope: Scope, walk: Walk, blobs: Blobs) -> None:
    """The walk's row. Raises ValueError when it is not of the scope's own name."""
    if walk.scope != scope.own:
        raise ValueError(f"walk {walk.run} belongs to {walk.scope}, not to {scope.own}")
    connection.execute(_NEW, _row(walk, blobs))


_MINE = update(WALKS).where(WALKS.c.run == bindparam("mine"), WALKS.c.scope.in_(bindparam("within", expanding=True)))


def save(connection: Connection, scope: Scope, walk: Walk, blobs: Blobs) -> None:
    """Everything of the walk that changes."""
    changing = {name: value for name, value in _row(walk, blobs).items() if name not in _FOR_GOOD}
    connection.execute(_MINE, {**changing, "mine": walk.run, "within": list(scope.names)})


_ONE = select(WALKS).where(WALKS.c.run == bindparam("mine"), WALKS.c.scope.in_(bindparam("within", expanding=True)))


def of_run(connection: Connection, scope: Scope, run: str, blobs: Blobs | None, *, alone: bool = False) -> Walk | None:
    """The walk of a run, or None. alone: nobody else changes it until this transaction ends. blobs: see `listed`."""
    query = _ONE.with_for_update() if alone else _ONE
    row = connection.execute(query, {"mine": run, "within": list(scope.names)}).mappings().first()
    return _value(row, blobs) if row is not None else None


_HELD = select(WALKS.c.holder, WALKS.c.leg).where(WALKS.c.run == bindparam("mine"))
_HELD_ALONE = _HELD.with_for_update()


def check_holder(connection: Connection, scope: Scope, root: str, holder: str, leg: int) -> None:
    """Raises Superseded unless this executor holds the walk at the top, on this leg, until the transaction ends."""
    del scope  # names and numbers only: nothing of the owner's is read
    row = connection.execute(_HELD_ALONE, {"mine": root}).first()
    if row is None or (row[0], row[1]) != (holder, leg):
        who = f"{row[0]} (leg {row[1]})" if row is not None else "nobody"
        raise Superseded(f"The run {root} is held by {who} now, not by {holder} (leg {leg}).", "It goes on there.")


def beat(connection: Connection, root: str, holder: str, leg: int, at: datetime) -> tuple[bool, str] | None:
    """A sign of life; (whether a stop was asked for, why), or None when the walk is no longer this holder's."""
    mine = (WALKS.c.run == root) & (WALKS.c.holder == holder) & (WALKS.c.leg == leg)
    changed = connection.execute(update(WALKS).where(mine).values(heartbeat_at=times.written(at)))
    if changed.rowcount == 0:
        return None
    return asked_to_stop(connection, root)


def finish(connection: Connection, scope: Scope, run: str, at: datetime) -> None:
    """The walk is over; the run's own row says how. Nothing for a run without a walk."""
    mine = (WALKS.c.run == run) & WALKS.c.scope.in_(scope.names)
    values = {"state": WalkState.ENDED.value, "ended_at": times.written(at), "parked_on": "[]", "wakes_at": ""}
    connection.execute(update(WALKS).where(mine).values(**values))


def give_back(connection: Connection, root: str, holder: str) -> bool:
    """Whoever walks it lets it go before its end: it can be taken up at once. False when it is another's by now."""
    mine = (WALKS.c.run == root) & (WALKS.c.holder == holder) & (WALKS.c.state == WalkState.RUNNING.value)
    return connection.execute(update(WALKS).where(mine).values(heartbeat_at="")).rowcount == 1


def pin(connection: Connection, scope: Scope, root: str, pinned: bool) -> None:
    """Marks a tree of walks as never to be collected, or takes the mark away."""
    mine = (WALKS.c.root == root) & WALKS.c.scope.in_(scope.names)
    connection.execute(update(WALKS).where(mine).values(pinned=int(pinned)))


def asked_to_stop(connection: Connection, root: str) -> tuple[bool, str]:
    """Whether the owner wants this walk to end, and why. Cheap: looked at twice a second."""
    row = connection.execute(select(WALKS.c.stop_asked_at, WALKS.c.stop_why).where(WALKS.c.run == root)).first()
    return (bool(row[0]), str(row[1])) if row is not None else (False, "")


def tree(connection: Connection, scope: Scope, root: str, blobs: Blobs) -> list[Walk]:
    """The walks under (and with) this root."""
    query = select(WALKS).where(WALKS.c.root == root, WALKS.c.scope.in_(scope.names)).order_by(WALKS.c.created_at)
    return [_value(row, blobs) for row in connection.execute(query).mappings()]


def listed(
    connection: Connection,
    scope: Scope,
    blobs: Blobs | None,
    *,
    states: Iterable[WalkState] = (),
    roots: bool = True,
    name: str = "",
    count_max: int = 50,
) -> list[Walk]:
    """Walks of these scopes, newest first. name: only of this pipeline (its id, any version).

    blobs None: without their inputs and outputs, for who only lists them.
    """
    query = select(WALKS).where(WALKS.c.scope.in_(scope.names))
    chosen = [state.value for state in states]
    if chosen:
        query = query.where(WALKS.c.state.in_(chosen))
    if roots:
        query = query.where(WALKS.c.run == WALKS.c.root)
    if name:
        query = query.where(WALKS.c.name.startswith(name + "@", autoescape=True))
    rows = connection.execute(query.order_by(WALKS.c.created_at.desc(), WALKS.c.run).limit(count_max))
    return [_value(row, blobs) for row in rows.mappings()]


def due(connection: Connection, scope: Scope, now: datetime, blobs: Blobs, count_max: int = 200) -> list[Walk]:
    """Parked roots whose sleep is over, or which are to end: what they asked about was forgotten."""
    over = (WALKS.c.wakes_at != "") & (WALKS.c.wakes_at <= times.written(now))
    query = select(WALKS).where(
        WALKS.c.state == WalkState.PARKED.value,
        over | (WALKS.c.stop_asked_at != ""),
        WALKS.c.run == WALKS.c.root,
        WALKS.c.scope.in_(scope.names),
    )
    rows = connection.execute(query.order_by(WALKS.c.wakes_at).limit(count_max))
    return [_value(row, blobs) for row in rows.mappings()]


def silent(connection: Connection, scope: Scope, before: datetime, blobs: Blobs, count_max: int = 200) -> list[Walk]:
    """Roots that are said to be walked, with no sign of life since `before`."""
    query = select(WALKS).where(
        WALKS.c.state == WalkState.RUNNING.value,
        WALKS.c.heartbeat_at < times.written(before),
        WALKS.c.run == WALKS.c.root,
        WALKS.c.scope.in_(scope.names),
    )
    return [_value(row, blobs) for row in connection.execute(query.limit(count_max)).mappings()]


def _row(walk: Walk, blobs: Blobs) -> dict[str, object]:
    return {
        "run": walk.run,
        "root": walk.root,
        "scope": walk.scope,
        "label": write_label(walk.label),
        "plan": walk.plan,
        "name": walk.name,
        "inputs": blobs.write(walk.inputs),
        "output": blobs.write(walk.output) if walk.output is not None else "",
        "state": walk.state.value,
        "queue": walk.queue,
        "leg": walk.leg,
        "holder": walk.holder,
        "heartbeat_at": _time(walk.heartbeat_at),
        "stop_asked_at": _time(walk.stop_asked_at),
        "stop_why": walk.stop_why,
        "parked_on": json.dump(list(walk.parked_on)),
        "wakes_at": _time(walk.wakes_at),
        "trigger": walk.trigger,
        "pinned": int(walk.pinned),
        "created_at": times.written(walk.created_at),
        "ended_at": _time(walk.ended_at),
    }


def _time(at: datetime | None) -> str:
    return times.written(at) if at is not None else ""


def _value(row: RowMapping, blobs: Blobs | None) -> Walk:
    return Walk(
        run=row["run"],
        root=row["root"],
        scope=row["scope"],
        label=read_label(row["label"]),
        plan=row["plan"],
        name=row["name"],
        inputs=blobs.read(row["inputs"]) if blobs else None,
        output=blobs.read(row["output"]) if blobs else None,
        state=WalkState(row["state"]),
        queue=row["queue"],
        leg=int(row["leg"]),
        holder=row["holder"],
        heartbeat_at=times.read(row["heartbeat_at"]),
        stop_asked_at=times.read(row["stop_asked_at"]),
        stop_why=row["stop_why"],
        parked_on=tuple(cast("list[str]", json.load(row["parked_on"]))),
        wakes_at=times.read(row["wakes_at"]),
        trigger=row["trigger"],
        pinned=bool(row["pinned"]),
        created_at=times.read_set(row["created_at"]),
        ended_at=times.read(row["ended_at"]),
    )
