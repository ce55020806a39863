"""A conversation and its turns as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Where requests follow one another. It belongs to one scope for good."""

    id: str
    scope: str
    project: str
    title: str
    started_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request and what came of it. agents: who answered; options: the readings, when it was a question back."""

    run: str
    request: str
    answer: str
    agents: tuple[str, ...] = ()
    project: str = ""
    options: tuple[str, ...] = ()
    at: datetime
