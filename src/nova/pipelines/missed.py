"""Times at which a schedule was due and nobody was there, as the next run of its pipeline tells them."""

from __future__ import annotations

from collections.abc import Sequence

from nova.core.degradations import Degradation, DegradationKind
from nova.core.labels import Scope
from nova.store import happened, slots
from nova.store.database import Connection
from nova.store.slots import Slot

COUNT_MAX = 200


def missed_before(connection: Connection, scope: Scope, pipeline: str) -> tuple[Degradation, ...]:
    """What the next run of a pipeline has to say: the times since its last run at which no worker was there."""
    since = happened.walked_last(connection, scope, pipeline)
    found = slots.missed(connection, scope, pipeline, since, COUNT_MAX)
    by_trigger: dict[str, list[Slot]] = {}
    for slot in found:
        by_trigger.setdefault(slot.trigger, []).append(slot)
    return tuple(_missed(pipeline, trigger, those) for trigger, those in by_trigger.items())


def _missed(pipeline: str, trigger: str, found: Sequence[Slot]) -> Degradation:
    first, last = found[0].due_at, found[-1].due_at
    when = f"at {first:%Y-%m-%d %H:%M} UTC" if len(found) == 1 else (
        f"{len(found)} times between {first:%Y-%m-%d %H:%M} and {last:%Y-%m-%d %H:%M} UTC"
    )  # fmt: skip
    return Degradation(
        kind=DegradationKind.SCHEDULE_MISSED,
        what=f"{pipeline} was due {when} by its schedule {trigger}, and no worker was there to serve it.",
        mend="Keep one running: nova worker",
    )
