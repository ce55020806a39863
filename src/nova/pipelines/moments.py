"""A step as it stands on disk at each moment of its life: begun, tried in vain, waiting, done, stood in for, failed.

Each moment is one transaction with its event. Knows rows; refuses to decide what comes next (pipelines.attempts).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from time import perf_counter

from nova.core import json
from nova.core.degradations import Degradation, DegradationKind
from nova.core.events import StepEnded
from nova.core.json import Json
from nova.core.limits import Usage
from nova.core.plans import Node, NodeKind
from nova.core.steps import Step, StepState
from nova.core.text import shorten
from nova.pipelines import asking
from nova.pipelines.bindings import ABSENT, Absent, View, value_of
from nova.pipelines.frame import Frame
from nova.pipelines.settled import Broke, Finished, NodeFailed, Settled, Skipped, Waits

OUTPUT_SHOWN = 400
AT_FIRST = "failed at first"


def skip(frame: Frame, node: Node, path: str, why: str) -> Skipped:
    """Leaves a node out, and writes that down."""
    if path not in frame.journal.steps:
        step = replace(new_step(frame, node, path, 1), state=StepState.SKIPPED, ended_at=frame.tools.now(), what=why)
        frame.journal.write(step, StepEnded(path=path, state="skipped", attempt=1, seconds=0.0, what=why))
    return Skipped(why=why)


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


def new_step(frame: Frame, node: Node, path: str, attempt: int) -> Step:
    """A step that begins now."""
    record = frame.journal.record
    return Step(
        run=frame.run, path=path, name=frame.name_of(path), kind=node.kind.value, scope=record.scope.own,
        label=record.run.label, state=StepState.RUNNING, attempt=attempt, started_at=frame.tools.now(),
    )  # fmt: skip


def child_of(frame: Frame, node: Node, path: str, attempt: int) -> str:
    """The id of the run that does a try; empty where none does."""
    match node.kind:
        case NodeKind.AGENT:
            return frame.child(path, attempt)
        case NodeKind.PIPELINE:
            return frame.child(path)  # a pipeline goes on where it was, whatever the try
        case _:
            return ""


def waits(frame: Frame, step: Step, found: Settled) -> Settled:
    """What is neither done nor failed: a wait is written down, and what it waits for by now."""
    if isinstance(found, Waits):
        known = frame.journal.steps[step.path]
        if known.state is not StepState.WAITING or (known.waits_for, known.wakes_at) != (found.on[0], found.wakes_at):
            asking.wait(frame, step, found)
    return found


def done(frame: Frame, step: Step, found: Finished) -> Finished:
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


def tried_in_vain(frame: Frame, step: Step, started: float, failure: NodeFailed) -> NodeFailed:
    """Keeps what a failed try has cost and why it failed; the policy decides what comes next."""
    known = frame.journal.steps.get(step.path, step)
    seconds = seconds_since(started)
    kept = replace(
        known, error=failure.error, what=failure.what, mend=failure.mend, seconds=seconds,
        usage=_with(known, failure.usage),
        degradations=tuple(dict.fromkeys([*known.degradations, *failure.degradations])),
    )  # fmt: skip
    frame.journal.write(kept, *frame.degrade(*failure.degradations))
    return failure


def tried_again(frame: Frame, step: Step, failure: NodeFailed, seconds: float) -> None:
    """A try failed and another follows: visible, with the wait."""
    note = Degradation(kind=DegradationKind.RETRIED, what=f"{step.path} {AT_FIRST} and was tried again: {failure.what}")
    told = StepEnded(
        path=step.path, state="failed", attempt=step.attempt, seconds=step.seconds, error=failure.error,
        what=failure.what, mend=failure.mend, next_try_seconds=round(seconds, 3),
    )  # fmt: skip
    until = frame.tools.now() + timedelta(seconds=seconds)
    noted = replace(step, degradations=(*step.degradations, note), wakes_at=until)
    frame.journal.write(noted, told, *frame.degrade(note))


def failed_for_good(frame: Frame, step: Step, failure: NodeFailed) -> Broke:
    """The step has failed, and the policy has no other way."""
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


def finished(step: Step) -> Finished:
    """What a settled step gave."""
    return Finished(output=step.output, degradations=step.degradations, usage=step.usage, label=step.label)


def seconds_since(started: float) -> float:
    """Since this moment of the performance counter."""
    return round(perf_counter() - started, 4)


def _shown(output: Json) -> str:
    text = output.get("text") if isinstance(output, dict) else None
    return shorten(text if isinstance(text, str) and text else json.dump(output), OUTPUT_SHOWN)
