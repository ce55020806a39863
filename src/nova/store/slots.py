"""Rows of slots: what a trigger was due for, and what became of it. That a row is there means somebody serves it.

Knows rows; refuses to know when a schedule is due (pipelines.schedule) and who serves it (pipelines.triggers).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update

from nova.core.labels import Label, Scope, read_label, write_label
from nova.store import times
from nova.store.tables import SLOTS


class SlotState(StrEnum):
    """What became of a slot."""

    TAKEN = "taken"  # a worker serves it now
    FIRED = "fired"  # a run was started
    IDLE = "idle"  # its check found nothing, and no run was started
    MISSED = "missed"  # it passed while no worker ran
    FAILED = "failed"  # no run could be started; `why` says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One time or event that a trigger answers. due_at: when; occurrence: the event's id, empty for a schedule.

    at: when its state was written. run: the run that was started. why: of what was missed, idle or failed.
    """

    pipeline: str
    trigger: str
    due_at: datetime
    scope: str
    label: Label
    state: SlotState
    at: datetime
    occurrence: str = ""
    run: str = ""
    why: str = ""

    @property
    def key(self) -> str:
        """The third part of its key: the time, and for an event which one, so that two of one moment are two."""
        return f"{times.written(self.due_at)} {self.occurrence}".rstrip()


def take(connection: Connection, scope: Scope, slot: Slot) -> bool:
    """Writes the slot down; False when it is there already, and then it is somebody else's to serve."""
    if slot.scope != scope.own:
        raise ValueError(f"a slot of {slot.pipeline} belongs to {slot.scope}, not to {scope.own}")
    if connection.execute(select(SLOTS.c.state).where(_same(slot))).first() is not None:
        return False
    connection.execute(
        insert(SLOTS).values(
            pipeline=slot.pipeline,
            trigger=slot.trigger,
            due_at=slot.key,
            scope=slot.scope,
            label=write_label(slot.label),
            state=slot.state.value,
            run=slot.run,
            why=slot.why,
            at=times.written(slot.at),
        )
    )
    return True


def settle(
    connection: Connection, scope: Scope, slot: Slot, state: SlotState, at: datetime, *, run: str = "", why: str = ""
) -> None:
    """What became of a slot that was taken."""
    mine = _same(slot) & SLOTS.c.scope.in_(scope.names)
    connection.execute(update(SLOTS).where(mine).values(state=state.value, at=times.written(at), run=run, why=why))


def unserved(connection: Connection, scope: Scope, before: datetime) -> bool:
    """Whether there are slots that were taken before then and have no end."""
    left = (SLOTS.c.state == SlotState.TAKEN.value) & (SLOTS.c.at < times.written(before))
    query = select(SLOTS.c.state).where(left, SLOTS.c.scope.in_(scope.names)).limit(1)
    return connection.execute(query).first() is not None


def retake(connection: Connection, scope: Scope, before: datetime, at: datetime) -> list[Slot]:
    """Slots that somebody took before `before` and left unserved, as after a crash: they are the caller's from now."""
    left = (SLOTS.c.state == SlotState.TAKEN.value) & (SLOTS.c.at < times.written(before))
    rows = connection.execute(select(SLOTS).where(left, SLOTS.c.scope.in_(scope.names))).mappings().all()
    found = [_value(row) for row in rows]
    for slot in found:
        connection.execute(update(SLOTS).where(_same(slot)).values(at=times.written(at)))
    return found


def latest(
    connection: Connection, scope: Scope, *, pipeline: str = "", trigger: str = "", count_max: int = 20
) -> list[Slot]:
    """The slots of these scopes, the one due last first."""
    query = select(SLOTS).where(SLOTS.c.scope.in_(scope.names))
    if pipeline:
        query = query.where(SLOTS.c.pipeline == pipeline)
    if trigger:
        query = query.where(SLOTS.c.trigger == trigger)
    rows = connection.execute(query.order_by(SLOTS.c.due_at.desc(), SLOTS.c.pipeline).limit(count_max)).mappings()
    return [_value(row) for row in rows]


def missed(connection: Connection, scope: Scope, pipeline: str, since: datetime | None, count_max: int) -> list[Slot]:
    """The slots of a pipeline that were found to be missed since then, oldest first; the newest count_max."""
    query = select(SLOTS).where(
        SLOTS.c.pipeline == pipeline, SLOTS.c.state == SlotState.MISSED.value, SLOTS.c.scope.in_(scope.names)
    )
    if since is not None:
        query = query.where(SLOTS.c.at > times.written(since))
    rows = connection.execute(query.order_by(SLOTS.c.due_at.desc()).limit(count_max)).mappings()
    return [_value(row) for row in rows][::-1]


def prune(connection: Connection, scope: Scope, before: datetime) -> int:
    """Takes out slots that were due before then; how many."""
    old = (SLOTS.c.due_at < times.written(before)) & (SLOTS.c.state != SlotState.TAKEN.value)
    return connection.execute(delete(SLOTS).where(old, SLOTS.c.scope.in_(scope.names))).rowcount


def _same(slot: Slot) -> ColumnElement[bool]:
    return (SLOTS.c.pipeline == slot.pipeline) & (SLOTS.c.trigger == slot.trigger) & (SLOTS.c.due_at == slot.key)


def _value(row: RowMapping) -> Slot:
    due_at, _, occurrence = str(row["due_at"]).partition(" ")
    return Slot(
        pipeline=row["pipeline"],
        trigger=row["trigger"],
        due_at=times.read_set(due_at),
        occurrence=occurrence,
        scope=row["scope"],
        label=read_label(row["label"]),
        state=SlotState(row["state"]),
        at=times.read_set(row["at"]),
        run=row["run"],
        why=row["why"],
    )
