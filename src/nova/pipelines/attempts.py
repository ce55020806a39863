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
from nova.core.events import StepStarted
from nova.core.plans import Node, NodeKind, OnFailure
from nova.core.steps import SETTLED, Step, StepState
from nova.core.text import shorten
from nova.pipelines import asking, moments, nodes
from nova.pipelines.bindings import View, holds
from nova.pipelines.frame import Frame
from nova.pipelines.plain import plain
from nova.pipelines.settled import (
    Broke,
    Finished,
    Halted,
    NodeFailed,
    Settled,
    Skipped,
    broken,
    failed,
    is_among,
)
from nova.store import steps

WAIT_SECONDS_MAX = 300.0
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
        return Skipped(why=known.what) if known.state is StepState.SKIPPED else moments.finished(known)
    if known is not None and known.state is StepState.FAILED:
        return Broke(path=path, error=known.error, what=known.what, mend=known.mend, degradations=known.degradations)
    if known is not None and known.state is StepState.WAITING:
        return await _woken(frame, node, path, view, known)
    try:
        left_out = node.when is not None and not holds(node.when, view)
    except NovaError as error:  # an edit of the owner's can have another shape than what it took the place of
        return moments.failed_for_good(frame, moments.new_step(frame, node, path, 1), failed(error))
    if left_out:
        return moments.skip(frame, node, path, "its condition does not hold")
    return await _tried(frame, node, path, view, known)


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
            return moments.done(frame, known, found)
        case Broke():
            return moments.failed_for_good(frame, known, NodeFailed(found.error, found.what, found.mend))
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
            moments.tried_again(frame, known, failure, seconds)
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
    return sum(note.what.startswith(f"{path} {moments.AT_FIRST}") for note in known.degradations)


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
        return moments.stand_in(frame, node, path, view, failure.error, failure.what, failure.mend)
    return moments.failed_for_good(frame, step, failure)


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
    step = replace(moments.new_step(frame, node, path, attempt), child=moments.child_of(frame, node, path, attempt))
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
            return moments.done(frame, replace(step, seconds=moments.seconds_since(started)), found)
        if isinstance(found, Broke):
            raise broken(found)
        return moments.waits(frame, replace(step, seconds=moments.seconds_since(started)), found)
    except TimeoutError:
        limit = f"{node.policy.timeout_seconds:g}" if node.policy.timeout_seconds else "its"
        raise moments.tried_in_vain(frame, step, started, NodeFailed(
            "TimedOut", f"{path} did not end within {limit} seconds.", "Raise timeout_seconds, or give it less to do."
        )) from None  # fmt: skip
    except LimitReached as reached:
        return Halted(reason=reached.limit, evidence=f"{path}: {reached.evidence}", mend=reached.mend)
    except StoreError:
        raise
    except NovaError as error:
        raise moments.tried_in_vain(frame, step, started, failed(error)) from error
    except NodeFailed as failure:
        raise moments.tried_in_vain(frame, step, started, failure) from None
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise
    except Exception as bug:  # a bug in a node costs its step, not the process; it is said to be one
        what = f"{path} broke: {type(bug).__name__}: {shorten(str(bug), 300)}"
        raise moments.tried_in_vain(
            frame, step, started, NodeFailed(type(bug).__name__, what, "This is a bug.")
        ) from bug
