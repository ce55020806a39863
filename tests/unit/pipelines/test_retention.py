"""Retention: what ended long ago goes with everything that hangs on it, and nothing that somebody still needs."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.a_memory import a_memory, a_note, say

from nova.core.events import RunFinished, RunStarted
from nova.core.json import Json
from nova.core.labels import Label, Scope
from nova.core.notes import Source, SourceKind
from nova.core.outcomes import Done
from nova.core.reviews import Answer, Review
from nova.core.runs import Run, RunState, outcome_to_json
from nova.core.steps import Effect, EffectState, Occurrence, Step, StepState, Walk, WalkState
from nova.memory.notes import record
from nova.memory.tiers import Memory
from nova.pipelines.retention import Keeper, collect
from nova.store import collecting, conversations, occurrences, reviews, slots, steps, walks
from nova.store.database import Database
from nova.store.record import Record
from nova.store.slots import Slot, SlotState
from nova.store.values import Blobs

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
AIREP = Scope.of("airep")
OWNER = Scope.owner({"airep", "blog"})
LABEL = Label(scopes=frozenset({"airep"}))
BIG: list[Json] = ["a value of a step that is too big for a row"] * 3_000


@pytest.fixture
def memory(tmp_path: Path) -> Generator[Memory]:
    """An empty home's memory."""
    made = a_memory(tmp_path, now=lambda: NOW)
    yield made
    made.database.close()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """Where its big values go."""
    return Blobs(tmp_path / "blobs")


def a_run(database: Database, run: str, at: datetime, *, parent: str = "", conversation: str = "cpipe") -> None:
    """A run with its events."""
    begun = Run(
        id=run, conversation=conversation, request="digest@1", principal="schedule", scope="airep", project="airep",
        label=LABEL, state=RunState.RUNNING, started_at=at, last_at=at, parent=parent,
    )  # fmt: skip
    with database.write() as connection:
        if not conversations.by_id(connection, AIREP, [conversation]):
            conversations.start(connection, AIREP, conversation, at, project="airep", title="")
    book = Record(database, AIREP, begun, now=lambda: at)
    book.begin(RunStarted(request="digest@1", principal="schedule", parent=parent))
    outcome = Done(text="Done.")
    ended = replace(begun, state=RunState.DONE, outcome=outcome, ended_at=at)
    book.save(ended, RunFinished(state="done", outcome=outcome_to_json(outcome)))


def a_tree(
    database: Database, blobs: Blobs, run: str, *, days: float, trigger: str = "schedule digest/daily x",
    output: Json = "short", conversation: str = "cpipe", **more: object,
) -> None:  # fmt: skip
    """A pipeline that ended `days` ago: its step was done by an agent's run, with an effect and an answered review."""
    at = NOW - timedelta(days=days)
    a_run(database, run, at, conversation=conversation)
    a_run(database, f"{run}-agent", at, parent=run, conversation=conversation)
    walk = Walk(
        run=run, root=run, scope="airep", label=LABEL, plan="", name="digest@1", inputs={"of": run},
        state=WalkState.ENDED, trigger=trigger, created_at=at, ended_at=at,
    )  # fmt: skip
    step = Step(
        run=run, path="write", name="pipe:digest@1/node:write", kind="agent", scope="airep", label=LABEL,
        state=StepState.DONE, started_at=at, ended_at=at, child=f"{run}-agent", output=output,
    )  # fmt: skip
    effect = Effect(
        key=f"{run}:write", run=run, path="write", tool="draft_write", scope="airep", label=LABEL, arguments="{}",
        state=EffectState.INTENDED, at=at,
    )  # fmt: skip
    asked = Review(
        id=f"v{run}", run=run, root=run, path="ask", scope="airep", label=LABEL, question="?", payload=output,
        digest="d", asked_at=at,
    )  # fmt: skip
    with database.write() as connection:
        walks.begin(connection, AIREP, replace(walk, **more), blobs)  # pyright: ignore[reportArgumentType]
        steps.put(connection, AIREP, step, blobs, new=True)
        steps.intend(connection, AIREP, effect)
        reviews.ask(connection, AIREP, asked, blobs)
        reviews.answer(connection, AIREP, asked.id, Answer.APPROVE, at=at, by="owner", blobs=blobs)


def count(database: Database, table: str) -> int:
    """Rows of a table."""
    with database.read() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def left(database: Database, table: str = "walks", column: str = "run") -> set[str]:
    """Which are there."""
    with database.read() as connection:
        return set(connection.execute(text(f"SELECT {column} FROM {table}")).scalars())


async def test_what_ended_long_ago_goes_with_all_that_hangs_on_it(memory: Memory, blobs: Blobs) -> None:
    """Of an old triggered run no row, event or file is left; of one that a person started its record stays."""
    database = memory.database
    a_tree(database, blobs, "old", days=91, output=BIG)
    a_tree(database, blobs, "asked", days=91, trigger="", conversation="cmine", output="words")
    a_tree(database, blobs, "new", days=89)
    assert len(list(blobs.folder.rglob("*"))) == 2
    done = await collect(database, OWNER, blobs, keep_days=90, now=NOW)
    assert (done.runs, done.records, done.blobs) == (2, 1, 1)
    for table in ("walks", "steps", "reviews", "effects"):
        assert count(database, table) == 1, table
    assert left(database, "runs", "id") == {"asked", "asked-agent", "new", "new-agent"}
    assert left(database, "events") == {"asked", "asked-agent", "new", "new-agent"}
    assert [file for file in blobs.folder.rglob("*") if file.is_file()] == []
    with pytest.raises(Exception, match="append-only"), database.write() as connection:
        connection.execute(text("DELETE FROM events"))
    assert count(database, "erasures") == 0


async def test_what_somebody_needs_is_kept(memory: Memory, blobs: Blobs) -> None:
    """An open review, a pin, a part that goes on, and a step of another run that rests on it: each keeps the tree."""
    database, at = memory.database, NOW - timedelta(days=200)
    for run in ("review", "pinned", "part", "forked", "free"):
        a_tree(database, blobs, run, days=200, pinned=run == "pinned")
    below = Walk(
        run="part-agent", root="part", scope="airep", label=LABEL, plan="", name="inner@1", inputs={},
        state=WalkState.PARKED, created_at=at,
    )  # fmt: skip
    asked = Review(
        id="v2", run="review-agent", root="review", path="ask", scope="airep", label=LABEL, question="?", payload=1,
        digest="d", asked_at=at,
    )  # fmt: skip
    a_tree(database, blobs, "fork", days=1)
    taken = Step(
        run="fork", path="read", name="pipe:digest@1/node:read", kind="agent", scope="airep", label=LABEL,
        state=StepState.DONE, started_at=at, child="forked-agent",
    )  # fmt: skip
    with database.write() as connection:
        walks.begin(connection, AIREP, below, blobs)
        reviews.ask(connection, AIREP, asked, blobs)
        steps.put(connection, AIREP, taken, blobs, new=True)
    done = await collect(database, OWNER, blobs, keep_days=90, now=NOW)
    assert done.runs == 1
    assert left(database) == {"review", "pinned", "part", "part-agent", "forked", "fork"}


async def test_what_the_memory_quotes_keeps_its_record(memory: Memory, blobs: Blobs) -> None:
    """Where a note or a remembered turn comes from can still be looked up: only the steps of that run go."""
    database = memory.database
    for run in ("noted", "said", "other"):
        a_tree(database, blobs, run, days=200)
    source = Source(kind=SourceKind.RUN, ref="noted-agent", at=NOW, quote="18:00")
    record(memory, AIREP, [a_note("The gate closes at 18:00.", sources=(source,))], by="test")
    (turn,) = say(memory, "airep", "Kept.")
    with database.write() as connection:
        connection.execute(text("UPDATE episodes SET run = 'said' WHERE id = :id"), {"id": turn.id})
    done = await collect(database, OWNER, blobs, keep_days=90, now=NOW)
    assert (done.runs, done.records) == (3, 1)
    assert left(database, "runs", "id") == {"noted", "noted-agent", "said", "said-agent"}
    assert left(database) == set()


async def test_many_go_in_batches_and_a_shared_value_stays(memory: Memory, blobs: Blobs) -> None:
    """Three hundred old runs go; a big value that a new run has as well stays on the disk, and can be read."""
    database = memory.database
    for number in range(299):
        a_run_only(database, blobs, f"r{number}")
    a_tree(database, blobs, "old", days=300, output=BIG)
    a_tree(database, blobs, "new", days=1, output=BIG)
    done = await collect(database, OWNER, blobs, keep_days=90, now=NOW)
    assert (done.runs, done.blobs) == (300, 0)
    with database.read() as connection:
        assert steps.of_run(connection, AIREP, "new", blobs)["write"].output == BIG


def a_run_only(database: Database, blobs: Blobs, run: str) -> None:
    """A walk without steps."""
    at = NOW - timedelta(days=100)
    a_run(database, run, at)
    walk = Walk(
        run=run, root=run, scope="airep", label=LABEL, plan="", name="digest@1", inputs={}, state=WalkState.ENDED,
        trigger="schedule digest/daily x", created_at=at, ended_at=at,
    )  # fmt: skip
    with database.write() as connection:
        walks.begin(connection, AIREP, walk, blobs)


async def test_slots_and_events_that_were_served_go_as_well(memory: Memory, blobs: Blobs) -> None:
    """Old slots and handled events go, new ones stay, and an event that nobody has looked at is never lost."""
    database = memory.database
    with database.write() as connection:
        for days in (1, 100):
            at = NOW - timedelta(days=days)
            slot = Slot(
                pipeline="digest", trigger="daily", due_at=at, scope="airep", label=LABEL, state=SlotState.FIRED, at=at
            )
            slots.take(connection, AIREP, slot)
            for name in ("seen", "unseen"):
                one = Occurrence(id=f"{name}{days}", kind="webhook", scope="airep", label=LABEL, at=at)
                occurrences.append(connection, AIREP, one)
            occurrences.handled(connection, AIREP, f"seen{days}", at)
    done = await collect(database, OWNER, blobs, keep_days=90, now=NOW)
    assert (done.slots, done.occurrences) == (1, 1)
    assert left(database, "occurrences", "id") == {"seen1", "unseen1", "unseen100"}


async def test_another_projects_runs_are_out_of_reach(memory: Memory, blobs: Blobs) -> None:
    """Behind another wall nothing is collected."""
    a_tree(memory.database, blobs, "old", days=300)
    done = await collect(memory.database, Scope.of("blog"), blobs, keep_days=90, now=NOW)
    assert done.runs == 0
    assert left(memory.database) == {"old"}


async def test_it_clears_once_a_day_while_nothing_goes_on(memory: Memory, blobs: Blobs) -> None:
    """Not while somebody talks to Nova, then once, then not before the next day."""
    told: list[timedelta] = []
    clock = [NOW]

    def legs(age: timedelta) -> int:
        told.append(age)
        return 0

    keeper = Keeper(
        database=memory.database, scope=lambda: OWNER, blobs=blobs, keep_days=90, legs=legs, clock=lambda: clock[0]
    )
    say(memory, "airep", "Good night.", at=NOW)
    a_tree(memory.database, blobs, "old", days=300)
    assert await keeper.tick() is None
    clock[0] += timedelta(minutes=20)
    done = await keeper.tick()
    assert done is not None
    assert done.runs == 1
    assert told == [timedelta(days=90)]
    assert await keeper.tick() is None
    clock[0] += timedelta(days=1)
    assert await keeper.tick() is not None


def test_the_file_is_written_anew_only_when_that_pays(memory: Memory) -> None:
    """A file of which a quarter is free becomes smaller and keeps every row; one without free pages is left alone."""
    database, words = memory.database, [f"{number} " + "words that fill a page " * 20 for number in range(12_000)]
    file = Path(database.place)
    with database.write() as connection:
        connection.execute(
            text("INSERT INTO texts VALUES (:d, 'home', 'trusted home', 'agent', 'n', :b, '')"),
            [{"d": str(number), "b": body} for number, body in enumerate(words)],
        )
    assert not collecting.vacuum(database)
    with database.write() as connection:
        connection.execute(text("DELETE FROM texts WHERE CAST(digest AS INTEGER) < 6000"))
    before = file.stat().st_size
    assert collecting.vacuum(database)
    assert file.stat().st_size < 0.7 * before
    assert count(database, "texts") == 6_000
