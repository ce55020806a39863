"""Which sentences say how the owner wants things from now on. What he wants once is a request."""

from __future__ import annotations

import re

from nova.core.notes import NoteKind
from nova.memory.hearing.reasons import reasoned
from nova.memory.hearing.said import Found

_FROM_NOW = re.compile(
    r"^(?:(?:and |so |please |ok |okay ),?\s*)*(?:from (?:now|here|today) on(?:wards)?|in (?:the )?future"
    r"|going forward|as of (?:now|today|on \d{4}-\d\d-\d\d)|as of \d{4}-\d\d-\d\d|henceforth|ab (?:jetzt|sofort"
    r"|heute)|in zukunft)"
    r"\s*[,:]?\s+(?P<what>\S.*)$", re.IGNORECASE,
)  # fmt: skip
_FROM_NOW_LAST = re.compile(
    r"^(?P<what>\S.*?),?\s+(?:from (?:now|here) on|in future|going forward|every time|any ?more|(?:ever"
    r"|never) again|ever|ab jetzt"
    r"|in zukunft)(?:,? please)?$",
    re.IGNORECASE,
)
_STANDING = re.compile(
    r"^(?:please |and )*(?:never|always|niemals|nie|immer)\s+(?P<verb>[a-zäöü]+)\s+(?P<rest>\S.*)$", re.IGNORECASE
)
_STANDING_INSIDE = re.compile(
    r"^(?:(?:when|whenever|if|in|for|before|after|on)\b[^,]{3,60},|(?:please )?(?:stop|don'?t|do not"
    r"|no)\b[^,]{3,60}[,;])\s*"
    r"(?:please |and |but )*(?:always|never)\s+[a-z]+\s+\S.*$|^(?:please )?(?:don'?t|do not) ever\s+[a-z]+\s+\S.*$",
    re.IGNORECASE,
)
_IN_ANSWERS = re.compile(
    r"^(?:please )?(?:don'?t|do not|no|never|always|use|write|keep|put|show)\b.*\bin (?:your|all|any) (?:answers?"
    r"|replies)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"^(?:my|a|one) (?:standing )?preferences?\s*(?::|is\b)\s*(?P<what>\S.*)$", re.IGNORECASE)
_NO_ORDER_TEXT = """
    mind got had was were been seen saw thought knew found gets has is are happens before after again when the a an
    in on worked heard tried used true wrong if here up good happy glad great nice say give there on off about trust
    fun love loved
"""
_NO_ORDER = frozenset(_NO_ORDER_TEXT.split())
_ENDS_LIKE_ORDER_TEXT = """
    address pass process discuss assess guess express embed feed need seed access focus compress
"""
_ENDS_LIKE_ORDER = frozenset(_ENDS_LIKE_ORDER_TEXT.split())
_PREFER = re.compile(
    r"^i (?:really |generally |usually |always |much |would always )?(?:prefer|favou?r)\s+(?!not to\b)(?P<what>\S.*)$",
    re.IGNORECASE,
)
_FEELS = re.compile(
    r"^i (?:really |absolutely |strongly )?(?:hate|dislike|detest|love|like|don'?t like|do not like|can'?t stand"
    r"|cannot stand|am allergic to|don'?t want|do not want|want no|mag keine?)\s+(?P<what>\S.*)$",
    re.IGNORECASE,
)
_ABOUT_ANSWERS = re.compile(
    r"\b(?:answers?|repl(?:y|ies)|responses?|summar(?:y|ies)|explanations?|tables?|lists?|bullets?|bullet points?"
    r"|emojis?|praise|filler|headings?|markdown|"
    r"footnotes?|commit messages?|code comments?|abbreviations|exclamation marks|antworten)\b", re.IGNORECASE,
)  # fmt: skip
_HABIT = re.compile(
    r"^i (?:only )?(?:never|always)\s+(?:want|use|take|work|answer|write|deploy|commit|ship|invoice|bill|need|read"
    r"|accept|pick up|do|check)\b.*$|^i (?:only|want only)\s+(?:want|use|take|read|accept)\b.*$"
    r"|^i want\s+(?:all |short |no |prices? |amounts? |dates? |answers? )\S.*$", re.IGNORECASE,
)  # fmt: skip
_IMPERATIVE = re.compile(
    r"^(?:please )?(?:only |just )?(?:answer|reply|write|use|show|cite|give|keep|name|call|put|state|begin|start"
    r"|end|stop|skip|leave|include|mention|quote|round|format|spell|say|ask|be|make"
    r"|don'?t|do not|never|always|no|british|american|english|german|metric|short|shorter|prices?|dates?|amounts?"
    r"|answers?|lists?|tables?|without|with|in|antworte|schreib|keine?|bitte|nur)\b", re.IGNORECASE,
)  # fmt: skip
_LATER_STANCE = re.compile(
    r"^i(?:'d like| want| would like| prefer| don'?t want| do not want| expect| möchte| will)\b", re.IGNORECASE
)
_THIS_TIME = re.compile(
    r"\b(?:this time|for now|right now|just once|today|in this case|want (?:only )?to (?:know|see)|the (?:first"
    r"|second|third|last|other) (?:one|version|option|variant)|bug|mondays?)\b",
    re.IGNORECASE,
)


def preference_in(sentence: str, *, wished: bool = False) -> Found | None:
    """How the speaker wants things, or None. wished: it was asked to be remembered, so weaker forms count as well."""
    plain = re.sub(r",?\s+(?:please|bitte)$", "", sentence.strip().rstrip(" .!"), flags=re.IGNORECASE)
    if plain.endswith("?") or _THIS_TIME.search(plain):
        return None
    if found := _FROM_NOW.match(plain) or _FROM_NOW_LAST.match(plain):
        what = found["what"]
        return _found(what) if _IMPERATIVE.match(what) or _LATER_STANCE.match(what) else None
    if _orders(plain):
        return _found(re.sub(r"^(?:please |and )+", "", plain, flags=re.IGNORECASE))
    if found := _NAMED.match(plain):
        return _found(found["what"])
    if _STANDING_INSIDE.match(plain) or _IN_ANSWERS.match(plain):
        return _found(plain)
    if _PREFER.match(plain) or _HABIT.match(plain):
        return _found(plain) if len(plain.split()) >= 3 else None
    if (found := _FEELS.match(plain)) and (wished or _ABOUT_ANSWERS.search(found["what"])):
        return _found(plain)
    return (
        _found(plain)
        if wished and _IMPERATIVE.match(plain) and not re.match(r"in\b|with\b", plain, re.IGNORECASE)
        else None
    )


def _orders(plain: str) -> bool:
    found = _STANDING.match(plain)
    if not found:
        return False
    verb = found["verb"].casefold()
    told = verb.endswith(("s", "ed", "ing")) and verb not in _ENDS_LIKE_ORDER
    return verb not in _NO_ORDER and not told


def _found(text: str) -> Found:
    parts = reasoned(text)
    return Found(kind=NoteKind.PREFERENCE, text=parts.statement, why=parts.why, alternatives=parts.alternatives)
