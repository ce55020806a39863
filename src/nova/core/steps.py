"""Steps, walks and effects as values: what a durable run has done so far, and what it waits for.

A walk is the durable side of a run that has a plan; a step is one node of it. Refuses to know where they are stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from nova.core.degradations import Degradation
from nova.core.json import Json
from nova.core.labels import Label
from nova.core.limits import Usage


class WalkState(StrEnum):
    """Where the durable side of a run stands."""

    QUEUED = "queued"  # a worker takes it up when it is its turn
    RUNNING = "running"  # somebody walks it; `holder` says who, `heartbeat_at` when he was last seen
    PARKED = "parked"  # it waits for a person, a time or an event, and costs nothing meanwhile
    ENDED = "ended"  # the run's own state says how


class StepState(StrEnum):
    """Where one step stands."""

    RUNNING = "running"
    DONE = "done"
    DEGRADED = "degraded"  # it failed, and its `otherwise` stands in for its output
    SKIPPED = "skipped"  # left out by a condition
    WAITING = "waiting"  # for a review, a time or an event
    FAILED = "failed"


SETTLED = frozenset({StepState.DONE, StepState.DEGRADED, StepState.SKIPPED})
"""States in which a step is never run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The durable side of one run. root: the run at the top of its tree, which is what workers take up.

    plan: digest of the frozen definition (store.texts keeps its body). leg: how often it was taken up; holder: the
    executor that walks it now. parked_on: what it waits for (`review v123`, `until 2026-...`, `event issue-opened`).
    wakes_at: when a sleep is over. trigger: what started it, empty for a person. queue: where it waits for its turn.
    """

    run: str
    root: str
    scope: str
    label: Label
    plan: str
    name: str
    inputs: Json
    state: WalkState
    queue: str = "background"
    leg: int = 1
    holder: str = ""
    heartbeat_at: datetime | None = None
    stop_asked_at: datetime | None = None
    stop_why: str = ""
    parked_on: tuple[str, ...] = ()
    wakes_at: datetime | None = None
    trigger: str = ""
    output: Json = None
    pinned: bool = False
    created_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a walk. path: the node's id; `each[3]` for an element of a map. name: `pipe:ID@REV/node:PATH`.

    attempt: from 1. child: the run that did it (an agent's, a pipeline's). output: its value, None until settled.
    error, what, mend: of the last failure. waits_for: as in Walk.parked_on. input: digest of what it was given.
    """

    run: str
    path: str
    name: str
    kind: str
    scope: str
    label: Label
    state: StepState
    attempt: int = 1
    started_at: datetime
    ended_at: datetime | None = None
    seconds: float = 0.0
    child: str = ""
    input: str = ""
    output: Json = None
    error: str = ""
    what: str = ""
    mend: str = ""
    waits_for: str = ""
    wakes_at: datetime | None = None
    degradations: tuple[Degradation, ...] = ()
    usage: Usage = field(default_factory=Usage)


class EffectState(StrEnum):
    """Where an external effect stands."""

    INTENDED = "intended"  # about to happen; after a crash nobody knows whether it did
    DONE = "done"
    FAILED = "failed"  # it surely did not happen


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something done to the world. key: the idempotency key, the same for every try of the same step.

    result: what it gave back, which stands in for doing it again.
    """

    key: str
    run: str
    path: str
    tool: str
    scope: str
    label: Label
    arguments: str
    state: EffectState
    at: datetime
    ended_at: datetime | None = None
    result: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that happened and may start a pipeline or wake a run.

    kind: run-ended, pipeline-ended, note-recorded, issue-opened, webhook, stop, or a word of the owner's own.
    """

    id: str
    kind: str
    scope: str
    label: Label
    at: datetime
    project: str = ""
    data: dict[str, Json] = field(default_factory=dict[str, Json])
    handled_at: datetime | None = None
