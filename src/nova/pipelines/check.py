"""Whether a plan is sound: every name exists, every type fits, every node can be reached, and none waits for itself.

Notes all problems of a plan; refuses to run any of it, and to read files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from nova.core.plans import (
    Literal,
    Node,
    NodeKind,
    OnFailure,
    Plan,
    Schema,
    refs_of,
)
from nova.core.text import nearest
from nova.pipelines.check_conditions import check_cases, check_when
from nova.pipelines.check_triggers import check_triggers
from nova.pipelines.graph import in_order, note_circles
from nova.pipelines.guards import guards_of, output_guards
from nova.pipelines.holding import Here, hold, hold_fields
from nova.pipelines.known import Known
from nova.pipelines.notes import Notes, unknown
from nova.pipelines.outputs import (
    SHOW,
    WAIT_OUTPUT,
    agent_output,
    choose_output,
    map_output,
    review_output,
)
from nova.pipelines.types import LIST, NUMBER, TEXT, alternatives, either, kind_of, obj, object_of, widened


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a plan may name besides its own nodes. pipelines: those that can be looked into; names: all there are."""

    known: Known
    pipelines: Mapping[str, Plan]
    names: Collection[str]


def check_plan(plan: Plan, known: Known, pipelines: Mapping[str, Plan], names: Collection[str], notes: Notes) -> Plan:
    """The plan with the schema of what it gives; what is wrong with it goes to `notes`.

    pipelines: those it may use, checked already; names: the ids of all there are, the broken ones included.
    """
    world = World(known=known, pipelines=pipelines, names=names)
    note_circles(plan, notes)
    _check_after(plan, notes)
    check_cases(plan, notes)
    order = in_order(plan)
    walked = guards_of(plan, order)
    guards = {name: output_guards(plan.nodes[name], walked[name]) for name in order}
    types: dict[str, Schema] = {}
    for name in order:
        here = Here(plan=plan, types=types, guards=guards, notes=notes.below("nodes", name), under=walked[name])
        types[name] = _check_node(plan.nodes[name], here, world)
    gives = _check_outputs(plan, Here(plan=plan, types=types, guards=guards, notes=notes))
    check_triggers(plan, known, notes)
    return replace(plan, gives=plan.gives or gives)


def _check_node(node: Node, here: Here, world: World) -> Schema:
    """What the node gives, after everything it names was looked up."""
    check_when(node, here)
    gives = _gives(node, here, world)
    for place, agent in (("agent", _agent(node)), ("fallback", node.policy.fallback_agent)):
        if agent in world.known.idle:
            here.notes.add((place,), f"The agent {agent} is not engaged in this home.", f"nova agents engage {agent}")
        elif agent and agent not in world.known.agents:
            here.notes.add((place,), *unknown("agent", agent, world.known.agents))
    if node.policy.otherwise is not None:
        hold(node.policy.otherwise, gives, ("otherwise",), here)
    return gives


def _agent(node: Node) -> str:
    return node.uses if node.kind is NodeKind.AGENT else ""


def _gives(node: Node, here: Here, world: World) -> Schema:
    match node.kind:
        case NodeKind.AGENT:
            _check_task(node, here)
            hold_fields(node.given, {}, ("with",), here)
            return agent_output(node.output)
        case NodeKind.TOOL:
            return _tool(node, here, world)
        case NodeKind.PIPELINE:
            return _pipeline(node, here, world)
        case NodeKind.REVIEW:
            return _review(node, here)
        case NodeKind.MAP:
            return _map(node, here, world)
        case NodeKind.CHOOSE:
            return choose_output([*(case.name for case in node.cases), ""])
        case NodeKind.WAIT:
            return _wait(node, here, world)


def _check_task(node: Node, here: Here) -> None:
    if node.task is not None:
        hold(node.task, TEXT, ("task",), here)


def _tool(node: Node, here: Here, world: World) -> Schema:
    shape = world.known.tools.get(node.uses)
    if shape is None:
        here.notes.add(("tool",), *unknown("tool", node.uses, world.known.tools))
    wanted = shape.arguments if shape else {}
    hold_fields(node.given, wanted, ("with",), here, f"the tool {node.uses}")
    return shape.output if shape else {}


def _pipeline(node: Node, here: Here, world: World) -> Schema:
    used = world.pipelines.get(node.uses)
    if node.uses not in world.names:
        here.notes.add(("pipeline",), *unknown("pipeline", node.uses, world.names))
    wanted = inputs_schema(used) if used else {}
    hold_fields(node.given, wanted, ("with",), here, f"the pipeline {node.uses}")
    return used.gives if used else {}


def inputs_schema(plan: Plan) -> Schema:
    """The schema of all inputs of a plan together; those with a default may be left out."""
    return object_of(dict(plan.inputs), [name for name, one in plan.inputs.items() if "default" not in one])


def _review(node: Node, here: Here) -> Schema:
    if node.question is not None:
        hold(node.question, TEXT, ("review",), here)
    shown = {name: hold(one, SHOW[name], ("show", name), here) for name, one in node.given.items()}
    return review_output(widened(shown.get("payload", {})))


def _map(node: Node, here: Here, world: World) -> Schema:
    over = hold(node.over, LIST, ("map",), here) if node.over is not None else {}
    items = [_item(one) for one in alternatives(over)]
    if node.each is None:
        return map_output({})
    inside = replace(here, item=either(items), notes=here.notes.below("do"))
    gives = _check_node(node.each, inside, world)
    loses = node.each.policy.on_failure is OnFailure.CONTINUE and node.each.policy.otherwise is None
    return map_output(either([gives, {"type": "null"}]) if loses else gives)


def _item(over: Schema) -> Schema:
    value = over.get("const")
    if isinstance(value, list):
        return either([widened({"const": one}) for one in value]) if value else {}
    return obj(over.get("items")) if kind_of(over) == "array" else {}


def _wait(node: Node, here: Here, world: World) -> Schema:
    if node.seconds is not None:
        hold(node.seconds, NUMBER, ("wait",), here)
    elif node.event and node.event not in world.known.events:
        here.notes.add(("wait", "event"), *unknown("event", node.event, world.known.events))
    hold_fields(node.given, {}, ("wait", "where"), here)
    return WAIT_OUTPUT


def _check_after(plan: Plan, notes: Notes) -> None:
    for name, node in plan.nodes.items():
        for number, other in enumerate(node.after):
            if other not in plan.nodes:
                notes.add(("nodes", name, "after", number), *unknown("node", other, plan.nodes))


def _check_outputs(plan: Plan, here: Here) -> Schema:
    wanted = {name: obj(one) for name, one in obj(plan.gives.get("properties")).items()}
    found: dict[str, Schema] = {}
    for name, binding in plan.outputs.items():
        if isinstance(binding, Literal) or not [*refs_of(binding)]:
            what = f"The output “{name}” refers to nothing."
            here.notes.add(("outputs", name), what, "Write ${node.output.field}.")
        found[name] = hold(binding, wanted.get(name, {}), ("outputs", name), here)
    if plan.gives:
        _check_declared(plan, found, here.notes)
    return object_of(found)


def _check_declared(plan: Plan, found: Mapping[str, Schema], notes: Notes) -> None:
    fields = obj(plan.gives.get("properties"))
    needed = plan.gives.get("required")
    for name in needed if isinstance(needed, list) else ():
        if name not in found:
            notes.add(("outputs",), f"The output “{name}” is declared, and nothing gives it.", "Add it to outputs.")
    for name in found:
        if name not in fields and plan.gives.get("additionalProperties") is False:
            near = nearest(name, fields, 1)
            mend = f"Did you mean {near[0]}?" if near else "Add it to output_schema."
            notes.add(("outputs", name), f"The output “{name}” is not declared.", mend)
