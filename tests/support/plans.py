"""Random plans, sound ones and broken ones, and four small tools to run the sound ones with.

Every plan of `plans()` passes the checks of loading and ends by itself: its waits take no time, nobody is asked,
and no model is needed. Every plan of `broken_plans()` is refused.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping
from typing import cast

from hypothesis import strategies as st

from nova.core.errors import ToolFailed
from nova.core.json import Json
from nova.core.plans import Plan
from nova.pipelines.known import Known, known_of
from nova.pipelines.load import make_plan
from nova.policy.gate import Effect
from nova.tools.spec import Arguments, Data, Reach, ResultLine, Tool, ToolResult, result, typed

Parts = dict[str, Json]
"""A plan as a file would have it, for `make_plan`."""


class EchoArguments(Arguments):
    """text: what to say again."""

    text: str


class Echoed(Data):
    """said: the same text."""

    said: str


class AddArguments(Arguments):
    """The two numbers."""

    a: int
    b: int = 1


class Added(Data):
    """sum: both together; large: whether it is above 10."""

    sum: int
    large: bool


class ListArguments(Arguments):
    """count: how many."""

    count: int


class Listed(Data):
    """numbers: 0, 1, 2 and so on."""

    numbers: list[int]


class FailArguments(Arguments):
    """why: what it says."""

    why: str = "It always fails."


def _echo(given: EchoArguments, reach: Reach) -> ToolResult:
    return typed(result(given.text or "Nothing.", [], reach), Echoed(said=given.text))


def _add(given: AddArguments, reach: Reach) -> ToolResult:
    found = given.a + given.b
    return typed(result(f"{given.a} + {given.b} = {found}.", [], reach), Added(sum=found, large=found > 10))


def _list_numbers(given: ListArguments, reach: Reach) -> ToolResult:
    numbers = list(range(max(0, min(given.count, 5))))
    lines = [ResultLine(text=str(one)) for one in numbers]
    return typed(result(f"{len(numbers)} numbers.", lines, reach), Listed(numbers=numbers))


def _fail(given: FailArguments, reach: Reach) -> ToolResult:
    del reach
    raise ToolFailed(given.why)


def _tool(name: str, arguments: type[Arguments], output: type[Data] | None, work: Callable[..., ToolResult]) -> Tool:
    async def run(given: Arguments, reach: Reach) -> ToolResult:
        await asyncio.sleep(0)
        return work(given, reach)

    return Tool(
        name=name, description=f"{name}, for tests of plans.", arguments=arguments, effect=Effect.RECALL, run=run,
        output=output, repeatable=True,
    )  # fmt: skip


TOOLS: tuple[Tool, ...] = (
    _tool("echo", EchoArguments, Echoed, _echo),
    _tool("add", AddArguments, Added, _add),
    _tool("list_numbers", ListArguments, Listed, _list_numbers),
    _tool("fail", FailArguments, None, _fail),
)
"""echo, add, list_numbers, fail: quick, without a place on the disk, the same every time."""
KNOWN: Known = known_of(["orientation"], TOOLS)
"""What the plans here may name. The agent is one of the catalog; `plans()` asks it nothing."""
TWICE: Parts = {
    "id": "twice",
    "version": 1,
    "description": "Adds a number to itself.",
    "inputs": {"number": {"type": "integer"}},
    "outputs": {"double": "${both.output.sum}"},
    "nodes": {"both": {"tool": "add", "with": {"a": "${inputs.number}", "b": "${inputs.number}"}}},
}
"""A pipeline that plans may use."""
OTHERS: Mapping[str, Plan] = {"twice": make_plan(TWICE, KNOWN)}


class _Sketch:
    """A plan that grows node by node, with the references that are surely there at each moment."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.nodes: dict[str, Json] = {}
        self.texts = ["${inputs.name}"]
        self.integers = ["${inputs.number}"]
        self.lists: list[str] = []
        self.flags: list[str] = []

    def name(self) -> str:
        """A name that no node has yet."""
        return f"n{len(self.nodes)}"

    def integer(self) -> Json:
        """A whole number, or a reference to one."""
        return self.draw(st.sampled_from(self.integers) | st.integers(-20, 20))

    def text(self) -> Json:
        """A text, a reference to one, or one with references in it."""
        scalars = st.sampled_from([*self.texts, *self.integers, *self.flags])
        mixed = st.tuples(st.text("ab $.", max_size=4), scalars).map(lambda two: f"{two[0]} {two[1]}.")
        return self.draw(st.sampled_from(self.texts) | mixed | st.sampled_from(["", "plain", "$${so}", "ä\nö"]))

    def add(self, node: Parts) -> str:
        """Takes the node in, and gives its name. Whether it is surely walked is for the caller to say."""
        name = self.name()
        self.nodes[name] = node
        return name

    def offer(self, name: str) -> None:
        """What this node gives may be referred to from now on."""
        node = cast("Parts", self.nodes[name])
        self.texts += [f"${{{name}.output.text}}"] if "tool" in node else []
        match node.get("tool", "pipeline" if "pipeline" in node else "map" if "map" in node else ""):
            case "echo":
                self.texts.append(f"${{{name}.output.said}}")
            case "add":
                self.integers.append(f"${{{name}.output.sum}}")
                self.flags.append(f"${{{name}.output.large}}")
            case "list_numbers":
                self.lists.append(f"${{{name}.output.numbers}}")
            case "pipeline":
                self.integers.append(f"${{{name}.output.double}}")
            case "map":
                self.integers.append(f"${{{name}.output.count}}")
            case _:
                pass


def _call(sketch: _Sketch) -> Parts:
    """A node that calls a tool or another pipeline, without any policy."""
    kind = sketch.draw(st.sampled_from(["echo", "add", "add", "list_numbers", "pipeline"]))
    if kind == "echo":
        return {"tool": "echo", "with": {"text": sketch.text()}}
    if kind == "add":
        return {"tool": "add", "with": {"a": sketch.integer(), "b": sketch.integer()}}
    if kind == "list_numbers":
        return {"tool": "list_numbers", "with": {"count": sketch.draw(st.integers(0, 5))}}
    return {"pipeline": "twice", "with": {"number": sketch.integer()}}


def _plain(sketch: _Sketch) -> None:
    node = _call(sketch)
    if sketch.nodes and sketch.draw(st.booleans()):
        node["after"] = [sketch.draw(st.sampled_from(sorted(sketch.nodes)))]
    sketch.offer(sketch.add(node))


def _failing(sketch: _Sketch) -> None:
    """A node that fails, with every way to meet it; only what stands in for it may be referred to."""
    kind = sketch.draw(st.sampled_from(["stop", "degraded", "degraded with nothing", "retried"]))
    node: Parts = {"tool": "fail", "with": {"why": sketch.text()}}
    if kind == "retried":
        node["retries"] = {"times": 1, "wait_seconds": 0, "on": ["ToolFailed"]}
    if kind != "stop":
        node["on_failure"] = "continue-degraded"
    if kind in ("degraded", "retried"):
        node["otherwise"] = sketch.draw(st.sampled_from(["for want of it", "", "${inputs.name} stands in"]))
    name = sketch.add(node)
    if "otherwise" in node:
        sketch.texts.append(f"${{{name}.output.text}}")
    elif kind == "degraded with nothing":
        said = sketch.add({"tool": "echo", "with": {"text": {"first": [f"${{{name}.output.text}}", "nothing"]}}})
        sketch.offer(said)


def _mapping(sketch: _Sketch) -> None:
    over: Json = sketch.draw(st.sampled_from([*sketch.lists, "fixed"]))
    if over == "fixed":
        over = sketch.draw(st.lists(st.integers(-5, 5), min_size=1, max_size=4).map(lambda some: cast("Json", some)))
    does: list[Parts] = [
        {"tool": "add", "with": {"a": "${item}"}},
        {"tool": "echo", "with": {"text": "Number ${item} of ${inputs.name}"}},
        {"pipeline": "twice", "with": {"number": "${item}"}},
        {"tool": "fail", "on_failure": "continue-degraded"},
    ]
    at_once = sketch.draw(st.integers(1, 4))
    sketch.offer(sketch.add({"map": over, "at_once": at_once, "do": cast("Json", sketch.draw(st.sampled_from(does)))}))


def _condition(sketch: _Sketch) -> Parts:
    value = sketch.draw(st.sampled_from(sketch.integers))
    by_number: Parts = {"value": value, sketch.draw(st.sampled_from(["less", "more"])): sketch.draw(st.integers(-9, 9))}
    by_text: Parts = {"value": sketch.draw(st.sampled_from(sketch.texts)), "empty": sketch.draw(st.booleans())}
    by_flag = [{"value": one, "is": sketch.draw(st.booleans())} for one in sketch.flags]
    return cast("Parts", sketch.draw(st.sampled_from([by_number, by_text, *by_flag])))


def _conditional(sketch: _Sketch) -> None:
    node = _call(sketch)
    node["when"] = _condition(sketch)
    name = sketch.add(node)
    if "tool" in node:
        fallback = sketch.draw(st.sampled_from(["nothing", "${inputs.name}"]))
        sketch.offer(sketch.add({"tool": "echo", "with": {"text": {"first": [f"${{{name}.output.text}}", fallback]}}}))


def _choice(sketch: _Sketch) -> None:
    """A choose with two or three cases, their nodes, and one node that takes whichever was walked."""
    condition = _condition(sketch)
    branches = [sketch.add({"tool": "echo", "with": {"text": sketch.text()}}) for _ in range(2)]
    cases: list[Json] = [
        {"name": "yes", "when": condition, "then": [branches[0]]},
        {"name": "otherwise", "then": [branches[1]]},
    ]
    sketch.add({"choose": cases})
    either: Json = {"first": [f"${{{one}.output.said}}" for one in branches]}
    sketch.offer(sketch.add({"tool": "echo", "with": {"text": either}}))


def _waiting(sketch: _Sketch) -> None:
    sketch.add({"wait": 0})


_MOVES = (_plain, _plain, _plain, _failing, _mapping, _conditional, _choice, _waiting)


@st.composite
def plans(draw: st.DrawFn, nodes_max: int = 12) -> Parts:
    """A sound plan of at most about nodes_max nodes, for `make_plan(parts, KNOWN, OTHERS)`.

    Its inputs are `name` (text, optional) and `number` (a whole number, optional).
    """
    sketch = _Sketch(draw)
    for _ in range(draw(st.integers(1, max(1, nodes_max // 2)))):
        if len(sketch.nodes) < nodes_max:
            draw(st.sampled_from(_MOVES))(sketch)
    given = [*sketch.texts, *sketch.integers, *sketch.lists, *sketch.flags]
    outputs = draw(st.lists(st.sampled_from(given), max_size=3, unique=True))
    return {
        "id": "random-plan",
        "version": 1,
        "description": "A plan that nobody has thought of.",
        "inputs": {"name": {"type": "string", "default": "Ada"}, "number": {"type": "integer", "default": 3}},
        "outputs": {f"out{number}": one for number, one in enumerate(outputs)},
        "nodes": _shuffled(draw, sketch.nodes),
    }


def _shuffled(draw: st.DrawFn, nodes: Parts) -> Parts:
    return {name: nodes[name] for name in draw(st.permutations(sorted(nodes)))}


def _break_reference(parts: Parts, nodes: Parts, name: str) -> None:
    nodes["broken"] = {"tool": "echo", "with": {"text": "${nobody.output.text}"}, "after": [name]}


def _break_field(parts: Parts, nodes: Parts, name: str) -> None:
    nodes["broken"] = {"tool": "echo", "with": {"text": f"${{{name}.output.no-such-field}}"}}


def _break_type(parts: Parts, nodes: Parts, name: str) -> None:
    nodes["broken"] = {"tool": "add", "with": {"a": "${inputs.name}"}}


def _break_argument(parts: Parts, nodes: Parts, name: str) -> None:
    nodes["broken"] = {"tool": "echo", "with": {"txet": "a"}}


def _break_tool(parts: Parts, nodes: Parts, name: str) -> None:
    nodes["broken"] = {"tool": "ehco", "with": {"text": "a"}}


def _break_circle(parts: Parts, nodes: Parts, name: str) -> None:
    nodes["one"] = {"wait": 0, "after": ["two"]}
    nodes["two"] = {"wait": 0, "after": ["one", name]}


def _break_key(parts: Parts, nodes: Parts, name: str) -> None:
    cast("Parts", nodes[name])["wiht"] = {}


def _break_kind(parts: Parts, nodes: Parts, name: str) -> None:
    nodes["broken"] = {"after": [name]}


def _break_choice(parts: Parts, nodes: Parts, name: str) -> None:
    nodes["broken"] = {"choose": [{"name": "yes", "then": ["nobody"]}]}


def _break_presence(parts: Parts, nodes: Parts, name: str) -> None:
    nodes["maybe"] = {"tool": "echo", "with": {"text": "a"}, "when": {"value": "${inputs.number}", "more": 5}}
    nodes["broken"] = {"tool": "echo", "with": {"text": "${maybe.output.text}"}}


def _break_self(parts: Parts, nodes: Parts, name: str) -> None:
    nodes["broken"] = {"pipeline": "random-plan"}


def _break_nodes(parts: Parts, nodes: Parts, name: str) -> None:
    parts["nodes"] = {}
    parts["outputs"] = {}


_BREAKS = (
    _break_reference, _break_field, _break_type, _break_argument, _break_tool, _break_circle, _break_key, _break_kind,
    _break_choice, _break_presence, _break_self, _break_nodes,
)  # fmt: skip


@st.composite
def broken_plans(draw: st.DrawFn) -> Parts:
    """A plan with exactly one thing wrong, which loading must refuse."""
    parts = copy.deepcopy(draw(plans(nodes_max=6)))
    nodes = cast("Parts", parts["nodes"])
    draw(st.sampled_from(_BREAKS))(parts, nodes, draw(st.sampled_from(sorted(nodes))))
    return parts
