"""What comes in: the words, who said them, and where they were said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Principal(StrEnum):
    """Who asks. It decides what can be reached at all."""

    OWNER = "owner"  # the person whose home this is
    VISITOR = "visitor"  # somebody on the public website: reaches visitor-guide and nothing else
    SCHEDULE = "schedule"  # a clock; never a person
    WEBHOOK = "webhook"  # another system; its words are untrusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came in; what it means is for the coordinator.

    conversation: its id, or empty for a new one. project: the name somebody gave with it, or None; folder: the project
    whose repository the person stands in, or empty. agent: given with it, or None; agent_said_by: how (`--agent`).
    """

    text: str
    principal: Principal
    at: datetime
    conversation: str = ""
    project: str | None = None
    folder: str = ""
    agent: str | None = None
    agent_said_by: str = ""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a request's time needs a time zone")
