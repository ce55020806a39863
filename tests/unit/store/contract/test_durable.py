"""The durable side on each engine: slots are taken once, old runs go, and words are forgotten wherever they stand."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import String, cast, select
from tests.conftest import Clock
from tests.support.places import Place
from tests.unit.memory.test_forget_durable import CANARY, put
from tests.unit.pipelines import test_retention as retained
from tests.unit.pipelines.test_triggers import MORNING, OWNER, THURSDAY, House, a_plan, a_run, on

from nova.core.plans import Plan
from nova.memory.forget import forget, plan_words
from nova.memory.tiers import memory_of
from nova.pipelines import occurrences as sources
from nova.pipelines.retention import collect
from nova.store import slots
from nova.store.database import Database
from nova.store.tables import METADATA
from nova.store.values import Blobs


def holding(database: Database, word: str) -> list[str]:
    """The columns of all tables in which a word stands."""
    with database.read() as connection:
        return [
            f"{table.name}.{column.name}"
            for table in METADATA.sorted_tables
            for column in table.columns
            if column.name != "vector"
            and connection.execute(select(column).where(cast(column, String).contains(word)).limit(1)).first()
        ]


@pytest.mark.parametrize("where", ["big step", "inputs", "occurrence", "slot"])
def test_a_word_is_forgotten_wherever_it_stands(database: Database, tmp_path: Path, where: str) -> None:
    """In whichever column it stands it is found and gone; big values beside the database go as well."""
    memory = replace(memory_of(database, None, lambda: THURSDAY), blobs=Blobs(tmp_path / "blobs"))
    put(memory, where)
    assert holding(database, CANARY) or where == "big step"
    forget(memory, OWNER, plan_words(memory, OWNER, CANARY))
    assert holding(database, CANARY) == []
    assert [file for file in (tmp_path / "blobs").rglob("*") if file.is_file()] == []


async def test_old_runs_go_and_new_ones_stay(database: Database, tmp_path: Path) -> None:
    """The whole tree of an old triggered run, and the steps of an old one that a person began."""
    blobs = Blobs(tmp_path / "blobs")
    retained.a_tree(database, blobs, "old", days=91, output=retained.BIG)
    retained.a_tree(database, blobs, "asked", days=91, trigger="", conversation="cmine")
    retained.a_tree(database, blobs, "new", days=1)
    done = await collect(database, OWNER, blobs, keep_days=90, now=retained.NOW)
    assert (done.runs, done.records, done.blobs) == (2, 1, 1)
    assert retained.left(database, "runs", "id") == {"asked", "asked-agent", "new", "new-agent"}
    assert retained.left(database) == {"new"}


async def test_workers_at_the_same_moment_serve_each_slot_once(place: Place) -> None:
    """Four workers look at a schedule and an event at once: each is one run, whoever starts it."""
    clock = Clock(THURSDAY)
    plans: list[Plan] = [
        a_plan("briefing", replace(MORNING, cron="* * * * *")),
        a_plan("deploy", on("webhook", given={"name": "${event.name}"})),
        a_plan("digest", on("run-ended", given={"run": "${event.run}"})),
    ]
    houses = [House(place.open(), clock, plans) for _ in range(4)]
    workers = [house.worker() for house in houses]
    await workers[0].tick()
    for minute in range(6):
        clock.forward(minutes=1)
        a_run(houses[0].database, f"r{minute}", clock)
        sources.emit(houses[0].database, "deployed", {}, project=None, now=clock(), identity=str(minute))
        await asyncio.gather(*(asyncio.to_thread(asyncio.run, one.tick()) for one in workers))
    started = [order.run for house in houses for order in house.started]
    assert len(started) == len(set(started)) == 18
    with houses[0].database.read() as connection:
        found = slots.latest(connection, OWNER, count_max=100)
    assert {slot.state.value for slot in found} == {"fired"}
    assert {slot.run for slot in found} == set(started)
    for house in houses:
        house.database.close()
