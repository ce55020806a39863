"""What a sentence says was not chosen: "half even instead of half up", "one post, not two". Pure; English.

Knows the turns of phrase; refuses to know who decided.
"""

from __future__ import annotations

import re

_ENDS = r"(?=$|[.;:()]|, (?:and|but|so|because|since)\b)"
_INSTEAD = re.compile(r"\b(?:instead of|rather than|in place of)\s+(?P<other>[^.;:()]{1,100}?)" + _ENDS, re.I)
_NOT = re.compile(
    r"(?:,|\band)\s+not\s+(?P<other>(?!only\b|just\b|yet\b|even\b|before\b|after\b)[^,.;:()]{2,60})(?=$|[,.;:()])", re.I
)
_NO = re.compile(r",\s+no\s+(?P<other>[^,.;:()]{2,60})(?=$|[,.;:()])", re.I)
_AGAINST = re.compile(
    r"\b(?:decided?\b[^.;]{0,60}?|for \S[^.;]{0,60}? and )\bagainst\s+(?P<other>[^.,;:()]{2,80})", re.I
)
_WOULD = re.compile(
    r"(?:^|[;:]\s+|, (?:and|but) )(?P<other>(?!(?:it|that|this|they|we|he|she|there|which|who|i|you)\b)[^.;:,]{3,60}?)"
    r"\s+would (?:have|leave|be|need|mean|cost|break|hide|lose)\b",
    re.I,
)


def not_chosen(sentence: str, *, title: bool = False) -> tuple[str, ...]:
    """The alternatives that one sentence names, in its words. title: it is one, where "no fee" says so too."""
    rules = (_INSTEAD, _NOT, *((_AGAINST, _NO) if title else ()))
    found = [match["other"].strip(" «»“”\"'") for rule in rules for match in rule.finditer(sentence)]
    return tuple(dict.fromkeys(found))


def would_have(sentence: str) -> tuple[str, ...]:
    """The alternative whose consequence a sentence tells: "a database sequence would leave holes"."""
    found = [sentence[match.start("other") :].strip().rstrip(".") for match in _WOULD.finditer(sentence)]
    return tuple(dict.fromkeys(found))
