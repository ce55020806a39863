"""What a sentence is worth later: decision, wish, intention, open question, small talk. Pure; English and German.

Goes by the rules that propose notes, and more widely than they: here a sentence is only kept a little longer.
"""

from __future__ import annotations

import re

from nova.memory.hearing.decisions import decision_in
from nova.memory.hearing.intentions import intention_in
from nova.memory.hearing.preferences import preference_in
from nova.memory.hearing.questions import question_in

_DECIDES = re.compile(
    r"\b(?:decid\w+|decision|we(?:'ll| will)? (?:go|went|stay|keep) with|let'?s (?:go|keep|use|take|drop|stay)|agreed|"
    r"we (?:stay|remain) (?:on|at|in)|"
    r"settled|instead of|rather than|final(?:ly)? call|from now on|no longer|we (?:use|keep|drop)|entschieden|"
    r"entscheid\w+|wir nehmen|wir bleiben|statt(?:dessen)?|ab jetzt)\b",
    re.IGNORECASE,
)
_WANTS = re.compile(
    r"\b(?:i prefer|always|never|please (?:use|keep|write|don'?t)|i (?:like|hate)|remember that|important|deadline|"
    r"must(?: not)?|immer|niemals|nie|bevorzuge|merk dir|wichtig|frist)\b",
    re.IGNORECASE,
)
_MEANS_TO = re.compile(
    r"\b(?:next(?: step)?|tomorrow|todo|i(?:'ll| will| want to| plan to| am going to| need to| have to)|we(?:'ll| will"
    r"| need to| have to| should)|later|remind|waiting (?:for|on)|blocked|als nächstes|morgen|ich (?:will|werde|muss)|"
    r"wir (?:müssen|sollten|werden)|warte auf)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?\s*$|^(?:what|which|who|when|where|why|how|is|are|do(?! not)|does|did|can|could|should|was|wer|wie|wo|wann"
    r"|warum|welche)\b",
    re.IGNORECASE,
)
_CHATS = re.compile(
    r"^\W*(?:hi|hello|hey|hallo|moin|thanks?|thank you|thx|danke|ok(?:ay)?|yes|no|ja|nein|great|nice|perfect|super|bye|"
    r"good (?:morning|evening|night|work)|guten (?:morgen|tag|abend)|test|cool|sure|enough for|"
    r"see you|later|bis (?:dann|morgen))\b",
    re.IGNORECASE,
)
_CHAT_WORDS_MAX = 2


def worth(text: str) -> float:
    """How much a sentence of this kind is worth later: decisions, wishes and intentions, open questions, the rest."""
    if _DECIDES.search(text) or decision_in(text):
        return 3.0
    if question_in(text):
        return 2.2
    if _ASKS.search(text):
        return 1.0
    wants = _WANTS.search(text) or _MEANS_TO.search(text) or preference_in(text) or intention_in(text)
    return 2.5 if wants else 1.2


def chats(text: str, bag: frozenset[str]) -> bool:
    """Whether it is a greeting, thanks or a yes and nothing more. bag: its content words."""
    return bool(_CHATS.match(text)) and len(bag) <= _CHAT_WORDS_MAX and worth(text) < 2.0
