"""Reads what the store holds about one wall: runs, conversations, notes, reviews. Only reads; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from nova.briefing.facts import Answered, GoingOn, Recollection, noted_at
from nova.briefing.lines import cited
from nova.core.citations import Citation
from nova.core.conversations import Conversation
from nova.core.labels import Scope
from nova.core.notes import Note, NoteKind, NoteStatus, SourceKind
from nova.core.requests import Principal
from nova.core.runs import Run, RunState
from nova.core.text import shorten
from nova.store import conversations, notes, reviews, runs, signs, walks
from nova.store.database import Connection, Database

RUNS_MAX, OLDER_MAX = 300, 50
REVIEWS_MAX, FAILED_MAX, GOING_ON_MAX = 500, 50, 50
WAITING_MAX, STANDING_MAX, DOUBTFUL_MAX, PAST_MAX = 2_000, 2_000, 500, 500
_NOT_SAID = frozenset({"Pipeline", "Step", "Handoff"})
_WAITS = (NoteKind.QUESTION, NoteKind.INTENTION)
_HOLDS = tuple(kind for kind in NoteKind if kind not in _WAITS)


def recollect(database: Database, scope: Scope, name: str, *, without_run: str = "") -> Recollection:
    """What the store holds behind the wall `name`. Raises ValueError where `scope` may not read it, StoreError."""
    if name not in scope.names:
        raise ValueError(f"{name} is not among {sorted(scope.names)}")
    wall = Scope.of(name)
    with database.read() as connection:
        talked = _runs(connection, wall, without_run)
        standing = _standing(connection, wall)
        past = notes.listed(connection, wall, statuses=[NoteStatus.SUPERSEDED], count_max=PAST_MAX)
        known = conversations.by_id(connection, wall, list({run.conversation for run in talked}))
        return Recollection(
            runs=tuple(talked),
            conversations=known,
            talks=_talks(connection, wall, standing, talked, known),
            standing=tuple(standing),
            past=tuple(past),
            conflicts=tuple(_conflicts(connection, wall)),
            answers=_answers(connection, wall, standing),
            reviews=tuple(reviews.waiting(connection, wall, None, count_max=REVIEWS_MAX)),
            failed=tuple(runs.latest(connection, wall, FAILED_MAX, state=RunState.FAILED.value)),
            going_on=tuple(_going_on(connection, scope, wall, without_run)),
        )


def _runs(connection: Connection, wall: Scope, without: str) -> list[Run]:
    """The owner's runs, newest first; a part of a run counts where the whole of it was asked behind another wall.

    What a pipeline, a step of one, or another agent asked are not his words, and running one is no visit.
    """
    found = runs.latest(connection, wall, RUNS_MAX, top=False)
    ids = {run.id for run in found}
    his = [run for run in found if run.principal == Principal.OWNER.value and run.route not in _NOT_SAID]
    mine = [run for run in his if run.parent not in ids]
    return [run for run in mine if without not in (run.id, run.parent) or not without]


def _going_on(connection: Connection, scope: Scope, wall: Scope, without: str) -> Iterable[GoingOn]:
    """What runs or is queued, newest first; not the run that asks, nor what it is a part of."""
    asking = set(_upwards(connection, scope, without)) if without else set[str]()
    states = [RunState.RUNNING.value, RunState.QUEUED.value]
    found = [run for state in states for run in runs.latest(connection, wall, GOING_ON_MAX, state=state)]
    for run in found:
        if run.id not in asking:
            walk = walks.of_run(connection, wall, run.id, None)
            yield GoingOn(run=run, walk=walk, sign_at=signs.last_sign(connection, scope, run.id) or run.last_at)


def _upwards(connection: Connection, scope: Scope, run: str) -> Iterable[str]:
    """The run, and what it is a part of, as far as it may be seen."""
    while run:
        yield run
        above = runs.by_id(connection, scope, run)
        run = above.parent if above else ""


def _standing(connection: Connection, wall: Scope) -> list[Note]:
    """What may still hold. Said at the same moment, the first said comes first."""
    active, doubtful = [NoteStatus.ACTIVE], [NoteStatus.UNCONFIRMED, NoteStatus.QUARANTINED]
    found = [
        *notes.listed(connection, wall, kinds=_WAITS, statuses=active, count_max=WAITING_MAX),
        *notes.listed(connection, wall, kinds=_HOLDS, statuses=active, count_max=STANDING_MAX),
        *notes.listed(connection, wall, statuses=doubtful, count_max=DOUBTFUL_MAX),
    ]
    return newest_first(found)


def newest_first(found: Sequence[Note]) -> list[Note]:
    """By the moment at which they were said; at the same moment, the first written first: the store gives the last."""
    first_written_first = list(found)[::-1]
    return sorted(first_written_first, key=noted_at, reverse=True)


def _conflicts(connection: Connection, wall: Scope) -> Iterable[tuple[Note, Note, str]]:
    pairs = notes.conflicts(connection, wall)
    known = notes.by_ids(connection, wall, {id_ for pair in pairs for id_ in pair[:2]}) if pairs else {}
    for newer, older, why in pairs:
        if newer in known and older in known:
            yield known[newer], known[older], why


def _talks(
    connection: Connection,
    wall: Scope,
    standing: Iterable[Note],
    talked: Sequence[Run],
    known: Mapping[str, Conversation],
) -> dict[str, str]:
    """What the conversations of open notes are called, by the run; those of older runs are looked up."""
    near = {run.id: run.conversation for run in talked}
    said = {source.ref for note in standing if note.open for source in note.sources if source.kind is SourceKind.RUN}
    older = [run for id_ in sorted(said - set(near))[:OLDER_MAX] for run in runs.beginning_with(connection, wall, id_)]
    more = conversations.by_id(connection, wall, list({run.conversation for run in older})) if older else {}
    called = {id_: talk.name or talk.title for id_, talk in [*known.items(), *more.items()]}
    of_run = near | {run.id: run.conversation for run in older}
    return {id_: called.get(of_run.get(id_, ""), "") for id_ in said}


def _answers(connection: Connection, wall: Scope, standing: Iterable[Note]) -> dict[str, Answered]:
    """What answered a question, by the id it is known by: a note with its sources, or what was said in a run."""
    ids = {note.answered_by for note in standing if note.answered_by}
    known = notes.by_ids(connection, wall, ids) if ids else {}
    found = {id_: Answered(text=note.text, sources=tuple(map(cited, note.sources))) for id_, note in known.items()}
    for id_ in ids - set(found):
        for run in runs.beginning_with(connection, wall, id_)[:1]:
            found[id_] = Answered(text=shorten(run.request, 300), sources=(Citation(path=run.id),))
    return found


def oldest_wait(memory: Recollection) -> datetime | None:
    """Since when the oldest open intention waits."""
    return min((noted_at(note) for note in memory.standing if note.open), default=None)
