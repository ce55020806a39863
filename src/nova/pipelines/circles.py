"""Whether a trigger would go round in a circle: what led to an event, run by run, back to where it began.

Knows the chain of causes; refuses to start or stop anything.
"""

from __future__ import annotations

from nova.core.labels import Scope
from nova.core.steps import Occurrence
from nova.store import happened, occurrences
from nova.store.database import Connection

AGENT = "agent"
"""The first word of the trigger of a run that an agent has started."""
CHAIN_MAX = 5
"""How many pipelines may set one another off in a row."""


def refusal(connection: Connection, scope: Scope, pipeline: str, occurrence: Occurrence) -> str:
    """Why this event may not start this pipeline; empty when it may."""
    chain = causes(connection, scope, occurrence)
    if pipeline in chain:
        way = " -> ".join([*reversed(chain), pipeline])
        return f"It would go round in a circle: {way}."
    if len(chain) >= CHAIN_MAX:
        way = " -> ".join(reversed(chain))
        return f"{CHAIN_MAX} pipelines have set one another off already: {way}."
    return ""


def refused_start(connection: Connection, scope: Scope, pipeline: str, run: str, depth_max: int) -> str:
    """Why a run, which may be a part of others, may not start this pipeline; empty when it may.

    depth_max: how many pipelines may start one another in a row.
    """
    chain = behind(connection, scope, run, depth_max)
    way = " -> ".join([*reversed(chain), pipeline])
    if pipeline in chain:
        return f"It would go round in a circle: {way}."
    if len(chain) >= depth_max:
        return f"{len(chain)} pipelines have started one another already, and more are too many: {way}."
    return ""


def causes(connection: Connection, scope: Scope, occurrence: Occurrence) -> list[str]:
    """The pipelines whose runs led to this event, the last one first; at most one more than CHAIN_MAX."""
    return behind(connection, scope, str(occurrence.data.get("run", "")), CHAIN_MAX)


def behind(connection: Connection, scope: Scope, run: str, count_max: int) -> list[str]:
    """The pipelines that a run is a part of, and those that set these off, the last one first; a few over count_max."""
    found: list[str] = []
    while run and len(found) <= count_max:
        trigger = ""
        for one in happened.line_of(connection, scope, run):
            pipeline, of_this = happened.cause_of(connection, scope, one)
            found += [pipeline] if pipeline else []
            trigger = of_this or trigger
        run = _set_off_by(connection, scope, trigger)
    return found


def started_by(agent: str, run: str) -> str:
    """How a walk says that an agent started it, in its `trigger`."""
    return f"{AGENT} {agent} in run {run}"


def _set_off_by(connection: Connection, scope: Scope, trigger: str) -> str:
    """The run that a trigger's text leads back to; empty when it was a person or the clock."""
    kind, _, rest = trigger.partition(" ")
    if kind == AGENT:
        return rest.rpartition(" ")[2]
    event = rest.partition(" ")[2] if kind == "event" else ""
    found = occurrences.by_id(connection, scope, event) if event else None
    return str(found.data.get("run", "")) if found else ""
