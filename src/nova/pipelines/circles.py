"""Whether a trigger would go round in a circle: what led to an event, run by run, back to where it began.

Knows the chain of causes; refuses to start or stop anything.
"""

from __future__ import annotations

from nova.core.labels import Scope
from nova.core.steps import Occurrence
from nova.store import happened, occurrences
from nova.store.database import Connection

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


def causes(connection: Connection, scope: Scope, occurrence: Occurrence) -> list[str]:
    """The pipelines whose runs led to this event, the last one first; at most one more than CHAIN_MAX."""
    found: list[str] = []
    here: Occurrence | None = occurrence
    while here is not None and len(found) <= CHAIN_MAX:
        run = happened.top_of(connection, scope, str(here.data.get("run", "")))
        pipeline, trigger = happened.cause_of(connection, scope, run)
        if not pipeline:
            break
        found.append(pipeline)
        kind, _, rest = trigger.partition(" ")
        event = rest.partition(" ")[2] if kind == "event" else ""
        here = occurrences.by_id(connection, scope, event) if event else None
    return found
