"""What is written in the box of a node: what it does, when, and how it went. Refuses to know how boxes are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nova.core.json import Json, dump
from nova.core.plans import (
    INPUTS,
    ITEM,
    Binding,
    Condition,
    Fields,
    First,
    Items,
    Literal,
    Node,
    NodeKind,
    Plan,
    Ref,
    Test,
    Text,
)
from nova.core.steps import Step, StepState
from nova.core.text import printable, shorten
from nova.pipelines.guards import choosers

_SIGNS = {
    StepState.RUNNING: "▶", StepState.DONE: "✓", StepState.DEGRADED: "≈", StepState.SKIPPED: "–",
    StepState.WAITING: "…", StepState.FAILED: "✗",
}  # fmt: skip
_TESTS = {
    Test.IS: "is", Test.IS_NOT: "is not", Test.LESS: "<", Test.MORE: ">", Test.CONTAINS: "contains", Test.IN: "in",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """title: the node's id. does: its kind and what it uses. when: under which condition. went: how it went, if it did.

    state: of its step; None while it has none.
    """

    title: str
    does: str
    when: str = ""
    went: str = ""
    state: StepState | None = None

    def lines(self, width: int = 1_000) -> list[tuple[str, str]]:
        """What each line is (title, does, when, went) and says, in order; how it went may take several lines."""
        short = [("title", self.title), ("does", self.does), ("when", self.when)]
        cut = [(part, shorten(line, width)) for part, line in short if line]
        return cut + [("went", shorten(line, width)) for line in _wrapped(self.went, width)]


def _wrapped(text: str, width: int) -> list[str]:
    """The text in lines that break between its parts."""
    lines: list[str] = []
    for part in text.split(" · ") if text else ():
        if lines and len(lines[-1]) + len(part) + 3 <= width:
            lines[-1] += f" · {part}"
        else:
            lines.append(part)
    return lines


def caption(node: Node, plan: Plan, steps: Mapping[str, Step]) -> Caption:
    """The caption of one node of a plan. steps: path -> step, of a run of it."""
    step = steps.get(node.id)
    return Caption(
        title=node.id,
        does=does(node),
        when=_conditions(node, plan),
        went=_went(node, step, steps) if step is not None else "",
        state=step.state if step is not None else None,
    )


def does(node: Node) -> str:
    """What the node does, in a few words: `tool issues_read`, `each of read.lines: agent editor`."""
    match node.kind:
        case NodeKind.AGENT | NodeKind.TOOL | NodeKind.PIPELINE:
            return f"{node.kind} {node.uses}"
        case NodeKind.REVIEW:
            return "review by the owner"
        case NodeKind.MAP:
            inner = does(node.each) if node.each is not None else ""
            return f"for each: {inner}"
        case NodeKind.CHOOSE:
            return f"choose {' | '.join(case.name for case in node.cases)}"
        case NodeKind.WAIT:
            return f"wait for {node.event}" if node.event else f"wait {_duration(node.seconds)}"


def _duration(seconds: Binding | None) -> str:
    if not isinstance(seconds, Literal) or not isinstance(seconds.value, int | float):
        return shown(seconds) if seconds is not None else ""
    left = float(seconds.value)
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if left >= size and left % size == 0:
            return f"{left / size:g} {unit}"
    return f"{left:g} s"


def _conditions(node: Node, plan: Plan) -> str:
    chosen = [
        f"if {' or '.join(case.name for case in chooser.cases if node.id in case.then)}"
        for chooser in choosers(node.id, plan.nodes)
    ]
    own = [f"when {condition_words(node.when)}"] if node.when is not None else []
    return ", ".join([*chosen, *own])


def condition_words(condition: Condition) -> str:
    """The condition as a person reads it: `tests.passed is true`."""
    if condition.test is Test.EMPTY:
        return f"{shown(condition.value)} is {'' if condition.to else 'not '}empty"
    return f"{shown(condition.value)} {_TESTS[condition.test]} {_value(condition.to)}"


def shown(binding: Binding) -> str:
    """A binding in short: `read.lines` for `${read.output.lines}`."""
    match binding:
        case Ref(node, path):
            return ".".join((*(() if node == INPUTS and path else (node,)), *path)) if node != ITEM else str(binding)
        case Literal(value):
            return _value(value)
        case Text(parts):
            return "".join(shown(part) if isinstance(part, Ref) else part for part in parts)
        case First(of) | Items(of):
            return " or ".join(shown(one) for one in of)
        case Fields(of):
            return "{" + ", ".join(of) + "}"


def _value(value: Json) -> str:
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return shorten(printable(value if isinstance(value, str) else dump(value)), 40)


def _went(node: Node, step: Step, steps: Mapping[str, Step]) -> str:
    parts = [f"{_SIGNS[step.state]} {step.state}"]
    if step.state not in (StepState.SKIPPED, StepState.WAITING) and node.kind is not NodeKind.CHOOSE:
        parts += [spent(step.seconds)] if step.ended_at is not None or step.seconds else []
        parts += [price(step.usage.cost_usd)] if step.usage.model_calls else []
    if step.attempt > 1:
        parts.append(f"{step.attempt} tries")
    if node.kind is NodeKind.MAP:
        parts += _elements(node.id, steps)
    return " · ".join(part for part in parts if part)


def _elements(name: str, steps: Mapping[str, Step]) -> list[str]:
    inner = [step for path, step in steps.items() if path.startswith(f"{name}[") and path.endswith("]")]
    inner = [step for step in inner if "/" not in step.path]
    if not inner:
        return []
    lost = sum(step.state in (StepState.FAILED, StepState.DEGRADED) for step in inner)
    return [f"{len(inner)} elements" + (f", {lost} failed" if lost else "")]


def spent(seconds: float) -> str:
    """A duration as a person reads it: `40 ms`, `0.4 s`, `3 min 20 s`, `2 d 4 h`."""
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    seconds = round(seconds)
    units = ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))
    size, unit, small, small_unit = next(one for one in units if seconds >= one[0])
    rest = int(seconds % size // small)
    return f"{int(seconds // size)} {unit}" + (f" {rest} {small_unit}" if rest else "")


def price(cost_usd: float | None) -> str:
    """What it cost, in US dollars: `$0.0031`; `cost unknown` without a price."""
    if cost_usd is None:
        return "cost unknown"
    return "$0" if cost_usd == 0 else f"${cost_usd:.4f}" if cost_usd < 0.1 else f"${cost_usd:.2f}"
