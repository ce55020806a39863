"""The shipped agents against requests of every day. Develop on fleet_dev.jsonl (the default) and fleet_seen.jsonl.

`--sealed` measures fleet.jsonl: 150 requests written before any answer of the router was seen. Look at it rarely,
print only its figures, and never tune anything to it.

`python -m benchmarks.routing.fleet [--sealed | --seen] [--json] [--show]`. Each request is asked in its project; none
is part of a conversation.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from nova.agents.load import load_roster
from nova.app.tools import all_tools
from nova.coordinator.fitting import fit_head
from nova.coordinator.nobody import load_nobody
from nova.coordinator.router import candidate
from nova.coordinator.routing import route
from nova.core.routes import AskBack, Nobody, Route, RouteView, ToAgent, ToPlan, Zone
from nova.models.encoding import open_encoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nova.core.routes import Candidate

ROOT = Path(__file__).resolve().parents[2]
DEVELOPMENT = "fleet_dev.jsonl"
KINDS = {
    "airep": "django-erp",
    "find-a-sign": "marketplace",
    "sweeper-parts": "parts-shop",
    "client-sites": "site",
    "blog": "blog",
    "nova": "nova",
}


class Asked(BaseModel):
    """One request. also: agents that are right too; agents: of a spanning one; candidates: of an ambiguous one."""

    id: int
    text: str
    project: str | None
    agent: str | None
    also: list[str]
    kind: Literal["single", "ambiguous", "none", "span"]
    agents: list[str]
    candidates: list[str]
    difficulty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFigures:
    """Shares of the requests of each kind. wrong_and_confident: of all requests, sure and wrong."""

    right_first: float
    right_in_three: float
    right_first_easy: float
    right_first_medium: float
    right_first_hard: float
    wrong_and_confident: float
    sure_share: float
    ambiguous_asked: float
    ambiguous_sure: float
    none_found: float
    spans_found: float
    spans_exact: float
    asked_back_of_single: float
    route_cpu_ms_p50: float


def main(arguments: list[str]) -> int:
    """Routes the chosen requests and prints the figures; only the sealed set's are kept in results/."""
    chosen = "fleet.jsonl" if "--sealed" in arguments else "fleet_seen.jsonl" if "--seen" in arguments else DEVELOPMENT
    asked = [
        Asked.model_validate_json(line)
        for line in (ROOT / "benchmarks/routing" / chosen).read_text("utf-8").splitlines()
    ]
    roster = load_roster(ROOT / "catalog", None, all_tools().keys())
    agents = tuple(candidate(agent) for agent in sorted(roster.agents, key=lambda agent: agent.name))
    encoder = open_encoder()
    head = fit_head(agents, encoder, nobody=load_nobody(ROOT / "catalog"))
    made = [route(one.text, _view(one, agents), head, encoder).route for one in asked]
    found = figures(asked, made)
    result = {**{key: round(value, 4) for key, value in asdict(found).items()}, "cutoffs": asdict(head.cutoffs)}
    result["at"] = datetime.now(UTC).isoformat(timespec="seconds")
    if "--sealed" in arguments:
        (ROOT / "benchmarks/results/routing-fleet.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    elif "--show" in arguments:
        _show(asked, made)
    sys.stdout.write(
        json.dumps(result) + "\n"
        if "--json" in arguments
        else "".join(f"{key:24}{value}\n" for key, value in result.items())
    )
    return 0


def _view(one: Asked, agents: Sequence[Candidate]) -> RouteView:
    """The project's kind, or all kinds outside any project; the visitors' agent for visitors alone."""
    visitor = one.agent == "visitor-guide"
    kinds = {KINDS[one.project]} if one.project else set(KINDS.values())
    reached = [agent.visitors == visitor and (not agent.kinds or not kinds.isdisjoint(agent.kinds)) for agent in agents]
    seen = (
        replace(agent, kinds=() if inside else ("out of reach",)) for agent, inside in zip(agents, reached, strict=True)
    )
    return RouteView(agents=tuple(seen), project=one.project or "", visitor=visitor)


def right(one: Asked, made: Route) -> bool:
    """Whether the decision as such is right for this kind of request."""
    match one.kind:
        case "single":
            return isinstance(made, ToAgent) and made.agent in (one.agent, *one.also)
        case "ambiguous":
            return isinstance(made, AskBack)
        case "none":
            return isinstance(made, Nobody)
        case "span":
            return isinstance(made, ToPlan) and {part.agent for part in made.parts} == set(one.agents)


def figures(asked: Sequence[Asked], made: Sequence[Route]) -> FleetFigures:
    """The figures of routed requests. The first agent of a request is the best of its ranking, whatever the zone."""
    pairs = list(zip(asked, made, strict=True))
    kinds = {
        kind: [(one, way) for one, way in pairs if one.kind == kind] for kind in ("single", "ambiguous", "none", "span")
    }
    singles = kinds["single"]

    def first(rows: Sequence[tuple[Asked, Route]], count: int) -> float:
        hits = [
            bool({one.agent, *one.also} & {ranked.agent for ranked in way.explanation.ranking[:count]})
            for one, way in rows
        ]
        return sum(hits) / max(len(hits), 1)

    def level(name: str) -> float:
        return first([(one, way) for one, way in singles if one.difficulty == name], 1)

    def share(kind: str, shape: type[Route]) -> float:
        return sum(isinstance(way, shape) for _, way in kinds[kind]) / max(len(kinds[kind]), 1)

    return FleetFigures(
        right_first=first(singles, 1),
        right_in_three=first(singles, 3),
        right_first_easy=level("easy"),
        right_first_medium=level("medium"),
        right_first_hard=level("hard"),
        wrong_and_confident=sum(way.zone is Zone.SURE and not right(one, way) for one, way in pairs) / len(pairs),
        sure_share=sum(way.zone is Zone.SURE for _, way in pairs) / len(pairs),
        ambiguous_asked=share("ambiguous", AskBack),
        ambiguous_sure=sum(way.zone is Zone.SURE for _, way in kinds["ambiguous"]) / max(len(kinds["ambiguous"]), 1),
        none_found=share("none", Nobody),
        spans_found=share("span", ToPlan),
        spans_exact=sum(right(one, way) for one, way in kinds["span"]) / max(len(kinds["span"]), 1),
        asked_back_of_single=share("single", AskBack),
        route_cpu_ms_p50=median(way.explanation.milliseconds for way in made),
    )


def _show(asked: Sequence[Asked], made: Sequence[Route]) -> None:
    tally = Counter(
        (one.kind, type(way).__name__, str(way.zone), right(one, way)) for one, way in zip(asked, made, strict=True)
    )
    for (kind, shape, zone, good), count in sorted(tally.items()):
        sys.stdout.write(f"{kind:10} {shape:8} {zone:6} {'right' if good else 'wrong':6} {count}\n")
    for one, way in zip(asked, made, strict=True):
        if not right(one, way):
            ranked = ", ".join(f"{row.agent} {row.score:.2f}" for row in way.explanation.ranking[:3])
            sys.stdout.write(
                f"{one.id:4} {one.kind} {way.zone} wanted {one.agent or one.agents or one.candidates}: "
                f"{ranked} | {one.text}\n"
            )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
