"""What the head learns from: texts with the agent they belong to and where they come from.

Boundaries are never among them.

Embedding what an agent does *not* do attracts exactly that (16 points worse at no examples), so there is no source
for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nova.core.routes import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from nova.core.routes import Candidate

NOBODY = ""  # the agent of a lesson that is nobody's job
PHRASE_WORDS_MIN = 2
_SPLIT = re.compile(r"[.;:,]|\band\b|\bor\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One text and the agent it belongs to. topic: lessons of one topic are held out together in cross-validation."""

    text: str
    agent: str
    source: Source
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The owner's word: this text belongs to this agent (NOBODY: to none). run: where it was routed otherwise."""

    text: str
    agent: str
    at: datetime
    run: str = ""


def lessons(agents: Sequence[Candidate], corrections: Sequence[Correction] = ()) -> tuple[Lesson, ...]:
    """All lessons of a roster, without duplicates. A later correction of the same text replaces an earlier one.

    A correction also takes the text away from the examples of other agents; one for an agent that is not in the
    roster waits.
    """
    known = {agent.name for agent in agents} | {NOBODY}
    last = {_key(one.text): one for one in corrections if one.agent in known}
    found: dict[tuple[str, str], Lesson] = {}
    for agent in agents:
        for lesson in _of(agent):
            if (corrected := last.get(_key(lesson.text))) is None or corrected.agent == agent.name:
                found.setdefault((agent.name, _key(lesson.text)), lesson)
    for key, one in last.items():
        found[one.agent, key] = Lesson(text=one.text, agent=one.agent, source=Source.CORRECTION)
    return tuple(found.values())


def phrases(description: str) -> tuple[str, ...]:
    """The parts of a description that can stand alone: cut at punctuation, «and» and «or», two words at least."""
    parts = (part.strip() for part in _SPLIT.split(description))
    return tuple(dict.fromkeys(part for part in parts if len(part.split()) >= PHRASE_WORDS_MIN))


def _of(agent: Candidate) -> Iterable[Lesson]:
    for text in agent.examples:
        if text.strip():
            yield Lesson(text=text, agent=agent.name, source=Source.EXAMPLE)
    yield Lesson(text=re.sub(r"[-_]+", " ", agent.name), agent=agent.name, source=Source.NAME)
    for text in (agent.description, *phrases(agent.description)):
        if text.strip():
            yield Lesson(text=text, agent=agent.name, source=Source.DESCRIPTION)


def _key(text: str) -> str:
    return " ".join(text.casefold().split())
