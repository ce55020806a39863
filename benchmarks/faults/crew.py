"""A crew whose every step does something in the world outside, and the pipelines it walks.

The journal, the engine and the database below it are Nova's own; only the work of the nodes is made up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.faults.verdict import Expected, Key
from benchmarks.faults.world import World
from nova.core.briefs import Report
from nova.core.ids import id_of
from nova.core.json import Json
from nova.core.labels import Label, Scope
from nova.core.outcomes import Done
from nova.core.plans import Items, NodeKind, Plan, before
from nova.core.runs import Run
from nova.pipelines.crew import AgentCall, ToolCall, ToolFacts, ToolOutput
from nova.pipelines.known import Known, ToolShape
from nova.pipelines.load import make_plan
from nova.pipelines.outputs import TOOL_OUTPUT

SCOPE = Scope.of("faults")
LABEL = Label(scopes=frozenset({"faults"}))
ACT, ACT_ONCE, LOOK = "act", "act_once", "look"
_TEXT: dict[str, Json] = {"type": "string"}
_ARGUMENTS: dict[str, Json] = {
    "type": "object",
    "properties": {"after": _TEXT},
    "additionalProperties": False,
}
KNOWN = Known(
    agents=frozenset({"speaker"}),
    tools={name: ToolShape(arguments=_ARGUMENTS, output=TOOL_OUTPUT) for name in (ACT, ACT_ONCE, LOOK)},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessedCrew:
    """Every call is seen by `world`; every step takes `seconds`. Its tools: act, act_once (no key helps), look."""

    world: World
    seconds: float = 0.0

    async def agent(self, call: AgentCall) -> Report:
        """Says its task again."""
        self.world.began(call.place.record.run.id, call.place.path)
        await self._work()
        done = Done(text=call.brief.task, verified=True)
        return Report(run=call.child, agent=call.brief.agent, outcome=done, label=call.label)

    async def tool(self, call: ToolCall) -> ToolOutput:
        """`act` leaves a line in the world; every tool says the name of its step."""
        run, step = call.place.record.run.id, call.place.path
        self.world.began(run, step, call.key)
        await self._work()
        if call.tool != LOOK:
            self.world.act(run, step, call.key if call.tool == ACT else "")
        lines: list[Json] = [step]
        value: dict[str, Json] = {
            "text": step, "headline": step, "lines": lines, "citations": [], "cut": False, "count": 1,
        }  # fmt: skip
        return ToolOutput(value=value, label=LABEL)

    def about(self, tool: str) -> ToolFacts:
        """act_once cannot be asked for again, even with the same key."""
        return ToolFacts(acts=tool != LOOK, repeatable=tool != ACT_ONCE)

    def wall(self, run: Run) -> Scope:
        """All of it belongs to one project."""
        del run
        return SCOPE

    async def _work(self) -> None:
        await asyncio.sleep(self.seconds)


def run_id(number: int, series: str = "") -> str:
    """An id like any other: all are of one length, so that none is the beginning of another."""
    return id_of("r", series, str(number))


def line_of(length: int, name: str = "line", tool: str = ACT) -> Plan:
    """Steps one after the other, each with what the one before it gave."""
    nodes: dict[str, Json] = {}
    for number in range(1, length + 1):
        given: dict[str, Json] = {"after": f"${{n{number - 1}.output.text}}"} if number > 1 else {}
        nodes[f"n{number}"] = {"tool": tool, "with": given}
    text = f"${{n{length}.output.text}}"
    return make_plan(_parts(name, nodes, {"text": text}), KNOWN)


def everything(below: Plan) -> Plan:
    """Every kind of node that does not wait: side by side, a map, an agent, a choose, a pipeline."""
    nodes: dict[str, Json] = {
        "first": _act(),
        "left": _act("first"),
        "right": _act("first"),
        "each": {
            "map": ["a", "b", "c"],
            "at_once": 2,
            "do": {"tool": ACT, "with": {"after": "${item}"}},
            "after": ["left"],
        },
        "said": {"agent": "speaker", "task": "Say ${first.output.text}."},
        "decide": {
            "choose": [
                {"name": "yes", "when": {"value": "${right.output.count}", "is": 1}, "then": ["chosen"]},
                {"name": "no", "then": ["other"]},
            ]
        },
        "chosen": _act(),
        "other": _act(),
        "below": {"pipeline": below.id, "after": ["right"]},
        "last": _act("each", "said", "chosen", "below"),
    }
    return make_plan(_parts("everything", nodes, {"text": "${last.output.text}"}), KNOWN, {below.id: below})


def asking() -> Plan:
    """An effect, a question to the owner, and another effect."""
    nodes: dict[str, Json] = {
        "first": _act(),
        "ask": {"review": "Shall it go on?", "show": {"payload": "${first.output.text}"}},
        "last": _act("ask"),
    }
    return make_plan(_parts("asking", nodes, {"text": "${last.output.text}"}), KNOWN)


def expected_of(plan: Plan, run: str, below: Mapping[str, Plan], left_out: frozenset[str] = frozenset()) -> Expected:
    """What must have happened when a run of the plan has ended. left_out: nodes that its `choose` does not choose."""
    steps: dict[Key, frozenset[Key]] = {}
    effects: set[Key] = set()
    for node in plan.nodes.values():
        if node.id in left_out:
            continue
        earlier = frozenset((run, name) for name in before(node, plan.nodes) - left_out)
        steps[run, node.id] = earlier
        if node.uses in (ACT, ACT_ONCE):
            effects.add((run, node.id))
        if node.kind is NodeKind.MAP and isinstance(node.over, Items):
            inner = {(run, f"{node.id}[{number}]") for number in range(len(node.over.of))}
            steps |= dict.fromkeys(inner, earlier)
            effects |= inner
        if node.kind is NodeKind.PIPELINE:
            child = expected_of(below[node.uses], id_of("r", run, node.id, "1"), below)
            steps |= {key: before_it | earlier for key, before_it in child.steps.items()}
            effects |= child.effects
    return Expected(steps=steps, effects=frozenset(effects))


def _act(*after: str) -> Json:
    names: list[Json] = list(after)
    return {"tool": ACT, **({"after": names} if after else {})}


def _parts(name: str, nodes: dict[str, Json], outputs: dict[str, Json]) -> dict[str, Json]:
    return {"id": name, "version": 1, "description": "A pipeline that is killed.", "nodes": nodes, "outputs": outputs}
