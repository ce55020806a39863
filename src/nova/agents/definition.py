"""What an agent is: its role, its boundaries, what it may use. A value; refuses to run anything."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nova.core.limits import Limits

_PHRASE = re.compile(r"[,;:]\s+|[.!?](?:\s+|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """Something an agent leaves to another: what, and who does it instead."""

    what: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A specialist, as its file describes it; docs/reference/agent-files.md says what each key means.

    model: a role of nova.toml (quick, strong). kinds: project kinds it serves, none for any. generates: what a
    generating model must write, empty when facts are enough. version: of the file's bytes, 12 hex digits.
    """

    name: str
    description: str
    tools: tuple[str, ...]
    model: str
    skills: tuple[str, ...]
    max_turns: int
    domain: str
    kinds: tuple[str, ...]
    reason: str
    generates: str
    not_for: tuple[Boundary, ...]
    examples: tuple[str, ...]
    failure_modes: tuple[str, ...]
    needs: tuple[str, ...]
    handoffs: tuple[str, ...]
    reads_private: bool
    sees_untrusted: bool
    acts_outside: bool
    supervised: bool
    visitors: bool
    limits: Limits
    evals: tuple[str, ...]
    instructions: str
    file: str
    version: str

    def serves(self, kind: str | None) -> bool:
        """Whether it is a candidate in a project of this kind (None: no project is in reach)."""
        return not self.kinds or kind in self.kinds


def phrases(agent: Agent) -> tuple[str, ...]:
    """The phrases of the description, cut at commas, semicolons and sentence ends; training text for the router."""
    parts = (part.strip() for part in _PHRASE.split(agent.description))
    return tuple(part.removeprefix("and ").removeprefix("or ") for part in parts if len(part) > 2)
