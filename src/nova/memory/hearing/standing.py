"""Whether a sentence is true out of context: nothing in it points at something outside. Knows pronouns, no grammar."""

from __future__ import annotations

import re

_POINTS_OUT = re.compile(
    r"\b(?:this|these)\b(?!\s+(?:project|repository|repo|shop|blog|marketplace|company|house|year|app)\b)"
    r"|\b(?:that|those)(?=\s*(?:$|[.,;:!?)]|(?:one|ones|way|option|version|approach|thing|stuff|idea)\b))"
    r"|\b(?:the|your|his|her|its|that|another)\s+(?:very\s+)?(?:same|other|first|second|third|last|latter|former"
    r"|above|following"
    r"|next|new|old|better|simpler|smaller|blue|red|green)\s*(?:one|ones|option|version|variant|way|approach|suggestion"
    r"|proposal|idea|solution)?(?=\s*(?:$|[.,;:!?)]|instead|please|then|of\s+(?:the\s+)?(?:two|them)))"
    r"|\b(?:option|variant|version|proposal|suggestion)\s+(?:[a-d]|[1-9])\b(?!\.)|\byours?\b(?!\s+answers?\b)"
    r"|\b(?:do|did|does|doing)\s+(?:it|so|that)\b|\b(?:here|there)\s*(?:$|[.,;!])|\bas\s+(?:above|before|discussed"
    r"|you said)\b"
    r"|^(?:that|those|which|he|she|they|it|his|their|its)\b|\bthe two(?=\s*(?:$|[.,;!]))|\bfor (?:it|that|this)\b",
    re.IGNORECASE,
)  # fmt: skip
_IDIOMS = re.compile(
    r"\bit (?:when|if|that|is|'s)\b(?=.*\bto\b)|\b(?:hate|love|like|prefer) it when\b|\bher brother\b", re.IGNORECASE
)
_PRONOUN = re.compile(r"\b(?:it|its|itself|he|him|his|she|her|hers|they|them|their|theirs)\b", re.IGNORECASE)
_NAMED = re.compile(
    r"\b(?i:the|an?|my|our|every|each|no|all|any|of|for|with|by|on|against)\s+(?i:(?!it\b|them\b|him\b|her\b)[\w-]{3,})"
    r"|(?<=[\s(])(?!I\b)[A-Z][\w-]+|^(?!(?i:we|i|you|it|they|he|she|let|lets|not|no|what|why|who|to|keep"
    r"|use)\b)[\w-]{3,}"
)


def stands_alone(text: str) -> bool:
    """True when each `it`, `they`, `her` follows something it may mean, and no `this` or `the second one` is left."""
    if _POINTS_OUT.search(text):
        return False
    plain = _IDIOMS.sub(lambda found: "_" * len(found[0]), text)
    first = _PRONOUN.search(plain)
    return first is None or _NAMED.search(plain[: first.start()]) is not None
