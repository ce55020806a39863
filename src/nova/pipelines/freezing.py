"""The definition that a run keeps: its plan with every pipeline it may call, as one text with one digest.

A changed file never reaches a run that has begun. Knows plans as text; refuses to know where the text is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from nova.core import json
from nova.core.errors import BadInput
from nova.core.json import Json
from nova.core.plans import Node, NodeKind, Plan, before
from nova.pipelines.load import read_plan

FORM = 1
"""Of the frozen text and of how it is walked. A later Nova that walks otherwise counts on, and reads both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """text: JSON; digest: of it, 16 hex digits; plan: the top; below: every pipeline it may call, by id."""

    text: str
    digest: str
    plan: Plan
    below: Mapping[str, Plan]


def freeze(plan: Plan, known: Mapping[str, Plan]) -> Frozen:
    """The plan with everything it calls, through any number of calls."""
    below: dict[str, Plan] = {}
    wave = [plan]
    while wave:
        names = {name for one in wave for name in called(one)} - below.keys()
        wave = [known[name] for name in sorted(names) if name in known]
        below |= {one.id: one for one in wave}
    value: Json = {
        "form": FORM, "plan": plan.source, "below": {name: one.source for name, one in sorted(below.items())}
    }  # fmt: skip
    text = json.dump(value)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return Frozen(text=text, digest=digest, plan=plan, below=below)


@lru_cache(maxsize=64)
def thaw(text: str, digest: str) -> Frozen:
    """The same, from the kept text. Frozen values, so the same text is read once.

    Raises BadInput when it is no definition any more: words of it were forgotten.
    """
    try:
        value = cast("dict[str, Json]", json.load(text))
    except ValueError as error:
        what = "The definition that this run keeps cannot be read any more: words of it were forgotten."
        raise BadInput(what, "Start the pipeline anew.") from error
    below = {name: read_plan(str(source)) for name, source in cast("dict[str, str]", value["below"]).items()}
    return Frozen(text=text, digest=digest, plan=read_plan(str(value["plan"])), below=below)


def called(plan: Plan) -> frozenset[str]:
    """The ids of the pipelines that a plan calls itself."""
    inner = [node.each for node in plan.nodes.values() if node.each is not None]
    return frozenset(node.uses for node in [*plan.nodes.values(), *inner] if node.kind is NodeKind.PIPELINE)


def nodes_json(plan: Plan) -> list[Json]:
    """The nodes for showing: id, kind, who does it, and what it comes after."""
    return [_shown(node, plan) for node in plan.nodes.values()]


def _shown(node: Node, plan: Plan) -> Json:
    after = sorted(before(node, plan.nodes))
    uses = node.uses or (node.each.uses if node.each else "")
    return {"id": node.id, "kind": node.kind.value, "uses": uses, "after": [*after]}
