"""Rows of steps and effects: what a walk has done, by the key of the step, and what it did to the world."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from nova.core import json
from nova.core.degradations import Degradation, DegradationKind
from nova.core.json import Json
from nova.core.labels import Label, Scope, read_label, write_label
from nova.core.limits import Usage
from nova.core.steps import Effect, EffectState, Step, StepState
from nova.store import times
from nova.store.tables import EFFECTS, STEPS
from nova.store.values import Blobs

_KEY = frozenset({"run", "path", "scope"})
AGAIN = "again"
"""In the place of what a step waits for: somebody wants it tried anew, as if it had not been tried yet."""
_NEW = insert(STEPS)
_MINE = (
    update(STEPS)
    .where(STEPS.c.run == bindparam("the_run"), STEPS.c.path == bindparam("the_path"))
    .values({column.name: bindparam(f"new_{column.name}") for column in STEPS.columns if column.name not in _KEY})
)
"""Made once: to make it for each step costs more than to run it."""


def put(connection: Connection, scope: Scope, step: Step, blobs: Blobs, *, new: bool) -> None:
    """Writes the step's row. new: it has none yet. Raises ValueError when it is not of the scope's own name."""
    if step.scope != scope.own:
        raise ValueError(f"step {step.run} {step.path} belongs to {step.scope}, not to {scope.own}")
    row = _row(step, blobs)
    if new:
        connection.execute(_NEW, row)
        return
    changing = {f"new_{name}": value for name, value in row.items() if name not in _KEY}
    connection.execute(_MINE, {**changing, "the_run": step.run, "the_path": step.path})


def of_run(connection: Connection, scope: Scope, run: str, blobs: Blobs) -> dict[str, Step]:
    """The steps of a run by their paths, in the order they began."""
    query = select(STEPS).where(STEPS.c.run == run, STEPS.c.scope.in_(scope.names))
    rows = connection.execute(query.order_by(STEPS.c.started_at, STEPS.c.path)).mappings()
    return {str(row["path"]): _value(row, blobs) for row in rows}


def waiting_for(connection: Connection, scope: Scope, waits_for: str, blobs: Blobs) -> list[Step]:
    """The steps that wait for exactly this (`event issue-opened`)."""
    query = select(STEPS).where(
        STEPS.c.waits_for == waits_for, STEPS.c.state == StepState.WAITING.value, STEPS.c.scope.in_(scope.names)
    )
    return [_value(row, blobs) for row in connection.execute(query).mappings()]


def reopen(connection: Connection, scope: Scope, run: str, paths: Iterable[str]) -> None:
    """Steps that are to be tried again, as if they had been cut off; their tries go on counting."""
    mine = (STEPS.c.run == run) & STEPS.c.path.in_(list(paths)) & STEPS.c.scope.in_(scope.names)
    values = {"state": StepState.RUNNING.value, "ended_at": "", "waits_for": AGAIN, "wakes_at": "", "output": ""}
    connection.execute(update(STEPS).where(mine).values(**values))


def cut(connection: Connection, scope: Scope, run: str, at: datetime) -> None:
    """Steps that were cut off when their run ended stand as failed, not as running."""
    going = STEPS.c.state.in_([StepState.RUNNING.value, StepState.WAITING.value])
    mine = (STEPS.c.run == run) & going & STEPS.c.scope.in_(scope.names)
    values = {"state": StepState.FAILED.value, "error": "Stopped", "waits_for": "", "ended_at": times.written(at)}
    connection.execute(update(STEPS).where(mine).values(**values, what="It was cut off when the run ended."))


def effect(connection: Connection, scope: Scope, key: str, blobs: Blobs) -> Effect | None:
    """The effect with this idempotency key, or None."""
    query = select(EFFECTS).where(EFFECTS.c.key == key, EFFECTS.c.scope.in_(scope.names))
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return Effect(
        key=row["key"],
        run=row["run"],
        path=row["path"],
        tool=row["tool"],
        scope=row["scope"],
        label=read_label(row["label"]),
        arguments=row["arguments"],
        state=EffectState(row["state"]),
        at=times.read_set(row["at"]),
        ended_at=times.read(row["ended_at"]),
        result=blobs.read(row["result"]),
    )


def intend(connection: Connection, scope: Scope, effect: Effect) -> None:
    """Writes down what is about to be done. Raises ValueError when it is not of the scope's own name."""
    if effect.scope != scope.own:
        raise ValueError(f"effect {effect.key} belongs to {effect.scope}, not to {scope.own}")
    connection.execute(
        insert(EFFECTS).values(
            key=effect.key,
            scope=effect.scope,
            label=write_label(effect.label),
            run=effect.run,
            path=effect.path,
            tool=effect.tool,
            arguments=effect.arguments,
            state=effect.state.value,
            at=times.written(effect.at),
        )
    )


def settle(
    connection: Connection, scope: Scope, key: str, state: EffectState, at: datetime, result: Json, blobs: Blobs, *,
    label: Label | None = None,
) -> None:  # fmt: skip
    """What became of it. label: of the result, which stands in for doing it again."""
    mine = (EFFECTS.c.key == key) & EFFECTS.c.scope.in_(scope.names)
    written = blobs.write(result) if result is not None else ""
    values = {"state": state.value, "ended_at": times.written(at), "result": written}
    if label is not None:
        values["label"] = write_label(label)
    connection.execute(update(EFFECTS).where(mine).values(**values))


def _row(step: Step, blobs: Blobs) -> dict[str, object]:
    return {
        "run": step.run,
        "path": step.path,
        "scope": step.scope,
        "label": write_label(step.label),
        "name": step.name,
        "kind": step.kind,
        "state": step.state.value,
        "attempt": step.attempt,
        "started_at": times.written(step.started_at),
        "ended_at": times.written(step.ended_at) if step.ended_at else "",
        "seconds": step.seconds,
        "child": step.child,
        "input": step.input,
        "output": blobs.write(step.output) if step.output is not None else "",
        "error": step.error,
        "what": step.what,
        "mend": step.mend,
        "waits_for": step.waits_for,
        "wakes_at": times.written(step.wakes_at) if step.wakes_at else "",
        "degradations": json.dump(
            [{"kind": one.kind.value, "what": one.what, "mend": one.mend} for one in step.degradations]
        ),
        "model_calls": step.usage.model_calls,
        "tool_calls": step.usage.tool_calls,
        "input_tokens": step.usage.input_tokens,
        "output_tokens": step.usage.output_tokens,
        "cost_usd": step.usage.cost_usd,
    }


def _value(row: RowMapping, blobs: Blobs) -> Step:
    degradations = cast("list[dict[str, str]]", json.load(row["degradations"]))
    return Step(
        run=row["run"],
        path=row["path"],
        name=row["name"],
        kind=row["kind"],
        scope=row["scope"],
        label=read_label(row["label"]),
        state=StepState(row["state"]),
        attempt=int(row["attempt"]),
        started_at=times.read_set(row["started_at"]),
        ended_at=times.read(row["ended_at"]),
        seconds=float(row["seconds"]),
        child=row["child"],
        input=row["input"],
        output=blobs.read(row["output"]),
        error=row["error"],
        what=row["what"],
        mend=row["mend"],
        waits_for=row["waits_for"],
        wakes_at=times.read(row["wakes_at"]),
        degradations=tuple(
            Degradation(kind=DegradationKind(one["kind"]), what=one["what"], mend=one["mend"]) for one in degradations
        ),
        usage=Usage(
            model_calls=int(row["model_calls"]),
            tool_calls=int(row["tool_calls"]),
            input_tokens=int(row["input_tokens"]),
            output_tokens=int(row["output_tokens"]),
            cost_usd=row["cost_usd"],
        ),
    )
