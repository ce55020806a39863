"""What somebody asks memory to forget, and the telling words of a question. Knows wording; looks nothing up."""

from __future__ import annotations

import re

from nova.memory.hearing.own_words import own_sentences

WORDS_MAX = 32
_KNOWN = r"(?:know|have|hold|remember|stored|store|kept|keep|noted|learned|learnt|saved|got)"
_ABOUT = r"(?:about|on|of|from|for|regarding)"
_POLITE = (
    r"(?:(?:please|pls|and|so|ok|now|also)[, ]+|(?:can|could|would|will) you (?:please )?|i want you to "
    r"|you (?:can|should|may) )*"
)
_FORGET = re.compile(
    rf"^{_POLITE}(?:forget|unlearn|vergiss)\s+(?:about\s+)?(?:(?:what|everything|all|anything"
    rf"|whatever)\s+(?:that\s+)?(?:i(?:'ve| have)?\s+(?:ever\s+)?(?:told|said to|mentioned to)\s+you|i(?:'ve"
    rf"| have)?\s+(?:ever\s+)?(?:said|mentioned)|you(?:'ve| have)?\s+(?:ever\s+)?{_KNOWN}(?:\s+stored"
    rf"|\s+learned)?)\s+{_ABOUT}\s+|(?:everything|all|anything)\s+{_ABOUT}\s+|the fact that\s+"
    rf"|that\s+(?=\S+\s+\S+\s))?(?P<what>\S.*)$",
    re.IGNORECASE,
)
_DROP = re.compile(
    rf"^{_POLITE}(?:delete|drop|erase|remove|wipe|strike|lösche?)\s+(?:(?:everything|all|anything|whatever"
    rf"|what)\s+(?:that\s+)?(?:you(?:'ve| have)?\s+(?:ever\s+)?{_KNOWN}(?:\s+stored)?|i(?:'ve| have)? (?:told"
    rf"|said)(?: to)? ?(?:you)?)"
    rf"\s+(?:{_ABOUT}\s+)?(?P<what>\S.*)|(?P<what2>\S.*?)\s+from\s+(?:your|the)\s+(?:memory|notes|profile)\b.*"
    rf"|(?:the|your|that|any|all)\s+(?:stored\s+)?(?:notes?|facts?|entry|entries|memor(?:y"
    rf"|ies))\s+{_ABOUT}\s+(?P<what3>\S.*))$",
    re.IGNORECASE,
)
_IDIOM = re.compile(
    r"^(?:it|about it|that|this|what i (?:just )?said|everything|me|to|the above|my last (?:message|question)"
    r"|all that|i asked)(?:\s+(?:again|please|for now))?\s*(?:[,.;].*)?$|\bfor (?:now|a (?:moment|minute"
    r"|second))\b|^to\b",
    re.IGNORECASE,
)
_AFTERTHOUGHT = re.compile(
    r"\s*(?:,\s*(?:it|that|this|he|she|they|i|we|and|please|because|was)\b.*|\s+because\b.*|\s+(?:again|please"
    r"|bitte)\s*(?:$|,.*))$",
    re.IGNORECASE,
)
_THEM = re.compile(r"^(?:them|him|her|it|that|this)$", re.IGNORECASE)
_BEFORE = re.compile(
    r"^(?:[Ii]|[Ww]e) (?:no longer|don'?t|do not) (?:\w+ ){1,3}?(?:with |for |at |from )?(?P<what>(?:the|a|my|our"
    r"|mr|mrs|dr|[A-Z])\b.*)$"
)
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_EMPTY_TEXT = """
    a about above after again all am an and any are as at be because been before being between both but by can could
    did do does doing for from further had has have having he her here hers him his how i if in into is it its just
    me more most my myself no nor not now of off on once only or other our ours out over own same she should so some
    such than that the their theirs them then there these they this those through to too under until up very was we
    were what when where which while who whom whose why will with would you your yours s t d ll m re ve don didn
    doesn isn wasn know known remember recall tell told say said mention mentioned ever nova please hold stored
    store have kept file decide decided decision decisions agree agreed question questions open still whether
    undecided unclear clarify clarified settled settle reason reasons ground grounds back please show find list
    explain let us ask asked think thought seem much many yet anything something everything fact facts memory note
    notes again last time week month year got get choose chose chosen pick picked went go come came
"""
_EMPTY = frozenset(_EMPTY_TEXT.split())


def forget_wish(text: str) -> str | None:
    """What is to be forgotten (`the old hosting company`), or None for `don't forget …`, `forget it`, a file."""
    sentences = own_sentences(text)
    for at, sentence in enumerate(sentences):
        plain = sentence.text.rstrip(" .!")
        asked = plain.rstrip("?")
        if plain.endswith("?") and not re.match(r"(?:can|could|would|will) you\b", plain, re.IGNORECASE):
            continue
        found = _FORGET.match(asked) or _DROP.match(asked)
        if not found:
            continue
        what = next(part for part in found.groupdict().values() if part)
        if found.re is _FORGET and _IDIOM.search(what):
            continue
        what = _AFTERTHOUGHT.sub("", what).strip(" ,.")
        if _THEM.match(what):
            before = _BEFORE.match(sentences[at - 1].text.rstrip(" .!")) if at else None
            what = before["what"] if before else ""
        if what:
            return what
    return None


def question_words(text: str) -> tuple[str, ...]:
    """The telling words of a question: what it asks about, not that it asks. In order, at most 32."""
    words = [word.casefold().removesuffix("'s") for word in _WORD.findall(text)]
    return tuple(dict.fromkeys(word for word in words if (word not in _EMPTY and len(word) > 1) or word.isdigit()))[
        :WORDS_MAX
    ]
