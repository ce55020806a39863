"""What a tree of runs has used on its earlier legs: calls, money, handoffs, and the time in which it was worked on.

Knows rows and events; refuses to know the limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from nova.core.labels import Scope
from nova.core.limits import Usage
from nova.core.plans import NodeKind
from nova.core.steps import Step, Walk
from nova.store import events, steps, walks
from nova.store.database import Connection
from nova.store.values import Blobs

_BEGINS = frozenset({"TakenUp", "StepStarted", "StepEnded"})
_PAUSES = frozenset({"Parked"})
_ENDS = frozenset({"RunFinished", "RunFailed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """seconds: worked on since it began, or since it was last over; waiting is not counted."""

    usage: Usage = field(default_factory=Usage)
    handoffs: int = 0
    seconds: float = 0.0


def spent(connection: Connection, scope: Scope, walk: Walk, blobs: Blobs) -> Spent:
    """What the tree under this walk has used so far."""
    return Spent(
        usage=usage_of(connection, scope, walk.root, blobs),
        handoffs=events.count_below(connection, scope, walk.root, "HandedOff"),
        seconds=worked(events.times_of(connection, scope, walk.root), walk.heartbeat_at),
    )


def usage_of(connection: Connection, scope: Scope, root: str, blobs: Blobs) -> Usage:
    """What all steps of the tree have used."""
    return sum(
        (
            once(steps.of_run(connection, scope, one.run, blobs).values())
            for one in walks.tree(connection, scope, root, blobs)
        ),
        Usage(),
    )


def once(found: Iterable[Step]) -> Usage:
    """What these steps have used themselves; a called pipeline's own steps say what it has used."""
    return sum((step.usage for step in found if step.kind != NodeKind.PIPELINE.value), Usage())


def worked(happened: Iterable[tuple[str, datetime]], seen_at: datetime | None) -> float:
    """Seconds between beginnings and pauses. happened: kind and time, in order; seen_at: the last sign of life.

    Tried again after its end, a run has its time anew.
    """
    total, began, last = 0.0, None, None
    for kind, at in happened:
        if kind == "TakenUp" and began is not None and last is not None:
            total, began = total + (last - began).total_seconds(), None
        if began is None and kind in _BEGINS:
            began = at
        if kind in _PAUSES and began is not None:
            total, began = total + (at - began).total_seconds(), None
        if kind in _ENDS:
            total, began = 0.0, None
        last = at
    if began is not None and last is not None:
        total += (max(last, seen_at or last) - began).total_seconds()
    return total
