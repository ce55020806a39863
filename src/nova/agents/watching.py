"""Watches over a tree of runs while it works: says when it has gone silent, and stops it when somebody asks.

Knows time and cancellation; refuses to know what the work is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from nova.agents.tree import Tree
from nova.core.degradations import Degradation, DegradationKind
from nova.core.errors import StoreError
from nova.core.events import Degraded, Stalled, StopAsked
from nova.core.outcomes import Outcome, Stopped
from nova.store.record import Record

LOOK_SECONDS = 0.5
QUIET_SECONDS_MAX = 1.5
"""How long cancelled work may take to clean up; with one look before it, everything is quiet within 2 seconds."""

T = TypeVar("T")


async def watch(
    work: Awaitable[T],
    tree: Tree,
    record: Record,
    stop: Callable[[], StopAsked | None],
    *,
    look_seconds: float = LOOK_SECONDS,
) -> T | StopAsked:
    """What the work gives, or who stopped it. Each silence longer than allowed is recorded as Stalled, once.

    stop: whether somebody has asked; looked at every half second. Raises what the work raises; cancelled from outside,
    it cancels the work.
    """
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=look_seconds)
            if _silent(tree) and not task.done():
                _tell_stalled(tree, record)
            if not task.done() and (asked := _asked(stop)) is not None:
                record.append(asked)
                await _quiet(task)
                return asked
        return await task
    except BaseException:
        await _quiet(task)
        raise


def stopped(asked: StopAsked, run: str) -> Stopped:
    """The outcome of a run that somebody stopped."""
    mend = f"Ask again, or see what was done: nova why {run}"
    return Stopped(reason="person", evidence=f"{asked.by} stopped it: {asked.why or 'no reason given'}", mend=mend)


def with_stalls(outcome: Outcome, tree: Tree) -> Outcome:
    """The outcome with each silence of the tree among its degradations; for whoever ends the run at the top."""
    told = [one for one in tree.root.stalls if one not in outcome.degradations]
    return replace(outcome, degradations=(*outcome.degradations, *told)) if told else outcome


def _asked(stop: Callable[[], StopAsked | None]) -> StopAsked | None:
    """A database that cannot be read just now stops nobody; the next look asks again."""
    try:
        return stop()
    except StoreError:
        return None


def _silent(tree: Tree) -> bool:
    """For too long, and not said yet: that it was said is the last thing that was heard."""
    return tree.root.last != Stalled.__name__ and tree.silent_seconds > tree.root.limits.silence_seconds_max


def _tell_stalled(tree: Tree, record: Record) -> None:
    seconds, last = round(tree.silent_seconds, 1), tree.root.last
    what = f"There was no sign of life for {seconds:g} seconds; the last one was {last}."
    mend = f"It goes on. To end it: nova runs stop {record.run.id}"
    tree.root.stalls.append(Degradation(kind=DegradationKind.STALLED, what=what, mend=mend))
    degraded = Degraded(degradation=DegradationKind.STALLED.value, what=what, mend=mend)
    record.append(degraded, Stalled(seconds=seconds, last=last))
    tree.sign(Stalled.__name__)


async def _quiet(task: asyncio.Future[T]) -> None:
    """Cancels the work and waits until it is over, but not for ever: a thread that it waits for may go on unheard."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=QUIET_SECONDS_MAX)
    if task.done() and not task.cancelled():
        task.exception()  # looked at, so that nobody is told it was not
