"""Which sentences say what somebody means to do next, and whom that waits for. What Nova shall do now is a request."""

from __future__ import annotations

import re

from nova.core.notes import NoteKind
from nova.memory.hearing.said import Found
from nova.memory.hearing.waiting import DAY, WHEN, waiting_in

_TODO = re.compile(
    rf"^(?:(?:my )?to-?do|(?:still |left )*to do|what'?s left|aufgabe|nächster schritt)(?P<when>\s+(?:(?:for"
    rf"|before|until)\s+"
    rf"|{WHEN})[^:]{{0,24}})?\s*[:–-]\s*(?P<what>\S.*)$",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"^(?:and |so )?(?:(?:the |my |our )?next (?:step|up|thing|task)(?: for me)?(?: is|:| will be| would be)"
    r"|next (?=(?:i'll|i will|i want|i'm going|i am going|i plan|we'll|we will)\b"
    r")|als nächstes (?:mache|schreibe|baue) ich)\s*:?\s*(?P<what>\S.*)$", re.IGNORECASE,
)  # fmt: skip
_NEXT_COLON = re.compile(
    r"^next\s*:\s*(?P<what>(?!then what|which|what|where|how|who|why|show|list|find|explain|write|draft|fix|add"
    r"|check|run"
    r"|summari|translate|rename"
    r"|give|tell|make|create|review|update|delete)\S+(?:\s+\S+)+)$",
    re.IGNORECASE,
)
_PRESENT = re.compile(
    rf"^i\s+(?:do|renew|write|finish|fix|call|talk|ask|send|meet|start|continue|look|tell|measure"
    rf"|test)\b(?!\s+(?:it|that|this)\b).*\s{WHEN}\b.*$",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    rf"^(?:first thing )?{WHEN}\s*(?::\s*(?P<plain>\S.*)|,?\s*(?:i'll|i will|i want to|i'm going to|i am going to"
    rf"|i have to"
    rf"|i need to|i must|we'll|we will|i (?!am\b|was\b|have\b|had\b|can\b|could\b|would\b|do it\b|got\b|went\b"
    rf"|took\b|made\b|found\b|won\b|spent\b|built\b|met\b|saw\b|did\b|came\b|left\b|said\b|told\b|wrote\b|sent\b"
    rf"|chose\b|felt\b|began\b|bought\b|brought\b|gave\b|thought\b|know\b|think\b)(?=[a-z]+\b(?<!ed)))"
    rf"\s*(?P<mine>\S.*))$",
    re.IGNORECASE,
)
_PLAN = re.compile(
    rf"^(?:my|the|our) plan(?: for (?:the )?{DAY})? is to\s+\S.*$|^(?:after|once)\s+[^,]{{3,50}}?,?\s+(?:i'll"
    rf"|i will|i want to|i'm going to|we'll|we will)\s+(?!be\b)\S.*$",
    re.IGNORECASE,
)
_RESUME = re.compile(
    r"^(?:(?:after (?:lunch|the call|the meeting)|later|in the (?:afternoon|evening)) )?"
    r"(?:i'll|i will|we'll|we will|i)\s+(?:pick (?:this|it|that)? ?(?:back )?up(?: again)?|continue(?: (?:this|it"
    r"|here))?|resume(?: (?:this|it|here))?|go on|carry on)(?:\s+tomorrow)?\s+"
    r"(?P<where>(?:again\s+)?(?:at|with|from|in|on)\s+\S.*)$", re.IGNORECASE,
)  # fmt: skip
_DATED = re.compile(
    rf"^(?:i'll|i will|i'm going to|i am going to|i have to|i still have to|i need to|i must|i plan to)\s+(?!be\b"
    rf"|always\b|never\b)\S.*\s{WHEN}\b.*$",
    re.IGNORECASE,
)
_STILL = re.compile(r"^i still (?:have|need|want) to\s+(?!know\b|understand\b|find out\b)\S.*$", re.IGNORECASE)


def intention_in(sentence: str) -> Found | None:
    """What a sentence says will be done, or None. Its days are resolved already."""
    plain = sentence.strip().rstrip(" .!")
    if plain.endswith("?"):
        return None
    return _own(plain) or waiting_in(plain)


def task(content: str) -> Found:
    """Something to do that was asked to be remembered: `renew the domain`."""
    return Found(kind=NoteKind.INTENTION, text=content)


def _own(plain: str) -> Found | None:
    if found := _TODO.match(plain):
        when = (found["when"] or "").strip().removeprefix("for ").removeprefix("on ")
        return _intention(
            f"{found['what']} ({when})"
            if when and not re.match("by|before", when)
            else f"{found['what']} {when}".strip()
        )
    if found := _NEXT.match(plain):
        asks = re.match(
            r"(?:which|what|where|how|who|why|show|list|find|explain|in the|of the)\b", found["what"], re.IGNORECASE
        )
        return None if asks or len(found["what"].split()) < 2 else _intention(plain)
    if found := _DAY_FIRST.match(plain):
        return _intention(plain) if len((found["plain"] or found["mine"]).split()) >= 2 else None
    if found := _NEXT_COLON.match(plain):
        return _intention(f"Next: {found['what']}")
    if found := _RESUME.match(plain):
        return _intention(f"Pick up {found['where'].removeprefix('again ')}")
    return _intention(plain) if any(form.match(plain) for form in (_DATED, _STILL, _PLAN, _PRESENT)) else None


def _intention(text: str) -> Found:
    return Found(kind=NoteKind.INTENTION, text=text)
