"""Answers: a review is answered once, bound to what was shown, and the run that waits for it goes on exactly once.

Also the other things that wake or end a run from outside: a time, an event, a stop. Each is one transaction: the row
that says so, the walk's state, and its next leg in the queue. Knows walks and reviews; refuses to know what they ask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from nova.core.errors import BadInput, StoreError, Unknown
from nova.core.events import Happening, ReviewAnswered, RunFinished, StopAsked
from nova.core.json import Json
from nova.core.labels import Scope
from nova.core.outcomes import Stopped
from nova.core.reviews import Answer, Review
from nova.core.runs import Run, RunState, outcome_to_json
from nova.core.steps import Walk, WalkState
from nova.pipelines.asking import digest_of
from nova.pipelines.plain import plain, plain_text
from nova.pipelines.starting import Enqueue
from nova.store import events, reviews, runs, steps, walks
from nova.store.database import Connection, Database
from nova.store.record import Record, outrun
from nova.store.values import Blobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer. digest: of the payload that was shown, or empty to take it as it stands; edit: with CHANGE only."""

    answer: Answer
    by: str = "owner"
    reason: str = ""
    edit: Json = None
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waking:
    """What waking a run needs. wall: what a run of this scope may read and where it writes."""

    database: Database
    blobs: Blobs
    everything: Callable[[], Scope]
    wall: Callable[[Run], Scope]
    enqueue: Enqueue
    now: Callable[[], datetime]


def answer(waking: Waking, review: str, given: Given) -> Review:
    """The review, answered; its run is in the queue when it waited for nothing else that runs.

    Raises Unknown, and BadInput when it was answered or closed before, or when its payload is not what was shown.
    """
    given = replace(given, reason=plain_text(given.reason), edit=plain(given.edit))
    try:
        return _answer(waking, review, given)
    except StoreError as error:
        if not outrun(error):
            raise
    return _answer(waking, review, given)  # whoever walks the run wrote something at the same moment


def _answer(waking: Waking, review: str, given: Given) -> Review:
    everything, now = waking.everything(), waking.now()
    with waking.database.write() as connection:
        found = reviews.by_id(connection, everything, review, waking.blobs)
        if found is None:
            raise Unknown("review", review, mend="See nova reviews.")
        walks.of_run(connection, everything, found.root, waking.blobs, alone=True)  # first, as whoever walks it does
        _fits(found, given)
        own = Scope(own=found.scope, names=everything.names)
        taken = reviews.answer(
            connection, own, found.id, given.answer, at=now, by=given.by, reason=given.reason, edit=given.edit,
            blobs=waking.blobs,
        )  # fmt: skip
        if not taken:
            raise _answered(found)
        told = ReviewAnswered(
            review=found.id, answer=given.answer.value, by=given.by, reason=given.reason,
            edited=given.answer is Answer.CHANGE,
        )  # fmt: skip
        _tell(connection, waking, found.run, told)
        wake(connection, waking, found.root)
    return replace(
        found, answer=given.answer, reason=given.reason, edit=given.edit, answered_at=now, answered_by=given.by
    )


def _fits(found: Review, given: Given) -> None:
    if found.answer is not None or found.closed:
        raise _answered(found)
    if given.digest and given.digest != found.digest:
        what = f"The answer is bound to {given.digest[:12]}, but the review {found.id} asks about {found.digest[:12]}."
        raise BadInput(what, f"Look at it again: nova reviews show {found.id}")
    if digest_of(found.payload) != found.digest:
        raise BadInput(
            f"What the review {found.id} is about was changed in the database.", "Do not trust it: reject it."
        )
    if given.answer is Answer.REJECT and not given.reason.strip():
        raise BadInput("A rejection needs a reason.", f'Say why: nova reviews reject {found.id} --reason "..."')


def _answered(found: Review) -> BadInput:
    if found.closed:
        return BadInput(f"The review {found.id} can no longer be answered: {found.closed}.", "See nova reviews --all.")
    when = f" on {found.answered_at:%Y-%m-%d %H:%M}" if found.answered_at else ""
    said = f"{found.answer.value} by {found.answered_by}{when}" if found.answer else "just now"
    return BadInput(
        f"The review {found.id} has been answered: {said}.", "An answer stands; start the run again to decide anew."
    )


def wake(connection: Connection, waking: Waking, root: str) -> bool:
    """Puts a parked run into the queue for its next leg, in the caller's transaction.

    False: it is not parked. A run that is being walked looks for itself before it parks, so nothing is lost.
    """
    everything = waking.everything()
    found = walks.of_run(connection, everything, root, waking.blobs, alone=True)
    if found is None or found.state is not WalkState.PARKED:
        return False
    requeue(connection, waking, found)
    return True


def requeue(connection: Connection, waking: Waking, found: Walk) -> Walk:
    """The walk's next leg, in the queue."""
    everything = waking.everything()
    queued = replace(found, state=WalkState.QUEUED, leg=found.leg + 1, wakes_at=None)
    walks.save(connection, everything, queued, waking.blobs)
    row = runs.the(connection, everything, found.run)
    runs.save(connection, everything, replace(row, state=RunState.QUEUED, outcome=None, ended_at=None))
    waking.enqueue(connection, found.run, queued.leg, found.queue, row.project or "home")
    return queued


def wake_due(waking: Waking) -> int:
    """Wakes every run whose sleep is over; how many."""
    with waking.database.read() as connection:
        found = walks.due(connection, waking.everything(), waking.now(), waking.blobs)
    return sum(_woken(waking, one) for one in found)


def _woken(waking: Waking, one: Walk) -> bool:
    with waking.database.write() as connection:
        return wake(connection, waking, one.run)


def wake_event(connection: Connection, waking: Waking, scope: Scope, waits_for: str) -> int:
    """Wakes every run with a step that waits for this (`event issue-opened`), in the caller's transaction; how many."""
    waiting = steps.waiting_for(connection, scope, waits_for, waking.blobs)
    roots: dict[str, None] = {}
    for step in waiting:
        found = walks.of_run(connection, waking.everything(), step.run, waking.blobs)
        if found is not None:
            roots[found.root] = None
    return sum(wake(connection, waking, root) for root in roots)


def stop(waking: Waking, root: str, *, by: str, why: str, at_once: bool = False) -> WalkState:
    """Asks a run to end, or ends it where nobody walks it; the state it was found in. Raises Unknown.

    QUEUED, PARKED: it has ended when this returns. RUNNING: whoever walks it sees it within a second; at_once: it is
    ended though, because whoever walked it gives no answer, and what he may still want to write is refused.
    """
    everything, now = waking.everything(), waking.now()
    with waking.database.write() as connection:
        found = walks.of_run(connection, everything, root, waking.blobs, alone=True)
        if found is None:
            raise Unknown("durable run", root, mend="See nova runs.")
        if found.state is WalkState.RUNNING and not at_once:
            asked = replace(found, stop_asked_at=now, stop_why=why)
            walks.save(connection, everything, asked, waking.blobs)
        elif found.state is not WalkState.ENDED:
            _end(connection, waking, found, by, why, now)
    return found.state


_OVER = "It ended with the run that it was a part of."


def _end(connection: Connection, waking: Waking, found: Walk, by: str, why: str, now: datetime) -> None:
    """Ends a tree that nobody walks: every row of it, and the reviews that wait."""
    everything = waking.everything()
    outcome = Stopped(reason="person", evidence=why or "you stopped it", mend="Go on where it was: nova runs retry RUN")
    for one in walks.tree(connection, everything, found.run, waking.blobs):
        if one.state is WalkState.ENDED:
            continue
        over = replace(one, state=WalkState.ENDED, holder="", ended_at=now, stop_asked_at=now, parked_on=())
        walks.save(connection, everything, over, waking.blobs)
        steps.cut(connection, everything, one.run, now)
        row = runs.the(connection, everything, one.run)
        ended = replace(row, state=RunState.STOPPED, outcome=outcome, ended_at=now, last_at=now)
        runs.save(connection, everything, ended)
        last = RunFinished(state="stopped", outcome=outcome_to_json(outcome))
        _tell(connection, waking, one.run, StopAsked(by=by, why=why), last)
    runs.interrupt(connection, everything, found.run, now, mend=_OVER)
    reviews.close(connection, everything, found.run, f"its run was stopped: {why}" if why else "its run was stopped")


def end_plain(waking: Waking, run: str, *, by: str, why: str) -> None:
    """Ends a run without a walk whose process gives no answer; nothing when it has ended."""
    everything, now = waking.everything(), waking.now()
    with waking.database.write() as connection:
        row = runs.the(connection, everything, run)
        if row.state is not RunState.RUNNING:
            return
        outcome = Stopped(
            reason="person", evidence=why or "you stopped it", mend=f"Ask again; what was done: nova why {run}"
        )
        ended = replace(row, state=RunState.STOPPED, outcome=outcome, ended_at=now, last_at=now)
        runs.save(connection, everything, ended)
        runs.interrupt(connection, everything, run, now, mend=_OVER)  # what it had passed work on to
        last = RunFinished(state="stopped", outcome=outcome_to_json(outcome))
        _tell(connection, waking, run, StopAsked(by=by, why=why), last)


def _tell(connection: Connection, waking: Waking, run: str, *happenings: Happening) -> None:
    """Adds to the record of a run that nobody walks just now."""
    everything = waking.everything()
    row = runs.the(connection, everything, run)
    number = events.last_number(connection, everything, run)
    Record(waking.database, waking.wall(row), row, now=waking.now, number=number).add(connection, *happenings)
