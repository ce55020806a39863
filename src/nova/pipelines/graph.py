"""The order in which nodes can be walked, and the circles that allow none. Knows names; refuses to know types."""

from __future__ import annotations

from collections.abc import Mapping

from nova.core.plans import Plan, before
from nova.pipelines.notes import Notes


def in_order(plan: Plan) -> tuple[str, ...]:
    """The nodes so that each comes after those it waits for; nodes of circles come last, as they are written."""
    waits = {name: set(before(node, plan.nodes)) & set(plan.nodes) for name, node in plan.nodes.items()}
    order: dict[str, None] = {}
    while ready := [name for name, needs in waits.items() if name not in order and needs <= order.keys()]:
        order.update(dict.fromkeys(ready))
    return (*order, *(name for name in plan.nodes if name not in order))


def layers(plan: Plan) -> tuple[tuple[str, ...], ...]:
    """The nodes in layers: each in the first layer that lies below all it waits for. Circles come last, together."""
    waits = {name: set(before(node, plan.nodes)) & set(plan.nodes) for name, node in plan.nodes.items()}
    found: list[tuple[str, ...]] = []
    above: set[str] = set()
    while ready := tuple(name for name, needs in waits.items() if name not in above and needs <= above):
        found.append(ready)
        above.update(ready)
    rest = tuple(name for name in plan.nodes if name not in above)
    return (*found, rest) if rest else tuple(found)


def note_circles(plan: Plan, notes: Notes) -> None:
    """Notes each circle once, with the names of its nodes, at the first of them in the file."""
    waits = {name: sorted(set(before(node, plan.nodes)) & set(plan.nodes)) for name, node in plan.nodes.items()}
    told: set[str] = set()
    for name in plan.nodes:
        if name in told or not (circle := _circle(name, waits)):
            continue
        told.update(circle)
        way = " → ".join([*circle, circle[0]])
        what = f"These nodes wait for each other: {way}." if len(circle) > 1 else f"The node “{name}” waits for itself."
        notes.add(("nodes", name), what, "Take one of the references (or after, then) out of the circle.")


def _circle(start: str, waits: Mapping[str, list[str]]) -> list[str]:
    """The shortest circle through `start`, in the order in which it would be walked; empty without one."""
    came = dict.fromkeys(waits[start], start)
    queue = list(waits[start])
    for name in queue:
        if name == start:
            way = [start]
            while (back := came[way[-1]]) != start:
                way.append(back)
            return way
        for one in waits[name]:
            if one not in came:
                came[one] = name
                queue.append(one)
    return []
