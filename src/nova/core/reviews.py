"""A review as a value: a durable question to the owner, bound to the hash of what it is about, answered once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nova.core.json import Json
from nova.core.labels import Label


class Answer(StrEnum):
    """What the owner may say to a review."""

    APPROVE = "approve"
    CHANGE = "change"  # approved with an edit: `edit` takes the place of the payload
    REJECT = "reject"  # with a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One question. payload: what is decided about; digest: its SHA-256, which an answer must name.

    path: the step that asked. diff: text of a change, empty without one. evidence: lines, each with its source.
    cost_usd: what the run has cost so far (None: unknown). if_ignored: what happens when nobody answers.
    answer: None while it waits. reason: given with the answer; edit: the changed payload.
    """

    id: str
    run: str
    root: str
    path: str
    scope: str
    label: Label
    project: str = ""
    question: str
    payload: Json
    digest: str
    diff: str = ""
    evidence: tuple[str, ...] = ()
    cost_usd: float | None = 0.0
    if_ignored: str = ""
    asked_at: datetime
    answer: Answer | None = None
    reason: str = ""
    edit: Json = None
    answered_at: datetime | None = None
    answered_by: str = ""
    closed: str = ""
    """Why it can no longer be answered: its run was stopped, or ended without it. Empty while it can."""
