"""One roster through the product's own router, and its figures.

Knows labels; chooses no threshold: those come from the examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.routing.costs import Costs, costs
from benchmarks.routing.data import roster
from benchmarks.routing.faithful import faithful
from benchmarks.routing.spans import Spans, spans
from nova.coordinator.fitting import fit_head
from nova.coordinator.head import score
from nova.coordinator.logistic import softmax
from nova.coordinator.routing import route
from nova.core.routes import Nobody, Route, RouteView, ToAgent, Zone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.routing.data import Data, Row
    from nova.coordinator.head import Head
    from nova.coordinator.nobody import NobodysJob
    from nova.models.encoders import Encoder, Network

    Floats = NDArray[np.float32]

OUT_OF_SCOPE_SHARE = 0.18  # of the traffic that the shares are reckoned for


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """How often the right agent is first, among three, among five, and how well out-of-scope ones are told apart."""

    accuracy: float
    top3: float
    top5: float
    oos_auroc: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """Shares of all traffic, 18 % of it out of scope. None where the data has no out-of-scope rows."""

    confident_share: float
    confident_error: float
    confident_error_in_scope: float
    grey_share: float
    ask_share: float
    none_precision: float | None
    none_recall: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of one roster drawn by one seed."""

    ranks: Ranks
    zones: Zones
    spans: Spans
    costs: Costs
    citation_faithful: float
    examples: int
    examples_missing: int


def measure(
    data: Data, per_agent: int | None, seed: int, encoder: Encoder, network: Network, nobody: NobodysJob
) -> Figures:
    """Fits a roster drawn by this seed and sends every test request through `route`."""
    agents = roster(data, per_agent, seed)
    head = fit_head(agents, encoder, nobody=nobody)
    view = RouteView(agents=agents)
    inside = [(row, route(row.text, view, head, encoder).route) for row in data.inside]
    outside = [(row, route(row.text, view, head, encoder).route) for row in data.outside]
    return Figures(
        ranks=_ranks(data, head, encoder),
        zones=zones(inside, outside),
        spans=spans(data.inside, view, head, encoder, seed),
        costs=costs(data.inside, view, head, encoder, network, nobody, seed),
        citation_faithful=faithful(head, encoder, [row.text for row in data.inside]),
        examples=head.cutoffs.examples,
        examples_missing=head.cutoffs.examples_missing,
    )


def zones(inside: Sequence[tuple[Row, Route]], outside: Sequence[tuple[Row, Route]]) -> Zones:
    """What the zones did to labelled requests."""
    per_in = (1 - OUT_OF_SCOPE_SHARE) / len(inside) if outside else 1 / len(inside)
    per_out = OUT_OF_SCOPE_SHARE / len(outside) if outside else 0.0

    def share(zone: Zone) -> float:
        return per_in * sum(made.zone is zone for _, made in inside) + per_out * sum(
            made.zone is zone for _, made in outside
        )

    sure = [(row, made) for row, made in inside if made.zone is Zone.SURE]
    wrong = sum(not (isinstance(made, ToAgent) and made.agent == row.agent) for row, made in sure)
    wrong_out = sum(made.zone is Zone.SURE for _, made in outside)
    none_in = per_in * sum(isinstance(made, Nobody) for _, made in inside)
    none_out = per_out * sum(isinstance(made, Nobody) for _, made in outside)
    confident = share(Zone.SURE)
    return Zones(
        confident_share=confident,
        confident_error=(per_in * wrong + per_out * wrong_out) / confident if confident else 0.0,
        confident_error_in_scope=wrong / len(sure) if sure else 0.0,
        grey_share=share(Zone.GREY),
        ask_share=share(Zone.ASK),
        none_precision=none_out / (none_in + none_out) if outside and none_in + none_out else None,
        none_recall=none_out / OUT_OF_SCOPE_SHARE if outside else None,
    )


def _ranks(data: Data, head: Head, encoder: Encoder) -> Ranks:
    inside = _probabilities(head, encoder, data.inside)
    truth = np.array([head.agents.index(row.agent or "") for row in data.inside])
    order = np.argsort(-inside[:, :-1], axis=1)

    def within(count: int) -> float:
        return float((order[:, :count] == truth[:, None]).any(axis=1).mean())

    outside = _probabilities(head, encoder, data.outside)[:, :-1].max(axis=1) if data.outside else None
    auroc = None if outside is None else auroc_of(inside[:, :-1].max(axis=1), outside)
    return Ranks(accuracy=within(1), top3=within(3), top5=within(5), oos_auroc=auroc)


def _probabilities(head: Head, encoder: Encoder, rows: Sequence[Row]) -> Floats:
    everyone = np.ones(len(head.agents), np.bool_)
    return softmax(score(head, encoder, [row.text for row in rows], everyone).logits)


def auroc_of(above: Floats, below: Floats) -> float:
    """The probability that a value of the first is above one of the second; ties count half."""
    both = np.concatenate([above, below])
    _, places, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    won = ranks[: len(above)].sum() - len(above) * (len(above) + 1) / 2
    return float(won / (len(above) * len(below)))
