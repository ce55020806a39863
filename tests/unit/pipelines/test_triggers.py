"""Triggers: each slot and each event is served exactly once, by whoever comes first, and nothing passes in silence."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import event as happening
from tests.conftest import Clock
from tests.support.a_memory import a_memory, a_note

from nova.core.degradations import DegradationKind
from nova.core.errors import BadInput, StoreFull, ToolFailed
from nova.core.events import RunFinished, RunStarted
from nova.core.json import Json
from nova.core.labels import Label, Scope
from nova.core.outcomes import Done
from nova.core.plans import Plan, Trigger, TriggerKind
from nova.core.runs import Run, RunState, outcome_to_json
from nova.core.steps import Walk, WalkState
from nova.memory.notes import record
from nova.pipelines import occurrences as sources
from nova.pipelines import triggers
from nova.pipelines.triggers import Desk, Order, Triggers, missed_before
from nova.projects.definition import Project
from nova.settings.definition import Confidentiality
from nova.store import conversations, occurrences, slots, walks
from nova.store.database import Connection, Database, open_database
from nova.store.record import Record
from nova.store.slots import Slot, SlotState
from nova.store.values import Blobs

MORNING = Trigger(id="weekdays", kind=TriggerKind.SCHEDULE, cron="0 7 * * mon-fri", zone="Europe/Berlin")
THURSDAY = datetime(2026, 11, 19, 5, 59, 30, tzinfo=UTC)  # 06:59:30 in Berlin
OWNER = Scope.owner({"airep", "blog"})


def a_plan(name: str, *triggers: Trigger) -> Plan:
    """A pipeline with these triggers; what its nodes do is of no concern here."""
    return Plan(id=name, version=1, description="", inputs={}, outputs={}, nodes={}, triggers=triggers)


def a_project(name: str, repository: Path | None = None) -> Project:
    """A project with its own wall."""
    return Project(
        name=name, kind="general", scope=name, confidentiality=Confidentiality.INTERNAL, repository=repository,
        database=None, issues=repository / "issues" if repository else None, aliases=(), notes="", file="", version="",
    )  # fmt: skip


@dataclass
class House:
    """A database with what is started, checked and woken written down."""

    database: Database
    clock: Clock
    plans: Sequence[Plan]
    projects: Sequence[Project] = (a_project("airep"), a_project("blog"))
    count: int = 1
    checked: list[Trigger] = field(default_factory=list[Trigger])
    started: list[Order] = field(default_factory=list[Order])
    woken: list[str] = field(default_factory=list[str])
    refuse: Exception | None = None

    async def check(self, trigger: Trigger) -> int:
        """What a check finds."""
        self.checked.append(trigger)
        await asyncio.sleep(0)
        return self.count

    async def start(self, order: Order) -> str:
        """Starts nothing; an error that is to come first is raised."""
        if self.refuse is not None:
            error, self.refuse = self.refuse, None
            raise error
        self.started.append(order)
        return order.run

    def wake(self, connection: Connection, scope: Scope, waits_for: str) -> int:
        """Writes down who is woken."""
        assert connection.in_transaction()
        self.woken.append(f"{' '.join(sorted(scope.names))}: {waits_for}")
        return 0

    def worker(self) -> Triggers:
        """One more worker on this database."""
        return Triggers(
            Desk(
                database=self.database, plans=lambda: self.plans, projects=lambda: self.projects, check=self.check,
                start=self.start, wake=self.wake, clock=self.clock,
            )
        )  # fmt: skip

    def slots(self, **chosen: str) -> list[Slot]:
        """All slots, the first one due first."""
        with self.database.read() as connection:
            return slots.latest(connection, OWNER, count_max=1_000, **chosen)[::-1]  # pyright: ignore[reportArgumentType]

    def states(self) -> list[str]:
        """What became of them."""
        return [slot.state.value for slot in self.slots()]


@pytest.fixture
def clock() -> Clock:
    """A Thursday morning, half a minute before seven."""
    return Clock(THURSDAY)


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> House:
    """A house with one pipeline that is due every weekday."""
    return House(open_database(tmp_path / "nova.db"), clock, [a_plan("briefing", MORNING)])


async def test_a_schedule_starts_its_pipeline_once_at_its_time(house: House, clock: Clock) -> None:
    """Nothing before seven, one run at seven, none after it, and the next morning another one."""
    worker = house.worker()
    await worker.tick()
    assert house.slots() == []
    clock.forward(seconds=31)
    for _ in range(3):
        await worker.tick()
    (order,) = house.started
    assert order.pipeline == "briefing"
    assert order.trigger == "schedule briefing/weekdays 2026-11-19T06:00:00.000000+00:00"
    (slot,) = house.slots()
    assert (slot.state, slot.run, slot.due_at) == (SlotState.FIRED, order.run, datetime(2026, 11, 19, 6, tzinfo=UTC))
    clock.forward(days=1)
    await worker.tick()
    assert [one.run for one in house.slots()] == [one.run for one in house.started]
    assert len({one.run for one in house.started}) == 2


async def test_an_idle_day_starts_nothing(house: House, clock: Clock) -> None:
    """A check that finds nothing every quarter of an hour, for a whole day: 96 idle slots and not one run."""
    often = replace(MORNING, cron="*/15 * * * *", check="issues_list", check_given={"status": "open"})
    house.plans, house.count = [a_plan("fixer", often)], 0
    worker = house.worker()
    for _ in range(24 * 60):
        await worker.tick()
        clock.forward(minutes=1)
    assert house.states() == ["idle"] * 96
    assert house.slots()[0].why == "issues_list found nothing."
    assert len(house.checked) == 96
    assert house.checked[0].check_given == {"status": "open"}
    assert house.started == []


async def test_two_workers_serve_each_slot_once(tmp_path: Path, house: House, clock: Clock) -> None:
    """Whoever writes the row first serves it, in one process and in two that look at the same moment."""
    house.plans = [a_plan("briefing", replace(MORNING, cron="* * * * *"))]
    other = House(open_database(tmp_path / "nova.db"), clock, house.plans)
    workers = [house.worker(), other.worker()]
    await workers[0].tick()
    for minute in range(20):
        clock.forward(minutes=1)
        await asyncio.gather(
            *(asyncio.to_thread(asyncio.run, one.tick()) for one in (workers[::-1], workers)[minute % 2])
        )
    runs = [order.run for one in (house, other) for order in one.started]
    assert len(runs) == len(set(runs)) == 20
    assert house.states() == ["fired"] * 20


async def test_what_passed_while_no_worker_ran_is_shown_and_said(house: House, clock: Clock) -> None:
    """After a weekend without a worker the missed morning is a row, and the next run of the pipeline says so."""
    await house.worker().tick()
    clock.forward(days=1, hours=5)  # Friday noon: Thursday and Friday were due
    await house.worker().tick()
    assert house.states() == ["missed", "missed"]
    assert house.started == []
    with house.database.read() as connection:
        (said,) = missed_before(connection, OWNER, "briefing")
        assert missed_before(connection, OWNER, "other") == ()
    assert said.kind is DegradationKind.SCHEDULE_MISSED
    assert "2 times between 2026-11-19 06:00 and 2026-11-20 06:00 UTC by its schedule weekdays" in said.what
    a_walk(house.database, "r1", "briefing@1", at=clock())
    with house.database.read() as connection:
        assert missed_before(connection, OWNER, "briefing") == (), "one run says it; the next ones need not"


async def test_a_few_minutes_late_is_not_missed(house: House, clock: Clock) -> None:
    """The newest time within the grace is served, the older ones are missed."""
    house.plans = [a_plan("briefing", replace(MORNING, cron="*/5 * * * *"))]
    await house.worker().tick()
    clock.forward(minutes=14)
    await house.worker().tick()
    assert house.states() == ["missed", "missed", "fired"]


async def test_catching_up_serves_the_newest_missed_time(house: House, clock: Clock) -> None:
    """With catch_up the last morning is served five hours late and says so; the one before is missed."""
    house.plans = [a_plan("briefing", replace(MORNING, catch_up=True))]
    await house.worker().tick()
    clock.forward(days=1, hours=5)
    await house.worker().tick()
    assert house.states() == ["missed", "fired"]
    assert house.slots()[-1].why == "It was due at 2026-11-20 06:00 UTC and is served late."


async def test_a_new_or_changed_schedule_has_no_past(house: House, clock: Clock) -> None:
    """A schedule begins when it is first seen, and again when its line changes: nothing is made up for it."""
    await house.worker().tick()
    clock.forward(days=3)
    house.plans = [a_plan("briefing", replace(MORNING, cron="0 8 * * *"))]
    await house.worker().tick()
    assert house.slots() == []


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ToolFailed("The folder of issues is gone."), "The folder of issues is gone."),
        (BadInput("There is no input issue."), "There is no input issue."),
        (TimeoutError(), "did not end within 60 seconds"),
        (ZeroDivisionError(), "ZeroDivisionError"),
    ],
)
async def test_what_cannot_be_started_says_why_and_stops_no_other(
    house: House, clock: Clock, error: Exception, why: str
) -> None:
    """A trigger that fails is a failed row with its reason, and the one beside it is served all the same."""
    house.plans = [a_plan("briefing", MORNING), a_plan("digest", MORNING)]
    worker = house.worker()
    await worker.tick()
    house.refuse = error
    clock.forward(minutes=1)
    await worker.tick()
    (failed,) = [slot for slot in house.slots() if slot.state is SlotState.FAILED]
    assert why in failed.why
    assert len(house.started) == 1


async def test_a_check_that_hangs_holds_up_no_other(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tick goes on without it, the other trigger is served, and when its time is over it has failed, visibly."""
    monkeypatch.setattr(triggers, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(triggers, "CHECK_SECONDS_MAX", 0.3)
    house.plans = [a_plan("slow", replace(MORNING, check="hangs")), a_plan("briefing", MORNING)]

    async def check(trigger: Trigger) -> int:
        await asyncio.sleep(3600)
        return 1

    house.check = check  # pyright: ignore[reportAttributeAccessIssue]
    worker = house.worker()
    await worker.tick()
    clock.forward(minutes=1)
    await worker.tick()
    assert [order.pipeline for order in house.started] == ["briefing"]
    assert house.slots(pipeline="slow")[0].state is SlotState.TAKEN
    await asyncio.sleep(0.5)
    await worker.tick()
    (slow,) = house.slots(pipeline="slow")
    assert (slow.state, "did not end" in slow.why) == (SlotState.FAILED, True)


async def test_a_full_disk_leaves_the_slot_to_be_served_later(house: House, clock: Clock) -> None:
    """What the store refused is tried again when it can be written, as the same run."""
    worker = house.worker()
    await worker.tick()
    house.refuse = StoreFull("The disk is full.")
    clock.forward(minutes=1)
    with pytest.raises(StoreFull):
        await worker.tick()
    assert house.states() == ["taken"]
    clock.forward(minutes=4)
    await worker.tick()
    assert house.states() == ["fired"]
    assert [one.run for one in house.started] == [house.slots()[0].run]


def test_killed_at_any_moment_each_slot_is_served_in_the_end(tmp_path: Path) -> None:
    """A worker killed at any statement or commit of a tick: the next one starts every run that was due, each once."""
    after = THURSDAY + timedelta(minutes=1)
    hook = Trigger(id="hook", kind=TriggerKind.EVENT, event="webhook", given={"name": "${event.name}"})
    plans = [a_plan("briefing", MORNING), a_plan("deploy", hook)]

    def tick(folder: Path, clock: Clock, die_at: int) -> int:
        database = open_database(folder / "nova.db")
        house, moments = House(database, clock, plans), 0

        def moment(*_: object, **__: object) -> None:
            nonlocal moments
            moments += 1
            if moments == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

        async def start(order: Order) -> str:
            moment()
            with (folder / "started").open("a") as file:
                file.write(order.run + "\n")
            moment()
            return order.run

        house.start = start  # pyright: ignore[reportAttributeAccessIssue]
        happening.listen(database.engine, "before_cursor_execute", moment)
        happening.listen(database.engine, "commit", moment)
        asyncio.run(house.worker().tick())
        database.close()
        return moments

    def prepared(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        clock = Clock(THURSDAY)
        tick(folder, clock, 0)
        database = open_database(folder / "nova.db")
        sources.emit(database, "deployed", {"ref": "main"}, project=None, now=after, identity="1")
        database.close()
        return folder

    moments = tick(prepared("whole"), Clock(after), 0)
    assert moments > 20
    expected = set((tmp_path / "whole" / "started").read_text().split())
    assert len(expected) == 2
    for die_at in range(1, moments + 1):
        folder = prepared(str(die_at))
        child = os.fork()
        if child == 0:
            tick(folder, Clock(after), die_at)
            os._exit(0)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
        for later in (timedelta(seconds=2), timedelta(minutes=4)):
            tick(folder, Clock(after + later), 0)
        assert set((folder / "started").read_text().split()) == expected, f"killed at moment {die_at}"
        database = open_database(folder / "nova.db")
        with database.read() as connection:
            found = slots.latest(connection, OWNER)
            assert occurrences.unhandled(connection, OWNER) == []
        database.close()
        assert {slot.state for slot in found} == {SlotState.FIRED}


def a_run(database: Database, run: str, clock: Callable[[], datetime], scope: str = "airep", parent: str = "") -> None:
    """A question that was asked and answered."""
    begun = Run(
        id=run, conversation="c" + run, request="?", principal="owner", scope=scope, project=scope,
        label=Label(scopes=frozenset({scope})), state=RunState.RUNNING, started_at=clock(), last_at=clock(),
        agents=("decisions",), parent=parent,
    )  # fmt: skip
    with database.write() as connection:
        conversations.start(connection, Scope.of(scope), begun.conversation, clock(), project="", title="")
    book = Record(database, Scope.of(scope), begun, now=clock)
    book.begin(RunStarted(request="?", principal="owner"))
    outcome = Done(text="!")
    ended = replace(begun, state=RunState.DONE, outcome=outcome, ended_at=clock())
    book.save(ended, RunFinished(state="done", outcome=outcome_to_json(outcome)))


def a_walk(database: Database, run: str, name: str, *, at: datetime, trigger: str = "", scope: str = "airep") -> None:
    """A pipeline that was run and has ended."""
    a_run(database, run, lambda: at, scope)
    walk = Walk(
        run=run, root=run, scope=scope, label=Label(scopes=frozenset({scope})), plan="", name=name, inputs={},
        state=WalkState.ENDED, trigger=trigger, created_at=at, ended_at=at,
    )  # fmt: skip
    with database.write() as connection:
        walks.begin(connection, Scope.of(scope), walk, Blobs(Path("/nonexistent")))


def on(event: str, **more: object) -> Trigger:
    """A trigger that listens to an event."""
    return replace(Trigger(id="on", kind=TriggerKind.EVENT, event=event), **more)  # pyright: ignore[reportArgumentType]


async def test_a_run_that_ends_starts_what_listens_to_it_once(house: House, clock: Clock) -> None:
    """What ended before anybody listened starts nothing; what ends afterwards starts one run, its parts none."""
    house.plans = [a_plan("digest", on("run-ended", where={"agents": ["decisions"]}, given={"run": "${event.run}"}))]
    a_run(house.database, "r1", clock)
    worker = house.worker()
    await worker.tick()
    clock.forward(seconds=30)
    a_run(house.database, "r2", clock)
    a_run(house.database, "r3", clock, parent="r2")
    for _ in range(3):
        await worker.tick()
        clock.forward(seconds=1)
    (order,) = house.started
    assert order.inputs == {"run": "r2"}
    assert (order.project, order.label) == ("airep", Label(scopes=frozenset({"airep"})))
    assert order.trigger.startswith("event digest/on o")


async def test_many_runs_that_end_at_once_are_all_seen(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More ends than one look takes are seen by the next looks; none is lost and none comes twice."""
    monkeypatch.setattr(sources, "BATCH", 5)
    house.plans = [a_plan("digest", on("run-ended", given={"run": "${event.run}"}))]
    worker = house.worker()
    await worker.tick()
    for number in range(23):
        clock.forward(seconds=0.01)
        a_run(house.database, f"r{number:02}", clock)
    for _ in range(12):
        await worker.tick()
    assert sorted(str(one.inputs["run"]) for one in house.started) == [f"r{number:02}" for number in range(23)]


async def test_a_note_starts_what_listens_to_its_kind(tmp_path: Path, clock: Clock) -> None:
    """Recorded notes are events with their words; `where` chooses, and another project's note starts nothing here."""
    memory = a_memory(tmp_path, now=clock)
    listening = on("note-recorded", where={"kind": "fact"}, given={"words": "Noted: ${event.text}"}, project="airep")
    house = House(memory.database, clock, [a_plan("digest", listening)])
    worker = house.worker()
    await worker.tick()
    clock.forward(seconds=5)
    record(memory, Scope.of("airep"), [a_note("The gate closes at 18:00.", at=clock())], by="test")
    record(memory, Scope.of("blog"), [a_note("The draft is late.", scope="blog", at=clock())], by="test")
    await worker.tick()
    await worker.tick()
    assert [one.inputs for one in house.started] == [{"words": "Noted: The gate closes at 18:00."}]


async def test_an_issue_that_appears_in_the_folder_is_an_event(tmp_path: Path, clock: Clock) -> None:
    """Issues that are there at the first look are no news; a new open one is, once, with its number and not trusted."""
    folder = tmp_path / "airep" / "issues"
    folder.mkdir(parents=True)
    (folder / "001-old.md").write_text("---\nstatus: open\n---\n# Old\n", encoding="utf-8")
    listening = on("issue-opened", where={"project": "airep"}, given={"issue": "${event.number}"})
    house = House(open_database(tmp_path / "nova.db"), clock, [a_plan("issue-to-fix", listening)])
    house.projects = [a_project("airep", tmp_path / "airep"), a_project("blog")]
    worker = house.worker()
    await worker.tick()
    clock.forward(seconds=1)
    (folder / "002-new.md").write_text("---\nstatus: open\n---\n# Rounding\n", encoding="utf-8")
    (folder / "003-done.md").write_text("---\nstatus: closed\n---\n# Done\n", encoding="utf-8")
    await worker.tick()
    assert house.started == [], "the folder is looked at once a minute"
    for _ in range(3):
        clock.forward(seconds=61)
        await worker.tick()
    (order,) = house.started
    assert order.inputs == {"issue": 2}
    assert order.project == "airep"
    assert not order.label.trusted


async def test_a_webhook_is_taken_once_by_its_identity(house: House, clock: Clock) -> None:
    """The same report twice is one event; its fields choose the trigger, and a field that is not there is said."""
    deployed = on("webhook", where={"name": "deployed", "ref.branch": ["main", "next"]}, given={"who": "${event.by}"})
    house.plans = [a_plan("notes", deployed)]
    worker = house.worker()
    await worker.tick()
    clock.forward(seconds=1)
    reported: list[tuple[str, dict[str, Json]]] = [
        ("1", {"ref": {"branch": "main"}, "by": "ci"}),
        ("1", {"ref": {"branch": "main"}, "by": "ci"}),
        ("2", {"ref": {"branch": "old"}, "by": "ci"}),
        ("3", {"ref": {"branch": "next"}}),
    ]
    took = [
        sources.emit(house.database, "deployed", data, project=None, now=clock(), identity=identity)
        for identity, data in reported
    ]
    assert took == [True, False, True, True]
    await worker.tick()
    assert [one.inputs for one in house.started] == [{"who": "ci"}]
    (failed,) = [slot for slot in house.slots() if slot.state is SlotState.FAILED]
    assert "${event.by}" in failed.why
    assert "at, event, id, name, project, ref" in failed.why


async def test_a_pipeline_does_not_set_itself_off(house: House, clock: Clock) -> None:
    """One that listens to its own end is refused with the circle drawn, directly and through another one."""
    house.plans = [a_plan("one", on("pipeline-ended")), a_plan("two", on("pipeline-ended", where={"pipeline": "one"}))]
    worker = house.worker()
    await worker.tick()
    clock.forward(seconds=1)
    a_walk(house.database, "r1", "one@1", at=clock())
    await worker.tick()
    (two,) = house.started
    assert two.pipeline == "two"
    clock.forward(seconds=1)
    a_walk(house.database, two.run, "two@3", at=clock(), trigger=two.trigger)
    await worker.tick()
    assert len(house.started) == 1
    why = [slot.why for slot in house.slots(pipeline="one")]
    assert why == [
        "It would go round in a circle: one -> one.",
        "It would go round in a circle: one -> two -> one.",
    ]


async def test_a_chain_of_pipelines_has_an_end(house: House, clock: Clock) -> None:
    """Different pipelines may set one another off five times in a row; the sixth is refused and says how it came."""
    names = [f"p{number}" for number in range(8)]
    house.plans = [a_plan(later, on("pipeline-ended", where={"pipeline": before})) for before, later in pairwise(names)]
    worker = house.worker()
    await worker.tick()
    clock.forward(seconds=1)
    a_walk(house.database, "r0", "p0@1", at=clock())
    for _ in range(8):
        before = len(house.started)
        await worker.tick()
        if len(house.started) == before:
            break
        clock.forward(seconds=1)
        last = house.started[-1]
        a_walk(house.database, last.run, f"{last.pipeline}@1", at=clock(), trigger=last.trigger)
    assert [order.pipeline for order in house.started] == ["p1", "p2", "p3", "p4"]
    assert (
        house.slots(pipeline="p5")[0].why == "5 pipelines have set one another off already: p0 -> p1 -> p2 -> p3 -> p4."
    )


async def test_runs_that_wait_are_woken_by_the_same_events(house: House, clock: Clock) -> None:
    """Each event wakes, once, who waits for it behind the same wall; one of the home wakes everybody."""
    await house.worker().tick()
    airep = house.projects[0]
    sources.emit(house.database, "deployed", {}, project=airep, now=clock(), identity="1")
    await house.worker().tick()
    await house.worker().tick()
    assert house.woken == ["airep: event webhook"]
    sources.emit(house.database, "deployed", {}, project=None, now=clock(), identity="1")
    await house.worker().tick()
    assert house.woken[1:] == ["airep blog home: event webhook"]
    with house.database.read() as connection:
        one, _ = occurrences.since(connection, OWNER, "webhook", THURSDAY)
    assert one.handled_at is not None
    assert one.data == {"name": "deployed"}
