"""From a request to an outcome: the one place that knows the whole order.

    take in -> route -> (ask the arbiter) -> one agent, or its parts, or a question back -> end

Every step is in the record before the listener hears of it. Knows the order; each step knows itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace

from nova.coordinator import answers
from nova.coordinator.arbitrate import arbitrate
from nova.coordinator.desk import Desk
from nova.coordinator.engagement import Ended, Engagement, carry_out, place
from nova.coordinator.intake import Taken, take_in, wall_of
from nova.coordinator.known import known
from nova.coordinator.reach import project_of_part
from nova.coordinator.remembering import remembering
from nova.coordinator.sight import view_of
from nova.core.errors import NovaError, StoreError
from nova.core.events import Event, PartFinished, PartStarted, Routed, RunFailed, RunFinished, RunStarted
from nova.core.ids import new_id
from nova.core.labels import Label
from nova.core.limits import Usage
from nova.core.outcomes import Failed, NeedsInput, Outcome, Stopped
from nova.core.requests import Principal, Request
from nova.core.routes import AskBack, Nobody, Part, Route, ToAgent, ToPlan
from nova.core.routes_json import route_to_json
from nova.core.runs import Run, RunState, outcome_to_json, state_of
from nova.core.text import shorten
from nova.memory.tiers import Memory
from nova.memory.verify import on_sound_indexes
from nova.projects.definition import Project
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
    record = Record(desk.database, taken.scope, _new_run(taken, desk), now=desk.now, heard=heard)
    record.begin(_started(record.run))
    await _to_its_end(record, desk.memory, _outcome(taken, desk, record, heard))


async def _to_its_end(record: Record, memory: Memory, work: Awaitable[Ended]) -> Ended:
    """Waits for the work and writes how it ended, whatever that is."""
    try:
        ended = await work
    except asyncio.CancelledError:
        mend = f"Ask again, or see what was done: nova why {record.run.id}"
        _end(record, memory, Ended(outcome=Stopped(reason="person", evidence="you stopped it", mend=mend)))
        raise
    except StoreError:
        raise  # what cannot be recorded is not said
    except NovaError as error:
        ended = Ended(outcome=Failed(error=type(error).__name__, what=error.what, mend=error.mend))
    except Exception as error:
        what = f"Nova itself failed: {type(error).__name__}: {shorten(str(error), 300)}"
        mend = f"This is a bug in Nova; what was done is in nova why {record.run.id}"
        _end(record, memory, Ended(outcome=Failed(error=type(error).__name__, what=what, mend=mend)))
        raise
    _end(record, memory, ended)
    return ended


async def _outcome(taken: Taken, desk: Desk, record: Record, heard: Heard) -> Ended:
    route, spent = await _route(taken, desk, record)
    match route:
        case ToAgent():
            engagement = Engagement(
                agent=desk.agents[route.agent], text=route.text, turns=taken.turns, principal=taken.principal
            )
            ended = await _engage(engagement, taken.choice.project, desk, record)
            ended = replace(ended, outcome=answers.aloud(route, ended.outcome))
        case ToPlan():
            ended = await _parts(route.parts, taken, desk, record, heard)
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


async def _parts(parts: tuple[Part, ...], taken: Taken, desk: Desk, record: Record, heard: Heard) -> Ended:
    """The parts one after the other, each a run of its own under this one; the answer names who said what.

    The whole carries the label of all its parts: an answer made from two projects comes into no later context.
    """
    done: list[tuple[Part, Ended]] = []
    for part in parts:
        project = project_of_part(part.text, taken.choice.project, desk.projects)
        run = replace(
            _new_run(taken, desk), parent=record.run.id, request=part.text, agents=(part.agent,), route="Part"
        )
        child = Record(desk.database, taken.scope, run, now=desk.now, heard=heard)
        record.append(PartStarted(part=run.id, agent=part.agent, text=part.text))
        child.begin(_started(run))
        agent = desk.agents[part.agent]
        engagement = Engagement(agent=agent, text=part.text, turns=taken.turns, principal=taken.principal)
        ended = await _to_its_end(child, desk.memory, _engage(engagement, project, desk, child))
        done.append((part, replace(ended, label=child.run.label)))
        record.append(PartFinished(part=run.id, agent=part.agent, state=state_of(ended.outcome).value))
    return answers.together(done)


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


def _end(record: Record, memory: Memory, ended: Ended) -> None:
    """The last event, the row's final state, and what the memory takes from it, in one transaction."""
    outcome: Outcome = ended.outcome
    state, written = state_of(outcome), outcome_to_json(outcome)
    run = replace(
        record.run,
        state=state,
        outcome=outcome,
        usage=ended.usage,
        label=record.run.label.join(ended.label),
        ended_at=record.now(),
    )
    remembered = None if ended.in_parts else remembering(memory, record.run, run, ended.recalled, noted=ended.noted)
    match outcome:
        case Failed(error=error, what=what):
            last = RunFailed(error=error, what=what, outcome=written)
        case _:
            last = RunFinished(state=state.value, outcome=written)
    on_sound_indexes(memory, lambda: record.save(run, last, first=remembered))
