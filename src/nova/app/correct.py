"""Correcting a route: the example is added, the head refitted at once, and what else changes is said."""

from __future__ import annotations

from dataclasses import dataclass

from nova.coordinator.corrections import Change
from nova.core.json import Json

PAST_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What a correction did. now: who would get the request now; changed: other past requests that go elsewhere."""

    text: str
    agent: str
    now: str
    checked: int
    changed: tuple[Change, ...]
    broken: tuple[tuple[str, str], ...]

    def json(self) -> dict[str, Json]:
        """For scripts."""
        changed: list[Json] = [{"text": one.text, "before": one.before, "after": one.after} for one in self.changed]
        return {
            "text": self.text,
            "agent": self.agent,
            "now": self.now,
            "checked": self.checked,
            "changed": changed,
            "broken": [{"text": text, "agent": agent} for text, agent in self.broken],
        }
