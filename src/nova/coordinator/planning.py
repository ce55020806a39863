"""The plan for a request that asks for several things: a node for each part, and what has to wait for what.

Pure: parts in, a plan and the reasons out. Refuses to walk it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nova.coordinator.depending import Edge, edges
from nova.core.json import Json
from nova.core.plans import Plan
from nova.core.routes import Part
from nova.core.text import shorten
from nova.pipelines.known import Known
from nova.pipelines.load import make_plan

ID = "request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with what it is given: `part1`, `part2`, ... are its inputs, so that no word of a request is a reference.

    edges: by the numbers of the parts, from 0; sentence: what runs when, and why, for the person.
    """

    plan: Plan
    inputs: dict[str, Json]
    edges: tuple[Edge, ...]
    sentence: str


def plan_of(parts: Sequence[Part], text: str) -> Planned:
    """The plan of a request. parts: as the router has cut them; text: the whole request.

    A part that fails leaves the others alone; what needs it goes without.
    """
    found = edges([part.text for part in parts], gaps_of([part.text for part in parts], text))
    nodes: dict[str, Json] = {_name(number): _node(number, part, found) for number, part in enumerate(parts)}
    written: dict[str, Json] = {
        "id": ID,
        "version": 1,
        "description": shorten(text, 200).replace("${", "$ {"),
        "inputs": {_name(number): {"type": "string"} for number in range(len(parts))},
        "outputs": {_name(number): f"${{{_name(number)}.output.text}}" for number in range(len(parts))},
        "nodes": nodes,
    }
    return Planned(
        plan=make_plan(written, Known(agents=frozenset(part.agent for part in parts))),
        inputs={_name(number): part.text for number, part in enumerate(parts)},
        edges=found,
        sentence=_sentence(parts, found),
    )


def gaps_of(texts: Sequence[str], whole: str) -> list[str]:
    """What stands in the request before each part; empty where a part is not word for word in it."""
    gaps: list[str] = []
    at = 0
    for text in texts:
        begins = whole.find(text, at)
        gaps.append(whole[at:begins] if begins >= 0 else "")
        at = begins + len(text) if begins >= 0 else at
    return gaps


def _node(number: int, part: Part, found: Sequence[Edge]) -> Json:
    """One agent, asked its part; what it needs is given to it as facts, and fails to nothing."""
    needs = [edge.before for edge in found if edge.after == number]
    node: dict[str, Json] = {
        "agent": part.agent,
        "task": f"${{inputs.{_name(number)}}}",
        "on_failure": "continue-degraded",
        "otherwise": {"text": ""},
    }
    if needs:
        node["with"] = {"facts": [f"${{{_name(one)}.output.text}}" for one in needs]}
    return node


def _name(number: int) -> str:
    return f"part{number + 1}"


def _sentence(parts: Sequence[Part], found: Sequence[Edge]) -> str:
    waiting = {edge.after for edge in found}
    free = [f"{number + 1} ({part.agent})" for number, part in enumerate(parts) if number not in waiting]
    side = f"Parts {', '.join(free)} run side by side" if len(free) > 1 else f"Part {free[0]} runs first"
    reasons = "; ".join(f"{edge.after + 1} waits for {edge.before + 1}: {edge.why}" for edge in found)
    return f"{side}. {reasons[:1].upper()}{reasons[1:]}." if reasons else f"{side}."
