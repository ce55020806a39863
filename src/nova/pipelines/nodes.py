"""What each kind of node does, once. Gives what it gave, or why it waits; raises why it failed.

Knows kinds; refuses to know tries, policies and the order of nodes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from nova.core import json
from nova.core.briefs import Brief, Fact, Report
from nova.core.errors import EffectUnknown, WrongShape
from nova.core.json import Json
from nova.core.labels import Label
from nova.core.outcomes import Done, Failed, NeedsInput, Stopped
from nova.core.plans import Binding, Items, Node, NodeKind, Ref, refs_of, refs_of_node
from nova.core.steps import Effect, EffectState, Step, StepState
from nova.core.text import shorten
from nova.pipelines import asking
from nova.pipelines.bindings import Absent, View, given_of, holds, value_of
from nova.pipelines.crew import AgentCall, ToolCall
from nova.pipelines.frame import Frame
from nova.pipelines.plain import plain
from nova.pipelines.settled import Broke, Finished, Halted, NodeFailed, Settled, Waits
from nova.store import runs, steps

FACTS_MAX = 200


@dataclass(frozen=True, slots=True)
class Try:
    """One try of one node. role: a model role instead of the agent's own; wrong: with the shape of its last reply."""

    frame: Frame
    node: Node
    path: str
    view: View
    step: Step
    role: str = ""
    wrong: str = ""


async def do(tried: Try) -> Settled:
    """What comes of it. Raises NodeFailed, NovaError."""
    match tried.node.kind:
        case NodeKind.AGENT:
            return await _agent(tried)
        case NodeKind.TOOL:
            return await _tool(tried)
        case NodeKind.PIPELINE:
            inputs = given_of(tried.node.given, tried.view)
            return await tried.frame.tools.walk_below(tried.frame, tried.node, tried.step, inputs)
        case NodeKind.MAP:
            return await _map(tried)
        case NodeKind.CHOOSE:
            return _choose(tried)
        case NodeKind.REVIEW:
            return asking.review(tried.frame, tried.node, tried.path, tried.view, tried.step)
        case NodeKind.WAIT:
            return asking.sleeping(tried.node, tried.view, tried.step, tried.frame.tools.now())


def interrupted(frame: Frame, known: Step | None) -> None:
    """The run of a try that was cut off by a crash is ended, so that nothing stands as running that does not run."""
    if known is not None and known.state is StepState.RUNNING and known.child and known.kind == NodeKind.AGENT.value:
        with frame.tools.database.write() as connection:
            frame.journal.check(connection)
            runs.interrupt(connection, frame.tools.everything, known.child, frame.tools.now())


async def _agent(tried: Try) -> Settled:
    frame, node = tried.frame, tried.node
    task = value_of(node.task, tried.view) if node.task is not None else ""
    brief = Brief(
        task=task if isinstance(task, str) else json.dump(None if isinstance(task, Absent) else task),
        agent=node.uses,
        why=frame.plan.description,
        sender=frame.plan.name,
        facts=_facts(tried),
        constraints=(f"Your last reply could not be used: {tried.wrong}",) if tried.wrong else (),
        output=node.output,
        depth=frame.depth,
    )
    label = _label(tried)
    call = AgentCall(brief=brief, child=tried.step.child, place=frame.place(tried.path), label=label, role=tried.role)
    return _reported(await frame.tools.crew.agent(call), node)


def _reported(report: Report, node: Node) -> Finished:
    match report.outcome:
        case Done(text=text, citations=citations, degradations=degradations, verified=verified):
            value: dict[str, Json] = {
                "text": text, "citations": [str(one) for one in citations], "verified": verified,
                "agent": report.agent, "run": report.run, "state": "done",
            }  # fmt: skip
            if node.output:
                value["data"] = report.data
            return Finished(output=value, degradations=degradations, usage=report.usage, label=report.label)
        case Failed(error=error, what=what, mend=mend):
            raise NodeFailed(error, what, mend, report.usage)
        case Stopped(reason=reason, evidence=evidence, mend=mend):
            raise NodeFailed("LimitReached", f"{report.agent} was stopped ({reason}): {evidence}", mend, report.usage)
        case NeedsInput(question=question):
            what = f"{report.agent} asks back: {shorten(question, 300)}"
            raise NodeFailed("NeedsInput", what, "Say it in the task of this step.", report.usage)


def _label(tried: Try) -> Label:
    """Of everything that goes into the step: the run's own, and that of every step it refers to."""
    return _label_of({ref.node for ref in refs_of_node(tried.node)}, tried)


def _label_of(names: Iterable[str], tried: Try) -> Label:
    label = tried.frame.journal.record.run.label
    for name in sorted(names):
        step = tried.frame.journal.steps.get(name)
        label = label.join(step.label) if step is not None else label
    return label


def _facts(tried: Try) -> tuple[Fact, ...]:
    """What the agent is told besides its task, each with the places it rests on, and whose it is."""
    found: list[Fact] = []
    for name, binding in tried.node.given.items():
        for one in binding.of if isinstance(binding, Items) else (binding,):
            found += _facts_of(name, one, tried)
    return tuple(found[:FACTS_MAX])


def _facts_of(name: str, binding: Binding, tried: Try) -> list[Fact]:
    value = value_of(binding, tried.view)
    if isinstance(value, Absent) or value in (None, "", [], {}):
        return []
    label, source = _label_of({ref.node for ref in refs_of(binding)}, tried), _source(binding, tried.view)
    lines = value if isinstance(value, list) else [value]
    texts = [line if isinstance(line, str) else json.dump(line) for line in lines]
    return [Fact(text=text if name == "facts" else f"{name}: {text}", source=source, label=label) for text in texts]


def _source(binding: Binding, view: View) -> str:
    """The citations that its steps have given with it, which the receiver may repeat; else the names of the steps."""
    cited: list[str] = []
    for ref in refs_of(binding):
        places = value_of(Ref(ref.node, ("citations",)), view)
        cited += [str(place) for place in places] if isinstance(places, list) else []
    return " ".join(dict.fromkeys(cited)) or ", ".join(str(ref) for ref in refs_of(binding))


async def _tool(tried: Try) -> Settled:
    frame, node = tried.frame, tried.node
    arguments = given_of(node.given, tried.view)
    key = asking.effect_key(tried.step)
    facts = frame.tools.crew.about(node.uses)
    if facts.acts and (known := _intend(tried, arguments, key, facts.repeatable)) is not None:
        return known
    frame.tools.tree.before_tool_call()
    approved = _approved(frame)
    call = ToolCall(tool=node.uses, arguments=arguments, key=key, place=frame.place(tried.path), approved=approved)
    output = await frame.tools.crew.tool(call)
    if facts.acts:
        _acted(frame, key, plain(output.value), output.label.join(_label(tried)))
    return Finished(output=output.value, degradations=output.degradations, label=output.label.join(_label(tried)))


def _intend(tried: Try, arguments: dict[str, Json], key: str, repeatable: bool) -> Finished | None:
    """Writes the intent down before the deed; what was done already is not done again. Raises EffectUnknown."""
    frame, now = tried.frame, tried.frame.tools.now()
    with frame.tools.database.write() as connection:
        frame.journal.check(connection)
        known = steps.effect(connection, frame.scope, key, frame.tools.blobs)
        if known is None:
            record = frame.journal.record
            effect = Effect(
                key=key, run=frame.run, path=tried.path, tool=tried.node.uses, scope=record.scope.own,
                label=record.run.label, arguments=json.dump(arguments)[:4_000], state=EffectState.INTENDED, at=now,
            )  # fmt: skip
            steps.intend(connection, frame.scope, effect)
            return None
        if known.state is EffectState.DONE:
            return Finished(output=known.result, label=known.label)
        if known.state is EffectState.INTENDED and not repeatable:
            what = f"{tried.node.uses} was cut off after it began at {known.at:%Y-%m-%d %H:%M:%S}."
            raise EffectUnknown(what, "Look whether it happened before you answer.")
        steps.settle(connection, frame.scope, key, EffectState.INTENDED, now, None, frame.tools.blobs)
    return None


def _acted(frame: Frame, key: str, result: Json, label: Label) -> None:
    with frame.tools.database.write() as connection:
        frame.journal.check(connection)
        now = frame.tools.now()
        steps.settle(connection, frame.scope, key, EffectState.DONE, now, result, frame.tools.blobs, label=label)


def _approved(frame: Frame) -> frozenset[str]:
    """Digests of the payloads that the owner has agreed to in this run."""
    outputs = [
        step.output
        for step in frame.journal.steps.values()
        if step.kind == NodeKind.REVIEW.value and step.state is StepState.DONE and isinstance(step.output, dict)
    ]
    agreed = [one for one in outputs if one.get("answer") in ("approve", "change")]
    return frozenset(asking.digest_of(one.get("payload")) for one in agreed)


def _choose(tried: Try) -> Finished:
    for case in tried.node.cases:
        if case.when is None or holds(case.when, tried.view):
            return Finished(output={"chosen": case.name})
    return Finished(output={"chosen": ""})


async def _map(tried: Try) -> Settled:
    """One node for every element, `at_once` at a time; what each gave, in the order of the list."""
    frame, node, inner = tried.frame, tried.node, tried.node.each
    over = value_of(node.over, tried.view) if node.over is not None else []
    if inner is None or not isinstance(over, list):
        raise WrongShape(f"{tried.path} goes over {type(over).__name__}, which is no list.")
    room = asyncio.Semaphore(max(1, node.at_once))

    async def one(number: int, item: Json) -> Settled:
        async with room:
            view = replace(tried.view, item=item)
            return await frame.tools.settle(frame, inner, f"{tried.path}[{number}]", view)

    return _gathered(await _all([one(number, item) for number, item in enumerate(over)]), frame, tried.path)


async def _all(work: Sequence[object]) -> list[Settled]:
    """Side by side; when one breaks for good, the others are stopped first."""
    tasks = [asyncio.ensure_future(cast("asyncio.Future[Settled]", one)) for one in work]
    try:
        for next_one in asyncio.as_completed(tasks):
            if isinstance(await next_one, Broke | Halted):
                break
        return [task.result() for task in tasks if task.done() and not task.cancelled()]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _gathered(found: list[Settled], frame: Frame, path: str) -> Settled:
    for kind in (Halted, Broke):
        worst = next((one for one in found if isinstance(one, kind)), None)
        if worst is not None:
            return worst
    waiting = [one for one in found if isinstance(one, Waits)]
    if waiting:
        times = [one.wakes_at for one in waiting if one.wakes_at is not None]
        on = tuple(dict.fromkeys(what for one in waiting for what in one.on))
        return Waits(on=on, wakes_at=min(times, default=None))
    done = [one for one in found if isinstance(one, Finished)]
    failed = sum(
        step.state is StepState.DEGRADED for name, step in frame.journal.steps.items() if name.startswith(f"{path}[")
    )
    items: list[Json] = [one.output if isinstance(one, Finished) else None for one in found]
    label = frame.journal.record.run.label
    for one in done:
        label = label.join(one.label)
    value: dict[str, Json] = {"items": items, "count": len(items), "failed": failed}
    degradations = tuple(dict.fromkeys(note for one in done for note in one.degradations))
    return Finished(output=value, degradations=degradations, label=label)
