"""What runs without the owner, as `nova brief` tells it: reviews, failures, runs that stand, what goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.tools.places import commit

from nova.app.briefings import brief, overview_of
from nova.app.house import Nova
from nova.briefing.card import Line, Part
from nova.briefing.wire import overview_json
from nova.core.labels import HOME, Scope
from nova.core.reviews import Answer
from nova.core.runs import RunState
from nova.core.steps import WalkState
from nova.store import runs, walks
from nova.testing.house import a_home, a_nova
from nova.testing.pipelines import answer_review, run_pipeline
from nova.tools.registry import call
from nova.tools.spec import Reach

PIPELINES = {
    "ask": "nodes:\n  ask: {review: Sell it?, if_ignored: Nothing is sold.}\n",
    "fail": "nodes:\n  read: {tool: files_read, with: {path: nothing.txt}}\n",
    "pause": "nodes:\n  pause: {wait: 3600}\n",
}


@dataclass
class Clock:
    """A clock that is set by hand."""

    at: datetime = field(default=datetime(2026, 11, 19, 8, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        """The time that is set."""
        return self.at


@pytest.fixture
def clock() -> Clock:
    """A Thursday morning."""
    return Clock()


@pytest.fixture
def nova(tmp_path: Path, clock: Clock) -> Iterator[Nova]:
    """One project with three pipelines: one asks, one fails, one waits."""
    shop = tmp_path / "shop"
    shop.mkdir()
    commit(shop, "Open", {"a.txt": "1"}, day="2026-10-01")
    home = a_home(tmp_path / "home", projects={"shop": ("general", shop)})
    (home.root / "pipelines").mkdir(exist_ok=True)
    for name, nodes in PIPELINES.items():
        text = f"id: {name}\nversion: 1\ndescription: It is tried.\noutputs: {{}}\n{nodes}"
        (home.root / "pipelines" / f"{name}.yaml").write_text(text, encoding="utf-8")
    one = a_nova(home, clock=clock)
    yield one
    one.close()


def ran(nova: Nova, name: str, project: str | None = "shop") -> str:
    """A pipeline, as far as it goes; the run."""
    return asyncio.run(run_pipeline(nova, name, {}, project=project)).run


def set_back(nova: Nova, run: str, state: RunState) -> None:
    """The rows of a run as a process leaves them that is killed in its middle, or before its turn."""
    walking = WalkState.RUNNING if state is RunState.RUNNING else WalkState.QUEUED
    with nova.database.write() as connection:
        row = runs.the(connection, nova.everything, run)
        walk = walks.of_run(connection, nova.everything, run, nova.pipelines.blobs)
        assert walk is not None
        runs.save(connection, nova.everything, replace(row, state=state))
        held = replace(walk, state=walking, heartbeat_at=nova.clock(), parked_on=(), holder="somebody")
        walks.save(connection, nova.everything, held, nova.pipelines.blobs)


def needs(nova: Nova, project: str = "shop") -> tuple[Line, ...]:
    """What needs the owner in a project."""
    return brief(nova, project).lines(Part.NEEDS_YOU)


def test_a_review_that_waits_is_the_first_thing_that_needs_the_owner(nova: Nova, clock: Clock) -> None:
    """Its id, its question, how long it has waited, how it is answered; in the card and before all projects."""
    walked = asyncio.run(run_pipeline(nova, "ask", {}, project="shop"))
    clock.at += timedelta(days=3)
    (line,) = needs(nova)
    assert line.text.startswith("Review v")
    assert line.text.endswith("has waited for 3 days: Sell it?")
    assert "nova reviews approve v" in line.mark
    assert line.mark.endswith("ignored: Nothing is sold.")
    found = overview_of(nova)
    assert found.urgent == (("shop", line),)
    assert found.needs_you == 1
    told = overview_json(found)["urgent"]
    assert isinstance(told, list)
    assert isinstance(told[0], dict)
    assert told[0]["project"] == "shop"
    asyncio.run(answer_review(nova, walked, Answer.APPROVE))
    assert needs(nova) == ()


def test_a_run_of_no_project_needs_the_owner_too(nova: Nova) -> None:
    """A review of the home is told, though nothing else ever happened there."""
    ran(nova, "ask", project=None)
    assert [name for name, _ in overview_of(nova).urgent] == [HOME]


def test_a_failed_run_is_told_until_the_next_visit_is_over(nova: Nova, clock: Clock) -> None:
    """What failed, at which step, and how it is tried again; once it is older than what counts as new, no more."""
    run = ran(nova, "fail")
    (line,) = needs(nova)
    assert line.text.startswith("fail@1 failed: The step read failed:")
    assert line.mark == f"again: nova runs retry {run}"
    clock.at += timedelta(days=60)
    assert needs(nova) == ()


def test_a_run_that_was_cut_off_needs_the_owner_and_one_that_runs_does_not(nova: Nova, clock: Clock) -> None:
    """With a fresh sign of life it is at work; without one it was cut off, with the command that goes on with it."""
    run = ran(nova, "pause")
    assert brief(nova, "shop").lines(Part.AT_WORK) == ()  # it is parked and costs nothing
    set_back(nova, run, RunState.RUNNING)
    assert [line.text for line in brief(nova, "shop").lines(Part.AT_WORK)] == ["pause@1 has run for 0 seconds"]
    clock.at += timedelta(seconds=60)
    (line,) = needs(nova)
    assert line.text == "pause@1 was cut off"
    assert f"nova runs resume {run}" in line.mark
    assert overview_of(nova).at_work == ()


def test_what_is_queued_is_at_work_and_says_who_takes_it_up(nova: Nova) -> None:
    """A run that waits for its turn needs nobody but a worker."""
    set_back(nova, ran(nova, "pause"), RunState.QUEUED)
    ((project, line),) = overview_of(nova).at_work
    assert (project, line.text) == ("shop", "pause@1 has been queued for 0 seconds")
    assert "nova worker" in line.mark


def test_the_tool_tells_of_reviews_and_not_of_the_run_that_asks(nova: Nova, tmp_path: Path) -> None:
    """An agent learns what waits for the owner; the run it is a part of is no news to it."""
    ran(nova, "ask")
    asking = ran(nova, "pause")
    set_back(nova, asking, RunState.RUNNING)
    scope = Scope(own="shop", names=frozenset({"shop", HOME}))
    reach = Reach(
        root=tmp_path / "shop", project="shop", scope=scope, memory=nova.memory, now=nova.clock, run=asking
    )  # fmt: skip
    told = asyncio.run(call(nova.desk.tools["project_brief"], json.dumps({"part": "left-off"}), reach)).text()
    assert "waits for the owner, 2026-11-19: Review v" in told
    assert "pause@1" not in told
    without = asyncio.run(
        call(nova.desk.tools["project_brief"], json.dumps({"part": "left-off"}), replace(reach, run=""))
    )
    assert "at work now, 2026-11-19: pause@1" in without.text()
