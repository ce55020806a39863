"""Rows of runs: begun, routed, ended, read back. Every function takes a Scope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from nova.core import json
from nova.core.errors import Unknown
from nova.core.json import Json
from nova.core.labels import Scope, read_label, write_label
from nova.core.limits import Usage
from nova.core.outcomes import Failed
from nova.core.runs import Run, RunState, outcome_from_json, outcome_to_json
from nova.store import times
from nova.store.tables import RUNS

_NEW = insert(RUNS)
"""Statements that are run often are made once: making one costs more than running it."""


def begin(connection: Connection, scope: Scope, run: Run) -> None:
    """The run's row. Raises ValueError when the run is not of the scope's own name."""
    if run.scope != scope.own:
        raise ValueError(f"run {run.id} belongs to {run.scope}, not to {scope.own}")
    connection.execute(_NEW, _row(run))


_MINE = update(RUNS).where(RUNS.c.id == bindparam("mine"), RUNS.c.scope.in_(bindparam("within", expanding=True)))
_FOR_GOOD = frozenset({"id", "conversation", "parent", "principal", "request", "started_at"})
"""What a run never changes. Setting `id` again, even to itself, would look through all events for references."""


def save(connection: Connection, scope: Scope, run: Run) -> None:
    """Everything of the run that changes while it goes on."""
    changing = {name: value for name, value in _row(run).items() if name not in _FOR_GOOD}
    connection.execute(_MINE, {**changing, "mine": run.id, "within": list(scope.names)})


def interrupt(
    connection: Connection, scope: Scope, run: str, at: datetime, *, mend: str = "It was begun again."
) -> bool:
    """Ends a run whose process was cut off while it worked, and those it had passed work on to.

    False when all of them had ended, or never began.
    """
    outcome = Failed(error="Interrupted", what="Its process was cut off while it worked.", mend=mend)
    tree = select(RUNS.c.id).where(RUNS.c.id == run).cte("tree", recursive=True)
    tree = tree.union(select(RUNS.c.id).where(RUNS.c.parent == tree.c.id))
    running = (RUNS.c.state == RunState.RUNNING.value) & RUNS.c.scope.in_(scope.names)
    found = [
        str(one)
        for one in connection.execute(select(RUNS.c.id).where(RUNS.c.id.in_(select(tree.c.id)), running)).scalars()
    ]
    for one in found:
        ended = {"state": RunState.FAILED.value, "ended_at": times.written(at), "last_at": times.written(at)}
        connection.execute(
            update(RUNS).where(RUNS.c.id == one).values(**ended, outcome=json.dump(outcome_to_json(outcome)))
        )
    return bool(found)


def latest(
    connection: Connection, scope: Scope, count_max: int = 20, *, project: str = "", state: str = "", top: bool = True
) -> list[Run]:
    """Runs of these scopes, newest first. top: only those that are not a part of another run."""
    query = select(RUNS).where(RUNS.c.scope.in_(scope.names))
    if project:
        query = query.where(RUNS.c.project == project)
    if state:
        query = query.where(RUNS.c.state == state)
    if top:
        query = query.where(RUNS.c.parent == "")
    rows = connection.execute(query.order_by(RUNS.c.started_at.desc(), RUNS.c.id).limit(count_max))
    return [_value(row) for row in rows.mappings()]


def beginning_with(connection: Connection, scope: Scope, prefix: str) -> list[Run]:
    """The runs of these scopes whose id begins so; two at most, enough to see that it is not unique."""
    query = select(RUNS).where(RUNS.c.id.startswith(prefix, autoescape=True), RUNS.c.scope.in_(scope.names))
    return [_value(row) for row in connection.execute(query.limit(2)).mappings()]


_BY_ID = select(RUNS).where(RUNS.c.id == bindparam("mine"), RUNS.c.scope.in_(bindparam("within", expanding=True)))


def by_id(connection: Connection, scope: Scope, run: str) -> Run | None:
    """The run with exactly this id, or None."""
    row = connection.execute(_BY_ID, {"mine": run, "within": list(scope.names)}).mappings().first()
    return _value(row) if row is not None else None


def the(connection: Connection, scope: Scope, run: str) -> Run:
    """The run with exactly this id. Raises Unknown."""
    found = by_id(connection, scope, run)
    if found is None:
        raise Unknown("run", run, mend="See nova runs.")
    return found


def of_conversation(
    connection: Connection, scope: Scope, conversation: str, count_max: int = 50, *, until: datetime | None = None
) -> list[Run]:
    """The last runs of a conversation, oldest first, parts left out. until: only those that began by then."""
    query = select(RUNS).where(RUNS.c.conversation == conversation, RUNS.c.scope.in_(scope.names), RUNS.c.parent == "")
    if until is not None:
        query = query.where(RUNS.c.started_at <= times.written(until))
    rows = connection.execute(query.order_by(RUNS.c.started_at.desc(), RUNS.c.id).limit(count_max))
    return [_value(row) for row in rows.mappings()][::-1]


_SAID = (
    select(RUNS.c.id, RUNS.c.request, RUNS.c.label)
    .where(
        RUNS.c.conversation == bindparam("conversation"),
        RUNS.c.principal == bindparam("principal"),
        RUNS.c.parent == "",
        RUNS.c.scope.in_(bindparam("within", expanding=True)),
        RUNS.c.started_at <= bindparam("until"),
    )
    .order_by(RUNS.c.started_at.desc(), RUNS.c.id)
    .limit(2)
)


def said_before(connection: Connection, scope: Scope, run: Run) -> str:
    """What the same principal had asked just before this run in its conversation; empty for his first words.

    Words that nobody vouches for are passed over.
    """
    given = {"conversation": run.conversation, "principal": run.principal, "within": list(scope.names)}
    rows = connection.execute(_SAID, {**given, "until": times.written(run.started_at)}).all()
    words = [str(row[1]) for row in rows if row[0] != run.id and read_label(str(row[2])).trusted]
    return words[0] if words else ""


def parts_of(connection: Connection, scope: Scope, run: str) -> list[Run]:
    """The runs that are parts of this one, in their order."""
    query = select(RUNS).where(RUNS.c.parent == run, RUNS.c.scope.in_(scope.names)).order_by(RUNS.c.started_at)
    return [_value(row) for row in connection.execute(query).mappings()]


def _row(run: Run) -> dict[str, object]:
    return {
        "id": run.id,
        "scope": run.scope,
        "label": write_label(run.label),
        "conversation": run.conversation,
        "parent": run.parent,
        "project": run.project,
        "principal": run.principal,
        "request": run.request,
        "agents": " ".join(run.agents),
        "agent_version": run.agent_version,
        "route": run.route,
        "zone": run.zone,
        "state": run.state.value,
        "started_at": times.written(run.started_at),
        "last_at": times.written(run.last_at),
        "ended_at": times.written(run.ended_at) if run.ended_at else "",
        "model_calls": run.usage.model_calls,
        "tool_calls": run.usage.tool_calls,
        "input_tokens": run.usage.input_tokens,
        "output_tokens": run.usage.output_tokens,
        "cost_usd": run.usage.cost_usd,
        "outcome": json.dump(outcome_to_json(run.outcome)) if run.outcome else "",
    }


def _value(row: RowMapping | Mapping[str, str]) -> Run:
    outcome = cast("dict[str, Json]", json.load(row["outcome"])) if row["outcome"] else None
    return Run(
        id=row["id"],
        conversation=row["conversation"],
        request=row["request"],
        principal=row["principal"],
        scope=row["scope"],
        label=read_label(row["label"]),
        state=RunState(row["state"]),
        started_at=times.read_set(row["started_at"]),
        last_at=times.read_set(row["last_at"]),
        ended_at=times.read(row["ended_at"]),
        parent=row["parent"],
        project=row["project"],
        agents=tuple(row["agents"].split()),
        agent_version=row["agent_version"],
        route=row["route"],
        zone=row["zone"],
        usage=Usage(
            model_calls=int(row["model_calls"]),
            tool_calls=int(row["tool_calls"]),
            input_tokens=int(row["input_tokens"]),
            output_tokens=int(row["output_tokens"]),
            cost_usd=row["cost_usd"],  # pyright: ignore[reportArgumentType]
        ),
        outcome=outcome_from_json(outcome) if outcome else None,
    )
