"""From the end of a walk to the outcome of its run, and the rows and events that say so. Knows runs and walks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nova.core.citations import Citation
from nova.core.degradations import Degradation
from nova.core.events import Happening, Parked, RunFailed, RunFinished
from nova.core.limits import Usage
from nova.core.outcomes import Done, Failed, Outcome, Stopped
from nova.core.plans import NodeKind
from nova.core.runs import Run, RunState, outcome_to_json, state_of
from nova.core.steps import Step, StepState, WalkState
from nova.pipelines.frame import Frame
from nova.pipelines.settled import Broke, Finished, Halted, Settled, Skipped, Waits
from nova.pipelines.wording import text_of
from nova.store import events, reviews, runs, steps, walks
from nova.store.database import Connection

CITATIONS_MAX = 100
Say = Callable[[Frame], Outcome | None]
"""How a run that has finished is told, when it is not by its outputs; None: by its outputs."""


def outcome_of(frame: Frame, settled: Finished | Broke | Halted | Skipped) -> Outcome:
    """What a person is told of it. A run whose required step failed is never Done."""
    notes = tuple(dict.fromkeys(frame.degradations))
    match settled:
        case Finished():
            return Done(
                text=text_of(settled.output), citations=_citations(frame), degradations=notes, verified=_verified(frame)
            )
        case Broke(path=path, error=error, what=what, mend=mend):
            return Failed(
                error=error, what=f"The step {path} failed: {what}", degradations=notes,
                mend=f"{mend} Then: nova runs retry {frame.tools.hold.root}".strip(),
            )  # fmt: skip
        case Halted(reason=reason, evidence=evidence, mend=mend):
            return Stopped(reason=reason, evidence=evidence, mend=mend, degradations=notes)
        case Skipped(why=why):
            return Done(text=f"Nothing was to be done: {why}.", degradations=notes)


def _citations(frame: Frame) -> tuple[Citation, ...]:
    """Every place that a step named, once."""
    found: dict[Citation, None] = {}
    for step in frame.journal.steps.values():
        named = step.output.get("citations") if isinstance(step.output, dict) else None
        for one in named if isinstance(named, list) else []:
            path, _, line = str(one).rpartition(":")
            found[Citation(path=path, line=int(line)) if path and line.isdigit() else Citation(path=str(one))] = None
    return tuple(found)[:CITATIONS_MAX]


def _verified(frame: Frame) -> bool:
    """Every agent's answer was verified, and no step stands in for another."""
    answers = [step for step in frame.journal.steps.values() if step.kind == "agent" and step.state is StepState.DONE]
    stood_in = any(step.state is StepState.DEGRADED for step in frame.journal.steps.values())
    sure = [isinstance(one.output, dict) and one.output.get("verified") is True for one in answers]
    return bool(sure) and all(sure) and not stood_in


def end(frame: Frame, settled: Settled, *, outcome: Outcome | None = None) -> Outcome:
    """Writes how the run and its walk ended: rows and last event in one transaction. Raises Superseded, StoreError.

    outcome: instead of the one that `outcome_of` makes.
    """
    assert not isinstance(settled, Waits)
    told = outcome or outcome_of(frame, settled)
    record, walk, now = frame.journal.record, frame.journal.walk, frame.tools.now()
    output = settled.output if isinstance(settled, Finished) else None
    label = settled.label.join(record.run.label) if isinstance(settled, Finished) else record.run.label
    usage = sum((step.usage for step in frame.journal.steps.values()), Usage())
    run = replace(record.run, state=state_of(told), outcome=told, usage=usage, label=label, ended_at=now)
    last = RunFailed(error=told.error, what=told.what, outcome=outcome_to_json(told)) if isinstance(told, Failed) else (
        RunFinished(state=state_of(told).value, outcome=outcome_to_json(told))
    )  # fmt: skip

    def work(connection: Connection) -> tuple[Happening, ...]:
        frame.journal.check(connection)
        ended = replace(
            walk, state=WalkState.ENDED, output=output, ended_at=now, parked_on=(), wakes_at=None, label=label
        )
        walks.save(connection, record.scope, ended, frame.tools.blobs)
        _close_steps(frame, connection, isinstance(settled, Halted))
        if walk.run == walk.root:
            _close_below(frame, connection)
            reviews.close(connection, record.scope, walk.root, "its run has ended")
        return ()

    record.save(run, last, first=work)
    frame.journal.walk = replace(walk, state=WalkState.ENDED, output=output, ended_at=now)
    return told


def _close_steps(frame: Frame, connection: Connection, halted: bool) -> None:
    """Steps that were cut off stand as failed, not as running."""
    for path, step in list(frame.journal.steps.items()):
        if step.state in (StepState.RUNNING, StepState.WAITING):
            why = "Stopped" if halted else "CutOff"
            cut = _cut(step, why, frame)
            steps.put(connection, frame.scope, cut, frame.tools.blobs, new=False)
            frame.journal.steps[path] = cut
            if step.child and step.kind == "agent":
                runs.interrupt(connection, frame.tools.everything, step.child, frame.tools.now())


def _close_below(frame: Frame, connection: Connection) -> None:
    """Called pipelines that were cut off, or still waited, have ended with the run that they were a part of."""
    if not any(step.kind == NodeKind.PIPELINE.value for step in frame.journal.steps.values()):
        return
    record, now = frame.journal.record, frame.tools.now()
    outcome = Stopped(
        reason="whole", evidence="The run that it was a part of has ended.", mend=f"See nova why {frame.run}"
    )
    for one in walks.tree(connection, record.scope, frame.run, frame.tools.blobs):
        if one.run == frame.run or one.state is WalkState.ENDED:
            continue
        steps.cut(connection, record.scope, one.run, now)
        over = replace(one, state=WalkState.ENDED, ended_at=now, parked_on=(), wakes_at=None)
        walks.save(connection, record.scope, over, frame.tools.blobs)
        row = runs.the(connection, record.scope, one.run)
        below = record.below(row, number=events.last_number(connection, record.scope, one.run))
        below.add(connection, RunFinished(state="stopped", outcome=outcome_to_json(outcome)))
        ended = replace(row, state=RunState.STOPPED, outcome=outcome, ended_at=now, last_at=now)
        runs.save(connection, record.scope, ended)
        runs.interrupt(connection, frame.tools.everything, one.run, now)


def _cut(step: Step, why: str, frame: Frame) -> Step:
    return replace(
        step, state=StepState.FAILED, ended_at=frame.tools.now(), waits_for="",
        error=step.error or why, what=step.what or "It was cut off when the run ended.",
    )  # fmt: skip


def wait(frame: Frame, waits: Waits) -> None:
    """Writes that a run below the top waits, for showing; the top is parked by pipelines.legs."""
    record, walk = frame.journal.record, frame.journal.walk
    if walk.state is WalkState.PARKED and walk.parked_on == waits.on:
        return
    parked = replace(walk, state=WalkState.PARKED, parked_on=waits.on, wakes_at=waits.wakes_at)

    def work(connection: Connection) -> tuple[Happening, ...]:
        frame.journal.check(connection)
        walks.save(connection, record.scope, parked, frame.tools.blobs)
        return ()

    record.save(replace(record.run, state=RunState.WAITING), Parked(on=list(waits.on)), first=work)
    frame.journal.walk = parked


def notes_of(run: Run) -> tuple[Degradation, ...]:
    """What was less than it should be in an ended run."""
    return run.outcome.degradations if run.outcome else ()
