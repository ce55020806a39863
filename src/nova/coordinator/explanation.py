"""Why a route came out as it did: what lies nearest, what moved the score, which boundary speaks against the rival.

Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nova.coordinator.head import trusted
from nova.coordinator.logistic import listed
from nova.coordinator.vagueness import content_words
from nova.core.routes import Candidate, Contribution, Excluded, Match, Ranked, Source, Zone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from nova.coordinator.head import Head

    Floats = NDArray[np.float32]

RANKED_MAX = 8
MATCHES_MAX = 2
EXAMPLE_BONUS = 0.15  # of kernel: how much nearer a description must be to be cited before an example
_SOURCE_WORDS = {
    Source.EXAMPLE: "examples",
    Source.NAME: "name",
    Source.DESCRIPTION: "description",
    Source.CORRECTION: "corrections",
}


def ranking(head: Head, probabilities: Floats) -> tuple[Ranked, ...]:
    """The best agents of one request, probabilities [agents + 1]."""
    order = np.argsort(-probabilities[:-1], kind="stable")[:RANKED_MAX]
    return tuple(
        Ranked(agent=head.agents[index], score=round(float(probabilities[index]), 5))
        for index in listed(order)
        if probabilities[index] > 0
    )


def matches(head: Head, agent: int, kernel: Floats, cosines: Floats) -> tuple[Match, ...]:
    """The nearest texts of an agent that speak for it: by the kernel, so words count beside meaning; examples first
    where a description is hardly nearer. kernel, cosines: [lessons].
    """
    own = np.flatnonzero((head.owners == agent) & (head.coefficients[:, agent] > 0))
    said = np.array([EXAMPLE_BONUS if trusted(head.lessons[row]) else 0.0 for row in listed(own)])
    best = own[np.argsort(-(kernel[own] + said), kind="stable")[:MATCHES_MAX]]
    return tuple(
        Match(
            text=head.lessons[row].text,
            agent=head.lessons[row].agent,
            source=head.lessons[row].source,
            cosine=round(float(cosines[row]), 4),
        )
        for row in listed(best)
    )


def contributions(head: Head, agent: int, rival: int, kernel: Floats) -> tuple[Contribution, ...]:
    """What speaks for the agent against its rival, in log-odds, by the source of the texts; the parts add up to the
    whole.
    """
    moved = kernel * (head.coefficients[:, agent] - head.coefficients[:, rival]) / head.cutoffs.temperature
    owners = head.owners
    rows: list[Contribution] = []
    for source, words in _SOURCE_WORDS.items():
        own = [row for row in listed(np.flatnonzero(owners == agent)) if head.lessons[row].source is source]
        if own:
            rows.append(Contribution(what=f"its own {words}", amount=round(float(moved[own].sum()), 3)))
    name = head.agents[rival] if rival < len(head.agents) else "nobody"
    rows.append(Contribution(what=f"what {name} was taught", amount=round(float(moved[owners == rival].sum()), 3)))
    rest = moved[(owners != agent) & (owners != rival)].sum()
    rows.append(Contribution(what="what all the others were taught", amount=round(float(rest), 3)))
    return tuple(rows)


def excluded(chosen: str, rivals: Sequence[str], agents: Mapping[str, Candidate], text: str) -> tuple[Excluded, ...]:
    """For each rival, the boundary that hands this work to the chosen agent; of several, the one sharing most words."""
    asked = set(content_words(text))
    found: list[Excluded] = []
    for rival in rivals:
        handed = [one for one in agents[rival].boundaries if one.who == chosen] if rival in agents else []
        if handed:
            best = max(handed, key=lambda one: len(asked & set(content_words(one.what))))
            found.append(Excluded(agent=rival, what=best.what, who=best.who))
    return tuple(found)


def sentence(
    zone: Zone, agent: str, match: Match | None, rival: str, speaks_against: Excluded | None, extra: str = ""
) -> str:
    """The reason in one or two sentences."""
    near = ""
    if match is not None:
        shown = {Source.EXAMPLE: "its example", Source.CORRECTION: "your correction", Source.NAME: "its name"}
        near = (
            f"the request is near to {shown.get(match.source, 'its description')} “{match.text}” ({match.cosine:.2f})"
        )
    against = ""
    if speaks_against is not None:
        against = f" {speaks_against.agent} came second and leaves “{speaks_against.what}” to {speaks_against.who}."
    elif rival:
        against = f" {rival} came second."
    match zone:
        case Zone.SURE:
            return f"{agent} takes this: {near}.{against}"
        case Zone.GREY:
            return f"{agent} is the best guess, not a certain one: {near}.{against}"
        case Zone.NONE:
            return f"No agent of this home does this; the closest is {agent}." + (f" {extra}" if extra else "")
        case Zone.ASK:
            return f"The words leave several readings open: {extra}."
        case Zone.FOLLOWED:
            return f"{agent} takes this: it continues the conversation.{extra}"
        case Zone.TOLD:
            return f"{agent} takes this: {extra}."


def by_name(agents: Sequence[Candidate]) -> dict[str, Candidate]:
    """Candidates by their names."""
    return {agent.name: agent for agent in agents}
