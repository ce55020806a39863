"""What runs without the owner: what of it needs him, and what goes on. Pure: reviews, runs and walks in, lines out."""

from __future__ import annotations

from datetime import datetime, timedelta

from nova.briefing.card import Line
from nova.briefing.facts import Facts, GoingOn
from nova.briefing.lines import plain
from nova.core.citations import Citation
from nova.core.outcomes import Failed
from nova.core.reviews import Review
from nova.core.runs import Run, RunState
from nova.core.steps import WalkState
from nova.pipelines.again import SILENT

REVIEW, FAILED, SILENT_RUN, GOING_ON = "review", "failed run", "silent run", "going on"
NEEDS = frozenset({REVIEW, FAILED, SILENT_RUN})
"""Kinds of lines that are about work and no note: each can be shown wherever the label of its run is respected."""
QUESTION_MAX, REQUEST_MAX = 240, 100


def needs_owner(facts: Facts) -> list[Line]:
    """Reviews that wait, the oldest first; runs that are cut off or silent; runs that failed since the last visit."""
    memory = facts.memory
    silent = [one for one in memory.going_on if _silent(one, facts)]
    return [
        *(_review(one, facts.now) for one in memory.reviews),
        *(_stands(one, facts.now) for one in silent),
        *(_failed(one) for one in memory.failed if facts.is_new(one.ended_at or one.last_at)),
    ]


def at_work(facts: Facts) -> list[Line]:
    """What runs or is queued now, the newest first; what stands still needs the owner instead."""
    return [_going_on(one, facts.now) for one in facts.memory.going_on if not _silent(one, facts)]


def _review(review: Review, now: datetime) -> Line:
    ignored = f" · ignored: {plain(review.if_ignored, 120)}" if review.if_ignored else ""
    answer = f"answer: nova reviews approve {review.id}, or change, or reject"
    return Line(
        text=f"Review {review.id} has waited {waited(review.asked_at, now)}: {plain(review.question, QUESTION_MAX)}",
        what=REVIEW,
        at=review.asked_at,
        sources=(Citation(path=review.run),),
        mark=f"look: nova reviews show {review.id} · {answer}{ignored}",
        trusted=review.label.trusted,
    )


def _failed(run: Run) -> Line:
    what = run.outcome.what if isinstance(run.outcome, Failed) else "nobody wrote down why"
    again = f"again: nova runs retry {run.id}" if run.route == "Pipeline" else f"see: nova why {run.id}"
    return Line(
        text=f"{_named(run)} failed: {plain(what, 200)}",
        what=FAILED,
        at=run.ended_at or run.last_at,
        sources=(Citation(path=run.id),),
        mark=again,
        trusted=run.label.trusted,
    )


def _silent(one: GoingOn, facts: Facts) -> bool:
    """Cut off: nobody walks it any more; or it runs, and nothing was heard of it for too long."""
    if one.run.state is not RunState.RUNNING:
        return False
    return _cut_off(one, facts.now) or facts.now - one.sign_at > timedelta(seconds=facts.asked.silence_seconds)


def _cut_off(one: GoingOn, now: datetime) -> bool:
    walk = one.walk
    if walk is None or walk.state is not WalkState.RUNNING or walk.heartbeat_at is None:
        return False
    return now - walk.heartbeat_at > SILENT


def _stands(one: GoingOn, now: datetime) -> Line:
    run = one.run
    if _cut_off(one, now):
        said, mark = "was cut off", f"go on: nova runs resume {run.id} (a worker does so by itself)"
    else:
        said, mark = f"has given no sign of life {waited(one.sign_at, now)}", f"end it: nova runs stop {run.id}"
    return Line(
        text=f"{_named(run)} {said}", what=SILENT_RUN, at=one.sign_at, sources=(Citation(path=run.id),), mark=mark,
        trusted=run.label.trusted,
    )  # fmt: skip


def _going_on(one: GoingOn, now: datetime) -> Line:
    run = one.run
    queued = run.state is RunState.QUEUED
    said = f"has been queued {waited(run.last_at, now)}" if queued else f"has run {waited(run.started_at, now)}"
    return Line(
        text=f"{_named(run)} {said}",
        what=GOING_ON,
        at=run.last_at,
        sources=(Citation(path=run.id),),
        mark="a worker takes it up: nova worker" if queued else "",
        trusted=run.label.trusted,
    )


def _named(run: Run) -> str:
    """A pipeline by its name; what was asked by its words."""
    if run.route == "Pipeline":
        return plain(run.request.partition(": ")[0], REQUEST_MAX)
    return f"“{plain(run.request, REQUEST_MAX)}”"


def waited(since: datetime, now: datetime) -> str:
    """`for 3 days`, in the largest unit of which there are two."""
    seconds = max(0.0, (now - since).total_seconds())
    for size, word in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"for {seconds / size:.0f} {word}"
    return f"for {seconds:.0f} seconds"
