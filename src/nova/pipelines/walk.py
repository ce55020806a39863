"""The walk of a plan: which node comes when, side by side where nothing is between them, until all are settled.

Replay is by key: a settled step is never run again, whatever the order in which things happen the second time. So there
is no order to keep, and no way to feed an old result to another node. Knows order; refuses to know tries and kinds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from nova.core.json import Json
from nova.core.limits import Usage
from nova.core.plans import Node, before
from nova.core.steps import Step
from nova.pipelines import attempts, moments
from nova.pipelines.bindings import Absent, needed, value_of
from nova.pipelines.frame import Frame
from nova.pipelines.settled import Broke, Finished, Halted, Settled, Skipped, Waits


@dataclass(slots=True)
class _State:
    """What the walk knows at a moment. waits: of nodes that are neither settled nor running."""

    settled: dict[str, Finished | Skipped] = field(default_factory=dict[str, Finished | Skipped])
    waits: dict[str, Waits] = field(default_factory=dict[str, Waits])
    running: dict[asyncio.Task[Settled], str] = field(default_factory=dict[asyncio.Task[Settled], str])


async def walk(frame: Frame) -> Settled:
    """How the plan ends: what it gives, what it waits for, or why it broke. Raises StoreError (Superseded among them).

    When one node breaks for good, those that still run are stopped first.
    """
    plan, state = frame.plan, _State()
    order = {node.id: before(node, plan.nodes) for node in plan.nodes.values()}
    try:
        while True:
            _begin_ready(frame, state, order)
            if not state.running:
                return _whole(frame, state)
            done, _ = await asyncio.wait(state.running, return_when=asyncio.FIRST_COMPLETED)
            for task in sorted(done, key=lambda one: state.running[one]):
                ended = _take(frame, state, state.running.pop(task), task.result())
                if ended is not None:
                    return ended
    finally:
        await _stop(state)


def _begin_ready(frame: Frame, state: _State, order: dict[str, frozenset[str]]) -> None:
    """Begins every node that nothing is before any more; what is left out may free others, so it goes round again."""
    changed = True
    while changed:
        changed = False
        busy = set(state.running.values())
        for node in frame.plan.nodes.values():
            if node.id in state.settled or node.id in state.waits or node.id in busy:
                continue
            if not order[node.id] <= state.settled.keys():
                continue
            why = _left_out(frame, state, node)
            if why:
                state.settled[node.id] = moments.skip(frame, node, node.id, why)
                changed = True
            else:
                task = asyncio.ensure_future(attempts.settle(frame, node, node.id, frame.view))
                state.running[task] = node.id


def _left_out(frame: Frame, state: _State, node: Node) -> str:
    """Why a node is left out: not chosen, or something it needs was left out. Empty when it is walked."""
    choosers = [one for one in frame.plan.nodes.values() if any(node.id in case.then for case in one.cases)]
    for chooser in choosers:
        settled = state.settled[chooser.id]
        if isinstance(settled, Skipped):
            return f"{chooser.id}, which chooses it, was left out"
        chosen = settled.output.get("chosen") if isinstance(settled.output, dict) else ""
        if not any(node.id in case.then for case in chooser.cases if case.name == chosen):
            return f"{chooser.id} chose {chosen or 'nothing'}"
    gone = sorted(name for name in needed(node) if isinstance(state.settled.get(name), Skipped))
    return f"it needs {gone[0]}, which was left out" if gone else ""


def _take(frame: Frame, state: _State, name: str, found: Settled) -> Settled | None:
    """Takes a node's end in; gives the end of the whole when there is nothing to go on for."""
    match found:
        case Finished():
            frame.outputs[name] = found.output
            state.settled[name] = found
            frame.degradations += [one for one in found.degradations if one not in frame.degradations]
        case Skipped():
            state.settled[name] = found
        case Waits():
            state.waits[name] = found
        case Broke() | Halted():
            return found
    return None


async def _stop(state: _State) -> None:
    for task in state.running:
        task.cancel()
    await asyncio.gather(*state.running, return_exceptions=True)


def _whole(frame: Frame, state: _State) -> Settled:
    if state.waits:
        times = [one.wakes_at for one in state.waits.values() if one.wakes_at is not None]
        on = tuple(dict.fromkeys(what for one in state.waits.values() for what in one.on))
        return Waits(on=on, wakes_at=min(times, default=None))
    outputs: dict[str, Json] = {}
    for name, binding in frame.plan.outputs.items():
        value = value_of(binding, frame.view)
        outputs[name] = None if isinstance(value, Absent) else value
    label = frame.journal.record.run.label
    for settled in state.settled.values():
        if isinstance(settled, Finished):
            label = label.join(settled.label)
    return Finished(
        output=outputs, degradations=tuple(frame.degradations), usage=used(frame.journal.steps.values()), label=label
    )


def used(steps: Iterable[Step]) -> Usage:
    """What these steps have used together."""
    return sum((step.usage for step in steps), Usage())
