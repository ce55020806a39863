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
    r"|never) again|ever|ab jetzt|in zukunft)(?:,? please)?$",
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
_WORK_TEXT = """
    use write show cite answer reply reformat format guess push send deploy commit change add mix propose start
    begin end put include give quote mention ask touch edit run delete remove name translate summarise summarize
    explain list keep say state tell make draft spell round repeat assume invent praise apologise apologize rename
    move rewrite shorten skip check test verify link sort order number mark look read leave end store merge rebase
    squash stage zeig schreib schreibe antworte nutze verwende
"""
_WORK = frozenset(_WORK_TEXT.split())  # what an assistant does; `never call before ten` is about somebody else
_TOPIC_ORDER = re.compile(
    r"^(?:(?:mails?|answers?|replies|texts?|reports?|summaries|drafts?|commit messages?|lists?|dates?"
    r"|amounts?)\b[^:]{0,40}:|whatever you (?:write|draft|send)[^,:]{0,30}[,:])"
    r"\s*(?:please )?(?:never|always|no|at most|only)\b.+$"
    r"|^(?:please )?(?:no|never|don'?t|do not|only|always)\b.{2,60} in (?:the |any |all |my )?(?:mails?|texts?"
    r"|answers?|posts?"
    r"|drafts?|letters?) (?:that )?you (?:write|draft|send)(?: for me)?$"
    r"|^when(?:ever)? you (?:write|draft|answer|cite|show|quote|send|mention|list|plan|name"
    r"|translate)\b.{3,60}?[, ] ?(?:please )?(?:always |never |only )?"
    r"(?:write|use|put|give|add|show|tell|name|say|ask|keep|leave)\b.+$"
    r"|^(?:if|when(?:ever)?) i (?:ask|say|only say)\b[^,]{3,80}, (?:please )?(?:just |only |always )?(?:tell|ask"
    r"|show|give|answer|name|begin|start|say)\b.+$",
    re.IGNORECASE,
)
_CALLS = re.compile(
    r"^i (?:don'?t|do not) (?:take|accept|do|work|want)\b.+\b(?:before|after|on|without|at)\b.+$", re.IGNORECASE
)
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
    r"|accept|pick up|do|check)\b.*$|^i (?:only|want only)\s+(?:want|use|take|read|accept)\b.*$|^i want\s+(?:all "
    r"|short |no |prices? |amounts? |dates? |answers? )\S.*$", re.IGNORECASE,
)  # fmt: skip
_IMPERATIVE = re.compile(
    r"^(?:please )?(?:only |just )?(?:answer|reply|write|use|show|cite|give|keep|name|call|put|state|begin|start"
    r"|end|stop|skip|leave|include|mention|quote|round|format|spell|say|ask|be|make|don'?t|do not|never|always|no"
    r"|british|american|english|german|metric|short|shorter|prices?|dates?|amounts?|answers?|lists?|tables?"
    r"|without|with|in|antworte|schreib|keine?|bitte|nur)\b", re.IGNORECASE,
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
        return _found(what) if _IMPERATIVE.match(what) or _LATER_STANCE.match(what) else preference_in(what)
    if _orders(plain):
        return _found(re.sub(r"^(?:please |and )+", "", plain, flags=re.IGNORECASE))
    if found := _NAMED.match(plain):
        return _found(found["what"])
    if any(form.match(plain) for form in (_STANDING_INSIDE, _IN_ANSWERS, _TOPIC_ORDER, _CALLS)):
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
    return verb in _WORK and not re.match(r"never\s+(?:say never|mind|give up|look back)\b", plain, re.IGNORECASE)


def _found(text: str) -> Found:
    parts = reasoned(text)
    return Found(kind=NoteKind.PREFERENCE, text=parts.statement, why=parts.why, alternatives=parts.alternatives)
