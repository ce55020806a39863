"""Whether triggers can start their pipeline: schedules that are due some day, zones, events, checks and inputs."""

from __future__ import annotations

from collections.abc import Mapping

from nova.core.json import Json
from nova.core.plans import Plan, Schema, Trigger, TriggerKind
from nova.core.text import shorten
from nova.pipelines.event_fields import TIME, event_schema
from nova.pipelines.holding import Here, hold_fields
from nova.pipelines.known import Known
from nova.pipelines.notes import Notes, unknown
from nova.pipelines.references import read_binding
from nova.pipelines.schedule import Schedule, problem
from nova.pipelines.types import Lost, at, object_of

_NO_PLAN = Plan(id="", version=1, description="", inputs={}, outputs={}, nodes={})
"""A trigger comes before all nodes, so it sees none."""


def check_triggers(plan: Plan, known: Known, notes: Notes) -> None:
    """Notes what is wrong with the triggers of a plan."""
    for number, trigger in enumerate(plan.triggers):
        here = notes.below("triggers", number)
        if trigger.id in {one.id for one in plan.triggers[:number]}:
            here.add(("id",), f"Two triggers are called “{trigger.id}”.", "Give each its own name.")
        if trigger.kind is TriggerKind.SCHEDULE:
            _check_schedule(trigger, here)
        elif trigger.event and trigger.event not in known.events:
            here.add(("event",), *unknown("event", trigger.event, known.events))
        else:
            _check_where(trigger, here)
        _check_tool(trigger, known, here)
        _check_given(trigger, plan, here)


def _check_schedule(trigger: Trigger, notes: Notes) -> None:
    for place, schedule in (
        ("schedule", Schedule(trigger.cron, "UTC")),
        ("zone", Schedule("0 0 * * *", trigger.zone)),
    ):  # each alone, so that both are told
        what, mend = problem(schedule)
        if what:
            notes.add((place,), what, mend)


def _check_where(trigger: Trigger, notes: Notes) -> None:
    schema = event_schema(trigger.event)
    for path in trigger.where:
        found = at(schema, [path.split(".")[0]])
        if isinstance(found, Lost):
            what = f"An event {trigger.event} has no field “{shorten(path, 60)}”."
            notes.add(("where", path), what, found.mend)


def _check_tool(trigger: Trigger, known: Known, notes: Notes) -> None:
    if not trigger.check:
        if trigger.check_given:
            notes.add(("check_with",), "There are arguments for a check, and no check.", "Add check: TOOL.")
        return
    shape = known.tools.get(trigger.check)
    if shape is None:
        notes.add(("check",), *unknown("tool", trigger.check, known.tools))
        return
    _check_bindings(trigger, trigger.check_given, shape.arguments, "check_with", f"the tool {trigger.check}", notes)


def _check_given(trigger: Trigger, plan: Plan, notes: Notes) -> None:
    wanted = object_of(dict(plan.inputs), [name for name, one in plan.inputs.items() if "default" not in one])
    _check_bindings(trigger, trigger.given, wanted, "with", f"the pipeline {plan.id}", notes)


def _check_bindings(
    trigger: Trigger, written: Mapping[str, Json], wanted: Schema, key: str, whose: str, notes: Notes
) -> None:
    told = TIME if trigger.kind is TriggerKind.SCHEDULE else event_schema(trigger.event)
    here = Here(plan=_NO_PLAN, types={}, guards={}, notes=notes, event=told)
    given = {name: read_binding(one, (key, name), notes.add) for name, one in written.items()}
    hold_fields(given, wanted, (key,), here, whose)
