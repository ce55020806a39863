"""Requests that span agents, made by joining two labelled ones, and how the router finds them.

Chooses no parameter of it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nova.coordinator.routing import route
from nova.core.routes import ToPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.routing.data import Row
    from nova.coordinator.head import Head
    from nova.core.routes import RouteView
    from nova.models.encoders import Encoder

CONNECTIVES = (" and ", " and then ", ". ", ", and ", "; ", ", then ", ". also, ", " plus ", "? ", ", ", " but also ")
JOINED = 300  # requests that span agents; as many plain ones stand beside them


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """Detection of requests that span agents.

    exact: just the two right agents; singles_split: plain requests that were cut.
    """

    span_f1: float
    span_precision: float
    span_recall: float
    span_exact: float
    singles_split: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A request for two agents."""

    text: str
    agents: frozenset[str]


def spans(rows: Sequence[Row], view: RouteView, head: Head, encoder: Encoder, seed: int) -> Spans:
    """Routes joined requests and as many plain ones (precision), and up to 1 000 plain ones for false alarms."""
    pairs = join(rows, JOINED, seed)
    plans = [route(pair.text, view, head, encoder).route for pair in pairs]
    found = sum(isinstance(plan, ToPlan) for plan in plans)
    exact = sum(
        isinstance(plan, ToPlan) and frozenset(part.agent for part in plan.parts) == pair.agents
        for plan, pair in zip(plans, pairs, strict=True)
    )
    plain = random.Random(seed).sample(list(rows), min(1000, len(rows)))
    cut = sum(isinstance(route(row.text, view, head, encoder).route, ToPlan) for row in plain) / max(len(plain), 1)
    recall = found / max(len(pairs), 1)
    precision = recall / (recall + cut) if recall else 0.0
    return Spans(
        span_f1=2 * precision * recall / (precision + recall) if recall else 0.0,
        span_precision=precision,
        span_recall=recall,
        span_exact=exact / max(len(pairs), 1),
        singles_split=cut,
    )


def join(rows: Sequence[Row], count: int, seed: int) -> tuple[Joined, ...]:
    """`count` pairs of requests of different agents, with every connective in turn."""
    chooser = random.Random(seed)
    inside = [row for row in rows if row.agent is not None]
    joined: list[Joined] = []
    while len(joined) < count and len({row.agent for row in inside}) > 1:
        first, second = chooser.choice(inside), chooser.choice(inside)
        if first.agent and second.agent and first.agent != second.agent:
            text = first.text + CONNECTIVES[len(joined) % len(CONNECTIVES)] + second.text
            joined.append(Joined(text=text, agents=frozenset({first.agent, second.agent})))
    return tuple(joined)
