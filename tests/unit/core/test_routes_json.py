"""Routes survive the record."""

from __future__ import annotations

import json

import pytest

from nova.core.degradations import Degradation, DegradationKind
from nova.core.routes import (
    AskBack,
    Contribution,
    Cutoffs,
    Excluded,
    Match,
    Nobody,
    Part,
    Ranked,
    Reading,
    Route,
    RouteExplanation,
    Source,
    ToAgent,
    ToPlan,
    Vote,
    VoteKind,
    Zone,
)
from nova.core.routes_json import route_from_json, route_to_json

CUTOFFS = Cutoffs(
    sure=None,
    none=0.1,
    plausible=0.2,
    temperature=0.5,
    nobody_bias=-1.0,
    split=0.0,
    error_max=0.02,
    share_expected=0.4,
    error_expected=0.01,
    examples=340,
    examples_missing=0,
)
FULL = RouteExplanation(
    zone=Zone.GREY,
    sentence="Because.",
    ranking=(Ranked(agent="a", score=0.5), Ranked(agent="b", score=0.25)),
    confidence=-1.5,
    matches=(Match(text="x", agent="a", source=Source.CORRECTION, cosine=0.75),),
    excluded=(Excluded(agent="b", what="y", who="a"),),
    contributions=(Contribution(what="its own examples", amount=2.0),),
    parts=(Part(text="x", agent="a", score=0.5),),
    plausible=("a", "b"),
    cutoffs=CUTOFFS,
    out_of_reach=("c",),
    vote=Vote(kind=VoteKind.ONE, agents=("a",), reason="r", model="m"),
    milliseconds=1.25,
    degradations=(Degradation(kind=DegradationKind.NO_ENCODER, what="w", mend="m"),),
)
ROUTES: list[Route] = [
    ToAgent(agent="a", text="x", zone=Zone.SURE, explanation=FULL, aloud="!"),
    ToPlan(parts=(Part(text="x", agent="a", score=1.0),), zone=Zone.GREY, explanation=FULL),
    AskBack(question="?", readings=(Reading(agent="a", what="w"),), text="x", zone=Zone.ASK, explanation=FULL),
    Nobody(text="x", zone=Zone.NONE, explanation=RouteExplanation(zone=Zone.NONE, sentence="No."), nearest="a"),
]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: type(route).__name__)
def test_round_trip(route: Route) -> None:
    """A route that went through JSON text is the same value."""
    assert route_from_json(json.loads(json.dumps(route_to_json(route)))) == route


def test_newer_fields() -> None:
    """A field that a newer Nova added is passed over; one that an older Nova did not have takes its default."""
    stored = route_to_json(ROUTES[3])
    explanation = stored["explanation"]
    assert isinstance(explanation, dict)
    explanation["invented"] = 1
    del explanation["confidence"]
    assert route_from_json(stored) == ROUTES[3]


@pytest.mark.parametrize(
    "broken", [{}, {"kind": "ToNowhere"}, {"kind": "Nobody", "text": 1, "zone": "none"}, {"kind": "ToAgent"}]
)
def test_no_route(broken: dict[str, str | int]) -> None:
    """Anything else is an error and never half a route."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        route_from_json(dict(broken))
