"""The router of one roster: encoder, head and corrections together, loaded when first asked. Refuses to know runs.

The head is kept in the cache by the hash of everything it was taught, so that a start does not fit it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nova.agents.definition import Agent
from nova.coordinator import corrections, routing
from nova.coordinator.corrections import Corrected, PastRequest
from nova.coordinator.fitting import fit_head, head_key
from nova.coordinator.head import Head
from nova.coordinator.head_file import load_head, save_head
from nova.coordinator.lessons import Correction
from nova.coordinator.nobody import NobodysJob, load_nobody
from nova.coordinator.overlap import RosterReport, examine
from nova.coordinator.zones import ZoneSettings
from nova.core.routes import Boundary, Candidate, Decision, Route, RouteView, Vote
from nova.models.encoders import Encoder

HEADS_MAX = 8


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
    """Decides who takes a request. agents: the whole roster, whatever is in reach. catalog: where nobody.txt lies.

    open_teacher: the same encoder with a memory that outlives the process; it reads what teaches, never a request.
    """

    agents: Sequence[Agent]
    corrections: Sequence[Correction]
    open_encoder: Callable[[], Encoder]
    open_teacher: Callable[[], Encoder]
    settings: ZoneSettings
    catalog: Path
    cache: Path

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """All agents of the roster as routing sees them, by name."""
        return tuple(candidate(agent) for agent in sorted(self.agents, key=lambda agent: agent.name))

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder, or the one by words alone, which says so."""
        return self.open_encoder()

    @cached_property
    def nobody(self) -> NobodysJob:
        """The shipped questions that are nobody's job."""
        return load_nobody(self.catalog)

    @cached_property
    def head(self) -> Head:
        """The fitted head, from the cache when nothing it was taught has changed."""
        return self._kept(self.corrections, lambda: fit_head(*self._taught(), settings=self.settings))

    def decide(self, text: str, view: RouteView) -> Decision:
        """The route, with its explanation. Raises Unknown for a named agent that does not exist."""
        return routing.route(text, view, self.head, self.encoder)

    def settle(self, decision: Decision, vote: Vote | None, view: RouteView) -> Route:
        """The route after the arbiter's vote, or without one."""
        return routing.settle(decision, vote, view)

    def correct(self, correction: Correction, past: Sequence[PastRequest]) -> Corrected:
        """What one more correction does; the new head is in the cache for the next request."""
        taught = corrections.correct(
            correction,
            self.corrections,
            self.candidates,
            self.encoder,
            self.head,
            self.nobody,
            past,
            self.settings,
        )
        self._kept((*self.corrections, correction), lambda: taught.head)
        return taught

    def examine(self) -> RosterReport:
        """How well the agents can be told apart by their own examples."""
        return examine(*self._taught(), settings=self.settings)

    def _taught(self) -> tuple[Sequence[Candidate], Encoder, Sequence[Correction], NobodysJob]:
        return self.candidates, self.open_teacher(), self.corrections, self.nobody

    def _kept(self, taught: Sequence[Correction], fit: Callable[[], Head]) -> Head:
        key = head_key(self.candidates, self.encoder, taught, self.nobody, self.settings)
        place = self.cache / f"head-{key}.npz"
        found = load_head(place, key)
        if found is None:
            found = fit()
            save_head(found, place)
            _forget_old(self.cache)
        return found


def _forget_old(folder: Path) -> None:
    """Keeps the newest heads only: each correction and each edited agent file makes a new one of some megabytes."""
    newest_first = sorted(folder.glob("head-*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
    for old in newest_first[HEADS_MAX:]:
        old.unlink(missing_ok=True)
