"""Rows of reviews: asked, answered once, closed. The condition that makes an answer the only one is in the update."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import Connection, RowMapping, insert, select, update

from nova.core import json
from nova.core.json import Json
from nova.core.labels import Scope, read_label, write_label
from nova.core.reviews import Answer, Review
from nova.store import times
from nova.store.tables import REVIEWS
from nova.store.values import Blobs


def ask(connection: Connection, scope: Scope, review: Review, blobs: Blobs) -> None:
    """Writes the question down. Raises ValueError when it is not of the scope's own name."""
    if review.scope != scope.own:
        raise ValueError(f"review {review.id} belongs to {review.scope}, not to {scope.own}")
    connection.execute(
        insert(REVIEWS).values(
            id=review.id,
            scope=review.scope,
            label=write_label(review.label),
            run=review.run,
            root=review.root,
            path=review.path,
            project=review.project,
            question=review.question,
            payload=blobs.write(review.payload),
            digest=review.digest,
            diff=review.diff,
            evidence=json.dump(list(review.evidence)),
            cost_usd=review.cost_usd,
            if_ignored=review.if_ignored,
            asked_at=times.written(review.asked_at),
        )
    )


def answer(
    connection: Connection,
    scope: Scope,
    review: str,
    given: Answer,
    *,
    at: datetime,
    by: str,
    reason: str = "",
    edit: Json = None,
    blobs: Blobs,
) -> bool:
    """Takes the first answer; False when it was answered or closed before, and then nothing changes."""
    waits = (REVIEWS.c.id == review) & (REVIEWS.c.answer == "") & (REVIEWS.c.closed == "")
    changed = connection.execute(
        update(REVIEWS)
        .where(waits, REVIEWS.c.scope.in_(scope.names))
        .values(
            answer=given.value,
            reason=reason,
            edit=blobs.write(edit) if given is Answer.CHANGE else "",
            answered_at=times.written(at),
            answered_by=by,
        )
    )
    return changed.rowcount == 1


def close(connection: Connection, scope: Scope, root: str, why: str) -> int:
    """Nobody needs an answer any more, for the whole tree of runs; how many were waiting."""
    waits = (REVIEWS.c.root == root) & (REVIEWS.c.answer == "") & (REVIEWS.c.closed == "")
    changed = connection.execute(update(REVIEWS).where(waits, REVIEWS.c.scope.in_(scope.names)).values(closed=why))
    return changed.rowcount


def by_id(connection: Connection, scope: Scope, review: str, blobs: Blobs) -> Review | None:
    """The review, or None."""
    query = select(REVIEWS).where(REVIEWS.c.id == review, REVIEWS.c.scope.in_(scope.names))
    row = connection.execute(query).mappings().first()
    return _value(row, blobs) if row is not None else None


def beginning_with(connection: Connection, scope: Scope, prefix: str, blobs: Blobs) -> list[Review]:
    """The reviews whose id begins so; two at most, enough to see that it is not unique."""
    query = select(REVIEWS).where(REVIEWS.c.id.startswith(prefix, autoescape=True), REVIEWS.c.scope.in_(scope.names))
    return [_value(row, blobs) for row in connection.execute(query.limit(2)).mappings()]


def waiting(
    connection: Connection,
    scope: Scope,
    blobs: Blobs | None,
    *,
    project: str = "",
    root: str = "",
    count_max: int = 500,
) -> list[Review]:
    """Those that wait for an answer, oldest first. blobs None: without their payloads, for who only lists them."""
    query = select(REVIEWS).where(REVIEWS.c.answer == "", REVIEWS.c.closed == "", REVIEWS.c.scope.in_(scope.names))
    if project:
        query = query.where(REVIEWS.c.project == project)
    if root:
        query = query.where(REVIEWS.c.root == root)
    rows = connection.execute(query.order_by(REVIEWS.c.asked_at, REVIEWS.c.id).limit(count_max)).mappings()
    return [_value(row, blobs) for row in rows]


def settled(connection: Connection, scope: Scope, blobs: Blobs, *, count_max: int = 50) -> list[Review]:
    """Those that were answered, newest answer first."""
    query = select(REVIEWS).where(REVIEWS.c.answer != "", REVIEWS.c.scope.in_(scope.names))
    rows = connection.execute(query.order_by(REVIEWS.c.answered_at.desc(), REVIEWS.c.id).limit(count_max)).mappings()
    return [_value(row, blobs) for row in rows]


def _value(row: RowMapping, blobs: Blobs | None) -> Review:
    return Review(
        id=row["id"],
        run=row["run"],
        root=row["root"],
        path=row["path"],
        scope=row["scope"],
        label=read_label(row["label"]),
        project=row["project"],
        question=row["question"],
        payload=blobs.read(row["payload"]) if blobs else None,
        digest=row["digest"],
        diff=row["diff"],
        evidence=tuple(cast("list[str]", json.load(row["evidence"]))),
        cost_usd=row["cost_usd"],
        if_ignored=row["if_ignored"],
        asked_at=times.read_set(row["asked_at"]),
        answer=Answer(row["answer"]) if row["answer"] else None,
        reason=row["reason"],
        edit=blobs.read(row["edit"]) if blobs else None,
        answered_at=times.read(row["answered_at"]),
        answered_by=row["answered_by"],
        closed=row["closed"],
    )
