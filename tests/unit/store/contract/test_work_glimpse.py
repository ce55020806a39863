"""The look at durable work from outside says the same of a file and of a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.places import POSTGRESQL, Place

from nova.core.labels import HOME, Label, Scope
from nova.core.reviews import Review
from nova.core.runs import Run, RunState
from nova.core.steps import Walk, WalkState
from nova.store import conversations, glimpse, glimpse_postgres, reviews, runs, walks, workers
from nova.store.database import Database
from nova.store.glimpse import Work
from nova.store.values import Blobs
from nova.store.workers import WorkerRow

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
WALL, LABEL = Scope.of(HOME), Label(scopes=frozenset({HOME}))


def look(place: Place) -> Work:
    """What is seen from outside, ten seconds after the last sign counts as silent."""
    if place.engine == POSTGRESQL:
        return glimpse_postgres.work(place.address, AT - timedelta(seconds=10), AT - timedelta(seconds=30), "dbos")
    return glimpse.work(Path(place.address), AT - timedelta(seconds=10))


def test_what_waits_is_queued_and_is_cut_off_is_counted(place: Place, database: Database, tmp_path: Path) -> None:
    """Reviews that wait, queued runs, runs without a sign of life, and on a server the workers seen lately."""
    blobs = Blobs(tmp_path / "blobs")
    with database.write() as connection:
        conversations.start(connection, WALL, "c", AT, project="", title="x")
        for name, state, age in (("ra", "running", 60), ("rb", "running", 1), ("rc", "queued", 60)):
            run = Run(
                id=name, conversation="c", request="x", principal="owner", scope=HOME, label=LABEL,
                state=RunState(state), started_at=AT, last_at=AT,
            )  # fmt: skip
            runs.begin(connection, WALL, run)
            walk = Walk(
                run=name, root=name, scope=HOME, label=LABEL, plan="p", name="p@1", inputs={},
                state=WalkState(state), heartbeat_at=AT - timedelta(seconds=age), created_at=AT,
            )  # fmt: skip
            walks.begin(connection, WALL, walk, blobs)
        review = Review(
            id="va", run="ra", root="ra", path="ask", scope=HOME, label=LABEL, question="So?", payload="", digest="d",
            asked_at=AT,
        )  # fmt: skip
        reviews.ask(connection, WALL, review, blobs)
        workers.begin(connection, WorkerRow(id="w", host="here", pid=7, started_at=AT, seen_at=AT))
    seen = look(place)
    assert (seen.waiting, seen.queued, seen.cut_off, seen.engine) == (1, 1, ("ra",), False)
    assert (seen.workers is None) is (place.engine != POSTGRESQL)
    assert [(host, pid) for host, pid, _ in seen.workers or ()] == ([("here", 7)] if place.engine == POSTGRESQL else [])


def test_a_store_that_holds_nothing_yet_has_no_work(empty_place: Place, tmp_path: Path) -> None:
    """Without tables there is nothing to be told, and nothing is made."""
    if empty_place.engine != POSTGRESQL:
        Path(empty_place.address).touch()
    assert look(empty_place) == Work(workers=() if empty_place.engine == POSTGRESQL else None)
    assert not list(tmp_path.rglob("*.db-wal"))
