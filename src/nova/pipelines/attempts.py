"""One node, tried until it is settled: its condition, its tries with waits, its fallback, and what its policy says.

Knows policies and steps; what a kind of node does is in pipelines.nodes, and the order of nodes in pipelines.walk.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from time import perf_counter

from nova.core import json
from nova.core.degradations import Degradation, DegradationKind
from nova.core.errors import LimitReached, NovaError, StoreError
from nova.core.events import StepEnded, StepStarted
from nova.core.json import Json
from nova.core.limits import Usage
from nova.core.plans import Node, NodeKind, OnFailure
from nova.core.steps import SETTLED, Step, StepState
from nova.core.text import shorten
from nova.pipelines import asking, nodes
from nova.pipelines.bindings import ABSENT, Absent, View, holds, value_of
from nova.pipelines.frame import Frame
from nova.pipelines.plain import plain
from nova.pipelines.settled import (
    Broke,
    Finished,
    Halted,
    NodeFailed,
    Settled,
    Skipped,
    Waits,
    broken,
    failed,
    is_among,
)
from nova.store import steps

OUTPUT_SHOWN = 400
WAIT_SECONDS_MAX = 300.0
AT_FIRST = "failed at first"
HOLD_OTHERS = (NodeKind.PIPELINE, NodeKind.MAP)
ALWAYS_AGAIN = ("WrongShape",)
"""A reply in the wrong shape is asked for once more, told what was wrong, whatever the policy says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a try is made: the node as written, or with its fallback in the place of its agent or model."""

    node: Node
    role: str = ""
    said: str = ""


async def settle(frame: Frame, node: Node, path: str, view: View) -> Settled:
    """The node's end, from its row when it is there already. Raises StoreError (Superseded among them)."""
    known = frame.journal.steps.get(path)
    if known is not None and known.state in SETTLED:
        return Skipped(why=known.what) if known.state is StepState.SKIPPED else _finished(known)
    if known is not None and known.state is StepState.FAILED:
        return Broke(path=path, error=known.error, what=known.what, mend=known.mend, degradations=known.degradations)
    if known is not None and known.state is StepState.WAITING:
        return await _woken(frame, node, path, view, known)
    try:
        left_out = node.when is not None and not holds(node.when, view)
    except NovaError as error:  # an edit of the owner's can have another shape than what it took the place of
        return _fail(frame, _new(frame, node, path, 1), failed(error))
    if left_out:
        return skip(frame, node, path, "its condition does not hold")
    return await _tried(frame, node, path, view, known)


def skip(frame: Frame, node: Node, path: str, why: str) -> Skipped:
    """Leaves a node out, and writes that down."""
    if path not in frame.journal.steps:
        step = replace(_new(frame, node, path, 1), state=StepState.SKIPPED, ended_at=frame.tools.now(), what=why)
        frame.journal.write(step, StepEnded(path=path, state="skipped", attempt=1, seconds=0.0, what=why))
    return Skipped(why=why)


async def _woken(frame: Frame, node: Node, path: str, view: View, known: Step) -> Settled:
    """A step that waited: settled by what came, or still waiting."""
    decides = known.waits_for == asking.DECIDES + asking.question_of(frame, path, known.attempt)
    if node.kind in HOLD_OTHERS and not decides:
        try:
            return await _attempt(frame, Way(node=node), path, view, known, known.attempt)
        except NodeFailed as failure:
            return _by_policy(frame, node, path, view, failure)
    found = asking.answered(frame, node, path, view, known)
    match found:
        case asking.Again():
            _reopen_elements(frame, path)
            return await _tried(frame, node, path, view, known)
        case Broke() if not decides:
            return _by_policy(frame, node, path, view, NodeFailed(found.error, found.what, found.mend))
        case Finished():
            return _end(frame, known, found)
        case Broke():
            return _fail(frame, known, NodeFailed(found.error, found.what, found.mend))
        case _:
            return found


def _reopen_elements(frame: Frame, path: str) -> None:
    """The failed elements of a map are tried again with it."""
    for name, step in list(frame.journal.steps.items()):
        if name.startswith(f"{path}[") and step.state is StepState.FAILED:
            frame.journal.write(replace(step, state=StepState.RUNNING, ended_at=None, waits_for=steps.AGAIN))


async def _tried(frame: Frame, node: Node, path: str, view: View, known: Step | None) -> Settled:
    """Try after try, as the policy says; then the fallback; then what is to be done about a failure."""
    retries, attempt, tries = node.policy.retries, _next(node, known), _tries_before(path, known)
    wrong = known.what if known is not None and tries and known.error in ALWAYS_AGAIN else ""
    await _rest_of_the_wait(frame, known)
    while True:
        try:
            return await _attempt(frame, Way(node=node), path, view, known, attempt, wrong=wrong)
        except NodeFailed as failure:
            known = frame.journal.steps[path]
            again = tries < retries.times and is_among(failure.error, retries.on)
            if not again and not (tries == 0 and is_among(failure.error, ALWAYS_AGAIN)):
                return await _given_up(frame, node, path, view, failure, attempt)
            seconds = _wait(frame, node, failure, tries) if again else 0.0
            _told(frame, known, failure, seconds)
            await frame.tools.sleep(seconds)
            tries, attempt = tries + 1, attempt + 1
            wrong = failure.what if failure.error in ALWAYS_AGAIN else ""


def _next(node: Node, known: Step | None) -> int:
    """The number of the next try. What holds other nodes goes on where it was cut off, on the same try."""
    if known is None:
        return 1
    cut_off = known.state is StepState.RUNNING and not known.error and known.waits_for != steps.AGAIN
    return known.attempt + (0 if cut_off and node.kind in HOLD_OTHERS else 1)


def _tries_before(path: str, known: Step | None) -> int:
    """Tries that had failed before the process was cut off; none when the owner wants it tried again."""
    if known is None or known.state is not StepState.RUNNING or known.waits_for == steps.AGAIN:
        return 0
    return sum(note.what.startswith(f"{path} {AT_FIRST}") for note in known.degradations)


async def _rest_of_the_wait(frame: Frame, known: Step | None) -> None:
    """Waits for as long as the process that was cut off still wanted to wait before this try."""
    if known is not None and known.state is StepState.RUNNING and known.wakes_at is not None:
        await frame.tools.sleep(max(0.0, (known.wakes_at - frame.tools.now()).total_seconds()))


def _wait(frame: Frame, node: Node, failure: NodeFailed, tries: int) -> float:
    """Seconds before the next try: what the other side asked for, or backoff with jitter."""
    if failure.retry_after_seconds is not None:
        return min(failure.retry_after_seconds, WAIT_SECONDS_MAX)
    policy = node.policy.retries
    wait = policy.wait_seconds * policy.backoff**tries
    return min(wait * (1 + policy.jitter * frame.tools.chance.uniform(-1, 1)), WAIT_SECONDS_MAX)


async def _given_up(frame: Frame, node: Node, path: str, view: View, failure: NodeFailed, attempt: int) -> Settled:
    """All tries are used up: the fallback once, then the policy."""
    for way in _fallbacks(node):
        known = frame.journal.steps[path]
        try:
            return await _attempt(frame, way, path, view, known, attempt + 1, note=_noted(path, way, failure))
        except NodeFailed as second:
            attempt, failure = attempt + 1, second
    return _by_policy(frame, node, path, view, failure)


def _fallbacks(node: Node) -> list[Way]:
    ways: list[Way] = []
    if node.policy.fallback_model:
        ways.append(
            Way(node=node, role=node.policy.fallback_model, said=f"the model role {node.policy.fallback_model}")
        )
    if node.policy.fallback_agent:
        ways.append(Way(node=replace(node, uses=node.policy.fallback_agent), said=node.policy.fallback_agent))
    return ways


def _noted(path: str, way: Way, failure: NodeFailed) -> Degradation:
    """A fallback answers: said aloud, with why."""
    kind = DegradationKind.FALLBACK_MODEL if way.role else DegradationKind.FALLBACK_AGENT
    return Degradation(kind=kind, what=f"{path}: {shorten(failure.what, 200)} {way.said} did it instead.")


def _by_policy(frame: Frame, node: Node, path: str, view: View, failure: NodeFailed) -> Settled:
    step = frame.journal.steps[path]
    doubt = failure.error == "EffectUnknown"
    if node.policy.on_failure is OnFailure.REVIEW or doubt:
        return asking.about_failure(frame, path, step, failure, doubt=doubt)
    if node.policy.on_failure is OnFailure.CONTINUE:
        return stand_in(frame, node, path, view, failure.error, failure.what, failure.mend)
    return _fail(frame, step, failure)


def stand_in(frame: Frame, node: Node, path: str, view: View, error: str, what: str, mend: str) -> Finished:
    """The node's `otherwise` in the place of its output; the outcome says so."""
    other = node.policy.otherwise
    value = value_of(other, view) if other is not None else ABSENT
    output: Json = None if isinstance(value, Absent) else value
    kind = DegradationKind.NEEDS_MODEL if error == "NeedsModel" else DegradationKind.STEP_FAILED
    note = Degradation(kind=kind, what=f"{path}: {what}", mend=mend)
    step = frame.journal.steps[path]
    ended = replace(
        step, state=StepState.DEGRADED, ended_at=frame.tools.now(), output=output, error=error, what=what, mend=mend,
        degradations=(*step.degradations, note), waits_for="", wakes_at=None,
    )  # fmt: skip
    told = StepEnded(
        path=path, state="degraded", attempt=step.attempt, seconds=step.seconds, output=_shown(output),
        error=error, what=what, mend=mend,
    )  # fmt: skip
    frame.journal.write(ended, told, *frame.degrade(note))
    return Finished(output=output, degradations=ended.degradations, usage=ended.usage)


async def _attempt(
    frame: Frame,
    way: Way,
    path: str,
    view: View,
    known: Step | None,
    attempt: int,
    *,
    wrong: str = "",
    note: Degradation | None = None,
) -> Settled:
    """One try, from its start in the record to its end. Raises NodeFailed.

    wrong: with the last one's shape; note: what is less than it should be when this try goes well.
    """
    node, started = way.node, perf_counter()
    before = frame.journal.steps.get(path)
    step = replace(_new(frame, node, path, attempt), child=_child(frame, node, path, attempt))
    if before is not None:
        step = replace(step, degradations=before.degradations, usage=before.usage)
    if known is None or known.state is not StepState.WAITING or known.attempt != attempt:
        nodes.interrupted(frame, known)
        begun = StepStarted(path=path, name=step.name, kind=node.kind.value, attempt=attempt, child=step.child)
        frame.journal.write(step, begun)
    try:
        async with asyncio.timeout(node.policy.timeout_seconds):
            found = await nodes.do(nodes.Try(frame, node, path, view, step, role=way.role, wrong=wrong))
        if isinstance(found, Finished):
            frame.tools.tree.check_output(len(json.dump(found.output)), path)
            notes = (*found.degradations, note) if note else found.degradations
            found = replace(found, output=plain(found.output), degradations=notes)
            return _end(frame, replace(step, seconds=_seconds(started)), found)
        if isinstance(found, Broke):
            raise broken(found)
        return _kept(frame, replace(step, seconds=_seconds(started)), found)
    except TimeoutError:
        limit = f"{node.policy.timeout_seconds:g}" if node.policy.timeout_seconds else "its"
        raise _tell(frame, step, started, NodeFailed(
            "TimedOut", f"{path} did not end within {limit} seconds.", "Raise timeout_seconds, or give it less to do."
        )) from None  # fmt: skip
    except LimitReached as reached:
        return Halted(reason=reached.limit, evidence=f"{path}: {reached.evidence}", mend=reached.mend)
    except StoreError:
        raise
    except NovaError as error:
        raise _tell(frame, step, started, failed(error)) from error
    except NodeFailed as failure:
        raise _tell(frame, step, started, failure) from None
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise
    except Exception as bug:  # a bug in a node costs its step, not the process; it is said to be one
        what = f"{path} broke: {type(bug).__name__}: {shorten(str(bug), 300)}"
        raise _tell(frame, step, started, NodeFailed(type(bug).__name__, what, "This is a bug.")) from bug


def _new(frame: Frame, node: Node, path: str, attempt: int) -> Step:
    record = frame.journal.record
    return Step(
        run=frame.run, path=path, name=frame.name_of(path), kind=node.kind.value, scope=record.scope.own,
        label=record.run.label, state=StepState.RUNNING, attempt=attempt, started_at=frame.tools.now(),
    )  # fmt: skip


def _child(frame: Frame, node: Node, path: str, attempt: int) -> str:
    match node.kind:
        case NodeKind.AGENT:
            return frame.child(path, attempt)
        case NodeKind.PIPELINE:
            return frame.child(path)  # a pipeline goes on where it was, whatever the try
        case _:
            return ""


def _kept(frame: Frame, step: Step, found: Settled) -> Settled:
    """What is neither done nor failed: a wait is written down, and what it waits for by now."""
    known = frame.journal.steps[step.path]
    same = known.state is StepState.WAITING and (known.waits_for, known.wakes_at) == (found.on[0], found.wakes_at) if (
        isinstance(found, Waits)
    ) else True  # fmt: skip
    if isinstance(found, Waits) and not same:
        asking.wait(frame, step, found)
    return found


def _end(frame: Frame, step: Step, found: Finished) -> Finished:
    """Done: the output, in the transaction of its event."""
    label, before = step.label.join(found.label), frame.journal.steps[step.path]
    notes = tuple(dict.fromkeys([*before.degradations, *found.degradations]))
    ended = replace(
        step, state=StepState.DONE, ended_at=frame.tools.now(), output=found.output, label=label,
        usage=_with(before, found.usage), degradations=notes, waits_for="", wakes_at=None, error="", what="", mend="",
    )  # fmt: skip
    told = StepEnded(
        path=step.path, state="done", attempt=step.attempt, seconds=step.seconds, output=_shown(found.output)
    )
    frame.journal.write(ended, told, *frame.degrade(*notes))
    return replace(found, label=label, degradations=notes)


def _with(step: Step, usage: Usage) -> Usage:
    """What all tries have used. A pipeline says what all of its steps have used so far, those of earlier tries too."""
    return usage if step.kind == NodeKind.PIPELINE.value else step.usage + usage


def _tell(frame: Frame, step: Step, started: float, failure: NodeFailed) -> NodeFailed:
    """Keeps what a failed try has cost and why it failed; the policy decides what comes next."""
    known = frame.journal.steps.get(step.path, step)
    seconds = _seconds(started)
    kept = replace(
        known, error=failure.error, what=failure.what, mend=failure.mend, seconds=seconds,
        usage=_with(known, failure.usage),
        degradations=tuple(dict.fromkeys([*known.degradations, *failure.degradations])),
    )  # fmt: skip
    frame.journal.write(kept, *frame.degrade(*failure.degradations))
    return failure


def _told(frame: Frame, step: Step, failure: NodeFailed, seconds: float) -> None:
    """A try failed and another follows: visible, with the wait."""
    note = Degradation(kind=DegradationKind.RETRIED, what=f"{step.path} {AT_FIRST} and was tried again: {failure.what}")
    told = StepEnded(
        path=step.path, state="failed", attempt=step.attempt, seconds=step.seconds, error=failure.error,
        what=failure.what, mend=failure.mend, next_try_seconds=round(seconds, 3),
    )  # fmt: skip
    until = frame.tools.now() + timedelta(seconds=seconds)
    noted = replace(step, degradations=(*step.degradations, note), wakes_at=until)
    frame.journal.write(noted, told, *frame.degrade(note))


def _fail(frame: Frame, step: Step, failure: NodeFailed) -> Broke:
    ended = replace(
        step, state=StepState.FAILED, ended_at=frame.tools.now(), error=failure.error, what=failure.what,
        mend=failure.mend, waits_for="", wakes_at=None,
    )  # fmt: skip
    told = StepEnded(
        path=step.path, state="failed", attempt=step.attempt, seconds=step.seconds, error=failure.error,
        what=failure.what, mend=failure.mend,
    )  # fmt: skip
    frame.journal.write(ended, told)
    return Broke(
        path=failure.path or step.path, error=failure.error, what=failure.what, mend=failure.mend, usage=ended.usage
    )


def _finished(step: Step) -> Finished:
    return Finished(output=step.output, degradations=step.degradations, usage=step.usage, label=step.label)


def _seconds(started: float) -> float:
    return round(perf_counter() - started, 4)


def _shown(output: Json) -> str:
    text = output.get("text") if isinstance(output, dict) else None
    return shorten(text if isinstance(text, str) and text else json.dump(output), OUTPUT_SHOWN)
