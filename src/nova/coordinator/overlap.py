"""Where agents cannot be told apart, and how many examples are missing.

Knows held-out examples; refuses to know files. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nova.coordinator.fitting import NOBODYS_JOB_UNKNOWN, PROMISED, prepare
from nova.coordinator.head import winners
from nova.coordinator.lessons import NOBODY
from nova.coordinator.logistic import listed
from nova.coordinator.zones import certify, cross_validate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nova.coordinator.lessons import Correction
    from nova.coordinator.nobody import NobodysJob
    from nova.coordinator.zones import ZoneSettings
    from nova.core.routes import Candidate, Cutoffs
    from nova.models.encoders import Encoder

INSEPARABLE_SHARE = 0.3  # of a pair's examples that go to the other one
INSEPARABLE_LEAST = 3  # fewer strays are chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """An example that, held out, goes to another agent (NOBODY: to nobody)."""

    text: str
    agent: str
    goes_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Two agents that share territory. share: of both agents' examples, those that go to the other one."""

    first: str
    second: str
    strays: tuple[Stray, ...]
    share: float
    inseparable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterReport:
    """What a roster's own examples say about it. accuracy: of held-out examples; overlaps: the worst first."""

    accuracy: float
    overlaps: tuple[Overlap, ...]
    cutoffs: Cutoffs


def examine(
    agents: Sequence[Candidate],
    encoder: Encoder,
    corrections: Sequence[Correction] = (),
    nobody: NobodysJob = NOBODYS_JOB_UNKNOWN,
    settings: ZoneSettings = PROMISED,
) -> RosterReport:
    """Routes every example by a head that has not seen it, among the agents its project could reach."""
    trial = prepare(agents, encoder, corrections, nobody).trial
    seen = cross_validate(trial, settings)
    names = (*(agent.name for agent in agents), NOBODY)
    cutoffs = certify(trial, seen, settings)
    best = winners(seen.logits, cutoffs.none)
    inside = seen.classes < len(agents)
    strays = tuple(
        Stray(text=trial.lessons[row].text, agent=names[owner], goes_to=names[goes])
        for row, owner, goes in zip(listed(seen.rows), listed(seen.classes), listed(best), strict=True)
        if owner != goes and owner < len(agents)
    )
    counts = {agent.name: int((seen.classes == index).sum()) for index, agent in enumerate(agents)}
    return RosterReport(
        accuracy=float((best == seen.classes)[inside].mean()) if inside.any() else 0.0,
        overlaps=_pairs(strays, counts),
        cutoffs=cutoffs,
    )


def _pairs(strays: Sequence[Stray], counts: dict[str, int]) -> tuple[Overlap, ...]:
    grouped: dict[tuple[str, str], list[Stray]] = {}
    for stray in strays:
        if stray.goes_to != NOBODY:
            first, second = sorted((stray.agent, stray.goes_to))
            grouped.setdefault((first, second), []).append(stray)
    found = [
        Overlap(
            first=first,
            second=second,
            strays=tuple(inside),
            share=len(inside) / (counts[first] + counts[second]),
            inseparable=_inseparable(inside, counts),
        )
        for (first, second), inside in grouped.items()
    ]
    return tuple(sorted(found, key=lambda one: -one.share))


def _inseparable(strays: Sequence[Stray], counts: dict[str, int]) -> bool:
    """Whether one of the two loses this much of its examples to the other."""
    lost = {stray.agent: 0 for stray in strays}
    for stray in strays:
        lost[stray.agent] += 1
    return any(count >= INSEPARABLE_LEAST and count >= INSEPARABLE_SHARE * counts[name] for name, count in lost.items())
