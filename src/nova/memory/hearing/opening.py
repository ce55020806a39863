"""How a sentence opens: with an interjection, a sign-off, a question, or under the heading of a list. Pure wording."""

from __future__ import annotations

import re

from nova.memory.hearing.corrections import without_contradiction
from nova.memory.hearing.own_words import Sentence

_LEAD_IN = re.compile(
    r"^(?:(?:ok|okay|so|well|right|alright|and|also|but|oh|ah|yes|yeah|hi|hello|hey|nova|btw|by the way|fyi|then"
    r"|anyway"
    r"|besides|just|actually|in short|by now|meanwhile|hm+|scrap that|no wait|wait|on second thoughts?|again"
    r"|übrigens|also gut)\b[ ,.:!–-]*(?=\S)"
    r"|(?:no|done|great|good|fine|thanks|thank you|exactly|plus|note|update|news|heads up|gut"
    r"|nein)\s*[,.:!–-]\s*(?=\S))+",
    re.IGNORECASE,
)
_SIGNS_OFF = re.compile(
    r"^(?:(?:that'?s|this is) (?:it|all|enough)(?: for (?:now|today))?|(?:i'?m |i )?(?:stopping|stopped|stop|done"
    r"|finished)(?: here| there)?"
    r"(?: for (?:now|today))?|enough for (?:now|today))\s*[,:;–-]\s*",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^(?:what|why|who|whose|whom|when|where|which|how|is|are|was|were|do(?!n't)|does|did|can(?!'t)|could|should"
    r"|would"
    r"|will|shall|has|have|had|may|might|am|isn't|aren't|don't you|didn't|if|suppose|imagine|assume|assuming|provided"
    r"|unless|maybe|perhaps|probably|i think|i guess|i believe|i suppose|i wonder|i was told|someone|somebody"
    r"|warum|wieso"
    r"|wer|wo|wann|welche[rs]?)\b(?!'ll|'ve)",
    re.IGNORECASE,
)
_OPEN_QUESTION = re.compile(
    r"^(?:[\w ]{1,20}\s)?(?:open question|undecided|open then|offene frage)\b|^(?:next|another) question,? and",
    re.IGNORECASE,
)
_HEADINGS = tuple(
    (re.compile(rf"^(?:please )?(?:{heading})\s*:$", re.IGNORECASE), prefix)
    for heading, prefix in (
        (r"(?:remember|keep in mind|note|don'?t forget|for the record|merk dir)\b[^:]{0,40}", "remember: "),
        (r"(?:still )?open questions?|undecided|to clarify|offene fragen?", "open question: "),
        (r"(?:my )?to-?dos?|next steps?|next|aufgaben", "todo: "),
        (r"decisions?|decided|agreed|entscheidungen", "decision: "),
    )
)


def opened(text: str) -> str:
    """A sentence without what opens it: `ok so`, `that's all for today,`, `no, wrong:`."""
    return without_contradiction(_LEAD_IN.sub("", _SIGNS_OFF.sub("", text)))


def signs_off(text: str) -> bool:
    """`stopping here for today`: it says that work ends, and nothing of what it was about."""
    return _SIGNS_OFF.match(f"{text.rstrip(' .!')}, ") is not None


def without_lead(text: str) -> str:
    """A sentence without the interjections before it."""
    return _LEAD_IN.sub("", text)


def asks(text: str) -> bool:
    """Whether a sentence begins like a question or a supposition."""
    return _ASKS.match(text) is not None


def puts_open(text: str) -> bool:
    """Whether a sentence with a question mark says itself that the question is open."""
    return _OPEN_QUESTION.match(text) is not None


def under_heading(sentence: Sentence) -> str:
    """An item of a list as if its heading stood before it: `open question: …`."""
    for heading, prefix in _HEADINGS:
        if sentence.heading and heading.match(sentence.heading):
            return prefix + sentence.text
    return sentence.text
