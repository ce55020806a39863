"""From a request to an outcome: the one place that knows the whole order.

    take in -> route -> (ask the arbiter) -> one agent, or its parts, or a question back -> end

Every step is in the record before the listener hears of it. Knows the order; each step knows itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace

from nova.agents.tree import Tree
from nova.agents.watching import stopped, watch, with_stalls
from nova.coordinator import answers
from nova.coordinator.arbitrate import arbitrate
from nova.coordinator.desk import Desk
from nova.coordinator.ending import to_its_end
from nova.coordinator.engagement import Ended, Engagement, carry_out, place
from nova.coordinator.intake import Taken, take_in, wall_of
from nova.coordinator.known import known
from nova.coordinator.planned import carry_out_plan
from nova.coordinator.sight import view_of
from nova.core.events import Event, Routed, RunStarted, StopAsked
from nova.core.ids import new_id
from nova.core.labels import Label
from nova.core.limits import Usage
from nova.core.outcomes import NeedsInput
from nova.core.requests import Principal, Request
from nova.core.routes import AskBack, Nobody, Route, ToAgent, ToPlan
from nova.core.routes_json import route_to_json
from nova.core.runs import Run, RunState
from nova.projects.definition import Project
from nova.store import stops
from nova.store.record import Record

Heard = Callable[[Event], None]


async def dispatch(request: Request, desk: Desk) -> AsyncGenerator[Event]:
    """The events of one run, each on disk before it is yielded; the last is RunFinished or RunFailed.

    Raises BadInput before anything is recorded, StoreError when the record cannot be written. Closing the generator
    stops the run, and the record says so.
    """
    taken = take_in(request, desk.database, desk.projects)
    events: asyncio.Queue[Event | None] = asyncio.Queue()
    task = asyncio.create_task(_run(taken, desk, events.put_nowait))
    task.add_done_callback(lambda _: events.put_nowait(None))
    try:
        while (event := await events.get()) is not None:
            yield event
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _run(taken: Taken, desk: Desk, heard: Heard) -> None:
    tree = Tree(desk.ceilings.tree)
    heard = tree.hearing(heard)
    record = Record(desk.database, taken.scope, _new_run(taken, desk), now=desk.now, heard=heard)
    record.begin(_started(record.run))
    await to_its_end(record, desk.memory, _stoppable(_outcome(taken, desk, record, tree), desk, record, tree))


async def _stoppable(work: Awaitable[Ended], desk: Desk, record: Record, tree: Tree) -> Ended:
    """The work, unless somebody wants it to end before."""

    def wish() -> StopAsked | None:
        with desk.database.read() as connection:
            return stops.asked(connection, desk.everything, record.run.id)

    found = await watch(work, tree, record, wish)
    ended = Ended(outcome=stopped(found, record.run.id)) if isinstance(found, StopAsked) else found
    return replace(ended, outcome=with_stalls(ended.outcome, tree))


async def _outcome(taken: Taken, desk: Desk, record: Record, tree: Tree) -> Ended:
    route, spent = await _route(taken, desk, record)
    match route:
        case ToAgent():
            engagement = Engagement(
                agent=desk.agents[route.agent],
                text=route.text,
                turns=taken.turns,
                principal=taken.principal,
                tree=tree,
            )
            ended = await _engage(engagement, taken.choice.project, desk, record)
            ended = replace(ended, outcome=answers.aloud(route, ended.outcome))
        case ToPlan():
            ended = await carry_out_plan(route.parts, taken, desk, record, tree)
            ended = replace(ended, outcome=answers.with_degradations(route, ended.outcome))
        case AskBack():
            ended = Ended(outcome=answers.ask_back(route))
        case Nobody():
            ended = Ended(outcome=answers.nobody(route, record.run.id))
    return replace(ended, usage=spent + ended.usage)


async def _route(taken: Taken, desk: Desk, record: Record) -> tuple[Route, Usage]:
    view = view_of(taken, desk)
    decision = desk.router.decide(taken.text, view)
    route, usage = decision.route, Usage()
    if decision.arbitration is not None:
        asked = await arbitrate(decision.arbitration, taken, desk, record)
        usage = asked.usage
        route = answers.with_reasons(desk.router.settle(decision, asked.vote, view), asked.degradations)
    if isinstance(route, AskBack | Nobody):
        route = known(route, taken, desk)
    names = answers.agents_of(route)
    routed = Routed(kind=type(route).__name__, agents=list(names), zone=route.zone.value, decision=route_to_json(route))
    record.save(replace(record.run, agents=names, route=routed.kind, zone=routed.zone), routed)
    return route, usage


async def _engage(engagement: Engagement, project: Project | None, desk: Desk, record: Record) -> Ended:
    """One agent in its project; the run moves behind that project's wall before anything of it is recorded."""
    settled = place(engagement, project, desk)
    if isinstance(settled, NeedsInput):
        return Ended(outcome=settled)
    if settled is not None and settled.scope != record.scope.own:
        record.move(wall_of(settled), settled.name)
    return await carry_out(engagement, settled, desk, record)


def _new_run(taken: Taken, desk: Desk) -> Run:
    at = max(desk.now(), taken.at)
    return Run(
        id=new_id("r"),
        conversation=taken.conversation,
        request=taken.text,
        principal=taken.principal.value,
        scope=taken.scope.own,
        label=Label(scopes=frozenset({taken.scope.own}), trusted=taken.principal is Principal.OWNER),
        state=RunState.RUNNING,
        started_at=at,
        last_at=at,
        project=taken.choice.project.name if taken.choice.project else "",
    )


def _started(run: Run) -> RunStarted:
    return RunStarted(
        request=run.request,
        principal=run.principal,
        project=run.project,
        conversation=run.conversation,
        parent=run.parent,
    )
