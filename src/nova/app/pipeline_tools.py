"""The tool `pipelines_start`: an agent begins a run of the owner's pipeline, and says what became of it.

The run is a root of its own, as if the owner had begun it: durable, with its own limits, each step judged for itself.
Knows how far to wait; refuses to know what a pipeline does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import Field, JsonValue

from nova.app.pipeline_told import PipelineStarted, told
from nova.core.errors import BadInput, NotReady, Superseded, ToolFailed, Unknown
from nova.core.ids import id_of
from nova.core.json import Json
from nova.core.labels import Label
from nova.core.plans import Plan
from nova.core.requests import Principal
from nova.core.runs import Run
from nova.core.steps import WalkState
from nova.pipelines.circles import refused_start, started_by
from nova.pipelines.spoken import inputs_in, start_wish
from nova.policy.gate import Effect
from nova.store import runs
from nova.store.database import Connection
from nova.tools.spec import Arguments, Reach, Tool, ToolResult, as_given

if TYPE_CHECKING:
    from nova.app.pipelines import Pipelines
    from nova.pipelines.engine import Client
    from nova.pipelines.starting import Enqueue

SECONDS_MAX = 600.0
HERE_SECONDS_MAX = SECONDS_MAX - 10.0
QUEUED_SECONDS_MAX, LOOK_SECONDS = 60.0, 0.2
AT_REST = frozenset({WalkState.PARKED, WalkState.ENDED})
Shelves = Callable[[], "Pipelines"]


class PipelinesStart(Arguments):
    """Arguments of pipelines_start."""

    pipeline: str = Field(description="The pipeline's id, as pipelines_list names it.")
    inputs: dict[str, JsonValue] = Field(
        default_factory=dict[str, JsonValue], description="Its inputs by name. Left out: what the owner said, defaults."
    )


def start_tool(shelves: Shelves) -> Tool:
    """The tool; `shelves` is asked when it is called."""

    async def run(given: Arguments, reach: Reach) -> ToolResult:
        return await _start(as_given(PipelinesStart, given), reach, shelves())

    return Tool(
        name="pipelines_start",
        description="Starts a run of one of the owner's stored pipelines now, and says how it ended or what it waits "
        "for. Only when the owner wants it started.",
        arguments=PipelinesStart, effect=Effect.START, run=run, output=PipelineStarted, repeatable=True,
        values={"pipeline": lambda reach: _values(reach, shelves())}, seconds_max=SECONDS_MAX,
    )  # fmt: skip


def _values(reach: Reach, pipelines: Pipelines) -> Sequence[str]:
    """What can run in this project; of the owner's words only the one pipeline that they ask to start.

    The built-in model calls what has a value: words that only speak of a pipeline must start nothing.
    """
    kind = next((one.kind for one in pipelines.nova.projects if one.name == reach.project), "")
    able = [name for name, plan in pipelines.library.plans.items() if not plan.kinds or kind in plan.kinds]
    wished = start_wish(reach.said, pipelines.library.plans) if reach.said else ""
    return able if not reach.said else [wished] if wished else []


async def _start(given: PipelinesStart, reach: Reach, pipelines: Pipelines) -> ToolResult:
    above = _above(reach, pipelines)
    queued = await asyncio.to_thread(_worker_is_there, pipelines)
    try:
        plan = pipelines.plan(given.pipeline)
        _check_circle(plan, above, pipelines)
        inputs: dict[str, Json] = {**inputs_in(reach.said, plan), **given.inputs}
        begun = await asyncio.to_thread(_begun, pipelines, plan, inputs, above, reach, queued)
    except (Unknown, BadInput, NotReady) as problem:
        raise ToolFailed(problem.what, problem.mend) from None
    await (_awaited if queued else _walked)(begun, reach, pipelines)
    return told(plan, begun.id, reach, pipelines)


def _above(reach: Reach, pipelines: Pipelines) -> Run:
    with pipelines.nova.database.read() as connection:
        found = runs.by_id(connection, pipelines.nova.everything, reach.run)
    if found is None:
        raise ToolFailed("A pipeline is started from a run only, so that the record says who did.")
    return found


def _check_circle(plan: Plan, above: Run, pipelines: Pipelines) -> None:
    depth_max = pipelines.nova.settings.limits.tree.depth_max
    with pipelines.nova.database.read() as connection:
        why = refused_start(connection, pipelines.nova.everything, plan.id, above.id, depth_max)
    if why:
        mend = f"Take {plan.id} into the pipeline as a step, or start it yourself: nova pipelines run {plan.id}"
        raise ToolFailed(f"{plan.id} was not started. {why}", mend)


def _worker_is_there(pipelines: Pipelines) -> bool:
    from nova.app.working import somebody_works

    return somebody_works(pipelines.nova)


def _begun(pipelines: Pipelines, plan: Plan, inputs: dict[str, Json], above: Run, reach: Reach, queued: bool) -> Run:
    """The run, begun; where a worker is at work, in his queue. The same step of a plan begins it once."""
    from nova.app.working import queue_of

    principal = Principal(above.principal)
    client = queue_of(pipelines.nova) if queued else None
    try:
        return pipelines.begin(
            plan, inputs, project=reach.project or None, principal=principal,
            run=id_of("r", reach.key) if reach.key else "",
            trigger=started_by(above.agents[0] if above.agents else "nobody", above.id),
            label=above.label.join(Label(scopes=frozenset({reach.scope.own}))),
            queue="background" if principal is Principal.SCHEDULE else "interactive",
            enqueue=_enqueuing(client) if client else None,
        )  # fmt: skip
    finally:
        if client is not None:
            client.close()


def _enqueuing(client: Client) -> Enqueue:
    def enqueue(connection: Connection, run: str, leg: int, queue: str, partition: str) -> None:
        client.enqueue(connection, run, leg, queue, partition=partition)

    return enqueue


async def _walked(begun: Run, reach: Reach, pipelines: Pipelines) -> None:
    """Walks it here until it ends or waits. What is cut off by time stays where it is, for whoever takes it up."""
    walk = pipelines.walk_of(begun.id)
    with suppress(TimeoutError, Superseded):
        async with asyncio.timeout(HERE_SECONDS_MAX):
            await pipelines.walk(begun.id, walk.leg if walk else 1, heard=lambda _event: reach.alive(begun.id))


async def _awaited(begun: Run, reach: Reach, pipelines: Pipelines) -> None:
    """Looks until it has ended or waits, for a minute; the worker goes on with it either way."""
    with suppress(TimeoutError):
        async with asyncio.timeout(QUEUED_SECONDS_MAX):
            while (walk := pipelines.walk_of(begun.id)) is None or walk.state not in AT_REST:
                reach.alive(begun.id)
                await asyncio.sleep(LOOK_SECONDS)
