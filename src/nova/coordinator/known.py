"""A question that no agent is plainly made for, and that the memory speaks of: its keeper answers.

Knows when a piece of memory holds what is asked; refuses to answer. Only for the owner, and only for questions: a wish
or an order that is unclear is asked back.
"""

from __future__ import annotations

import re
from dataclasses import replace

from nova.coordinator.desk import Desk
from nova.coordinator.intake import Taken
from nova.core.degradations import Degradation, DegradationKind
from nova.core.episodes import Episode
from nova.core.errors import StoreError
from nova.core.requests import Principal
from nova.core.routes import AskBack, Nobody, Route, ToAgent, Zone
from nova.memory.echo import coverage, echoes
from nova.memory.recall import Recalled, recall
from nova.store import notes
from nova.store.textindex import query_words

KEEPER = "memory-keeper"
LOOKED_AT = 5
SHARE_MIN = 0.66  # of the question's telling words that one piece must hold
WORDS_MIN = 2
_ASKS = re.compile(
    r"\?\s*$|^\W*(?:who|whom|whose|what|when|where|which|why|how|do|does|did|is|are|was|were|have|has)\b",
    re.IGNORECASE,
)


def known(route: AskBack | Nobody, taken: Taken, desk: Desk) -> Route:
    """The keeper of the memory where it holds what is asked, else the route as it was."""
    if taken.principal is not Principal.OWNER or KEEPER not in desk.agents or not _ASKS.search(route.text):
        return route
    if len(query_words(route.text)) < WORDS_MIN:
        return route
    try:
        found = recall(desk.memory, route.text, taken.scope, count_max=LOOKED_AT).pieces
    except StoreError:
        return route  # the question back says nothing false
    holding = next((piece for piece in found if _holds(piece, route.text)), None)
    if holding is None:
        return route
    unsure = Degradation(
        kind=DegradationKind.UNSURE_ROUTE,
        what=f"No agent was plain for this; the memory speaks of it ({holding.tier} {holding.id}).",
        mend="`nova correct RUN --agent NAME` teaches the router; @name picks one.",
    )
    told = f"{KEEPER} takes this: no agent is plain for it, and the memory speaks of it ({holding.tier} {holding.id})."
    explained = replace(
        route.explanation,
        zone=Zone.GREY,
        sentence=told,
        degradations=(*route.explanation.degradations, unsure),
    )
    return ToAgent(agent=KEEPER, text=route.text, zone=Zone.GREY, explanation=explained)


def _holds(piece: Recalled, question: str) -> bool:
    what = piece.what
    if isinstance(what, Episode):
        return not echoes(what, question) and coverage(question, what.text) >= SHARE_MIN
    return coverage(question, notes.indexed(what)) >= SHARE_MIN
