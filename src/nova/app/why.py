"""Why a run went as it did: the run, its route, its events and its parts, read back from the record.

Knows the record; refuses to know screens.
"""

from __future__ import annotations

from dataclasses import dataclass

from nova.app.house import Nova
from nova.core.errors import BadInput, Unknown
from nova.core.events import Event, Routed, kind_of, to_json
from nova.core.json import Json
from nova.core.labels import write_label
from nova.core.routes import Route
from nova.core.routes_json import route_from_json
from nova.core.runs import Run, outcome_to_json
from nova.store import events, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A run with everything that explains it. route: None when it ended before it was routed, or is a part."""

    run: Run
    route: Route | None
    events: tuple[Event, ...]
    parts: tuple[Reason, ...]


def run_of(nova: Nova, prefix: str) -> Run:
    """The run whose id begins so; the newest for an empty prefix. Raises Unknown, or BadInput when two do."""
    with nova.database.read() as connection:
        if prefix:
            found = runs.beginning_with(connection, nova.everything, prefix)
        else:
            found = runs.latest(connection, nova.everything, 1)
    if not found:
        if prefix:
            raise Unknown("run", prefix, mend="See the last ones: nova runs")
        raise BadInput("Nothing has been asked yet.", 'Ask something: nova ask "Where did I leave off?"')
    if len(found) > 1:
        raise BadInput(f"Two runs begin with {prefix}.", "Type one letter more.")
    return found[0]


def reason_of(nova: Nova, prefix: str) -> Reason:
    """Everything that explains the run; the owner's view, over all scopes the run touched."""
    return _reason(nova, run_of(nova, prefix))


def _reason(nova: Nova, run: Run) -> Reason:
    with nova.database.read() as connection:
        happened = events.of_run(connection, nova.everything, run.id)
        parts = runs.parts_of(connection, nova.everything, run.id)
    routed = [event.happening for event in happened if isinstance(event.happening, Routed)]
    return Reason(
        run=run,
        route=route_from_json(routed[-1].decision) if routed else None,
        events=tuple(happened),
        parts=tuple(_reason(nova, part) for part in parts),
    )


def run_json(run: Run) -> dict[str, Json]:
    """A run for scripts."""
    return {
        "run": run.id,
        "conversation": run.conversation,
        "parent": run.parent,
        "request": run.request,
        "project": run.project,
        "scope": run.scope,
        "label": write_label(run.label),
        "agents": list(run.agents),
        "agent_version": run.agent_version,
        "route": run.route,
        "zone": run.zone,
        "state": run.state.value,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "model_calls": run.usage.model_calls,
        "tool_calls": run.usage.tool_calls,
        "input_tokens": run.usage.input_tokens,
        "output_tokens": run.usage.output_tokens,
        "cost_usd": run.usage.cost_usd,
        "outcome": outcome_to_json(run.outcome) if run.outcome else None,
    }


def reason_json(reason: Reason) -> dict[str, Json]:
    """A reason for scripts: the run, each event in order, and its parts."""
    happened: list[Json] = [
        {
            "number": event.number,
            "at": event.at.isoformat(),
            "kind": kind_of(event.happening),
            "scope": event.scope,
            "data": to_json(event.happening),
        }
        for event in reason.events
    ]
    return {**run_json(reason.run), "events": happened, "parts": [reason_json(part) for part in reason.parts]}
