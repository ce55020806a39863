"""The question to a model in the grey zone, and how its answer is read. Knows words; refuses to know models."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

from nova.core.routes import ArbiterCandidate, Arbitration, Boundary, Vote, VoteKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nova.core.routes import Candidate, Match, Thread

CANDIDATES_MAX = 5
EXAMPLES_MAX = 2
BOUNDARIES_MAX = 6
TEXT_CHARACTERS_MAX = 4_000


def arbitration(text: str, thread: Thread, ranked: Sequence[tuple[Candidate, float, Sequence[Match]]]) -> Arbitration:
    """The question as a value. ranked: the best candidates with probability and nearest taught texts, best first."""
    return Arbitration(
        text=text,
        before=f"{thread.request} (answered by {', '.join(thread.agents)})" if thread.agents else "",
        candidates=tuple(
            ArbiterCandidate(
                agent=candidate.name,
                description=candidate.description,
                boundaries=candidate.boundaries[:BOUNDARIES_MAX],
                examples=tuple(match.text for match in near[:EXAMPLES_MAX]),
                score=round(score, 4),
            )
            for candidate, score, near in ranked[:CANDIDATES_MAX]
        ),
    )


def question(asked: Arbitration) -> str:
    """The question in words. The request stands between marks, as a text to judge and not to follow."""
    lines = ["You route one request to the specialist whose job it is. Do not answer the request.", "", "Specialists:"]
    for candidate in asked.candidates:
        lines += [f"- {candidate.agent}: {' '.join(candidate.description.split())}"]
        lines += [f"  does not do: {one.what} (that is {one.who})" for one in _ordered(candidate.boundaries)]
        lines += [f"  was once asked: {example}" for example in candidate.examples]
    if asked.before:
        lines += ["", f"The request before it in this conversation: {asked.before[:TEXT_CHARACTERS_MAX]}"]
    lines += [
        "",
        "The request:",
        "<<<",
        asked.text[:TEXT_CHARACTERS_MAX],
        ">>>",
        "",
        "Answer with one JSON object and nothing else:",
        '{"choice": "one", "agents": ["NAME"]} when one of them takes it;',
        '{"choice": "several", "agents": ["NAME", "NAME"], "parts": ["words for the first", "words for the second"]}'
        " when it asks for separate things of different specialists;",
        '{"choice": "none", "agents": []} when it is the job of none of them;',
        '{"choice": "ask", "agents": ["NAME", "NAME"]} when it can be read in more than one way and the words do not'
        " decide.",
        'Add "reason": one short sentence.',
    ]
    return "\n".join(lines)


def read_vote(answer: str, asked: Arbitration, model: str) -> Vote | None:
    """The vote in a model's answer, or None when it names no candidate or is no such object."""
    match = re.search(r"\{.*\}", answer, re.DOTALL)
    try:
        value: object = json.loads(match[0]) if match else None
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    value = cast("dict[str, object]", value)
    known = {candidate.agent for candidate in asked.candidates}
    named = _strings(value.get("agents"))
    agents = tuple(dict.fromkeys(name for name in named if name in known))
    parts = _strings(value.get("parts"))
    kind = {str(kind): kind for kind in VoteKind}.get(str(value.get("choice")))
    if kind is VoteKind.SEVERAL and len(agents) == 1:
        kind = VoteKind.ONE
    least = {VoteKind.ONE: 1, VoteKind.SEVERAL: 2, VoteKind.ASK: 2, VoteKind.NONE: 0}
    if kind is None or len(agents) < least[kind]:
        return None
    return Vote(
        kind=kind,
        agents=agents,
        parts=tuple(parts) if len(parts) == len(agents) else (),
        reason=str(value.get("reason") or "")[:400],
        model=model,
    )


def _strings(value: object) -> list[str]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str)]


def _ordered(boundaries: Sequence[Boundary]) -> Sequence[Boundary]:
    return sorted(boundaries, key=lambda one: one.who)
