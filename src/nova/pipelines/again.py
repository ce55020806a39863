"""Runs taken up again: after a crash where they were, after a failure with what failed, or as a new run from a step on.

What was done stays done in all three. Knows walks and steps; refuses to know who walks them then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from nova.core.errors import BadInput, Unknown
from nova.core.ids import new_id
from nova.core.limits import Usage
from nova.core.plans import Plan, before
from nova.core.requests import Principal
from nova.core.runs import Run, RunState
from nova.core.steps import SETTLED, Step, Walk, WalkState
from nova.core.text import nearest
from nova.pipelines.freezing import Frozen, thaw
from nova.pipelines.reviews import Waking, requeue
from nova.pipelines.starting import Ground, Start, begin
from nova.store import runs, steps, texts, walks
from nova.store.database import Connection

SILENT = timedelta(seconds=15)
"""A walk that gave no sign of life for so long is taken for cut off."""


def _busy(run: str) -> str:
    return f"Look: nova runs show {run}. If you know that it is not: nova runs resume {run} --force"


def resume(waking: Waking, run: str, *, by_force: bool = False) -> Walk:
    """A run that was cut off, in the queue again on its next leg. Raises Unknown, BadInput when it goes on or is over.

    by_force: though its last sign of life is fresh; whoever still walks it is superseded.
    """
    with waking.database.write() as connection:
        found = _of(connection, waking, run)
        if found.state is WalkState.ENDED:
            raise BadInput(f"The run {run} has ended.", f"Try what failed again: nova runs retry {run}")
        if found.state is WalkState.PARKED and not by_force:
            what = " and ".join(found.parked_on)
            raise BadInput(f"The run {run} waits for {what}.", "Answer it: nova reviews")
        fresh = found.heartbeat_at is not None and waking.now() - found.heartbeat_at < SILENT
        if found.state is WalkState.RUNNING and fresh and not by_force:
            raise BadInput(f"The run {run} is being walked by {found.holder}.", _busy(run))
        return requeue(connection, waking, found)


def put_back(waking: Waking, run: str, leg: int, *, anew: bool) -> bool:
    """Puts a run into the queue that waits for its turn there and has no place in it; False when it was taken up.

    anew: the engine is done with this leg, though nobody began it: the disk was full, or the server was away.
    """
    with waking.database.write() as connection:
        found = walks.of_run(connection, waking.everything(), run, waking.blobs, alone=True)
        if found is None or found.state is not WalkState.QUEUED or found.leg != leg:
            return False
        if anew:
            requeue(connection, waking, found)
        else:
            row = runs.the(connection, waking.everything(), run)
            waking.enqueue(connection, run, leg, found.queue, row.project or "home")
    return True


def retry(waking: Waking, run: str) -> Walk:
    """A run that failed or was stopped, in the queue again: its failed steps are tried anew, the others stay done."""
    with waking.database.write() as connection:
        found = _of(connection, waking, run)
        row = runs.the(connection, waking.everything(), run)
        if found.state is not WalkState.ENDED or row.state is RunState.DONE:
            mend = "Resume it: nova runs resume " + run if found.state is WalkState.RUNNING else "See nova why " + run
            raise BadInput(f"The run {run} has not failed: it is {row.state.value}.", mend)
        for one in walks.tree(connection, waking.everything(), run, waking.blobs):
            _reopen(connection, waking, one)
        return requeue(connection, waking, _of(connection, waking, run))


def _reopen(connection: Connection, waking: Waking, walk: Walk) -> None:
    """Opens what failed or was cut off in one run of the tree."""
    everything = waking.everything()
    found = steps.of_run(connection, everything, walk.run, waking.blobs)
    again = [path for path, one in found.items() if one.state not in SETTLED]
    row = runs.the(connection, everything, walk.run)
    if row.state is RunState.DONE:
        return
    steps.reopen(connection, everything, walk.run, again)
    opened = replace(walk, state=WalkState.PARKED, ended_at=None, stop_asked_at=None, stop_why="", parked_on=())
    walks.save(connection, everything, opened, waking.blobs)
    runs.save(connection, everything, replace(row, state=RunState.QUEUED, outcome=None, ended_at=None))


def fork(waking: Waking, ground: Ground, run: str, *, start: str = "") -> Run:
    """A new run of the same frozen definition that begins with what the old one had done before the step `start`.

    Without a step: with everything that is done. Raises Unknown for a step that is not there.
    """
    everything = waking.everything()
    with waking.database.read() as connection:
        found = _of(connection, waking, run)
        row = runs.the(connection, everything, run)
        body = texts.body_of(connection, everything, found.plan)
        done = steps.of_run(connection, everything, run, waking.blobs)
    frozen = thaw(body or "", found.plan)
    kept = _kept(frozen.plan, done, start)
    new = new_id("r")
    start_with = _start(frozen, found, row, waking, new)

    def enqueue(connection: Connection, run: str, leg: int, queue: str, partition: str) -> None:
        """What is kept is there before anybody can take the run up; it was paid for by the old one."""
        for one in kept:
            mine = replace(one, run=run, scope=start_with.scope.own, usage=Usage())
            steps.put(connection, start_with.scope, mine, waking.blobs, new=True)
        waking.enqueue(connection, run, leg, queue, partition)

    return begin(start_with, ground, enqueue)


def _start(frozen: Frozen, found: Walk, row: Run, waking: Waking, new: str) -> Start:
    return Start(
        frozen=frozen, inputs=found.inputs, scope=waking.wall(row), principal=Principal(row.principal),
        project=row.project, queue=found.queue, run=new, conversation=row.conversation, request=row.request,
        why=f"forked from {found.run}", label=row.label, route=row.route,
    )  # fmt: skip


def _kept(plan: Plan, done: Mapping[str, Step], start: str) -> list[Step]:
    """The settled steps that do not come after (or are) the step it starts from."""
    settled = [step for step in done.values() if step.state in SETTLED]
    if not start:
        return settled
    if start not in plan.nodes:
        raise Unknown("step", start, nearest(start, plan.nodes), f"Its steps: {', '.join(plan.nodes)}.")
    after = _after(plan, start)
    return [step for step in settled if step.path.partition("[")[0] not in after]


def _after(plan: Plan, start: str) -> frozenset[str]:
    known, grown = {start}, True
    while grown:
        more = {node.id for node in plan.nodes.values() if before(node, plan.nodes) & known} - known
        known, grown = known | more, bool(more)
    return frozenset(known)


def _of(connection: Connection, waking: Waking, run: str) -> Walk:
    found = walks.of_run(connection, waking.everything(), run, waking.blobs, alone=True)
    if found is None:
        raise Unknown("durable run", run, mend="Only runs of plans and pipelines can be taken up again: ask anew.")
    if found.run != found.root:
        raise BadInput(f"{run} is a part of the run {found.root}.", f"Name that one: {found.root}")
    return found


def cut_off(waking: Waking, running: Iterable[str]) -> list[Walk]:
    """Roots that nobody walks any more: no sign of life, and not among those that a live worker has."""
    alive = frozenset(running)
    with waking.database.read() as connection:
        found = walks.silent(connection, waking.everything(), waking.now() - SILENT, waking.blobs)
    return [one for one in found if one.run not in alive]
