"""One node of a pipeline as written -> a Node. Notes what cannot be one; refuses to look at its neighbours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar, assert_never

from nova.core.errors import BadFiles
from nova.core.json import Json
from nova.core.plans import Binding, Case, Node, NodeKind, OnFailure, Policy, Retries
from nova.core.text import nearest, shorten
from nova.pipelines.conditions import read_condition
from nova.pipelines.file import (
    NODES,
    SECONDS_MAX,
    AgentNode,
    CaseFile,
    ChooseNode,
    EventFile,
    MapNode,
    MayFail,
    MayRetry,
    NodeFile,
    PipelineNode,
    RetriesFile,
    ReviewNode,
    ToolNode,
    WaitNode,
)
from nova.pipelines.notes import Notes
from nova.pipelines.outputs import stand_in
from nova.pipelines.reading_schemas import read_schema
from nova.pipelines.references import read_binding
from nova.settings.check import FileModel, check
from nova.settings.located import KeyPath, Located

_IN_A_MAP = (NodeKind.AGENT, NodeKind.TOOL, NodeKind.PIPELINE, NodeKind.REVIEW, NodeKind.WAIT)
_DURATION = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(s|m|min|h|d)\w*\s*")
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
_Model = TypeVar("_Model", bound=FileModel)


def read_node(name: str, here: Located, notes: Notes) -> Node | None:
    """The node, or None when it cannot be read. here: its keys and their lines; notes: looking at it."""
    kinds = [key for key in NODES if key in here.value]
    if len(kinds) != 1:
        notes.add((), *_kind_problem(name, kinds, here))
        return None
    written = _checked(NODES[kinds[0]], here, notes)
    if written is None:
        return None
    node = _node(name, written, here, notes)
    before, when = tuple(written.after), read_condition(written.when, notes.below("when"))
    return replace(node, after=before, when=when, line=notes.located.line(notes.at))


def _kind_problem(name: str, kinds: list[str], here: Located) -> tuple[str, str]:
    if kinds:
        return f"The node “{name}” is two at once: {' and '.join(kinds)}.", "Make two nodes of it."
    for key in here.value:
        if near := nearest(key, NODES, 1):
            return f"Nothing says what the node “{name}” does.", f"Did you mean “{near[0]}” by “{shorten(key, 40)}”?"
    return f"Nothing says what the node “{name}” does.", f"Give it one of: {', '.join(NODES)}."


def _checked(model: type[_Model], here: Located, notes: Notes) -> _Model | None:
    try:
        return check(model, here)
    except BadFiles as error:
        known = notes.located.lines  # a plan made by code has no lines: the node's name leads there instead
        where = f"Node “{notes.at[1]}”: " if len(known) == 0 and len(notes.at) > 1 else ""
        line = notes.located.line(notes.at)
        notes.problems.extend(replace(one, line=one.line or line, what=f"{where}{one.what}") for one in error.problems)
        return None


def _node(name: str, written: NodeFile, here: Located, notes: Notes) -> Node:
    node = Node(id=name, kind=written.kind)
    if isinstance(written, MayFail):
        node = replace(node, policy=_policy(written, node, notes))
    match written:
        case AgentNode() | ToolNode() | PipelineNode():
            node = _caller(node, written, notes)
        case ReviewNode():
            node = _review(node, written, notes)
        case MapNode():
            node = _map(node, written, here, notes)
        case ChooseNode():
            node = replace(node, cases=tuple(_case(one, notes.below("choose", n)) for n, one in _numbered(written)))
        case WaitNode():
            node = _wait(node, written, here, notes)
        case _:
            raise TypeError(type(written).__name__)
    if (otherwise := node.policy.otherwise) is None:
        return node
    whole = stand_in(node.kind, node.uses, otherwise)
    return replace(node, policy=replace(node.policy, otherwise=whole))


def _caller(node: Node, written: AgentNode | ToolNode | PipelineNode, notes: Notes) -> Node:
    given = _bindings(written.given, ("with",), notes)
    match written:
        case AgentNode():
            output = read_schema(written.output, notes.below("output"), "serialization") if written.output else {}
            task = read_binding(written.task, ("task",), notes.add)
            return replace(node, uses=written.agent, task=task, given=given, output=output)
        case ToolNode():
            return replace(node, uses=written.tool, given=given)
        case PipelineNode():
            return replace(node, uses=written.pipeline, given=given)
    assert_never(written)


def _review(node: Node, written: ReviewNode, notes: Notes) -> Node:
    shown = {key: getattr(written.show, key) for key in ("diff", "evidence", "payload")}
    given = _bindings(
        {key: one for key, one in shown.items() if key in written.show.model_fields_set}, ("show",), notes
    )
    question = read_binding(written.review, ("review",), notes.add)
    return replace(
        node, question=question, given=given, if_ignored=written.if_ignored.strip(), on_reject=written.on_reject
    )


def _map(node: Node, written: MapNode, here: Located, notes: Notes) -> Node:
    lines = {path[1:]: line for path, line in here.lines.items() if path[:1] == ("do",)}
    inner_notes = notes.below("do")
    inner = Located(file=here.file, value=dict(written.do), lines=lines)
    for key in ("after", "when"):
        if key in inner.value:
            what = f"What a map does for each element cannot have “{key}”."
            inner_notes.add((key,), what, "Write it at the map, or put the nodes into a pipeline and map that.")
    each = read_node(node.id, inner, inner_notes)
    if each is not None and each.kind not in _IN_A_MAP:
        what = f"A map cannot do a {each.kind} for each element."
        inner_notes.add((each.kind.value,), what, "Put the nodes into a pipeline of their own, and map that.")
        each = None
    return replace(node, over=read_binding(written.map, ("map",), notes.add), each=each, at_once=written.at_once)


def _numbered(written: ChooseNode) -> list[tuple[int, CaseFile]]:
    return list(enumerate(written.choose))


def _case(written: CaseFile, notes: Notes) -> Case:
    return Case(name=written.name, when=read_condition(written.when, notes.below("when")), then=tuple(written.then))


def _wait(node: Node, written: WaitNode, here: Located, notes: Notes) -> Node:
    wait = written.wait
    if isinstance(wait, dict):
        lines = {path[1:]: line for path, line in here.lines.items() if path[:1] == ("wait",)}
        event = _checked(EventFile, Located(file=here.file, value=dict(wait), lines=lines), notes.below("wait"))
        given = _bindings(event.where, ("wait", "where"), notes) if event else {}
        return replace(node, event=event.event if event else "", given=given)
    if isinstance(wait, str) and (said := _DURATION.fullmatch(wait)):
        seconds = float(said.group(1)) * _UNITS[said.group(2)]
        notes.add(("wait",), f"“{shorten(wait, 40)}” is no number of seconds.", f"Write wait: {seconds:g}.")
        return node
    elif isinstance(wait, int | float) and not isinstance(wait, bool) and not 0 <= wait <= SECONDS_MAX:
        notes.add(("wait",), f"Nobody can wait {wait:g} seconds.", f"Give at least 0 and at most {SECONDS_MAX:.0f}.")
    return replace(node, seconds=read_binding(wait, ("wait",), notes.add))


def _policy(written: MayFail, node: Node, notes: Notes) -> Policy:
    given = "otherwise" in written.model_fields_set and written.otherwise is not None
    otherwise = read_binding(written.otherwise, ("otherwise",), notes.add) if given else None
    policy = Policy(
        timeout_seconds=written.timeout_seconds, on_failure=OnFailure(written.on_failure), otherwise=otherwise
    )
    if given and policy.on_failure is OnFailure.STOP:
        what = f"“otherwise” of the node “{node.id}” is never used: the run stops when it fails."
        notes.add(("otherwise",), what, "Write on_failure: continue-degraded (or review), or delete it.")
    if isinstance(written, MayRetry) and written.retries is not None:
        policy = replace(policy, retries=_retries(written.retries))
    if isinstance(written, AgentNode) and (fallback := written.fallback) is not None:
        if (fallback.agent is None) == (fallback.model is None):
            notes.add(("fallback",), "A fallback is one agent or one model.", "Write {agent: NAME} or {model: strong}.")
        policy = replace(policy, fallback_agent=fallback.agent or "", fallback_model=fallback.model or "")
    return policy


def _retries(written: RetriesFile) -> Retries:
    return Retries(
        times=written.times, wait_seconds=written.wait_seconds, backoff=written.backoff, jitter=written.jitter,
        on=tuple(written.on),
    )  # fmt: skip


def _bindings(written: Mapping[str, Json], place: KeyPath, notes: Notes) -> dict[str, Binding]:
    return {name: read_binding(one, (*place, name), notes.add) for name, one in written.items()}
