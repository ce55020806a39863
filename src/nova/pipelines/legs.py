"""One leg of a run: taken up, walked until it ends or only waits, and then ended or parked. Nothing is held meanwhile.

Everything a leg needs is on disk; a process that dies in it costs the step in flight. Knows walks and their fence;
refuses to know what puts legs into queues (pipelines.engine) and who answers reviews.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar, cast

from nova.agents.tree import Tree, lowered
from nova.core.degradations import Degradation, DegradationKind
from nova.core.errors import BadInput, StoreError, Superseded
from nova.core.events import Degraded, Event, Happening, Parked, RunFailed, Stalled, StopAsked, TakenUp
from nova.core.json import Json
from nova.core.labels import Scope
from nova.core.limits import TreeLimits
from nova.core.outcomes import Failed, Outcome
from nova.core.plans import Plan
from nova.core.runs import Run, RunState, outcome_to_json
from nova.core.steps import Walk, WalkState
from nova.pipelines import attempts, below, endings
from nova.pipelines.crew import Crew
from nova.pipelines.frame import Frame, Tools
from nova.pipelines.freezing import Frozen, thaw
from nova.pipelines.journal import Hold, Journal
from nova.pipelines.settled import Finished, Halted, Settled, Waits
from nova.pipelines.spending import Spent, spent
from nova.pipelines.walk import walk
from nova.store import events, occurrences, reviews, runs, steps, texts, walks
from nova.store.database import Connection, Database
from nova.store.record import Record
from nova.store.values import Blobs

_T = TypeVar("_T")
BEAT_SECONDS = 0.5
"""Between two signs of life, which are also the looks whether somebody wants it stopped."""


def _by_its_outputs(_frame: Frame) -> None:
    """Nothing but its outputs is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walking:
    """What every leg of a home needs. everything: the owner's scope, to find a run by its id; limits: of one tree."""

    database: Database
    blobs: Blobs
    crew: Crew
    everything: Callable[[], Scope]
    limits: TreeLimits
    now: Callable[[], datetime]
    heard: Callable[[Event], None]
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)
    beat_seconds: float = BEAT_SECONDS
    say: endings.Say = _by_its_outputs


async def leg(walking: Walking, run: str, number: int, *, executor: str) -> Outcome | Waits | None:
    """Walks the run until it ends (its outcome) or only waits. None: there is nothing to do on this leg.

    Raises Superseded when another takes it over on the way, StoreError; CancelledError leaves the run as it is, for
    whoever takes it up next.
    """
    taken = _take(walking, run, number, executor)
    if taken is None or isinstance(taken, Failed):
        return taken
    frame, why = taken
    if why:
        return endings.end(frame, _stopped(why))
    ended = await watched(frame, _walked(frame, walking.say), walking.beat_seconds)
    return endings.end(frame, ended) if isinstance(ended, Halted) else ended


def _take(walking: Walking, run: str, number: int, executor: str) -> tuple[Frame, str] | Failed | None:
    """Takes the walk, unless it has ended or is on another leg; and why it is to be stopped at once, if it is.

    Failed: its definition was forgotten, so it has ended now.
    """
    everything, blobs, now = walking.everything(), walking.blobs, walking.now()
    with walking.database.write() as connection:
        found = walks.of_run(connection, everything, run, blobs, alone=True)
        if found is None or found.state is WalkState.ENDED or found.leg != number:
            return None
        row = runs.the(connection, everything, run)
        scope = walking.crew.wall(row)
        taken = replace(found, state=WalkState.RUNNING, holder=executor, heartbeat_at=now, parked_on=(), wakes_at=None)
        walks.save(connection, scope, taken, blobs)
        body = texts.body_of(connection, everything, found.plan)
        last = events.last_number(connection, scope, run)
        done = steps.of_run(connection, scope, run, blobs)
        known = events.of_kind(connection, scope, run, "Degraded", before="StepStarted")
        before = spent(connection, scope, found, blobs) if found.holder else Spent()
    try:
        frozen = thaw(body or "", found.plan)
    except BadInput as lost:
        return _lost(walking, row, scope, taken, lost)
    hold = Hold(root=run, executor=executor, leg=number)
    frame = _frame(walking, row, scope, taken, frozen, last, hold, before)
    frame.journal.steps.update(done)
    notes = [
        Degradation(kind=DegradationKind(one.degradation), what=one.what, mend=one.mend)
        for one in known
        if isinstance(one, Degraded)
    ]
    frame.degradations += [*notes, *(note for step in done.values() for note in step.degradations)]
    _told(frame, found)
    return frame, (found.stop_why or "you stopped it") if found.stop_asked_at else ""


def _lost(walking: Walking, row: Run, scope: Scope, taken: Walk, lost: BadInput) -> Failed:
    """A run that nobody can walk any more has ended, with every row of it."""
    outcome, now = Failed(error="BadInput", what=lost.what, mend=lost.mend), walking.now()
    with walking.database.write() as connection:
        walks.check_holder(connection, scope, taken.run, taken.holder, taken.leg)
        for one in walks.tree(connection, scope, taken.run, walking.blobs):
            walks.finish(connection, scope, one.run, now)
            steps.cut(connection, scope, one.run, now)
        reviews.close(connection, scope, taken.run, "its run has ended")
        last = events.last_number(connection, scope, taken.run)
        record = Record(walking.database, scope, row, now=walking.now, number=last)
        record.add(connection, RunFailed(error=outcome.error, what=outcome.what, outcome=outcome_to_json(outcome)))
        runs.save(connection, scope, replace(row, state=RunState.FAILED, outcome=outcome, ended_at=now, last_at=now))
        for part in runs.parts_of(connection, walking.everything(), taken.run):
            runs.interrupt(connection, walking.everything(), part.id, now, mend=lost.mend)
    return outcome


def _told(frame: Frame, before: Walk) -> None:
    """The run is running: said when it was not just begun."""
    record = frame.journal.record
    run = replace(record.run, state=RunState.RUNNING)
    if before.leg == 1 and not before.holder:
        record.save(run)
        return
    why = f"in the place of {before.holder}" if before.state is WalkState.RUNNING else " and ".join(before.parked_on)
    record.save(run, TakenUp(holder=frame.tools.hold.executor, leg=before.leg, why=why))


def _frame(
    walking: Walking, row: Run, scope: Scope, taken: Walk, frozen: Frozen, last: int, hold: Hold, before: Spent
) -> Frame:
    tree = _tree(walking.limits, frozen.plan, before)
    heard = tree.hearing(walking.heard)
    record = Record(walking.database, scope, row, now=walking.now, heard=heard, number=last)
    tools = Tools(
        database=walking.database, blobs=walking.blobs, crew=walking.crew, hold=hold, tree=tree, below=frozen.below,
        now=walking.now, heard=heard, everything=walking.everything(), sleep=walking.sleep,
        settle=attempts.settle, walk_below=below.walk_below,
    )  # fmt: skip
    journal = Journal(record, taken, hold, walking.blobs, {})
    return Frame(plan=frozen.plan, journal=journal, tools=tools, inputs=cast("dict[str, Json]", taken.inputs))


def _tree(limits: TreeLimits, plan: Plan, before: Spent) -> Tree:
    """What the run counts into: the home's limits, and below them the plan's budget where that is lower."""
    whole = Tree(limits, used=before.usage, handoffs=before.handoffs, seconds=before.seconds)
    own = lowered(limits, plan.budget)
    if own == limits:
        return whole
    where = f"under `budget:` of the pipeline {plan.id}"
    return whole.within(own, where, used=before.usage, seconds=before.seconds)


async def watched(frame: Frame, work: Awaitable[_T], beat_seconds: float = BEAT_SECONDS) -> _T | Halted:
    """The work with a watcher beside it: signs of life, stop requests, silence, and the time of the whole tree.

    Halted: it had to be cut, and why. Raises Superseded, and what the work raises.
    """
    task = asyncio.ensure_future(work)
    watch = asyncio.ensure_future(_watch(frame, task, beat_seconds))
    try:
        return await task
    except asyncio.CancelledError:
        if watch.done() and not watch.cancelled():
            cut = watch.result()  # raises Superseded
            if cut is not None:
                return cut
        raise
    finally:
        for one in (task, watch):
            one.cancel()
        await asyncio.gather(task, watch, return_exceptions=True)


async def _walked(frame: Frame, say: endings.Say) -> Outcome | Waits:
    """Round after round: a wait that is over by the time it would be parked is no wait."""
    while True:
        with frame.tools.database.read() as connection:
            seen = occurrences.newest(connection)
        settled: Settled = await walk(frame)
        if not isinstance(settled, Waits):
            return endings.end(frame, settled, outcome=say(frame) if isinstance(settled, Finished) else None)
        if _park(frame, settled, seen):
            return settled


async def _watch(frame: Frame, work: asyncio.Future[_T], beat_seconds: float) -> Halted | None:
    """Why the work had to be cut. Raises Superseded."""
    hold, tree = frame.tools.hold, frame.tools.tree
    stalled = False
    while not work.done():
        await asyncio.sleep(beat_seconds)
        try:
            with frame.tools.database.write() as connection:
                seen = walks.beat(connection, hold.root, hold.executor, hold.leg, frame.tools.now())
        except StoreError:
            continue  # a disk that is busy or full now is the work's to notice
        if seen is None:
            work.cancel()
            raise Superseded(f"The run {hold.root} was taken over.", "It goes on there.")
        if seen[0]:
            frame.journal.record.append(StopAsked(by="owner", why=seen[1]))
            work.cancel()
            return _stopped(seen[1])
        if tree.seconds_left <= 0:
            work.cancel()
            return _over(tree)
        stalled = _silence(frame, tree, stalled)
    return None


def _silence(frame: Frame, tree: Tree, before: bool) -> bool:
    """Says once for every silence that there has been no sign of life for too long."""
    tree = tree.root
    seconds = tree.silent_seconds
    if seconds < tree.limits.silence_seconds_max:
        return False
    if not before:
        note = Degradation(
            kind=DegradationKind.STALLED, what=f"No sign of life for {seconds:.0f} seconds (last: {tree.last}).",
            mend=f"Stop it: nova runs stop {frame.tools.hold.root}",
        )  # fmt: skip
        last = tree.last
        frame.journal.record.append(Stalled(seconds=round(seconds, 1), last=last), *frame.degrade(note))
        tree.signed -= seconds  # telling it is no sign of life
    return True


def _over(tree: Tree) -> Halted:
    over = tree.out_of_time()
    return Halted(reason=over.limit, evidence=over.evidence, mend=over.mend)


def _stopped(why: str) -> Halted:
    return Halted(reason="person", evidence=why or "you stopped it", mend="Go on where it was: nova runs retry RUN")


def _park(frame: Frame, waits: Waits, seen: int) -> bool:
    """Parks the run, unless something it waits for has come in the meantime. One transaction decides."""
    record, walk_row, now = frame.journal.record, frame.journal.walk, frame.tools.now()
    parked = replace(
        walk_row, state=WalkState.PARKED, parked_on=waits.on, wakes_at=waits.wakes_at, holder=frame.tools.hold.executor
    )
    came = False

    def work(connection: Connection) -> tuple[Happening, ...]:
        nonlocal came
        frame.journal.check(connection)
        wished, _ = walks.asked_to_stop(connection, frame.tools.hold.root)
        came = wished or _came(connection, frame, waits, now, seen)  # the watcher sees a wish while it goes round again
        if came:
            return ()
        walks.save(connection, record.scope, parked, frame.tools.blobs)
        runs.save(connection, record.scope, replace(record.run, state=RunState.WAITING))
        return (Parked(on=list(waits.on)),)

    record.together(work)
    if not came:
        frame.journal.walk = parked
        record.run = replace(record.run, state=RunState.WAITING)
    return not came


def _came(connection: Connection, frame: Frame, waits: Waits, now: datetime, seen: int) -> bool:
    """Whether anything it waits for is there by now. seen: the newest occurrence when this round began."""
    if waits.wakes_at is not None and waits.wakes_at <= now:
        return True
    for one in waits.on:
        kind, _, what = one.partition(" ")
        if kind in ("review", "decide"):
            review = reviews.by_id(connection, frame.scope, what, frame.tools.blobs)
            if review is not None and review.answer is not None:
                return True
        elif kind == "event" and occurrences.came_after(connection, frame.scope, what, seen):
            return True
    return False
