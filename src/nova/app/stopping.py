"""Stopping runs: who works on one ends it himself within a second; what nobody works on, or nobody ends, ends here.

Knows which run is at the top, and how long to wait; refuses to know how a run is ended.
"""

from __future__ import annotations

import time

from nova.app.house import Nova
from nova.app.why import run_of
from nova.core.errors import BadInput
from nova.core.requests import Principal
from nova.core.runs import Run, RunState
from nova.core.steps import WalkState
from nova.pipelines import reviews
from nova.store import runs, stops

GOING_ON = frozenset({RunState.RUNNING, RunState.QUEUED, RunState.WAITING})
ALL_MAX = 1_000
OWNER = Principal.OWNER.value
PATIENCE_SECONDS, LOOK_SECONDS = 1.6, 0.1


def stop(nova: Nova, prefix: str, why: str = "") -> Run:
    """The run (or the one that it is a part of), ended. Raises Unknown, and BadInput when it is over."""
    run = _top(nova, run_of(nova, prefix))
    if run.state not in GOING_ON:
        raise BadInput(f"The run {run.id} is over: {run.state.value}.", f"See how it went: nova why {run.id}")
    return _ended(nova, [run], why)[0]


def stop_all(nova: Nova, why: str = "") -> tuple[Run, ...]:
    """Everything that goes on, ended; as it is then."""
    with nova.database.read() as connection:
        going_on = [
            run for state in sorted(GOING_ON) for run in runs.latest(connection, nova.everything, ALL_MAX, state=state)
        ]
    return _ended(nova, going_on, why)


def _ended(nova: Nova, chosen: list[Run], why: str) -> tuple[Run, ...]:
    """What nobody works on ends at once; whoever works on the others has a moment to do it himself."""
    waking, walked = nova.pipelines.waking(), list[Run]()
    for run in chosen:
        with nova.database.write() as connection:
            stops.ask(connection, nova.everything, run.id, by=OWNER, why=why, at=nova.clock())
        if (
            nova.pipelines.walk_of(run.id) is None
            or reviews.stop(waking, run.id, by=OWNER, why=why) is WalkState.RUNNING
        ):
            walked.append(run)
    until = time.monotonic() + PATIENCE_SECONDS
    while walked and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
        walked = [run for run in walked if run_of(nova, run.id).state in GOING_ON]
    for run in walked:
        if nova.pipelines.walk_of(run.id) is None:
            reviews.end_plain(waking, run.id, by=OWNER, why=why)
        else:
            reviews.stop(waking, run.id, by=OWNER, why=why, at_once=True)
    with nova.database.write() as connection:
        for run in chosen:
            stops.settle(connection, nova.everything, run.id, nova.clock())
    return tuple(run_of(nova, run.id) for run in chosen)


def _top(nova: Nova, run: Run) -> Run:
    while run.parent:
        run = run_of(nova, run.parent)
    return run
