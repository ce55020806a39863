"""An episode: one thing that one speaker said at one time. A value; refuses to know how it is searched."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from nova.core.labels import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One turn of a conversation. number: its place there, from 1; run: what it was said in, or empty.

    speaker: `owner`, an agent's name, or whoever spoke in what was imported.
    """

    id: str
    scope: str
    conversation: str
    number: int
    speaker: str
    at: datetime
    text: str
    run: str = ""
    project: str = ""
    label: Label = field(default_factory=Label)

    def head(self) -> str:
        """When it was said and by whom, `[date] Speaker:`; words one searches by."""
        return f"[{self.at.day} {self.at:%B %Y}] {self.speaker}:"

    def spoken(self) -> str:
        """As it is shown: `[date] Speaker: text`."""
        return f"{self.head()} {self.text}"
