"""A reference leads to something that is surely there; what is left out together may be used together."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.plans import KNOWN, OTHERS

from nova.core.errors import BadFiles
from nova.pipelines.load import parse_pipeline

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
