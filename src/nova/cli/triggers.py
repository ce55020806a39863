"""nova triggers and nova emit: what starts pipelines by itself, what became of it, and events from outside."""

from __future__ import annotations

import json as library
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from nova.cli import frame
from nova.core import json
from nova.core.errors import BadInput, Unknown
from nova.core.ids import new_id
from nova.core.text import nearest, shorten

if TYPE_CHECKING:
    from datetime import datetime

    from nova.app.house import Nova
    from nova.core.json import Json
    from nova.core.plans import Plan, Trigger
    from nova.store.slots import Slot

DATA_BYTES_MAX = 100_000
NEXT = 3


def list_triggers(*, pipeline: str, count: int, as_json: bool) -> None:
    """Prints each trigger with its next times and its last slots. Raises Unknown for a pipeline that is not there."""
    from nova.store import slots

    with frame.opened() as nova:
        plans, problems = _chosen(nova, pipeline), nova.pipelines.problems
        now = nova.clock()
        with nova.database.read() as connection:
            found = [
                (plan, trigger, slots.latest(
                    connection, nova.everything, pipeline=plan.id, trigger=trigger.id, count_max=count
                ))
                for plan in plans for trigger in plan.triggers
            ]  # fmt: skip
    if as_json:
        frame.out_json([_json(plan, trigger, last, now) for plan, trigger, last in found])
        return
    if not found:
        frame.out("No triggers. A pipeline file gets one under `triggers:`; see docs/reference/pipeline-files.md")
    for plan, trigger, last in found:
        _show(plan, trigger, last, now)
    for problem in problems:
        frame.note(f"! {problem}")


def _chosen(nova: Nova, pipeline: str) -> list[Plan]:
    plans = nova.pipelines.library.plans
    if pipeline and pipeline not in plans:
        raise Unknown("pipeline", pipeline, nearest(pipeline, plans), "See nova pipelines.")
    return [plan for name, plan in sorted(plans.items()) if plan.triggers and pipeline in ("", name)]


def _show(plan: Plan, trigger: Trigger, last: list[Slot], now: datetime) -> None:
    from nova.pipelines.events import told

    where = f" · in {trigger.project}" if trigger.project else ""
    check = f" · only if {trigger.check} finds something" if trigger.check else ""
    frame.out(f"{plan.id}/{trigger.id}  {told(trigger)}{where}{check}")
    if ahead := _next(trigger, now):
        frame.out(f"    next      {', '.join(_told(at, trigger) for at in ahead)}")
    for slot in last:
        what = f"run {slot.run}" if slot.run else ""
        rest = "  ".join(part for part in (what, shorten(slot.why, 120)) if part)
        frame.out(f"    {slot.state.value:<9} {_told(slot.due_at, trigger)}  {rest}".rstrip())
    if not last:
        frame.out("    never     nothing was due since a worker has known it")


def _told(at: datetime, trigger: Trigger) -> str:
    """A time as the clock shows it in the schedule's zone; of an event, here."""
    zone = ZoneInfo(trigger.zone) if trigger.cron else None
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}"


def _next(trigger: Trigger, now: datetime) -> tuple[datetime, ...]:
    from nova.core.plans import TriggerKind
    from nova.pipelines.schedule import Schedule, upcoming

    if trigger.kind is not TriggerKind.SCHEDULE:
        return ()
    return upcoming(Schedule(trigger.cron, trigger.zone), now, NEXT)


def _json(plan: Plan, trigger: Trigger, last: list[Slot], now: datetime) -> Json:
    from nova.pipelines.events import told

    ahead: list[Json] = [at.isoformat() for at in _next(trigger, now)]
    past: list[Json] = [
        {"due_at": one.due_at.isoformat(), "event": one.occurrence, "state": one.state.value, "run": one.run,
         "why": one.why}
        for one in last
    ]  # fmt: skip
    return {
        "pipeline": plan.id,
        "trigger": trigger.id,
        "kind": trigger.kind.value,
        "when": told(trigger),
        "schedule": trigger.cron,
        "zone": trigger.zone if trigger.cron else "",
        "event": trigger.event,
        "project": trigger.project,
        "check": trigger.check,
        "next": ahead,
        "last": past,
    }


def emit(event: str, *, project: str, data: str, identity: str, as_json: bool) -> None:
    """Writes an event down for the next worker that looks. Raises BadInput for data that is no JSON object."""
    from nova.coordinator.reach import choose_project
    from nova.pipelines.occurrences import emit as write

    fields = _fields(data)
    with frame.opened() as nova:
        chosen = choose_project(
            "", said=project or None, conversation="", folder="", projects=nova.projects
        ).project  # fmt: skip
        named = identity or new_id("i")
        new = write(nova.database, event, fields, project=chosen, now=nova.clock(), identity=named)
    if as_json:
        frame.out_json({"event": event, "project": chosen.name if chosen else "", "id": named, "new": new})
    elif new:
        frame.out(f"{event} is written down. The next worker that looks starts what listens to it: nova worker")
    else:
        frame.out(f"{event} with the id {named} was written down before; nothing was changed.")


def _fields(data: str) -> dict[str, Json]:
    mend = """Write an object: --data '{"ref": "main"}'"""
    if len(data.encode("utf-8", "surrogatepass")) > DATA_BYTES_MAX:
        raise BadInput(f"The data is longer than {DATA_BYTES_MAX // 1000} KB.", "Put it into a file, and name that.")
    try:
        value = cast("Json", library.loads(data or "{}", parse_constant=_no_number))
        json.dump(value).encode("utf-8")  # half of a character, written as an escape, cannot be kept
    except (ValueError, RecursionError) as error:
        raise BadInput(f"The data is not JSON: {shorten(str(error), 100)}.", mend) from None
    if not isinstance(value, dict):
        raise BadInput("The data is JSON, but not an object.", mend)
    return value


def _no_number(name: str) -> Json:
    raise ValueError(f"{name} is no number of JSON")
