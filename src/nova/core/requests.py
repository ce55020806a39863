"""What comes in: the words, who said them, and where they belong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nova.core.labels import Scope


class Principal(StrEnum):
    """Who asks. It decides what can be reached at all."""

    OWNER = "owner"  # the person whose home this is
    VISITOR = "visitor"  # somebody on the public website: reaches visitor-guide and nothing else
    SCHEDULE = "schedule"  # a clock; never a person
    WEBHOOK = "webhook"  # another system; its words are untrusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. `project` is a project's name or None; `agent` is set when somebody named one explicitly."""

    text: str
    principal: Principal
    scope: Scope
    at: datetime
    conversation: str
    project: str | None = None
    agent: str | None = None
    agent_said_by: str = ""  # "--agent" or "@name"; empty when nobody named one

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a request's time needs a time zone")
