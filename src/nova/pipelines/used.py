"""What pipelines use of each other: the circles among them, and an order in which each comes after what it uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nova.core.plans import NodeKind, Plan
from nova.settings.located import KeyPath


def uses(plan: Plan) -> Iterator[tuple[KeyPath, str]]:
    """The place of each pipeline that the plan uses, and its id."""
    for name, node in plan.nodes.items():
        if node.kind is NodeKind.PIPELINE:
            yield ("nodes", name, "pipeline"), node.uses
        elif node.each is not None and node.each.kind is NodeKind.PIPELINE:
            yield ("nodes", name, "do", "pipeline"), node.each.uses


def _used(plan: Plan, plans: Mapping[str, Plan]) -> list[str]:
    return [name for _, name in uses(plan) if name in plans]


def circles(plans: Mapping[str, Plan]) -> dict[tuple[str, str], list[str]]:
    """(pipeline, used one) -> the way back to itself that begins so, for every use that lies on a circle."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, plan in plans.items():
        for used in _used(plan, plans):
            if way := _way(used, name, plans):
                found[name, used] = [name, *way]
    return found


def _way(start: str, goal: str, plans: Mapping[str, Plan]) -> list[str]:
    """The shortest way from one pipeline to another along what they use; empty without one."""
    came: dict[str, str] = {start: ""}
    queue = [start]
    for name in queue:
        if name == goal:
            way = [name]
            while came[way[0]]:
                way.insert(0, came[way[0]])
            return way
        fresh = [one for one in dict.fromkeys(_used(plans[name], plans)) if one not in came]
        came.update(dict.fromkeys(fresh, name))
        queue.extend(fresh)
    return []


def innermost_first(plans: Mapping[str, Plan]) -> tuple[str, ...]:
    """The ids so that what a pipeline uses comes before it; circles are broken somewhere."""
    order: dict[str, None] = {}
    for start in sorted(plans):
        seen, stack = {start}, [(start, iter(_used(plans[start], plans)))]
        while stack:
            name, rest = stack[-1]
            below = next((one for one in rest if one not in order and one not in seen), None)
            if below is None:
                stack.pop()
                order[name] = None
            else:
                seen.add(below)
                stack.append((below, iter(_used(plans[below], plans))))
    return tuple(order)
