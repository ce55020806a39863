"""Which slots are this worker's to serve: rows that it could write, for times that have passed and events that came.

That the row could be written decides, so a slot is served once however many workers look. Knows slots and cursors;
refuses to serve them (pipelines.triggers).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from nova.core import json
from nova.core.json import Json
from nova.core.labels import HOME, Label, Scope
from nova.core.plans import Trigger, TriggerKind
from nova.core.steps import Occurrence
from nova.pipelines import circles
from nova.pipelines.events import event_of, matches, time_of
from nova.pipelines.schedule import Schedule, due
from nova.projects.definition import Project
from nova.store import cursors, occurrences, slots, times
from nova.store.database import Connection, Database
from nova.store.slots import Slot, SlotState

GRACE = timedelta(minutes=10)
"""A time that passed while no worker ran is still served when it is not longer ago than this."""
UNSERVED = timedelta(minutes=3)
"""A slot that was taken so long ago and has no end was left by a worker that died."""
MISSED = "It was not served when it was due: no worker was running, or was free, or its file could not be read."

Key: TypeAlias = tuple[str, str]
"""A pipeline's id and its trigger's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What there is at this tick. triggers: of all pipelines; since: up to when each has been served."""

    database: Database
    projects: Sequence[Project]
    triggers: Mapping[Key, Trigger]
    now: datetime

    @property
    def everything(self) -> Scope:
        """The home and all its projects."""
        return Scope.owner(project.scope for project in self.projects)

    @property
    def home(self) -> Scope:
        """The same, to write what is the home's own: cursors."""
        return Scope(own=HOME, names=self.everything.names)

    def wall(self, project: str) -> Scope:
        """Where a slot stands. One that names no known project is the home's, and fails visibly when it is served."""
        return Scope.of(next((one.scope for one in self.projects if project in one.names), HOME))

    def reach(self, occurrence: Occurrence) -> Scope:
        """Who may learn of it: what happened in the home everybody, what happened in a project that one only."""
        return self.home if occurrence.scope == HOME else Scope.of(occurrence.scope)

    def placed(self, trigger: Trigger, occurrence: Occurrence) -> Trigger | None:
        """The trigger in the project where it happened, if it names none; None when it names another.

        What happened behind one project's wall starts nothing behind another's.
        """
        here = next((one.name for one in self.projects if one.scope == occurrence.scope), "")
        project = trigger.project or here
        allowed = occurrence.scope in (HOME, self.wall(project).own)
        return replace(trigger, project=project) if allowed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A slot that is ours to serve. event: what `${event.field}` refers to."""

    slot: Slot
    trigger: Trigger
    event: dict[str, Json]

    @property
    def scope(self) -> Scope:
        """Where its row stands."""
        return Scope.of(self.slot.scope)


def since(ground: Ground) -> Mapping[Key, datetime]:
    """Up to when each trigger has been served. One that is new or was changed begins now."""
    with ground.database.read() as connection:
        written = dict(cursors.values(connection, ground.everything, "trigger:"))
    wanted = {key: (_cursor(key), _about(trigger)) for key, trigger in ground.triggers.items()}
    fresh = {name: about for name, about in wanted.values() if written.get(name, "").partition(" ")[2] != about}
    if fresh:
        with ground.database.write() as connection:
            for name, about in fresh.items():
                written[name] = f"{times.written(ground.now)} {about}"
                cursors.put(connection, ground.home, name, written[name], ground.now)
    return {key: times.read_set(written[name].partition(" ")[0]) for key, (name, _) in wanted.items()}


def scheduled(ground: Ground, served: Mapping[Key, datetime]) -> list[Taken]:
    """The times that have passed, of every schedule: the newest is ours to serve, unless it is too long ago."""
    mine: list[Taken] = []
    for key, trigger in ground.triggers.items():
        if trigger.kind is TriggerKind.SCHEDULE:
            passed = due(Schedule(trigger.cron, trigger.zone), served[key], ground.now)
            mine += _times(ground, key, trigger, passed) if passed else []
    return mine


def _times(ground: Ground, key: Key, trigger: Trigger, passed: Sequence[datetime]) -> list[Taken]:
    """Rows for all that have passed, whatever becomes of them."""
    newest = passed[-1]
    late = ground.now - newest > GRACE
    served = newest if trigger.catch_up or not late else None
    mine: list[Taken] = []
    with ground.database.write() as connection:
        reached = cursors.value(connection, ground.everything, _cursor(key)).partition(" ")[0]
        if reached and times.read_set(reached) >= newest:
            return []  # another worker was first
        for at in passed:
            slot = _slot(ground, key, trigger.project, at)
            if at != served:
                slot = replace(slot, state=SlotState.MISSED, why=MISSED)
            elif late:
                slot = replace(slot, why=f"It was due at {at:%Y-%m-%d %H:%M} UTC and is served late.")
            if slots.take(connection, Scope.of(slot.scope), slot) and at == served:
                mine.append(Taken(slot=slot, trigger=trigger, event=time_of(at)))
        reached = f"{times.written(newest)} {_about(trigger)}"
        cursors.put(connection, ground.home, _cursor(key), reached, ground.now)
    return mine


def set_off(
    ground: Ground, connection: Connection, served: Mapping[Key, datetime], occurrence: Occurrence
) -> list[Taken]:
    """The slots that an event opens, in this transaction; one that would go round in a circle is a failed row."""
    mine: list[Taken] = []
    for key, trigger in ground.triggers.items():
        here = ground.placed(trigger, occurrence)
        if here is None or not matches(trigger, occurrence) or occurrence.at <= served[key]:
            continue
        slot = _slot(ground, key, here.project, occurrence.at)
        slot = replace(slot, occurrence=occurrence.id, label=slot.label.join(occurrence.label))
        if why := circles.refusal(connection, ground.everything, key[0], occurrence):
            slot = replace(slot, state=SlotState.FAILED, why=why)
        if slots.take(connection, Scope.of(slot.scope), slot) and not why:
            mine.append(Taken(slot=slot, trigger=here, event=event_of(occurrence)))
    return mine


def unserved(ground: Ground) -> list[Taken]:
    """What a worker that died has left. Served again it is the same run, for its id is made of the slot."""
    before = ground.now - UNSERVED
    with ground.database.read() as connection:
        if not slots.unserved(connection, ground.everything, before):
            return []
    with ground.database.write() as connection:
        left = slots.retake(connection, ground.everything, before, ground.now)
        return [taken for slot in left if (taken := _again(ground, connection, slot)) is not None]


def _again(ground: Ground, connection: Connection, slot: Slot) -> Taken | None:
    trigger = ground.triggers.get((slot.pipeline, slot.trigger))
    event = occurrences.by_id(connection, ground.everything, slot.occurrence) if slot.occurrence else None
    if trigger is None or (slot.occurrence and event is None):
        why = "A worker died before it was served, and the trigger is not there any more."
        slots.settle(connection, Scope.of(slot.scope), slot, SlotState.FAILED, ground.now, why=why)
        return None
    if event is None:
        return Taken(slot=slot, trigger=trigger, event=time_of(slot.due_at))
    return Taken(slot=slot, trigger=ground.placed(trigger, event) or trigger, event=event_of(event))


def _slot(ground: Ground, key: Key, project: str, due_at: datetime) -> Slot:
    scope = ground.wall(project).own
    label = Label(scopes=frozenset({scope}))
    pipeline, trigger = key
    state, at = SlotState.TAKEN, ground.now
    return Slot(pipeline=pipeline, trigger=trigger, due_at=due_at, scope=scope, label=label, state=state, at=at)


def _cursor(key: Key) -> str:
    return f"trigger:{'/'.join(key)}"


def _about(trigger: Trigger) -> str:
    """What makes it another trigger when it changes: when it is due, or what it listens to."""
    return json.digest([trigger.kind.value, trigger.cron, trigger.zone, trigger.event, dict(trigger.where)])
