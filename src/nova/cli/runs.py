"""nova runs: the last runs, newest first."""

from __future__ import annotations

from nova.cli import frame
from nova.core.errors import Unknown
from nova.core.runs import RunState
from nova.core.text import nearest, shorten


def list_runs(*, project: str | None, state: str, count: int, as_json: bool) -> None:
    """Prints the runs. Raises Unknown for a state or project that does not exist."""
    from nova.app.signs import silent
    from nova.app.why import run_json
    from nova.coordinator.reach import choose_project
    from nova.store import runs

    states = [one.value for one in RunState]
    if state and state not in states:
        raise Unknown("state", state, nearest(state, states), f"States: {', '.join(states)}.")
    with frame.opened() as nova:
        chosen = choose_project("", said=project, conversation="", folder="", projects=nova.projects).project
        with nova.database.read() as connection:
            found = runs.latest(connection, nova.everything, count, project=chosen.name if chosen else "", state=state)
        stalled = silent(nova, found)
    if as_json:
        frame.out_json([{**run_json(run), "silent_seconds": stalled.get(run.id)} for run in found])
        return
    if not found:
        frame.out('No runs yet. Ask something: nova ask "Where did I leave off?"')
    for run in found:
        who = "+".join(run.agents) or run.route or "-"
        state = "stalled" if run.id in stalled else run.state.value
        frame.out(
            f"{run.id}  {run.started_at:%m-%d %H:%M}  {state:<11} {run.project or '-':<14} "
            f"{who:<24} {shorten(run.request, 70)}"
        )
        if run.id in stalled:
            frame.out(f"  no sign of life for {_spoken(stalled[run.id])}; end it: nova runs stop {run.id}")


def _spoken(seconds: float) -> str:
    for size, word in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {word}"
    return f"{seconds:.0f} seconds"
