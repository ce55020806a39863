"""Triggers at a terminal and in a whole Nova: shown, reported, served by a real worker; an idle day asks no model."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.conftest import Clock
from tests.integration.terminal import Terminal

from nova.app.house import Nova
from nova.app.why import reason_of
from nova.core.degradations import DegradationKind
from nova.core.events import Degraded
from nova.core.labels import Scope
from nova.core.outcomes import Done
from nova.core.requests import Principal
from nova.pipelines.triggers import Desk, Order, Triggers
from nova.store import ledger, runs, slots
from nova.store.database import Connection
from nova.testing.house import a_home, a_nova
from nova.testing.pipelines import run_pipeline
from nova.testing.scripted import ScriptedModel

DEPLOYED = """\
id: after-deploy
version: 1
description: Asks what to tell after a deploy.
inputs: {ref: {type: string}}
outputs: {said: "${ask.output.answer}"}
triggers:
  - {id: nightly, schedule: "30 2 * * mon-fri", zone: Europe/Berlin, with: {ref: main}}
  - {id: hook, event: webhook, where: {name: deployed}, with: {ref: "${event.ref}"}}
nodes:
  ask: {review: "Tell about ${inputs.ref}?", if_ignored: Nothing is told.}
"""


@pytest.fixture
def at(tmp_path: Path) -> Terminal:
    """A home with one project and a pipeline with two triggers."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "README.md").write_text("# Shop\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    home = a_home(tmp_path / "home", projects={"shop": ("parts-shop", folder)})
    (home.root / "pipelines").mkdir()
    (home.root / "pipelines" / "after-deploy.yaml").write_text(DEPLOYED, encoding="utf-8")
    return Terminal(tmp_path, folder)


def test_triggers_are_shown_with_what_comes_next(at: Terminal) -> None:
    """Each trigger in words, with its next times; with --json the same for scripts; an unknown pipeline is named."""
    shown = at.nova("triggers", "after-deploy")
    assert shown.code == 0, shown.err
    assert "after-deploy/nightly  every weekday at 02:30 Europe/Berlin" in shown.out
    assert "after-deploy/hook  when webhook, name deployed" in shown.out
    assert "next" in shown.out
    first, hook = at.nova("triggers", "after-deploy", "--json").values
    assert (first["schedule"], first["zone"], first["last"]) == ("30 2 * * mon-fri", "Europe/Berlin", [])
    ahead = first["next"]
    assert isinstance(ahead, list)
    assert [datetime.fromisoformat(str(one)) > datetime.now(UTC) for one in ahead] == [True] * 3
    assert hook["next"] == []
    every = at.nova("triggers", "--json").values
    assert {"after-deploy", "morning-briefing"} <= {str(one["pipeline"]) for one in every}
    unknown = at.nova("triggers", "after-deplyo")
    assert (unknown.code, unknown.clean) == (2, True)
    assert "after-deploy" in unknown.err


@pytest.mark.parametrize("data", ["[1]", '{"a": NaN}', '{"a": "\\ud800"}', "{" * 120_000])
def test_what_is_no_object_is_refused(at: Terminal, data: str) -> None:
    """Data that is not a JSON object is a sentence and the exit code of bad input, and nothing is written."""
    shown = at.nova("emit", "deployed", "--data", data)
    assert (shown.code, shown.clean) == (2, True), shown.err
    assert "Data" in shown.err or "data" in shown.err


def test_a_reported_event_starts_its_pipeline_once_with_a_real_worker(at: Terminal) -> None:
    """`nova emit` twice with one id, before and while a worker runs: one run, which waits for its person."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "nova", "worker"], env={**os.environ, "NOVA_HOME": str(at.home)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, cwd=at.at,
    )  # fmt: skip
    try:
        wait_for(lambda: counted(at, "cursors", "name LIKE 'trigger:after-deploy/%'") > 0)
        for new in (True, False):
            told = at.nova("emit", "deployed", "-p", "shop", "--data", '{"ref": "v7"}', "--id", "d1", "--json")
            assert (told.code, told.value["new"]) == (0, new), told.err
        wait_for(lambda: counted(at, "reviews", "answer = ''") > 0)
        time.sleep(2.5)  # two more looks
        (review,) = at.nova("reviews", "--json").values
        assert review["question"] == "Tell about v7?"
    finally:
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=30)
    assert worker.returncode == 0, said
    (hook,) = [one for one in at.nova("triggers", "after-deploy", "--json").values if one["trigger"] == "hook"]
    assert isinstance(hook["last"], list)
    (last,) = hook["last"]
    assert isinstance(last, dict)
    assert (last["state"], last["run"]) == ("fired", review["run"])
    assert "fired" in at.nova("triggers", "after-deploy").out
    assert b"Traceback" not in said


def counted(at: Terminal, table: str, which: str) -> int:
    """Rows of the home's database, as far as it is there."""
    try:
        with sqlite3.connect(f"file:{at.home / '.nova' / 'nova.db'}?mode=ro", uri=True) as raw:
            return int(raw.execute(f"SELECT count(*) FROM {table} WHERE {which}").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def wait_for(holds: object, seconds: float = 60.0) -> None:
    """Looks until it holds, for a minute at most."""
    assert callable(holds)
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come to hold"
        time.sleep(0.2)


def committed(folder: Path, message: str, at: str) -> None:
    """One commit of what is there, made at this time; the repository is begun when there is none."""
    dated = {**os.environ, "GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    git = ["git", "-C", str(folder), "-c", "user.name=Ines", "-c", "user.email=ines@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "--allow-empty", "-m", message]):
        subprocess.run([*git, *words], check=True, env=dated)


SHORT = """\
id: look-back
version: 1
description: Waits for nothing, and says so.
outputs: {waited: "${pause.output.waited_seconds}"}
triggers:
  - {id: mornings, schedule: "0 7 * * *", zone: Europe/Berlin}
nodes:
  pause: {wait: 0}
"""


async def test_a_missed_morning_is_said_by_the_next_run(tmp_path: Path) -> None:
    """It stands in the outcome, in the record and in what `nova why` tells; the run after that has nothing to say."""
    home = a_home(tmp_path / "home")
    (home.root / "pipelines").mkdir()
    (home.root / "pipelines" / "look-back.yaml").write_text(SHORT, encoding="utf-8")
    clock = Clock(datetime(2026, 11, 18, 12, 0, tzinfo=UTC))
    nova = a_nova(home, clock=clock)
    await triggers_of(nova, clock).tick()
    clock.forward(days=1)
    await triggers_of(nova, clock).tick()
    first = await run_pipeline(nova, "look-back", {})
    assert isinstance(first.outcome, Done)
    (said,) = first.outcome.degradations
    assert said.kind is DegradationKind.SCHEDULE_MISSED
    assert "look-back was due at 2026-11-19 06:00 UTC by its schedule mornings" in said.what
    reason = reason_of(nova, first.run)
    assert "schedule-missed" in [one.happening.degradation for one in reason.events
                                 if isinstance(one.happening, Degraded)]  # fmt: skip
    clock.forward(seconds=1)
    second = await run_pipeline(nova, "look-back", {})
    nova.close()
    assert isinstance(second.outcome, Done)
    assert second.outcome.degradations == ()
    at = Terminal(tmp_path, tmp_path)
    assert "2026-11-19 06:00 UTC by its schedule mornings" in at.nova("why", first.run).out
    assert "missed    Thu 2026-11-19 07:00" in at.nova("triggers", "look-back").out


def triggers_of(nova: Nova, clock: Clock) -> Triggers:
    """A worker's watch over a home's triggers: runs are begun and left in their queue."""

    async def start(order: Order) -> str:
        pipelines = nova.pipelines
        begun = pipelines.begin(
            pipelines.plan(order.pipeline), dict(order.inputs), project=order.project or None, run=order.run,
            principal=Principal.SCHEDULE, trigger=order.trigger, label=order.label,
        )  # fmt: skip
        return begun.id

    def wake(_connection: Connection, _scope: Scope, _waits_for: str) -> int:
        return 0

    plans = [plan for plan in nova.pipelines.library.plans.values() if plan.triggers]
    return Triggers(
        Desk(
            database=nova.database, plans=lambda: plans, projects=lambda: nova.projects, check=nova.pipelines.check,
            start=start, wake=wake, clock=clock,
        )
    )  # fmt: skip


async def test_an_idle_day_makes_no_model_call(tmp_path: Path) -> None:
    """While nothing happens, the shipped schedules begin no run and ask no model; after a commit they begin one.

    Four days with a Friday: every check finds nothing. Then the Monday after a commit.
    """
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "README.md").write_text("# Shop\n", encoding="utf-8")
    committed(folder, "Begin the shop", "2026-10-01T10:00:00Z")
    clock = Clock(datetime(2026, 11, 17, 0, 0, tzinfo=UTC))
    model = ScriptedModel()
    nova = a_nova(a_home(tmp_path / "home", projects={"shop": ("parts-shop", folder)}), scripted=model, clock=clock)

    triggers = triggers_of(nova, clock)
    end = clock() + timedelta(days=4)
    while clock() < end:
        await triggers.tick()
        clock.forward(minutes=5)
    with nova.database.read() as connection:
        found = slots.latest(connection, nova.everything, count_max=100)
        assert {slot.state.value for slot in found} == {"idle"}, [slot.why for slot in found]
        assert len(found) >= 5, "four mornings and a Friday afternoon"
        assert runs.latest(connection, nova.everything) == []
        assert ledger.calls_since(connection, nova.everything, datetime(2026, 1, 1, tzinfo=UTC)) == 0
    clock.at = datetime(2026, 11, 23, 5, 55, tzinfo=UTC)
    committed(folder, "The deposit is 40 percent now", "2026-11-22T21:00:00Z")
    clock.forward(minutes=6)
    await triggers.tick()
    with nova.database.read() as connection:
        newest = slots.latest(connection, nova.everything, count_max=1)
        (begun,) = runs.latest(connection, nova.everything)
    assert (newest[0].state.value, newest[0].run) == ("fired", begun.id)
    nova.close()
