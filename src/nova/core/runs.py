"""A run as a value: one execution of a request, with what it used and how it ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import assert_never, cast

from nova.core.citations import Citation
from nova.core.degradations import Degradation, DegradationKind
from nova.core.json import Json
from nova.core.labels import Label
from nova.core.limits import Usage
from nova.core.outcomes import Done, Failed, NeedsInput, Outcome, Stopped


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"  # it has started; its last sign of life is `last_at`
    DONE = "done"  # answered
    FAILED = "failed"  # it could not be done
    NEEDS_INPUT = "needs-input"  # it asked back
    STOPPED = "stopped"  # cut by a limit, a loop or a person
    QUEUED = "queued"  # a worker takes it up when it is its turn
    WAITING = "waiting"  # for a review, a time or an event; it costs nothing meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as the record has it. parent: the run it is a part of, or empty."""

    id: str
    conversation: str
    request: str
    principal: str
    scope: str
    label: Label
    state: RunState
    started_at: datetime
    last_at: datetime
    ended_at: datetime | None = None
    parent: str = ""
    project: str = ""
    agents: tuple[str, ...] = ()
    agent_version: str = ""
    route: str = ""
    zone: str = ""
    usage: Usage = field(default_factory=Usage)
    outcome: Outcome | None = None


def state_of(outcome: Outcome) -> RunState:
    """The state a run is in after this outcome."""
    match outcome:
        case Done():
            return RunState.DONE
        case Failed():
            return RunState.FAILED
        case NeedsInput():
            return RunState.NEEDS_INPUT
        case Stopped():
            return RunState.STOPPED
    assert_never(outcome)


def outcome_to_json(outcome: Outcome) -> dict[str, Json]:
    """The outcome with the name of its kind under `kind`."""
    return {"kind": type(outcome).__name__, **cast("dict[str, Json]", asdict(outcome))}


def outcome_from_json(value: dict[str, Json]) -> Outcome:
    """The outcome written by `outcome_to_json`. Raises KeyError or TypeError for anything else."""
    kinds = {"Done": Done, "Failed": Failed, "NeedsInput": NeedsInput, "Stopped": Stopped}
    rest = {key: part for key, part in value.items() if key != "kind"}
    rest["degradations"] = cast("Json", _degradations(rest.get("degradations")))
    if "citations" in rest:
        found = cast("list[dict[str, object]]", rest["citations"])
        rest["citations"] = cast(
            "Json", tuple(Citation(path=str(one["path"]), line=int(str(one["line"]))) for one in found)
        )
    if "options" in rest:
        rest["options"] = cast("Json", tuple(cast("list[str]", rest["options"])))
    outcome: Outcome = kinds[str(value["kind"])](**cast("dict[str, str]", rest))  # pyright: ignore[reportArgumentType]
    return outcome


def degradations_of(outcome: dict[str, Json]) -> tuple[Degradation, ...]:
    """The degradations of an outcome written by `outcome_to_json`."""
    return _degradations(outcome.get("degradations"))


def _degradations(value: Json) -> tuple[Degradation, ...]:
    found = cast("list[dict[str, str]]", value or [])
    return tuple(Degradation(kind=DegradationKind(one["kind"]), what=one["what"], mend=one["mend"]) for one in found)
