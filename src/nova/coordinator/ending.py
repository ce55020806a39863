"""How a run of the coordinator's ends, whatever happens in it: one last event, one row, one memory, one transaction.

Knows runs and the memory; refuses to know what the work was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

from nova.coordinator.engagement import Ended
from nova.coordinator.remembering import remembering
from nova.core.errors import NovaError, StoreError
from nova.core.events import Happening, RunFailed, RunFinished
from nova.core.outcomes import Failed, Outcome, Stopped
from nova.core.runs import Run, outcome_to_json, state_of
from nova.core.text import shorten
from nova.memory.tiers import Memory
from nova.memory.verify import on_sound_indexes
from nova.store import steps, stops, walks
from nova.store.database import Connection
from nova.store.record import Record, Work

PLANNED = "ToPlan"
"""The route of a run that has a walk."""


async def to_its_end(record: Record, memory: Memory, work: Awaitable[Ended]) -> Ended:
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


def _end(record: Record, memory: Memory, ended: Ended) -> None:
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
    on_sound_indexes(memory, lambda: record.save(run, last, first=_with_walk(record, run, remembered)))


def _with_walk(record: Record, run: Run, remembered: Work | None) -> Work | None:
    """What else is written with the end: the durable side of a plan, and the wish to stop that has been fulfilled."""
    stopped = isinstance(run.outcome, Stopped) and run.outcome.reason == "person"
    if run.route != PLANNED and not stopped:
        return remembered

    def work(connection: Connection) -> tuple[Happening, ...]:
        at = record.now()
        if run.route == PLANNED:
            walks.finish(connection, record.scope, run.id, at)
            steps.cut(connection, record.scope, run.id, at)
        if stopped:
            stops.settle(connection, record.scope, run.id, at)
        return remembered(connection) if remembered else ()

    return work
