"""Tells a request that only continues the running conversation from one that starts anew.

Knows words and the last turn.
"""

from __future__ import annotations

import re
from enum import StrEnum

from nova.coordinator.clause_words import asks
from nova.coordinator.vagueness import content_words
from nova.core.routes import Asked, Reading, Thread

WORDS_MAX = 12  # a longer request stands on its own
ELLIPSIS_WORDS_MAX = 7
_GO_ON = re.compile(
    r"^(?:yes|yep|yeah|sure|ok(?:ay)?|no|nope|right|exactly|correct|go on|continue|go ahead|do it|do that|again|more"
    r"|why|how so|really|the (?:first|second|third|fourth|last|next|other|previous)(?: one| ones)?"
    r"|both|all of (?:them|it)"
    r"|none|ja|nein|genau|weiter|mach das|warum|das (?:erste|zweite|dritte|letzte|andere))\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"^(?:and|but|or|also|then|so|what about|how about|same|the same|instead|now|what if"
    r"|und|aber|oder|auch|dann|was ist mit)\b",
    re.IGNORECASE,
)
_ANOTHER = re.compile(r"^(?:and|what about|how about|und|was ist mit)\s+", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|that|this|they|them|those|these|there|one|ones|same|other|another|else|instead|above|previous|das|dies|sie"
    r"|es|dort|andere[nrs]?|gleiche)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^\s*(?:option\s*|number\s*|nr\.?\s*|#)?(\d{1,2})[.)]?\s*$", re.IGNORECASE)


class Bond(StrEnum):
    """How strongly a request hangs on the turn before it."""

    NONE = "none"
    LOOSE = "loose"  # it may continue: the last agent gets a bonus
    TIGHT = "tight"  # it means nothing without the turn before


def bond(text: str, thread: Thread) -> Bond:
    """How a request hangs on the conversation; NONE when there is none."""
    if not thread.agents or len(text.split()) > WORDS_MAX:
        return Bond.NONE
    words = len(content_words(text))
    opens = bool(_CONTINUES.match(text))
    points = bool(_POINTS_BACK.search(text))
    if (_GO_ON.match(text) and words <= 1) or (opens and (words == 0 or (points and words <= 1))):
        return Bond.TIGHT
    if (words == 0 and points) or _elliptical(text):
        return Bond.TIGHT
    return Bond.LOOSE if opens or (points and words <= 3) else Bond.NONE


def _elliptical(text: str) -> bool:
    """Whether it names another thing and leaves what to do with it to the turn before: “and in the other app?”."""
    opening = _ANOTHER.match(text)
    return opening is not None and len(text.split()) <= ELLIPSIS_WORDS_MAX and not asks(text[opening.end() :])


def answer_to(text: str, asked: Asked | None) -> Reading | None:
    """The reading that a reply picks by number, by ordinal, or by the agent's name; None when it is no such reply."""
    if asked is None:
        return None
    if (match := _NUMBER.match(text)) and 1 <= int(match[1]) <= len(asked.readings):
        return asked.readings[int(match[1]) - 1]
    plain = " ".join(text.casefold().strip(" .!").split())
    for index, ordinal in enumerate(("first", "second", "third", "fourth")[: len(asked.readings)]):
        if re.fullmatch(rf"(?:the )?{ordinal}(?: one| option| please)?", plain):
            return asked.readings[index]
    for reading in asked.readings:
        if plain in (reading.agent.casefold(), reading.agent.replace("-", " ").casefold(), reading.what.casefold()):
            return reading
    return None
