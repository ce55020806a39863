"""A request that spans agents: its plan is shown, kept, and walked durably; the answer names who said what.

Knows plans and answers; refuses to know how nodes are tried. Killed, the run is taken up where it was.
"""

from __future__ import annotations

import asyncio

from nova.agents.tree import Tree
from nova.coordinator import answers
from nova.coordinator.crew import HomeCrew
from nova.coordinator.desk import Desk
from nova.coordinator.ending import PLANNED
from nova.coordinator.engagement import Ended
from nova.coordinator.intake import Taken
from nova.coordinator.planning import Planned, plan_of
from nova.core.errors import StepFailed
from nova.core.events import Happening, PlanMade, Routed
from nova.core.outcomes import Failed, Outcome, Stopped
from nova.core.routes import Part, ToPlan
from nova.core.routes_json import route_from_json
from nova.core.runs import Run
from nova.core.steps import Walk, WalkState
from nova.pipelines import attempts, below
from nova.pipelines.engine import new_executor
from nova.pipelines.frame import Frame, Tools
from nova.pipelines.freezing import Frozen, freeze, nodes_json
from nova.pipelines.journal import Hold, Journal
from nova.pipelines.legs import watched
from nova.pipelines.settled import Broke, Halted
from nova.pipelines.walk import walk
from nova.store import events, runs, texts, walks
from nova.store.database import Connection
from nova.store.record import Record
from nova.store.values import Blobs


async def carry_out_plan(parts: tuple[Part, ...], taken: Taken, desk: Desk, record: Record, tree: Tree) -> Ended:
    """The parts, side by side where none needs another, each a run of its own under this one.

    The whole carries the label of all its parts: an answer made from two projects comes into no later context.
    """
    planned = plan_of(parts, taken.text)
    frame = _frame(planned, taken, desk, record, tree)
    settled = await watched(frame, walk(frame))
    if isinstance(settled, Halted):
        notes = tuple(dict.fromkeys(frame.degradations))
        outcome = Stopped(reason=settled.reason, evidence=settled.evidence, mend=settled.mend, degradations=notes)
        return Ended(outcome=outcome, in_parts=True)
    if isinstance(settled, Broke):
        raise StepFailed(settled.path, settled.error, settled.what, settled.mend)
    return answers.together(
        [_part(number, part, frame) for number, part in enumerate(parts, start=1)], frame.degradations
    )


def told(frame: Frame) -> Outcome | None:
    """The answer to a request in parts that was taken up after its process had died: as it would have been.

    None for a run that is no request in parts.
    """
    if frame.journal.record.run.route != PLANNED:
        return None
    with frame.tools.database.read() as connection:
        routed = events.of_kind(connection, frame.tools.everything, frame.run, "Routed")
    routes = [route_from_json(one.decision) for one in routed if isinstance(one, Routed)]
    plan = next((route for route in routes if isinstance(route, ToPlan)), None)
    if plan is None:
        return None
    parts = [_part(number, part, frame) for number, part in enumerate(plan.parts, start=1)]
    return answers.with_degradations(plan, answers.together(parts, frame.degradations).outcome)


def _part(number: int, part: Part, frame: Frame) -> tuple[Part, Ended]:
    """A part as its own run ended: what it said, or why it did not."""
    step = frame.journal.steps[f"part{number}"]
    with frame.tools.database.read() as connection:
        found = runs.parts_of(connection, frame.tools.everything, frame.run)
    row = next((one for one in found if one.id == step.child), None)
    if row is None or row.outcome is None:
        outcome = Failed(error=step.error, what=step.what, mend=step.mend)
        return part, Ended(outcome=outcome, usage=step.usage, label=step.label)
    return part, Ended(outcome=row.outcome, usage=row.usage, label=row.label)


def _frame(planned: Planned, taken: Taken, desk: Desk, record: Record, tree: Tree) -> Frame:
    frozen, blobs = freeze(planned.plan, {}), Blobs(desk.data / "blobs")
    hold = Hold(root=record.run.id, executor=new_executor(), leg=1)
    row = _begin(planned, frozen, record, hold, blobs)
    tools = Tools(
        database=desk.database,
        blobs=blobs,
        crew=HomeCrew.at(desk, taken.turns),
        hold=hold,
        tree=tree,
        below={},
        now=desk.now,
        heard=record.heard,
        everything=desk.everything,
        sleep=asyncio.sleep,
        settle=attempts.settle,
        walk_below=below.walk_below,
    )
    journal = Journal(record, row, hold, blobs, {})
    return Frame(plan=planned.plan, journal=journal, tools=tools, inputs=planned.inputs)


def _begin(planned: Planned, frozen: Frozen, record: Record, hold: Hold, blobs: Blobs) -> Walk:
    run: Run = record.run
    row = Walk(
        run=run.id, root=run.id, scope=run.scope, label=run.label, plan=frozen.digest, name=planned.plan.name,
        inputs=planned.inputs, state=WalkState.RUNNING, queue="interactive", holder=hold.executor,
        heartbeat_at=record.now(), created_at=record.now(),
    )  # fmt: skip
    made = PlanMade(name=planned.plan.name, plan=frozen.digest, nodes=nodes_json(planned.plan), why=planned.sentence)

    def work(connection: Connection) -> tuple[Happening, ...]:
        texts.keep(
            connection, record.scope, frozen.digest, row.created_at, kind="plan", name=row.name, body=frozen.text
        )
        walks.begin(connection, record.scope, row, blobs)
        return (made,)

    record.together(work)
    return row
