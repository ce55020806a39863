"""What has happened since it was last looked at: runs that ended, notes that were recorded, read off their own rows.

Nothing is written where a run ends or a note is made: whoever wants to know asks with a cursor. Takes a Scope, always.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, select

from nova.core.labels import Label, Scope, read_label
from nova.core.notes import NoteStatus
from nova.store import notes, times
from nova.store.tables import NOTES, OCCURRENCES, RUNS, WALKS

LONGEST_ASKED = timedelta(days=2)
"""How long a run without a walk may go on and still be seen to end. One with a walk may take months."""
PARENTS_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A run at the top of its tree that has ended. pipeline: `id@version` of its walk, empty without one."""

    run: str
    scope: str
    label: Label
    project: str
    state: str
    agents: tuple[str, ...]
    pipeline: str
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A note that was recorded. run: whose words it was taken from, or empty."""

    seq: int
    id: str
    scope: str
    label: Label
    project: str
    kind: str
    subject: str
    text: str
    run: str
    recorded_at: datetime


def ended(connection: Connection, scope: Scope, since: datetime, count_max: int) -> list[Ended]:
    """The runs that ended at or after `since`, the first to end first.

    Two looks into two indexes: what was asked lately, and walks by when they ended.
    """
    top = RUNS.c.parent.concat("") == ""  # not by its index: nearly half of all runs are tops
    written, whole = times.written(since), RUNS.c.scope.in_(scope.names) & top
    asked = select(RUNS.c.id).where(
        whole, RUNS.c.started_at >= times.written(since - LONGEST_ASKED), RUNS.c.ended_at >= written
    )
    walked = select(WALKS.c.run).where(WALKS.c.ended_at >= written, WALKS.c.run == WALKS.c.root)
    ids = {str(one) for query in (asked.order_by(RUNS.c.ended_at), walked.order_by(WALKS.c.ended_at))
           for one in connection.execute(query.limit(count_max)).scalars()}  # fmt: skip
    if not ids:
        return []
    query = (
        select(RUNS, WALKS.c.name.label("walked"))
        .join(WALKS, WALKS.c.run == RUNS.c.id, isouter=True)
        .where(RUNS.c.id.in_(ids), whole, RUNS.c.ended_at != "")
        .order_by(RUNS.c.ended_at, RUNS.c.id)
        .limit(count_max)
    )
    return [_ended(row) for row in connection.execute(query).mappings()]


def _ended(row: RowMapping) -> Ended:
    return Ended(
        run=row["id"],
        scope=row["scope"],
        label=read_label(row["label"]),
        project=row["project"],
        state=row["state"],
        agents=tuple(row["agents"].split()),
        pipeline=row["walked"] or "",
        ended_at=times.read_set(row["ended_at"]),
    )


def noted(connection: Connection, scope: Scope, after: int, count_max: int) -> list[Noted]:
    """The notes with a higher number than `after`, in order."""
    query = (
        select(NOTES.c.seq, NOTES.c.id)
        .where(NOTES.c.seq > after, NOTES.c.scope.in_(scope.names), NOTES.c.status != NoteStatus.FORGOTTEN.value)
        .order_by(NOTES.c.seq)
        .limit(count_max)
    )
    numbers = {str(row[1]): int(row[0]) for row in connection.execute(query)}
    known = notes.by_ids(connection, scope, numbers)
    return [
        Noted(
            seq=seq,
            id=note.id,
            scope=note.scope,
            label=note.label,
            project=note.project,
            kind=note.kind.value,
            subject=note.subject,
            text=note.text,
            run=next((source.ref for source in note.sources if source.kind.value == "run"), ""),
            recorded_at=note.recorded_at,
        )
        for one, seq in numbers.items()
        if (note := known.get(one)) is not None
    ]


def last_note(connection: Connection, scope: Scope) -> int:
    """The number of the newest note; 0 without any."""
    query = select(NOTES.c.seq).where(NOTES.c.scope.in_(scope.names)).order_by(NOTES.c.seq.desc()).limit(1)
    return int(connection.execute(query).scalar_one_or_none() or 0)


def written_down(connection: Connection, scope: Scope, ids: Iterable[str]) -> frozenset[str]:
    """Which of these occurrences are in the table already."""
    query = select(OCCURRENCES.c.id).where(OCCURRENCES.c.id.in_(list(ids)), OCCURRENCES.c.scope.in_(scope.names))
    return frozenset(str(one) for one in connection.execute(query).scalars())


def line_of(connection: Connection, scope: Scope, run: str) -> list[str]:
    """The run, the run it is a part of, and so on to the top of its tree; the run alone when it is not known."""
    line = [run]
    for _ in range(PARENTS_MAX):
        query = select(RUNS.c.parent).where(RUNS.c.id == line[-1], RUNS.c.scope.in_(scope.names))
        parent = connection.execute(query).scalar_one_or_none()
        if not parent:
            break
        line.append(str(parent))
    return line


def cause_of(connection: Connection, scope: Scope, run: str) -> tuple[str, str]:
    """The pipeline that a run walks (its id) and what triggered it; empty texts for a run that walks none."""
    query = select(WALKS.c.name, WALKS.c.trigger).where(WALKS.c.run == run, WALKS.c.scope.in_(scope.names))
    row = connection.execute(query).first()
    return (str(row[0]).partition("@")[0], str(row[1])) if row is not None else ("", "")


def walked_last(connection: Connection, scope: Scope, pipeline: str) -> datetime | None:
    """When the newest run of a pipeline began; None when it never ran."""
    query = select(WALKS.c.created_at).where(
        WALKS.c.name.startswith(pipeline + "@", autoescape=True), WALKS.c.scope.in_(scope.names)
    )
    found = connection.execute(query.order_by(WALKS.c.created_at.desc()).limit(1)).scalar_one_or_none()
    return times.read_set(str(found)) if found else None
