"""The tools `pipelines_list` and `runs_look`: which pipelines there are, and what their runs do. Only look.

Knows what a person asks about a run: where it is, what it waits for, whether it is alive; refuses to change one. Runs
of scopes that the caller may not read are as if they were not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import Field

from nova.app.pipeline_told import review_lines
from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.core.plans import Plan, Trigger
from nova.core.runs import Run
from nova.core.steps import SETTLED, Step, StepState, Walk
from nova.core.text import shorten
from nova.pipelines.schedule import Schedule, upcoming, words
from nova.policy.gate import Effect
from nova.store import reviews, runs, signs, steps, walks
from nova.store.database import Connection
from nova.tools.spec import Arguments, Data, Reach, ResultLine, Tool, ToolResult, reading, result

if TYPE_CHECKING:
    from nova.app.pipelines import Pipelines

RUNS_MAX, LOOKED_AT_MAX, STEPS_MAX = 10, 100, 40
Shelves = Callable[[], "Pipelines"]
_WORD = re.compile(r"[^\W_]{3,}")
_COMMON = frozenset(
    ["the", "and", "all", "any", "run", "runs", "pipeline", "pipelines", "which", "what", "did", "does", "have",
     "status", "last", "job", "jobs"]
)  # fmt: skip


class PipelinesList(Arguments):
    """Arguments of pipelines_list."""

    query: str = Field(default="", description="Only pipelines with one of these words; empty: all.")


class RunsLook(Arguments):
    """Arguments of runs_look."""

    query: str = Field(default="", description="Only runs with one of these words: a pipeline, failed, waiting.")
    run: str = Field(default="", description="Only this run, with all its steps: its id or its beginning.")


class PipelineListed(Data):
    """One pipeline. starts: what starts it by itself, in words; next_at: when its schedules are due, UTC, ISO."""

    id: str
    version: int
    description: str
    inputs: list[str]
    starts: list[str]
    next_at: list[str]
    last_run: str
    last_state: str


class PipelinesListed(Data):
    """The pipelines, by their ids; problems: of files that cannot be used."""

    pipelines: list[PipelineListed]
    problems: list[str]


class RunLooked(Data):
    """One run of a pipeline. step: the one it is at, waits at, or failed at; seen_at: the last sign of life, ISO."""

    run: str
    pipeline: str
    state: str
    step: str
    waits_for: list[str]
    reviews: list[str]
    started_at: str
    seen_at: str
    why: str


class RunsLooked(Data):
    """The last runs of pipelines, newest first."""

    runs: list[RunLooked]


def looking_tools(shelves: Shelves) -> tuple[Tool, Tool]:
    """Both tools; `shelves` is asked when one is called."""
    listed = reading(
        "pipelines_list",
        "Lists the owner's stored pipelines: what each does, its inputs, which schedules and events start it and when "
        "next, and its last run.",
        PipelinesList, lambda given, reach: _list(given, reach, shelves()), output=PipelinesListed,
    )  # fmt: skip
    looked = reading(
        "runs_look",
        "Looks at the last runs of pipelines and scheduled jobs: state, the step where one is, waits or failed, the "
        "review it waits for, whether it is alive or stuck.",
        RunsLook, lambda given, reach: _look(given, reach, shelves()), output=RunsLooked,
    )  # fmt: skip
    return replace(listed, effect=Effect.RECALL), replace(looked, effect=Effect.RECALL)


def _list(given: PipelinesList, reach: Reach, pipelines: Pipelines) -> ToolResult:
    plans = pipelines.library.plans.values()
    chosen = [plan for plan in plans if _about(given.query, f"{plan.id} {plan.description}")] or list(plans)
    with pipelines.nova.database.read() as connection:
        found = [_listed(plan, _last(connection, plan, reach), reach.now()) for plan in chosen]
    problems = [str(one) for one in pipelines.problems]
    lines = [ResultLine(text=_shown(plan, one, reach.now())) for plan, one in zip(chosen, found, strict=True)]
    lines += [ResultLine(text=f"! {one}") for one in problems]
    noun = "pipeline" if len(found) == 1 else "pipelines"
    headline = f"{len(found)} {noun} that can be run: {', '.join(one.id for one in found) or 'none'}."
    return result(headline, lines, reach, data=PipelinesListed(pipelines=found, problems=problems))


def _last(connection: Connection, plan: Plan, reach: Reach) -> Run | None:
    found = walks.listed(connection, reach.scope, None, name=plan.id, count_max=1)
    return runs.by_id(connection, reach.scope, found[0].run) if found else None


def _listed(plan: Plan, last: Run | None, now: datetime) -> PipelineListed:
    ahead = [at.isoformat() for one in plan.triggers if one.cron for at in upcoming(Schedule(one.cron, one.zone), now)]
    return PipelineListed(
        id=plan.id, version=plan.version, description=plan.description, inputs=list(plan.inputs),
        starts=[_starts(one) for one in plan.triggers], next_at=ahead, last_run=last.id if last else "",
        last_state=last.state.value if last else "",
    )  # fmt: skip


def _starts(trigger: Trigger) -> str:
    where = f" in {trigger.project}" if trigger.project else ""
    only = f", if {trigger.check} finds something" if trigger.check else ""
    return (
        (words(Schedule(trigger.cron, trigger.zone)) if trigger.cron else f"when {trigger.event} happens")
        + where
        + only
    )


def _shown(plan: Plan, listed: PipelineListed, now: datetime) -> str:
    inputs = [name if "default" not in schema else f"{name} (optional)" for name, schema in plan.inputs.items()]
    ahead = [
        f"{at.astimezone(ZoneInfo(one.zone)):%a %Y-%m-%d %H:%M} {one.zone}"
        for one in plan.triggers if one.cron for at in upcoming(Schedule(one.cron, one.zone), now)
    ]  # fmt: skip
    parts = [
        f"{plan.id}: {shorten(plan.description, 130)}",
        f"Inputs: {', '.join(inputs) or 'none'}.",
        f"Starts {'; '.join(listed.starts)}, next {', '.join(ahead)}." if ahead else
        f"Starts {'; '.join(listed.starts)}." if listed.starts else "Nothing starts it by itself.",
        f"Last run {listed.last_run}: {listed.last_state}." if listed.last_run else "Never run here.",
    ]  # fmt: skip
    return " ".join(parts)


def _look(given: RunsLook, reach: Reach, pipelines: Pipelines) -> ToolResult:
    with pipelines.nova.database.read() as connection:
        chosen = _one(connection, given.run, reach, pipelines) if given.run else _several(connection, given, reach)
        found = [_looked(connection, walk, run, reach, pipelines) for walk, run in chosen]
        lines = [line for walk, run, one in zip(*zip(*chosen, strict=True), found, strict=True) for line in
                 _lines(connection, walk, run, one, bool(given.run), reach, pipelines)] if chosen else []  # fmt: skip
    noun = "run" if len(found) == 1 else "runs"
    headline = f"{len(found)} {noun} of pipelines, newest first." if found else "No run of a pipeline fits that."
    trusted = all(run.label.trusted for _, run in chosen)
    return result(headline, lines, reach, trusted=trusted, data=RunsLooked(runs=found))


def _one(connection: Connection, prefix: str, reach: Reach, pipelines: Pipelines) -> list[tuple[Walk, Run]]:
    found = runs.beginning_with(connection, reach.scope, prefix)
    walk = walks.of_run(connection, reach.scope, found[0].id, pipelines.blobs) if len(found) == 1 else None
    if walk is None:
        raise ToolFailed(
            f"There is no one run of a pipeline whose id begins with “{prefix[:40]}” here.", "See nova runs."
        )
    return [(walk, found[0])]


def _several(connection: Connection, given: RunsLook, reach: Reach) -> list[tuple[Walk, Run]]:
    listed = walks.listed(connection, reach.scope, None, count_max=LOOKED_AT_MAX)
    rows = [(walk, run) for walk in listed if (run := runs.by_id(connection, reach.scope, walk.run)) is not None]
    fitting = [(walk, run) for walk, run in rows if _about(given.query, f"{walk.name} {run.state.value}")]
    return (fitting or rows)[:RUNS_MAX]


def _looked(connection: Connection, walk: Walk, run: Run, reach: Reach, pipelines: Pipelines) -> RunLooked:
    at = [one for one in _steps(connection, walk, reach, pipelines) if one.state not in SETTLED]
    waiting = reviews.waiting(connection, reach.scope, pipelines.blobs, root=walk.root)
    seen = walk.heartbeat_at or signs.last_sign(connection, reach.scope, run.id) or run.last_at
    failed = next((one.what for one in at if one.state is StepState.FAILED), "")
    return RunLooked(
        run=run.id, pipeline=walk.name.partition("@")[0], state=run.state.value, step=", ".join(one.path for one in at),
        waits_for=list(walk.parked_on), reviews=[one.id for one in waiting], started_at=run.started_at.isoformat(),
        seen_at=seen.isoformat(), why=failed or walk.stop_why,
    )  # fmt: skip


def _steps(connection: Connection, walk: Walk, reach: Reach, pipelines: Pipelines) -> list[Step]:
    return list(steps.of_run(connection, reach.scope, walk.run, pipelines.blobs).values())


def _lines(
    connection: Connection, walk: Walk, run: Run, one: RunLooked, whole: bool, reach: Reach, pipelines: Pipelines
) -> Iterator[ResultLine]:
    at = f", at the step {one.step}" if one.step else ""
    waits = f", waits for {' and '.join(one.waits_for)}" if one.waits_for else ""
    why = f": {shorten(one.why, 200)}" if one.why else ""
    seen = datetime.fromisoformat(one.seen_at)
    text = f"{one.pipeline}: {one.state}{at}{waits}{why}. Started {run.started_at:%Y-%m-%d %H:%M} UTC"
    by = f", {shorten(walk.trigger, 80)}" if walk.trigger else ""
    yield ResultLine(
        text=f"{text}{by}, last sign of life {seen:%Y-%m-%d %H:%M:%S} UTC.", citation=Citation(path=run.id)
    )
    yield from review_lines(reviews.waiting(connection, reach.scope, pipelines.blobs, root=walk.root))
    for step in _steps(connection, walk, reach, pipelines)[:STEPS_MAX] if whole else ():
        tries = f", {step.attempt} tries" if step.attempt > 1 else ""
        yield ResultLine(
            text=f"step {step.path}: {step.state.value}, {step.seconds:.1f} s{tries} {shorten(step.what, 160)}".rstrip()
        )


def _about(query: str, text: str) -> bool:
    """Whether a text holds one of the telling words asked for; all texts do when there are none."""
    wanted = {word.casefold() for word in _WORD.findall(query)} - _COMMON
    return not wanted or any(word in text.casefold() for word in wanted)
