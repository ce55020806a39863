"""Whether a sentence is true out of context: nothing in it points at something outside. Knows pronouns, no grammar."""

from __future__ import annotations

import re

_POINTS_OUT = re.compile(
    r"\b(?:this|these)\b(?!\s+(?:project|repository|repo|shop|blog|marketplace|company|house|year|app)\b)"
    r"|\b(?:that|those)(?=\s*(?:$|[.,;:!?)]|(?:one|ones|way|option|version|approach|thing|stuff|idea)\b))|\b(?:the"
    r"|your|his|her|its|that|another)\s+(?:very\s+)?(?:same|other|first|second|third|last|latter|former|above"
    r"|following|next|new|old|better|simpler|smaller|blue|red|green)\s*(?:one|ones|option|version|variant|way"
    r"|approach|suggestion|proposal|idea|solution)?(?=\s*(?:$|[.,;:!?)]|instead|please|then|of\s+(?:the\s+)?(?:two"
    r"|them)))|\b(?:option|variant|version|proposal|suggestion)\s+(?:[a-d]|[1-9])\b(?!\.)"
    r"|\byours?\b(?!\s+answers?\b)|\b(?:do|did|does|doing)\s+(?:it|so|that)\b|\b(?:here|there)\s*(?:$|[.,;!])"
    r"|\bas\s+(?:above|before|discussed|you said)\b|^(?:that|those|which|he|she|they|it|his|their|its)\b"
    r"|\bthe two(?=\s*(?:$|[.,;!]))|\bfor (?:it|that|this)\b",
    re.IGNORECASE,
)  # fmt: skip
_IDIOMS = re.compile(
    r"\bit (?:when|if|that|is|'s)\b(?=.*\bto\b)|\b(?:hate|love|like|prefer) it when\b|\bher brother\b", re.IGNORECASE
)
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”")
_THING = re.compile(r"\b(?:it|itself|they|them)\b", re.IGNORECASE)
_PLURAL = re.compile(r"\b[a-z]{3,}(?<![su])s\b")
_NAME_FIRST = re.compile(r"^[A-Z][a-z]+(?: [A-Z][a-z]+)*\s")
_PRONOUN = re.compile(r"\b(?:it|its|itself|he|him|his|she|her|hers|they|them|their|theirs)\b", re.IGNORECASE)
_NAMED = re.compile(
    r"\b(?i:the|an?|my|our|every|each|no|all|any|of|for|with|by|on|against)\s+(?i:(?!it\b|them\b|him\b"
    r"|her\b)[\w-]{3,})|(?<=[\s(])(?!I\b)[A-Z][\w-]+|^(?!(?i:we|i|you|it|they|he|she|let|lets|not|no|what|why|who"
    r"|to|keep|use)\b)[\w-]{3,}"
)


def stands_alone(text: str, *, announced: bool = False) -> bool:
    """True when each `it`, `they`, `her` follows something it may mean, and no `this` or `the second one` is left.

    announced: it says itself what it is (`next: look at it on the phone`); `it` may then mean what went before.
    """
    plain = _QUOTED.sub(lambda found: "_" * len(found[0]), text)
    if _POINTS_OUT.search(plain):
        return False
    if announced:
        return True
    plain = _IDIOMS.sub(lambda found: "_" * len(found[0]), plain)
    first = _PRONOUN.search(plain)
    if first is None:
        return True
    before = plain[: first.start()]
    if _THING.fullmatch(first[0]):  # a person who acts is not what `it` and `them` mean
        before = _NAME_FIRST.sub("", before)
        return any(_NAMED.finditer(before, 1)) if before else False
    plural = first[0].casefold().startswith("their") and _PLURAL.search(before) is not None
    return plural or _NAMED.search(before) is not None
