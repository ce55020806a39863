"""What routing costs in processor time: a request with the encoder's pass, cached, in clauses; fitting anew."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING

from benchmarks.routing.spans import join
from nova.coordinator.fitting import fit_head
from nova.coordinator.lessons import Correction
from nova.coordinator.routing import route
from nova.coordinator.zones import ZoneSettings
from nova.models.encoders import Encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.routing.data import Row
    from nova.coordinator.head import Head
    from nova.coordinator.nobody import NobodysJob
    from nova.core.routes import RouteView
    from nova.models.encoders import Network

TIMED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Processor milliseconds.

    refit: one more lesson, starting from the head before; cold: everything but the encoder anew.
    """

    route_cpu_ms_p50: float
    route_cpu_ms_p95: float
    route_cached_cpu_ms_p50: float
    spans_cpu_ms_p50: float
    spans_cpu_ms_p95: float
    refit_ms: float
    refit_cold_ms: float
    refit_with_cutoffs_ms: float


def costs(
    rows: Sequence[Row], view: RouteView, head: Head, encoder: Encoder, network: Network, nobody: NobodysJob, seed: int
) -> Costs:
    """Times requests of the test rows with an empty memory, then again with a full one."""
    fresh = Encoder(network)
    route("a first request warms the processor", view, head, fresh)
    texts = list(dict.fromkeys(row.text for row in rows))[:TIMED]
    first = [_milliseconds(lambda text=text: route(text, view, head, fresh)) for text in texts]
    again = [_milliseconds(lambda text=text: route(text, view, head, fresh)) for text in texts]
    joined = [
        _milliseconds(lambda text=pair.text: route(text, view, head, fresh)) for pair in join(rows, TIMED, seed + 1000)
    ]
    bare = ZoneSettings(certify=False)
    more = (_correction(view.agents[0].name),)
    encoder.encode([one.text for one in more])
    return Costs(
        route_cpu_ms_p50=median(first),
        route_cpu_ms_p95=quantiles(first, n=20)[-1],
        route_cached_cpu_ms_p50=median(again),
        spans_cpu_ms_p50=median(joined),
        spans_cpu_ms_p95=quantiles(joined, n=20)[-1],
        refit_ms=_milliseconds(lambda: fit_head(view.agents, encoder, more, nobody, bare, before=head)),
        refit_cold_ms=_milliseconds(lambda: fit_head(view.agents, encoder, (), nobody, bare)),
        refit_with_cutoffs_ms=_milliseconds(lambda: fit_head(view.agents, encoder, more, nobody, before=head)),
    )


def _correction(agent: str) -> Correction:
    from datetime import UTC, datetime

    return Correction(text="one more request that the owner has put right", agent=agent, at=datetime.now(UTC))


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000
