"""What an event tells, whom it concerns, and what of it goes into a run. Pure; refuses to read or write a row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from nova.core import json
from nova.core.errors import WrongShape
from nova.core.json import Json
from nova.core.plans import EVENT, First, Trigger, TriggerKind, refs_of
from nova.core.steps import Occurrence
from nova.pipelines.bindings import ABSENT, Absent, View, value_of
from nova.pipelines.references import parse_binding
from nova.pipelines.schedule import Schedule, words


def matches(trigger: Trigger, occurrence: Occurrence) -> bool:
    """Whether an event is this trigger's: of its kind, and as `where` says.

    A list in `where` means: one of these. `a.b` looks into an object.
    """
    if trigger.kind is not TriggerKind.EVENT or trigger.event != occurrence.kind:
        return False
    event = event_of(occurrence)
    return all(_fits(_field(event, path), wanted) for path, wanted in trigger.where.items())


def resolved(given: Mapping[str, Json], event: dict[str, Json]) -> dict[str, Json]:
    """Inputs with `${event.field}` put in. Raises WrongShape for a field that this event does not have."""
    view = View(inputs={}, outputs={EVENT: event})
    found: dict[str, Json] = {}
    for name, written in given.items():
        binding = parse_binding(written)
        value = value_of(binding, view)
        missing = (
            [] if isinstance(binding, First) else [ref for ref in refs_of(binding) if value_of(ref, view) is ABSENT]
        )
        if isinstance(value, Absent) or missing:
            raise WrongShape(
                f"The input {name} is {json.dump(written)}, and the event has only {', '.join(sorted(event))}.",
                "Name one of these in the trigger's `with`.",
            )
        found[name] = value
    return found


def told(trigger: Trigger) -> str:
    """When it fires, for a person: `every weekday at 07:00 Europe/Berlin`, `when issue-opened, project airep`."""
    if trigger.kind is TriggerKind.SCHEDULE:
        return words(Schedule(trigger.cron, trigger.zone))
    where = [f"{name} {value if isinstance(value, str) else json.dump(value)}" for name, value in trigger.where.items()]
    return ", ".join([f"when {trigger.event}", *where])


def event_of(occurrence: Occurrence) -> dict[str, Json]:
    """What is told of an event: its own fields, and which it is, when and where it happened."""
    at = occurrence.at.isoformat()
    return {"id": occurrence.id, "at": at, **occurrence.data, "event": occurrence.kind, "project": occurrence.project}


def time_of(due_at: datetime) -> dict[str, Json]:
    """What is told of a time: `due_at`, in UTC."""
    return {"due_at": due_at.isoformat()}


def _field(event: dict[str, Json], path: str) -> Json:
    value: Json = event
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _fits(value: Json, wanted: Json) -> bool:
    choices = wanted if isinstance(wanted, list) and not isinstance(value, list) else [wanted]
    return any(type(value) is type(one) and value == one for one in choices)
