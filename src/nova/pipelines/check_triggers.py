"""Whether triggers can start their pipeline: schedules that are due some day, zones, events, checks and inputs."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from croniter import CroniterError, croniter

from nova.core.plans import Literal, Plan, Trigger, TriggerKind
from nova.core.text import nearest, shorten
from nova.pipelines.holding import Here, hold_fields
from nova.pipelines.known import Known
from nova.pipelines.notes import Notes
from nova.pipelines.references import read_binding
from nova.pipelines.types import object_of

_FIELDS = "minute hour day-of-month month day-of-week"


def check_triggers(plan: Plan, known: Known, notes: Notes) -> None:
    """Notes what is wrong with the triggers of a plan."""
    for number, trigger in enumerate(plan.triggers):
        here = notes.below("triggers", number)
        if trigger.id in {one.id for one in plan.triggers[:number]}:
            here.add(("id",), f"Two triggers are called “{trigger.id}”.", "Give each its own name.")
        if trigger.kind is TriggerKind.SCHEDULE:
            _check_schedule(trigger, here)
        elif trigger.event and trigger.event not in known.events:
            near = nearest(trigger.event, known.events, 1)
            mend = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(sorted(known.events))}."
            here.add(("event",), f"There is no event named “{shorten(trigger.event, 60)}”.", mend)
        _check_tool(trigger, known, plan, here)
        _check_given(trigger, plan, here)


def _check_schedule(trigger: Trigger, notes: Notes) -> None:
    if said := cron_problem(trigger.cron):
        notes.add(("schedule",), *said)
    if said := zone_problem(trigger.zone):
        notes.add(("zone",), *said)


def cron_problem(cron: str) -> tuple[str, str] | None:
    """What is wrong with a schedule, and how to mend it; None when it is due some day."""
    fields = cron.split()
    if len(fields) != len(_FIELDS.split()):
        what = f"“{shorten(cron, 60)}” is no schedule: it has {len(fields)} fields, and five are wanted."
        return what, f"Write {_FIELDS}: 0 7 * * mon-fri."
    try:
        croniter(cron, datetime(2026, 1, 1, tzinfo=UTC), max_years_between_matches=9).get_next(datetime)
    except (CroniterError, ValueError, KeyError, OverflowError) as error:
        never = "date" in type(error).__name__.casefold()
        what = "is never due" if never else f"is no schedule ({shorten(str(error), 100)})"
        return f"“{shorten(cron, 60)}” {what}.", f"Write {_FIELDS}: 0 7 * * mon-fri."
    return None


def zone_problem(zone: str) -> tuple[str, str] | None:
    """What is wrong with the name of a time zone, and how to mend it; None when it exists."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = nearest(zone, available_timezones(), 2)
        mend = f"Did you mean {' or '.join(near)}?" if near else "Write it as Europe/Berlin, or UTC."
        return f"There is no time zone named “{shorten(zone, 60)}”.", mend
    return None


def _check_tool(trigger: Trigger, known: Known, plan: Plan, notes: Notes) -> None:
    if not trigger.check:
        if trigger.check_given:
            notes.add(("check_with",), "There are arguments for a check, and no check.", "Add check: TOOL.")
        return
    shape = known.tools.get(trigger.check)
    if shape is None:
        near = nearest(trigger.check, known.tools, 2)
        mend = f"Did you mean {' or '.join(near)}?" if near else "List them: nova tools list."
        notes.add(("check",), f"There is no tool named “{shorten(trigger.check, 60)}”.", mend)
        return
    here = Here(plan=plan, types={}, guards={}, notes=notes)
    given = {name: Literal(one) for name, one in trigger.check_given.items()}
    hold_fields(given, shape.arguments, ("check_with",), here, f"the tool {trigger.check}")


def _check_given(trigger: Trigger, plan: Plan, notes: Notes) -> None:
    wanted = object_of(dict(plan.inputs), [name for name, one in plan.inputs.items() if "default" not in one])
    no_nodes = Plan(
        id=plan.id, version=plan.version, description="", inputs={}, outputs={}, nodes={}
    )  # a trigger comes before all of them
    here = Here(plan=no_nodes, types={}, guards={}, notes=notes, event=trigger.kind is TriggerKind.EVENT)
    given = {name: read_binding(one, ("with", name), notes.add) for name, one in trigger.given.items()}
    hold_fields(given, wanted, ("with",), here, f"the pipeline {plan.id}")
