"""What happens in a run, one frozen value per kind of event. Appended to the record before anyone is shown it.

Names on the wire follow AG-UI; what AG-UI has no word for travels as CUSTOM with Nova's name.
Knows the vocabulary; refuses to know where events are stored or who reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TypeAlias, get_args

from nova.core.json import Json
from nova.core.labels import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A request was taken in. parent: the run that this one is a part of, or empty."""

    request: str
    principal: str
    project: str = ""
    conversation: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """The coordinator decided. decision: routes.to_json of the decision, explanation included."""

    kind: str
    agents: list[Json]
    zone: str
    decision: dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextAssembled:
    """What is put before the model: pieces with their tokens, and what was left out and why."""

    agent: str
    agent_version: str
    tokens: int
    budget_tokens: int
    pieces: list[Json]
    left_out: list[Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCalled:
    """One call of the ledger. cost_usd None: the price is unknown."""

    model: str
    purpose: str
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    seconds: float
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStarted:
    """An agent begins to answer."""

    message: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextContent:
    """A piece of the answer."""

    message: str
    delta: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEnded:
    """The agent has said what it had to say."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalled:
    """A tool call as the model made it. arguments: JSON text, exactly."""

    call: str
    tool: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDecided:
    """The gate's verdict on one call: allow, ask or deny, by which rule and why."""

    call: str
    tool: str
    verdict: str
    rule: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolReturned:
    """What a tool gave back. failed: empty, or what went wrong."""

    call: str
    tool: str
    text: str
    citations: list[Json]
    seconds: float
    cut: bool = False
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Degraded:
    """Something is less than it should be; the outcome lists it too."""

    degradation: str
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStarted:
    """One part of a request that spans agents begins, as a run of its own."""

    part: str
    agent: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFinished:
    """One part has ended; state as in RunFinished."""

    part: str
    agent: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMade:
    """A plan is about to be walked. name: `id@version`; plan: the digest its frozen text is kept under.

    nodes: id, kind, who, and what it comes after, for showing; why: what made it, or who stored it.
    """

    name: str
    plan: str
    nodes: list[Json]
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A step begins. path: the node, `each[3]` in a map; name: `pipe:ID@REV/node:PATH`; child: the run that does it."""

    path: str
    name: str
    kind: str
    attempt: int
    child: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEnded:
    """A step is over, or waits. state: of core.steps.StepState; error: the class; next_try_seconds: before a retry."""

    path: str
    state: str
    attempt: int
    seconds: float
    output: str = ""
    error: str = ""
    what: str = ""
    mend: str = ""
    next_try_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """The run waits and costs nothing meanwhile. on: what for."""

    on: list[Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenUp:
    """A worker goes on with the run. leg: how often it was taken up; why: what woke it, or whose place it takes."""

    holder: str
    leg: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOff:
    """Work was passed on. run: the child; brief: core.briefs.Brief as JSON, with what was carried and dropped."""

    run: str
    sender: str
    agent: str
    brief: dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedBack:
    """Control is back at the sender. state: of the child's run; what: its answer or failure, shortened."""

    run: str
    agent: str
    state: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAsked:
    """The owner is asked. digest: of the payload the answer will be bound to."""

    review: str
    path: str
    question: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAnswered:
    """The owner has answered. edited: he has changed the payload."""

    review: str
    answer: str
    by: str
    reason: str = ""
    edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """Something failed and is tried again. of: a model or a step; waited: because the other side asked for it."""

    of: str
    attempt: int
    error: str
    what: str
    seconds: float
    asked_for: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stalled:
    """No sign of life for too long. seconds: since the last one; last: what it was."""

    seconds: float
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAsked:
    """Somebody wants the run to end now."""

    by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the memory took from this run. episodes: turns that can be found again; refused: what was not kept, and why.

    notes: id, kind, text, how (added, merged, ...), and the ids it superseded, may contradict, or answers.
    """

    episodes: int
    notes: list[Json]
    refused: list[Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """The run is over. state: done, needs-input or stopped; outcome: the whole Outcome as JSON."""

    state: str
    outcome: dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailed:
    """The run is over and failed. outcome: the whole Failed as JSON."""

    error: str
    what: str
    outcome: dict[str, Json]


Happening: TypeAlias = (
    RunStarted | Routed | ContextAssembled | ModelCalled | TextStarted | TextContent | TextEnded
    | ToolCalled | GateDecided | ToolReturned | Degraded | PartStarted | PartFinished | Remembered
    | PlanMade | StepStarted | StepEnded | Parked | TakenUp | HandedOff | HandedBack | ReviewAsked | ReviewAnswered
    | Retried | Stalled | StopAsked
    | RunFinished | RunFailed
)  # fmt: skip

_WIRE: dict[str, str] = {
    "RunStarted": "RUN_STARTED",
    "TextStarted": "TEXT_MESSAGE_START",
    "TextContent": "TEXT_MESSAGE_CONTENT",
    "TextEnded": "TEXT_MESSAGE_END",
    "ToolCalled": "TOOL_CALL_START",
    "ToolReturned": "TOOL_CALL_RESULT",
    "StepStarted": "STEP_STARTED",
    "StepEnded": "STEP_FINISHED",
    "PartStarted": "STEP_STARTED",
    "PartFinished": "STEP_FINISHED",
    "RunFinished": "RUN_FINISHED",
    "RunFailed": "RUN_ERROR",
}
_BY_NAME = {kind.__name__: kind for kind in get_args(Happening)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One happening in its place: the run, its number there (from 1, without gaps), when, whose, how trusted."""

    run: str
    number: int
    at: datetime
    scope: str
    label: Label
    happening: Happening


def kind_of(happening: Happening) -> str:
    """The name that is stored: `RunStarted`, `ToolCalled`, ..."""
    return type(happening).__name__


def to_json(happening: Happening) -> dict[str, Json]:
    """The fields of a happening as JSON."""
    return {field.name: getattr(happening, field.name) for field in fields(happening)}


def from_json(kind: str, value: dict[str, Json]) -> Happening:
    """The happening of a stored kind. Raises KeyError for a kind that this Nova does not know."""
    happening: Happening = _BY_NAME[kind](**value)
    return happening


def wire(event: Event) -> dict[str, Json]:
    """The event as AG-UI sends it: `type`, `timestamp` in ms, `runId`, and its own fields."""
    kind = kind_of(event.happening)
    head: dict[str, Json] = {
        "type": _WIRE.get(kind, "CUSTOM"),
        "timestamp": int(event.at.timestamp() * 1000),
        "runId": event.run,
        "number": event.number,
    }
    if kind in _WIRE:
        return {**head, **to_json(event.happening)}
    return {**head, "name": f"nova.{kind}", "value": to_json(event.happening)}
