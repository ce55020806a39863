"""Whether conditions can hold, and whether every case of a choose can be taken. Refuses to evaluate one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from nova.core.json import Json, dump
from nova.core.plans import Condition, Node, NodeKind, Plan, Schema, Test, refs_of
from nova.pipelines.fits import misfit, value_problem
from nova.pipelines.guards import Guards, choosers, contradicts, key_of
from nova.pipelines.holding import Here, hold
from nova.pipelines.notes import Notes, unknown
from nova.pipelines.types import NUMBER, alternatives, describe, kind_of, obj
from nova.settings.located import KeyPath


def check_when(node: Node, here: Here) -> None:
    """The conditions of one node: its own, and those of its cases."""
    if node.when is not None:
        own = key_of(node.when)
        rest = {key: one for key, one in here.under.conditions.items() if key != own}
        outer = replace(here, under=Guards(conditions=rest, chosen=here.under.chosen))
        _check_condition(node.when, ("when",), outer)
        _check_together(node, here)
    for number, case in enumerate(node.cases):
        if case.when is not None:
            _check_condition(case.when, ("choose", number, "when"), here)


def _check_together(node: Node, here: Here) -> None:
    for one, other in combinations(here.under.conditions.values(), 2):
        if contradicts(one, other):
            what = f"The node “{node.id}” can never be reached: two conditions above it exclude each other."
            here.notes.add(("when",), what, "Change one of them, or delete the node.")
            return


def _check_condition(condition: Condition, place: KeyPath, here: Here) -> None:
    if not [*refs_of(condition.value)]:
        what = "This condition looks at a fixed value, so it says the same every time."
        here.notes.add((*place, "value"), what, "Write ${node.output.field} under value.")
        return
    lax = replace(here, lax=True) if condition.test is Test.EMPTY else here
    schema = hold(condition.value, {}, (*place, "value"), lax)
    if said := _never(condition, schema):
        here.notes.add((*place, condition.test.value), f"This can never hold: {said}.", "Compare with what it can be.")


def _never(condition: Condition, schema: Schema) -> str:
    """Why the condition cannot hold for any value of this schema; empty when it may."""
    match condition.test:
        case Test.IS | Test.IS_NOT:
            return _unlike(schema, condition.to)
        case Test.IN:
            options = condition.to if isinstance(condition.to, list) else []
            problems = [_unlike(schema, one) for one in options]
            return problems[0] if problems and all(problems) else "" if problems else "the list is empty"
        case Test.LESS | Test.MORE:
            return misfit(schema, NUMBER)
        case Test.CONTAINS:
            return _contains(schema, condition.to)
        case Test.EMPTY:
            return ""


def _unlike(schema: Schema, to: Json) -> str:
    if not value_problem(schema, to):
        return ""
    return f"{describe({'const': to})} is what it is compared with, and {describe(schema)} is what it can be"


def _contains(schema: Schema, to: Json) -> str:
    reasons = [_contains_one(one, to) for one in alternatives(schema)]
    return reasons[0] if all(reasons) else ""


def _contains_one(schema: Schema, to: Json) -> str:
    kind = kind_of(schema)
    if kind == "array":
        return _unlike(obj(schema.get("items")), to)
    if kind == "string":
        return "" if isinstance(to, str) else "a text holds only texts"
    return f"{describe(schema)} holds nothing" if kind else ""


def check_cases(plan: Plan, notes: Notes) -> None:
    """The cases of every choose, and that each node they name is chosen in one place only."""
    for name, node in plan.nodes.items():
        if node.kind is NodeKind.CHOOSE:
            _check_choose(node, plan, notes.below("nodes", name))
        by = choosers(name, plan.nodes)
        if len(by) > 1:
            what = f"The node “{name}” is chosen in two places: {' and '.join(one.id for one in by)}."
            notes.add(("nodes", name), what, "Name it in one choose only, and use when for the rest.")


def _check_choose(node: Node, plan: Plan, notes: Notes) -> None:
    if not node.cases:
        notes.add(("choose",), f"“{node.id}” has nothing to choose from.", "Write at least one case.")
    for number, what, mend in _case_problems(node):
        notes.add(("choose", number), what, mend)
    for number, case in enumerate(node.cases):
        for place, other in enumerate(case.then):
            if other not in plan.nodes:
                notes.add(("choose", number, "then", place), *unknown("node", other, plan.nodes))
            elif other in case.then[:place]:
                notes.add(("choose", number, "then", place), f"“{other}” is listed twice.", "Keep one of the two.")


def _case_problems(node: Node) -> Iterator[tuple[int, str, str]]:
    seen: set[str] = set()
    for number, case in enumerate(node.cases):
        earlier = node.cases[:number]
        if case.name in {one.name for one in earlier}:
            yield number, f"Two cases are called “{case.name}”.", "Give each its own name."
        if any(one.when is None for one in earlier):
            what = f"The case “{case.name}” is never reached: the one above it is taken in any case."
            yield number, what, "Move the case without when to the end."
        key = key_of(case.when) if case.when is not None else dump(number)
        if key in seen:
            what = f"The case “{case.name}” is never reached: one above it has the same condition."
            yield number, what, "Change the condition, or join the two."
        seen.add(key)
