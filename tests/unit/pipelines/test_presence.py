"""A reference leads to something that is surely there; what is left out together may be used together."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.support.plans import KNOWN, OTHERS

from nova.core.errors import BadFiles
from nova.core.json import Json
from nova.core.plans import OnFailure, Plan
from nova.pipelines.bindings import Absent, View, holds, value_of
from nova.pipelines.graph import in_order
from nova.pipelines.load import make_plan, parse_pipeline

HEAD = """\
id: demo
version: 1
description: d
inputs: {number: {type: integer}, maybe: {type: [string, "null"], default: null}}
nodes:
  sum: {tool: add, with: {a: "${inputs.number}"}}
"""
CHOICE = """\
  decide:
    choose:
      - {name: big, when: {value: "${sum.output.large}", is: true}, then: [shout, louder]}
      - {name: middle, when: {value: "${sum.output.sum}", more: 5}, then: [say]}
      - {name: otherwise, then: [whisper]}
  shout: {tool: echo, with: {text: A}}
  say: {tool: echo, with: {text: b}}
  whisper: {tool: echo, with: {text: c}}
"""
WHEN = 'when: {value: "${sum.output.large}", is: true}'
UNLESS = 'when: {value: "${sum.output.large}", is_not: true}'


def refused(nodes: str) -> str:
    """What is said of these nodes; empty when they are taken."""
    try:
        parse_pipeline((HEAD + nodes).encode(), Path("demo.yaml"), KNOWN, OTHERS)
    except BadFiles as error:
        return str(error)
    return ""


def echo(name: str, text: str, more: str = "") -> str:
    """The line of a node that says something."""
    return f"  {name}: {{tool: echo, with: {{text: {text}}}{more}}}\n"


A_WHEN = echo("a", "x", f", {WHEN}")
SAID_A = '"${a.output.said}"'
LOST = "  a: {tool: fail, on_failure: continue-degraded}\n"
WAITS = "  louder: {wait: 1}\n"
SOUND = {
    "a node of the same case": CHOICE + echo("louder", '"${shout.output.said}!"'),
    "whichever case was taken": CHOICE
    + WAITS
    + echo("end", '{first: ["${shout.output.said}", "${say.output.said}", "${whisper.output.said}"]}'),
    "one case or a fixed value": CHOICE + WAITS + echo("end", '{first: ["${shout.output.said}", silence]}'),
    "the same condition": A_WHEN + echo("b", SAID_A, f", {WHEN}"),
    "one of two opposite conditions": A_WHEN
    + echo("b", "y", f", {UNLESS}")
    + echo("c", '{first: ["${a.output.said}", "${b.output.said}"]}'),
    "what is not there is empty": A_WHEN + '  b: {wait: 1, when: {value: "${a.output.said}", empty: true}}\n',
    "it only comes after": A_WHEN + "  b: {wait: 1, after: [a]}\n",
    "what may be null": echo("a", '{first: ["${inputs.maybe}", nobody]}'),
    "a failure with something in its place": "  a: {tool: fail, on_failure: continue-degraded, otherwise: sorry}\n"
    + echo("b", '"${a.output.text}"'),
    "a failure or a fixed value": LOST + echo("b", '{first: ["${a.output.text}", sorry]}'),
}
TWICE_CHOSEN = """\
  one: {choose: [{name: x, then: [a]}]}
  two: {choose: [{name: x, then: [a]}]}
  a: {wait: 1}
"""
EXCLUDED = f"""\
  one: {{choose: [{{name: x, when: {{value: "${{sum.output.sum}}", is: 3}}, then: [a]}}], {WHEN}}}
  a: {{wait: 1, {UNLESS}}}
"""
ELEMENT = "  a: {map: [1], do: {tool: fail, on_failure: continue-degraded}}\n" + echo("b", '"${a.output.items.0.text}"')
UNSOUND = [
    (CHOICE + WAITS + echo("end", '"${shout.output.said}"'), "only in the case big of “decide”"),
    (
        CHOICE + WAITS + echo("end", '{first: ["${shout.output.said}", "${say.output.said}"]}'),
        "none of these is there",
    ),
    (CHOICE + echo("louder", '"${say.output.said}"'), "only in the case middle of “decide”"),
    (A_WHEN + echo("b", SAID_A, f", {UNLESS}"), "its condition does not hold"),
    (A_WHEN + echo("b", SAID_A), "its condition does not hold"),
    (A_WHEN + echo("b", "y", f", when: {{value: {SAID_A}, is: x}}"), "its condition does not hold"),
    (echo("a", '"${inputs.maybe}"'), "It may be nothing (null)"),
    (echo("a", '{first: ["${inputs.maybe}"]}'), "none of these is there"),
    (echo("a", '{first: ["${inputs.maybe}", null]}'), "none of these is there"),
    (LOST + echo("b", '"${a.output.text}"'), "Give “a” an otherwise"),
    (ELEMENT, "may be missing"),
    (TWICE_CHOSEN, "chosen in two places: one and two"),
    (EXCLUDED, "can never be reached"),
]


@pytest.mark.parametrize("nodes", SOUND.values(), ids=SOUND)
def test_what_is_there_may_be_used(nodes: str) -> None:
    """Loading does not refuse what cannot go wrong."""
    assert refused(nodes) == ""


@pytest.mark.parametrize(("nodes", "said"), UNSOUND)
def test_what_may_not_be_there_is_refused(nodes: str, said: str) -> None:
    """Loading refuses what would go wrong on one way through the plan, and says on which."""
    assert said in refused(nodes)


FLAGS = ("f0", "f1", "f2")


def _condition(draw: st.DrawFn) -> Json:
    flag = draw(st.sampled_from(FLAGS))
    return {"value": f"${{inputs.{flag}}}", draw(st.sampled_from(["is", "is_not"])): draw(st.booleans())}


def _first(options: list[str]) -> Json:
    return {"first": [*options]}


@st.composite
def _guarded(draw: st.DrawFn) -> dict[str, Json]:
    """Nodes that say what others have said, under conditions and in cases, whether or not that is there."""
    count = draw(st.integers(3, 7))
    nodes: dict[str, Json] = {}
    for number in range(count):
        said = [f"${{n{one}.output.said}}" for one in range(number)]
        text: st.SearchStrategy[Json] = st.just("x")
        if said:
            options = st.lists(st.sampled_from(said), min_size=1, max_size=3, unique=True)
            text = st.sampled_from(said) | options.map(_first) | text
        node: dict[str, Json] = {"tool": "echo", "with": {"text": draw(text)}}
        if draw(st.integers(0, 2)) == 0:
            node["when"] = _condition(draw)
        if draw(st.integers(0, 3)) == 0:
            node["on_failure"] = "continue-degraded"
        nodes[f"n{number}"] = node
    free = [f"n{one}" for one in range(count)]
    for chooser in range(draw(st.integers(0, 2))):
        cases: list[Json] = []
        for name in ("a", "b")[: draw(st.integers(1, 2))]:
            taken = draw(st.lists(st.sampled_from(free), max_size=2, unique=True)) if free else []
            free = [one for one in free if one not in taken]
            case: dict[str, Json] = {"name": name, "then": [*taken]}
            cases.append(case if name == "b" else {**case, "when": _condition(draw)})
        nodes[f"c{chooser}"] = {"choose": cases}
    return nodes


def _walked(plan: Plan, flags: dict[str, Json], fails: frozenset[str]) -> tuple[dict[str, Json], list[str]]:
    """What each node of the plan gives with these inputs, and whatever was missing on the way."""
    outputs: dict[str, Json] = {}
    taken: set[str] = set()
    missing: list[str] = []
    named = {name for node in plan.nodes.values() for case in node.cases for name in case.then}
    for name in in_order(plan):
        node, view = plan.nodes[name], View(inputs=flags, outputs=outputs)
        if (name in named and name not in taken) or (node.when is not None and not holds(node.when, view)):
            continue
        found = next((case for case in node.cases if case.when is None or holds(case.when, view)), None)
        taken.update(found.then if found else ())
        given_ = {key: value_of(binding, view) for key, binding in node.given.items()}
        missing += [name for value in given_.values() if isinstance(value, Absent)]
        if not (name in fails and node.policy.on_failure is OnFailure.CONTINUE):
            outputs[name] = {"said": "x", "chosen": found.name if found else ""}
    return outputs, missing


@given(_guarded(), st.frozensets(st.sampled_from([f"n{one}" for one in range(7)])))
@settings(max_examples=300, deadline=None)
def test_what_loading_lets_pass_is_there(nodes: dict[str, Json], fails: frozenset[str]) -> None:
    """Of a plan that was taken, no node ever lacks what it refers to, whichever way it is walked and whatever fails."""
    inputs: dict[str, Json] = {flag: {"type": "boolean"} for flag in FLAGS}
    try:
        plan = make_plan({"id": "p", "version": 1, "description": "d", "inputs": inputs, "nodes": nodes}, KNOWN)
    except BadFiles:
        event("refused")
        return
    event("taken")
    for values in product([True, False], repeat=len(FLAGS)):
        assert _walked(plan, dict(zip(FLAGS, values, strict=True)), fails)[1] == []
