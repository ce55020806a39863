"""Stopping runs: the wish is left in the store, and the process that runs them ends them within two seconds.

Knows which run is at the top; refuses to end anything itself.
"""

from __future__ import annotations

from nova.app.house import Nova
from nova.app.why import run_of
from nova.core.errors import BadInput
from nova.core.requests import Principal
from nova.core.runs import Run, RunState
from nova.store import runs, stops

GOING_ON = frozenset({RunState.RUNNING, RunState.QUEUED, RunState.WAITING})
ALL_MAX = 1_000


def stop(nova: Nova, prefix: str, why: str = "") -> Run:
    """Asks the run (or the one that it is a part of) to end. Raises Unknown, and BadInput when it is over."""
    run = _top(nova, run_of(nova, prefix))
    if run.state not in GOING_ON:
        raise BadInput(f"The run {run.id} is over: {run.state.value}.", f"See how it went: nova why {run.id}")
    _ask(nova, [run], why)
    return run


def stop_all(nova: Nova, why: str = "") -> tuple[Run, ...]:
    """Asks everything that goes on to end; what was asked."""
    with nova.database.read() as connection:
        going_on = [
            run for state in sorted(GOING_ON) for run in runs.latest(connection, nova.everything, ALL_MAX, state=state)
        ]
    _ask(nova, going_on, why)
    return tuple(going_on)


def _ask(nova: Nova, chosen: list[Run], why: str) -> None:
    with nova.database.write() as connection:
        for run in chosen:
            stops.ask(connection, nova.everything, run.id, by=Principal.OWNER.value, why=why, at=nova.clock())


def _top(nova: Nova, run: Run) -> Run:
    while run.parent:
        run = run_of(nova, run.parent)
    return run
