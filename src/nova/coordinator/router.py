"""The router of one roster: encoder, head and corrections together, loaded when first asked. Refuses to know runs.

The head is kept in the cache by the hash of everything it was taught, so that a start does not fit it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nova.coordinator.corrections import Correction

from nova.agents.definition import Agent
from nova.coordinator import head as heads
from nova.coordinator import routing
from nova.coordinator.lessons import Lesson, lessons
from nova.core.routes import Boundary, Candidate, Decision, Route, RouteView, Vote
from nova.models.encoders import Encoder


def candidate(agent: Agent) -> Candidate:
    """What routing needs to know of an agent."""
    return Candidate(
        name=agent.name,
        description=agent.description,
        examples=agent.examples,
        boundaries=tuple(Boundary(what=one.what, who=one.who) for one in agent.not_for),
        kinds=agent.kinds,
        visitors=agent.visitors,
    )


@dataclass(frozen=True)
class Router:
    """Decides who takes a request. agents: the whole roster, whatever is in reach. catalog: where nobody.txt lies."""

    agents: Sequence[Agent]
    corrections: Sequence[Correction]
    open_encoder: Callable[[], Encoder]
    settings: heads.HeadSettings
    catalog: Path
    cache: Path

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """All agents of the roster as routing sees them."""
        return tuple(candidate(agent) for agent in self.agents)

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder, or the one by words alone, which says so."""
        return self.open_encoder()

    @cached_property
    def taught(self) -> tuple[Lesson, ...]:
        """Everything the head learns from."""
        return lessons(self.candidates, self.corrections)

    @cached_property
    def head(self) -> heads.Head:
        """The fitted head, from the cache when nothing it was taught has changed."""
        key = heads.head_key(self.taught, self.encoder, self.settings)
        place = self.cache / f"head-{key}.npz"
        found = heads.load_head(place, key)
        if found is not None:
            return found
        fitted = heads.fit_head(self.taught, self.encoder, heads.load_nobody(self.catalog), self.settings)
        heads.save_head(fitted, place)
        return fitted

    def decide(self, text: str, view: RouteView) -> Decision:
        """The route, with its explanation. Raises Unknown for a named agent that does not exist."""
        return routing.route(text, view, self.head, self.encoder)

    def settle(self, decision: Decision, vote: Vote | None, view: RouteView) -> Route:
        """The route after the arbiter's vote, or without one."""
        return routing.settle(decision, vote, view)
