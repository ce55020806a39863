"""Gathers what cards are made of: the store first, which is quick, then git for all projects at once, in threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from nova.briefing.facts import Asked, Facts, Groundwork, Place, Recollection, Trouble
from nova.briefing.ground import look
from nova.briefing.recollect import oldest_wait, recollect
from nova.briefing.visits import last_visit
from nova.core.errors import StoreError
from nova.core.labels import Scope
from nova.core.notes import NoteKind
from nova.store.database import Database

PROJECTS_AT_ONCE = 3


def gather(
    places: Sequence[Place], scope: Scope, database: Callable[[], Database] | None, now: datetime, asked: Asked
) -> tuple[Facts, ...]:
    """The facts about each place, in their order. database: None where there is none yet.

    What cannot be read is among the troubles; only a place outside `scope` raises (ValueError).
    """
    remembered = [_remembered(place, scope, database, asked) for place in places]
    with ThreadPoolExecutor(max_workers=PROJECTS_AT_ONCE) as threads:
        waits = [
            threads.submit(_facts, place, known, now, asked) for place, known in zip(places, remembered, strict=True)
        ]
        return tuple(one.result() for one in waits)


def _remembered(
    place: Place, scope: Scope, database: Callable[[], Database] | None, asked: Asked
) -> tuple[Recollection, tuple[Trouble, ...]]:
    if database is None:
        return Recollection(), ()
    try:
        return recollect(database(), scope, place.scope, without_run=asked.without_run), ()
    except StoreError as error:
        return Recollection(), (Trouble(what=error.what, mend=error.mend),)


def _facts(place: Place, known: tuple[Recollection, tuple[Trouble, ...]], now: datetime, asked: Asked) -> Facts:
    memory, troubles = known
    facts = Facts(
        place=place, now=now, asked=asked, visited_at=last_visit(memory.runs, now), memory=memory, troubles=troubles,
        ground=Groundwork(),
    )  # fmt: skip
    back = min(filter(None, [oldest_wait(memory), facts.since, facts.decided_since]))
    resting = [note for note in memory.standing if note.open and note.kind is NoteKind.INTENTION]
    return replace(facts, ground=look(place, facts.since, back, now, resting))
