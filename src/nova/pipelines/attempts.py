"""One node, tried until it is settled: its condition, its tries with waits, its fallback, and what its policy says.

Knows policies and steps; what a kind of node does is in pipelines.nodes, and the order of nodes in pipelines.walk.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from time import perf_counter

from nova.core import json
from nova.core.degradations import Degradation, DegradationKind
from nova.core.errors import LimitReached, NovaError, StoreError
from nova.core.events import StepEnded, StepStarted
from nova.core.json import Json
from nova.core.plans import Node, NodeKind, OnFailure
from nova.core.steps import SETTLED, Step, StepState
from nova.core.text import shorten
from nova.pipelines import asking, nodes
from nova.pipelines.bindings import ABSENT, Absent, View, holds, value_of
from nova.pipelines.frame import Frame
from nova.pipelines.settled import Broke, Finished, Halted, NodeFailed, Settled, Skipped, Waits, failed, is_among

OUTPUT_SHOWN = 400
WAIT_SECONDS_MAX = 300.0
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
    if node.when is not None and not holds(node.when, view):
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
    if node.kind in (NodeKind.PIPELINE, NodeKind.MAP) and not known.waits_for.startswith(asking.DECIDES):
        return await _attempt(frame, Way(node=node), path, view, known, known.attempt)
    found = asking.answered(frame, node, path, known)
    match found:
        case asking.Again():
            return await _tried(frame, node, path, view, known)
        case Finished():
            return _end(frame, known, found)
        case Broke():
            return _fail(frame, known, NodeFailed(found.error, found.what, found.mend))
        case _:
            return found


async def _tried(frame: Frame, node: Node, path: str, view: View, known: Step | None) -> Settled:
    """Try after try, as the policy says; then the fallback; then what is to be done about a failure."""
    retries, attempt, tries, wrong = node.policy.retries, (known.attempt + 1 if known else 1), 0, ""
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
            found = await _attempt(frame, way, path, view, known, attempt + 1)
        except NodeFailed as second:
            attempt, failure = attempt + 1, second
        else:
            return _noted(frame, path, found, way, failure)
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


def _noted(frame: Frame, path: str, found: Settled, way: Way, failure: NodeFailed) -> Settled:
    """A fallback has answered: said aloud, with why."""
    if not isinstance(found, Finished):
        return found
    kind = DegradationKind.FALLBACK_MODEL if way.role else DegradationKind.FALLBACK_AGENT
    note = Degradation(kind=kind, what=f"{path}: {shorten(failure.what, 200)} {way.said} did it instead.")
    step = frame.journal.steps[path]
    frame.journal.write(replace(step, degradations=(*step.degradations, note)), *frame.degrade(note))
    return replace(found, degradations=(*found.degradations, note))


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
        degradations=(*step.degradations, note), waits_for="",
    )  # fmt: skip
    told = StepEnded(
        path=path, state="degraded", attempt=step.attempt, seconds=step.seconds, output=_shown(output),
        error=error, what=what, mend=mend,
    )  # fmt: skip
    frame.journal.write(ended, told, *frame.degrade(note))
    return Finished(output=output, degradations=ended.degradations, usage=ended.usage)


async def _attempt(
    frame: Frame, way: Way, path: str, view: View, known: Step | None, attempt: int, *, wrong: str = ""
) -> Settled:
    """One try, from its start in the record to its end. wrong: with the last one's shape. Raises NodeFailed."""
    node, started = way.node, perf_counter()
    before = frame.journal.steps.get(path)
    earlier = before.degradations if before is not None else ()
    child = _child(frame, node, path, attempt)
    step = replace(_new(frame, node, path, attempt), child=child, degradations=earlier)
    if known is None or known.state is not StepState.WAITING or known.attempt != attempt:
        nodes.interrupted(frame, known)
        begun = StepStarted(path=path, name=step.name, kind=node.kind.value, attempt=attempt, child=step.child)
        frame.journal.write(step, begun)
    try:
        async with asyncio.timeout(node.policy.timeout_seconds):
            found = await nodes.do(nodes.Try(frame, node, path, view, step, role=way.role, wrong=wrong))
        if isinstance(found, Finished):
            frame.tools.tree.check_output(len(json.dump(found.output)), path)
            return _end(frame, replace(step, seconds=_seconds(started)), found)
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
    """What is neither done nor failed: a wait is written down."""
    if isinstance(found, Waits) and frame.journal.steps[step.path].state is not StepState.WAITING:
        asking.wait(frame, step, found)
    return found


def _end(frame: Frame, step: Step, found: Finished) -> Finished:
    """Done: the output, in the transaction of its event."""
    label, before = step.label.join(found.label), frame.journal.steps[step.path].degradations
    notes = tuple(dict.fromkeys([*before, *found.degradations]))
    ended = replace(
        step, state=StepState.DONE, ended_at=frame.tools.now(), output=found.output, usage=found.usage, label=label,
        degradations=notes, waits_for="", error="", what="", mend="",
    )  # fmt: skip
    told = StepEnded(
        path=step.path, state="done", attempt=step.attempt, seconds=step.seconds, output=_shown(found.output)
    )
    frame.journal.write(ended, told, *frame.degrade(*notes))
    return replace(found, label=label, degradations=notes)


def _tell(frame: Frame, step: Step, started: float, failure: NodeFailed) -> NodeFailed:
    """Keeps what a failed try has cost and why it failed; the policy decides what comes next."""
    known = frame.journal.steps.get(step.path, step)
    seconds = _seconds(started)
    kept = replace(
        known, error=failure.error, what=failure.what, mend=failure.mend, seconds=seconds,
        usage=known.usage + failure.usage,
    )  # fmt: skip
    frame.journal.write(kept)
    return failure


def _told(frame: Frame, step: Step, failure: NodeFailed, seconds: float) -> None:
    """A try failed and another follows: visible, with the wait."""
    note = Degradation(
        kind=DegradationKind.RETRIED, what=f"{step.path} failed at first and was tried again: {failure.what}"
    )
    told = StepEnded(
        path=step.path, state="failed", attempt=step.attempt, seconds=step.seconds, error=failure.error,
        what=failure.what, mend=failure.mend, next_try_seconds=round(seconds, 3),
    )  # fmt: skip
    frame.journal.write(replace(step, degradations=(*step.degradations, note)), told, *frame.degrade(note))


def _fail(frame: Frame, step: Step, failure: NodeFailed) -> Broke:
    ended = replace(
        step, state=StepState.FAILED, ended_at=frame.tools.now(), error=failure.error, what=failure.what,
        mend=failure.mend, waits_for="",
    )  # fmt: skip
    told = StepEnded(
        path=step.path, state="failed", attempt=step.attempt, seconds=step.seconds, error=failure.error,
        what=failure.what, mend=failure.mend,
    )  # fmt: skip
    frame.journal.write(ended, told)
    return Broke(path=step.path, error=failure.error, what=failure.what, mend=failure.mend)


def _finished(step: Step) -> Finished:
    return Finished(output=step.output, degradations=step.degradations, usage=step.usage, label=step.label)


def _seconds(started: float) -> float:
    return round(perf_counter() - started, 4)


def _shown(output: Json) -> str:
    text = output.get("text") if isinstance(output, dict) else None
    return shorten(text if isinstance(text, str) and text else json.dump(output), OUTPUT_SHOWN)
