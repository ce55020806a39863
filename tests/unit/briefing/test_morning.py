"""All projects at once: what waits, what was missed, what was decided; from a project only that one, and read only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.tools.places import commit

from nova.app.house import Nova
from nova.briefing.decided import DecisionsFound
from nova.briefing.morning import Morning, News
from nova.briefing.owners_view import since_of
from nova.core.errors import ToolFailed
from nova.core.labels import HOME, Label, Scope
from nova.core.outcomes import Done
from nova.core.requests import Principal
from nova.pipelines.triggers import Desk, Order, Triggers
from nova.policy.gate import Effect
from nova.store import slots
from nova.store.database import Connection
from nova.store.slots import Slot, SlotState
from nova.testing.house import a_home, a_nova
from nova.testing.pipelines import run_pipeline
from nova.testing.scripted import ScriptedModel
from nova.tools.registry import call
from nova.tools.spec import Data, Reach

NOW = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)  # a Thursday
RECORD = "# 0001 Use one table\n\nStatus: accepted\nDate: {day}\n\n## Decision\n\nOne table for all.\n"


@pytest.fixture
def nova(tmp_path: Path) -> Iterator[Nova]:
    """Two projects, one with a commit of yesterday and a decision record, one that rests since September."""
    shop, attic = tmp_path / "shop", tmp_path / "attic"
    shop.mkdir()
    attic.mkdir()
    commit(attic, "Sweep", {"a.txt": "1"}, day="2026-09-01")
    commit(shop, "Open", {"a.txt": "1"}, day="2026-10-01")
    commit(shop, "Sell", {"docs/decisions/0001-table.md": RECORD.format(day="2026-11-18")}, day="2026-11-18")
    home = a_home(tmp_path / "home", projects={"shop": ("general", shop), "attic": ("general", attic)})
    one = a_nova(home, clock=lambda: NOW)
    yield one
    one.close()


def asked(nova: Nova, tool: str, inside: str = HOME, **arguments: str | int) -> Data:
    """The typed fields of a call from the home, or from inside a project."""
    scope = Scope(own=inside, names=frozenset({inside, HOME}))
    name = "" if inside == HOME else inside
    reach = Reach(root=Path("/nonexistent"), project=name, scope=scope, memory=nova.memory, now=nova.clock)
    found = asyncio.run(call(nova.desk.tools[tool], json.dumps(arguments), reach)).data
    assert found is not None
    return found


def test_what_waits_and_what_was_missed_comes_first(nova: Nova) -> None:
    """A waiting review, a missed and a failed slot are news of their own, told before the projects."""
    folder = nova.home.root / "pipelines"
    folder.mkdir()
    (folder / "ask.yaml").write_text(
        "id: ask\nversion: 1\ndescription: Asks.\noutputs: {}\nnodes:\n  ask: {review: Sell it?}\n", encoding="utf-8"
    )
    asyncio.run(run_pipeline(nova, "ask", {}, project="shop"))
    label, scope = Label(scopes=frozenset({HOME})), Scope.of(HOME)
    with nova.database.write() as connection:
        for hours, state in ((1, SlotState.MISSED), (3, SlotState.FAILED), (5, SlotState.IDLE), (99, SlotState.MISSED)):
            due = NOW - timedelta(hours=hours)
            slot = Slot(
                pipeline="digest",
                trigger="t",
                due_at=due,
                scope=HOME,
                label=label,
                state=state,
                at=NOW,
                why="no worker",
            )
            slots.take(connection, scope, slot)
    morning = asked(nova, "projects_brief")
    assert isinstance(morning, Morning)
    assert [(one.project, one.question) for one in morning.reviews] == [("shop", "Sell it?")]
    assert [one.due for one in morning.missed] == ["2026-11-19T07:00+00:00", "2026-11-19T05:00+00:00"]
    text = morning.briefing
    assert (
        text.index("## Waits for you") < text.index("(shop): Sell it?") < text.index("## shop") < text.index("## attic")
    )
    news = asked(nova, "projects_news")
    assert isinstance(news, News)
    assert news.news == 4  # a commit of yesterday, a review, two slots


def test_a_home_without_projects_is_told_how_to_add_one(tmp_path: Path) -> None:
    """No project: the page says so with the command; the check of the schedule finds nothing."""
    one = a_nova(a_home(tmp_path / "home"), clock=lambda: NOW)
    try:
        with pytest.raises(ToolFailed, match="no project yet"):
            asked(one, "projects_brief")
        news = asked(one, "projects_news")
        assert isinstance(news, News)
        assert news.news == 0
    finally:
        one.close()


def test_a_decision_record_counts_before_any_note_is_made_of_it(nova: Nova) -> None:
    """A record of this week is a decision of this week, at its line, even where the memory does not know it yet."""
    found = asked(nova, "decisions_since")
    assert isinstance(found, DecisionsFound)
    assert [(one.project, one.day, one.places) for one in found.decided] == [
        ("shop", "2026-11-18", ["docs/decisions/0001-table.md:8"])
    ]
    assert "One table for all" in found.digest
    older = asked(nova, "decisions_since", days=1, project="attic")
    assert isinstance(older, DecisionsFound)
    assert older.digest == "# Decisions since 2026-11-18\n\nNothing was decided and nothing taken back.\n"


def test_from_a_project_only_that_project_is_seen(nova: Nova) -> None:
    """Behind a project's wall the same tools tell of it alone; another one is not found by name."""
    morning = asked(nova, "projects_brief", inside="attic")
    assert isinstance(morning, Morning)
    assert [one.project for one in morning.projects] == ["attic"]
    scope = Scope(own="attic", names=frozenset({"attic", HOME}))
    reach = Reach(root=Path("/nonexistent"), project="attic", scope=scope, memory=nova.memory, now=nova.clock)
    with pytest.raises(ToolFailed, match="no project “shop” in reach"):
        asyncio.run(call(nova.desk.tools["decisions_since"], json.dumps({"project": "shop"}), reach))


def test_what_they_give_is_labelled_with_every_project(nova: Nova) -> None:
    """The label names all scopes that went in, so that it cannot pass for the home's own; and nothing is written."""
    scope = Scope(own=HOME, names=frozenset({HOME}))
    reach = Reach(root=Path("/nonexistent"), project="", scope=scope, memory=nova.memory, now=nova.clock)
    for name in ("projects_brief", "projects_news", "decisions_since"):
        tool = nova.desk.tools[name]
        assert tool.effect is Effect.RECALL
        assert asyncio.run(call(tool, "{}", reach)).label.scopes == {HOME, "shop", "attic"}


def test_news_go_back_to_the_last_working_day() -> None:
    """On a Monday to Friday, else a day; a day that is written is taken as it is written."""
    monday = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)
    assert since_of("", monday) == datetime(2026, 11, 13, 7, 0, tzinfo=UTC)
    assert since_of("", NOW) == NOW - timedelta(days=1)
    assert since_of("2026-11-01", NOW) == datetime(2026, 11, 1, tzinfo=UTC)
    with pytest.raises(ToolFailed):
        since_of("some day", NOW)


class _Clock:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def _nobody_waits(_connection: Connection, _scope: Scope, _for: str) -> int:
    return 0


def test_the_schedule_runs_on_a_day_with_news_and_asks_no_model(tmp_path: Path) -> None:
    """At seven in Berlin: nothing new is an idle slot and no run; a new commit is a run, and no model is asked."""
    shop = tmp_path / "shop"
    shop.mkdir()
    commit(shop, "Open", {"a.txt": "1"}, day="2026-09-01")
    clock = _Clock(datetime(2026, 11, 25, 5, 0, tzinfo=UTC))
    home = a_home(tmp_path / "home", projects={"shop": ("general", shop)})
    orders: list[Order] = []
    with ScriptedModel() as model:
        nova = a_nova(home, scripted=model, clock=clock)

        async def start(order: Order) -> str:
            orders.append(order)
            pipelines = nova.pipelines
            plan = pipelines.plan(order.pipeline)
            begun = pipelines.begin(
                plan, dict(order.inputs), principal=Principal.SCHEDULE, trigger=order.trigger, run=order.run,
                label=order.label,
            )  # fmt: skip
            ran = await pipelines.walk(begun.id, 1)
            assert isinstance(ran.outcome, Done)
            return begun.id

        desk = Desk(
            database=nova.database, plans=lambda: (nova.pipelines.plan("morning-briefing"),),
            projects=lambda: nova.projects, check=nova.pipelines.check, start=start, wake=_nobody_waits, clock=clock,
        )  # fmt: skip
        triggers = Triggers(desk)
        for at in ("2026-11-25T05:00", "2026-11-25T06:00:30"):
            clock.now = datetime.fromisoformat(f"{at}+00:00")
            asyncio.run(triggers.tick())
        assert orders == []
        commit(shop, "Sell brushes", {"a.txt": "2"}, day="2026-11-25")
        clock.now = datetime(2026, 11, 26, 6, 0, 30, tzinfo=UTC)
        asyncio.run(triggers.tick())
        with nova.database.read() as connection:
            found = slots.latest(connection, nova.everything, pipeline="morning-briefing")
        nova.close()
    assert [one.pipeline for one in orders] == ["morning-briefing"]
    assert [one.state for one in found] == [SlotState.FIRED, SlotState.IDLE]
    assert model.asked == []
