"""A conversation and its turns as values. Knows what they are made of; refuses to know where they are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from nova.core.labels import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Where requests follow one another. scope, project: where it stands now; only the owner's word moves it.

    title: the words it began with, or empty; they are text of the scope. name: the owner's handle for it, or empty.
    closed_at: since when it is not continued by itself. forked_from: the conversation whose turns it begins with;
    forked_at: the last of them was said then.
    """

    id: str
    scope: str
    project: str
    title: str
    started_at: datetime
    last_at: datetime
    name: str = ""
    closed_at: datetime | None = None
    forked_from: str = ""
    forked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request and what came of it. agents: who answered; options: the readings, when it was a question back.

    label: whose words are in it; a context of another scope never shows it. number: its place in the conversation,
    from 1; 0 when nobody counted.
    """

    run: str
    request: str
    answer: str
    agents: tuple[str, ...] = ()
    project: str = ""
    options: tuple[str, ...] = ()
    at: datetime
    label: Label = field(default_factory=Label)
    number: int = 0
