"""A run of a plan begins: rows written, definition frozen, first leg in a queue, all at once or not at all.

Knows what a run needs; refuses to know who starts it and why (the command line, a trigger, an agent, the coordinator).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from nova.core.degradations import Degradation
from nova.core.events import Degraded, Event, Happening, PlanMade, RunStarted
from nova.core.ids import id_of, new_id
from nova.core.json import Json
from nova.core.labels import Label, Scope
from nova.core.requests import Principal
from nova.core.runs import Run, RunState
from nova.core.steps import Walk, WalkState
from nova.pipelines.freezing import Frozen, nodes_json
from nova.pipelines.inputs import check_inputs
from nova.pipelines.plain import plain
from nova.store import conversations, runs, texts, walks
from nova.store.database import Connection, Database
from nova.store.record import Record
from nova.store.values import Blobs

PIPELINE = "Pipeline"
Enqueue = Callable[[Connection, str, int, str, str], None]
"""(connection, run, leg, queue, partition): puts a leg into a queue, in the caller's transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a run of a plan begins with. run: its id, empty for a new one; the same id again begins nothing.

    conversation: empty for the pipeline's own. route: of the run, as the coordinator names them. why: what made the
    plan, for showing. notes: known from the start.
    """

    frozen: Frozen
    inputs: Json
    scope: Scope
    principal: Principal
    project: str = ""
    trigger: str = ""
    queue: str = "interactive"
    run: str = ""
    conversation: str = ""
    request: str = ""
    why: str = ""
    label: Label | None = None
    route: str = PIPELINE
    notes: tuple[Degradation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where runs are written. enqueue: None when the caller walks the first leg himself."""

    database: Database
    blobs: Blobs
    now: Callable[[], datetime]
    heard: Callable[[Event], None]


def begin(start: Start, ground: Ground, enqueue: Enqueue | None) -> Run:
    """The run, begun. Raises BadInput when the inputs do not fit, StoreError; then nothing was written.

    A run whose id is there already is given back as it is, and nothing begins.
    """
    plan, now = start.frozen.plan, ground.now()
    inputs = check_inputs(plan, plain(start.inputs))
    if start.run:
        with ground.database.read() as connection:
            known = runs.by_id(connection, start.scope, start.run)
        if known is not None:
            return known
    run = _run(start, now)
    row = Walk(
        run=run.id, root=run.id, scope=run.scope, label=run.label, plan=start.frozen.digest, name=plan.name,
        inputs=inputs, state=WalkState.QUEUED, queue=start.queue, trigger=start.trigger, created_at=now,
    )  # fmt: skip
    record = Record(ground.database, start.scope, run, now=ground.now, heard=ground.heard)

    def work(connection: Connection) -> tuple[Happening, ...]:
        kind = "pipeline" if start.route == PIPELINE else "plan"
        texts.keep(connection, start.scope, start.frozen.digest, now, kind=kind, name=plan.name, body=start.frozen.text)
        walks.begin(connection, start.scope, row, ground.blobs)
        if enqueue is not None:
            enqueue(connection, run.id, 1, start.queue, run.project or "home")
        return tuple(Degraded(degradation=one.kind.value, what=one.what, mend=one.mend) for one in start.notes)

    if not start.conversation:
        _conversation(start, run, ground, now)
    made = PlanMade(name=plan.name, plan=start.frozen.digest, nodes=nodes_json(plan), why=start.why)
    record.begin(_started(run), made, work=work)
    return run


def _run(start: Start, now: datetime) -> Run:
    plan = start.frozen.plan
    label = Label(scopes=frozenset({start.scope.own}), trusted=start.principal in (Principal.OWNER, Principal.SCHEDULE))
    return Run(
        id=start.run or new_id("r"),
        conversation=start.conversation or id_of("c", "pipeline", plan.id, start.scope.own),
        request=start.request or f"{plan.name}: {plan.description}",
        principal=start.principal.value,
        scope=start.scope.own,
        label=start.label or label,
        state=RunState.QUEUED,
        started_at=now,
        last_at=now,
        project=start.project,
        route=start.route,
        agents=tuple(dict.fromkeys(node.uses for node in plan.nodes.values() if node.kind.value == "agent")),
    )


def _started(run: Run) -> RunStarted:
    return RunStarted(request=run.request, principal=run.principal, project=run.project, conversation=run.conversation)


def _conversation(start: Start, run: Run, ground: Ground, now: datetime) -> None:
    """Runs of a pipeline stand in a conversation of their own, one for each project; begun with the first."""
    with ground.database.write() as connection:
        if run.conversation not in conversations.by_id(connection, start.scope, [run.conversation]):
            conversations.start(
                connection,
                start.scope,
                run.conversation,
                now,
                project=run.project,
                title=f"Pipeline {start.frozen.plan.id}",
            )
