"""A pipeline within a pipeline: a run of its own under the run that calls it, walked in the same leg."""

from __future__ import annotations

from dataclasses import replace

from nova.agents.tree import Tree, lowered
from nova.core.errors import StepFailed, Unknown
from nova.core.events import Happening, PlanMade, RunStarted
from nova.core.json import Json
from nova.core.outcomes import Failed, Stopped
from nova.core.plans import Budget, Node, Plan
from nova.core.runs import RunState
from nova.core.steps import Step, StepState, Walk, WalkState
from nova.pipelines import endings
from nova.pipelines.frame import DEPTH_MAX, Frame
from nova.pipelines.freezing import nodes_json
from nova.pipelines.inputs import check_inputs
from nova.pipelines.journal import Journal
from nova.pipelines.settled import Broke, Finished, Halted, Settled, Waits
from nova.pipelines.spending import once
from nova.pipelines.walk import used, walk
from nova.store import events, runs, steps, walks
from nova.store.database import Connection


async def walk_below(frame: Frame, node: Node, step: Step, inputs: dict[str, Json]) -> Settled:
    """How the called pipeline ends, for the step that calls it. Raises BadInput when the inputs do not fit."""
    plan = frame.tools.below.get(node.uses)
    if plan is None:
        raise Unknown("pipeline", node.uses, sorted(frame.tools.below))
    if frame.depth >= DEPTH_MAX:
        raise StepFailed(step.path, "TooDeep", f"{DEPTH_MAX} pipelines within each other are the most.")
    child = _opened(frame, plan, step, check_inputs(plan, inputs))
    if child.journal.walk.state is WalkState.ENDED:
        return _known(child, step.path)
    settled = await walk(child)
    if isinstance(settled, Waits):
        endings.wait(child, settled)
        return settled
    endings.end(child, settled)
    return _seen(step, child, settled)


def _seen(step: Step, child: Frame, settled: Settled) -> Settled:
    """The end of the called one as its caller sees it: the path leads down to the step that broke."""
    match settled:
        case Broke(path=path, error=error, what=what, mend=mend):
            return Broke(
                path=f"{step.path}/{path}", error=error, what=what, mend=mend, degradations=tuple(child.degradations),
                usage=used(child.journal.steps.values()),
            )  # fmt: skip
        case Halted(reason=reason, evidence=evidence, mend=mend):
            return Halted(reason=reason, evidence=f"{step.path}/{evidence}", mend=mend)
        case _:
            return settled


def _known(child: Frame, path: str) -> Settled:
    """It had ended before its caller could write that down."""
    run = child.journal.record.run
    match run.state:
        case RunState.DONE:
            return Finished(
                output=child.journal.walk.output, degradations=endings.notes_of(run), usage=run.usage, label=run.label
            )
        case RunState.STOPPED if isinstance(run.outcome, Stopped):
            return Halted(reason=run.outcome.reason, evidence=run.outcome.evidence, mend=run.outcome.mend)
        case _:
            notes = endings.notes_of(run)
            told = run.outcome if isinstance(run.outcome, Failed) else Failed(error="StepFailed", what="It failed.")
            return Broke(
                path=path, error=told.error, what=told.what, mend=told.mend, degradations=notes, usage=run.usage
            )


def _opened(frame: Frame, plan: Plan, step: Step, inputs: dict[str, Json]) -> Frame:
    """The called pipeline's frame: begun now, or found as it was left."""
    tools = frame.tools
    with tools.database.read() as connection:
        known = walks.of_run(connection, frame.scope, step.child, tools.blobs)
        last = events.last_number(connection, frame.scope, step.child)
        done = steps.of_run(connection, frame.scope, step.child, tools.blobs)
        row = runs.by_id(connection, frame.scope, step.child)
    if known is None or row is None:
        return _begun(frame, plan, step, inputs)
    record = frame.journal.record.below(row, number=last)
    journal = Journal(record, known, tools.hold, tools.blobs, done)
    child = _frame(frame, plan, journal, inputs)
    child.degradations += dict.fromkeys(note for one in done.values() for note in one.degradations)
    if step.attempt > 1 and known.state is WalkState.ENDED and row.state is not RunState.DONE:
        _again(child)
    return child


def _again(child: Frame) -> None:
    """A try after a failed one: what was done stays done, what failed is tried again."""
    journal = child.journal
    failed = [path for path, one in journal.steps.items() if one.state is StepState.FAILED]
    walk_row = replace(journal.walk, state=WalkState.RUNNING, ended_at=None)

    def work(connection: Connection) -> tuple[Happening, ...]:
        journal.check(connection)
        steps.reopen(connection, child.scope, child.run, failed)
        walks.save(connection, child.scope, walk_row, child.tools.blobs)
        return ()

    run = replace(journal.record.run, state=RunState.RUNNING, outcome=None, ended_at=None)
    journal.record.save(run, first=work)
    journal.walk = walk_row
    for path in failed:
        journal.steps[path] = replace(
            journal.steps[path], state=StepState.RUNNING, output=None, waits_for=steps.AGAIN, wakes_at=None
        )


def _begun(frame: Frame, plan: Plan, step: Step, inputs: dict[str, Json]) -> Frame:
    above, tools, now = frame.journal.record.run, frame.tools, frame.tools.now()
    run = replace(
        above, id=step.child, parent=above.id, request=f"{plan.name}: {plan.description}", route="Pipeline",
        state=RunState.RUNNING, started_at=now, last_at=now, agents=(), agent_version="", outcome=None,
    )  # fmt: skip
    record = frame.journal.record.below(run)
    row = Walk(
        run=run.id, root=tools.hold.root, scope=run.scope, label=run.label, plan=frame.journal.walk.plan,
        name=plan.name, inputs=inputs, state=WalkState.RUNNING, leg=tools.hold.leg, created_at=now,
    )  # fmt: skip
    started = RunStarted(
        request=run.request, principal=run.principal, project=run.project, conversation=run.conversation,
        parent=run.parent,
    )  # fmt: skip
    made = PlanMade(name=plan.name, plan=row.plan, nodes=nodes_json(plan), why=f"called by {frame.plan.name}")

    def work(connection: Connection) -> tuple[Happening, ...]:
        frame.journal.check(connection)
        walks.begin(connection, record.scope, row, tools.blobs)
        return ()

    record.begin(started, made, work=work)
    return _frame(frame, plan, Journal(record, row, tools.hold, tools.blobs, {}), inputs)


def _frame(frame: Frame, plan: Plan, journal: Journal, inputs: dict[str, Json]) -> Frame:
    tools = frame.tools if plan.budget == Budget() else replace(frame.tools, tree=_tree(frame, plan, journal))
    return Frame(plan=plan, journal=journal, tools=tools, inputs=inputs, depth=frame.depth + 1)


def _tree(frame: Frame, plan: Plan, journal: Journal) -> Tree:
    """A called pipeline keeps to its own budget, within that of its caller."""
    above = frame.tools.tree
    used = once(journal.steps.values())
    return above.within(lowered(above.limits, plan.budget), f"under `budget:` of the pipeline {plan.id}", used=used)
