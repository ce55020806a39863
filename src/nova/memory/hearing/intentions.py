"""Which sentences say what somebody means to do next, and whom that waits for. What Nova shall do now is a request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nova.core.notes import NoteKind
from nova.memory.hearing.people import PERSON, is_somebody
from nova.memory.hearing.said import Found

_DAY = r"(?:\d{4}-\d\d-\d\d|the week of \d{4}-\d\d-\d\d|(?:early |mid |late )?[A-Z][a-z]+ \d{4}|\d{4}(?![-\d]))"
_WHEN = rf"(?:on|by|before|until|in|after)\s+{_DAY}"
_TODO = re.compile(
    rf"^(?:(?:my )?to-?do|(?:still |left )*to do|what'?s left|aufgabe|nächster schritt)(?P<when>\s+(?:for\s+"
    rf"|{_WHEN})[^:]{{0,24}})?\s*[:–-]\s*(?P<what>\S.*)$",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"^(?:and |so )?(?:(?:the |my |our )?next (?:step|up|thing|task)(?: for me)?(?: is|:| will be| would be)"
    r"|next (?=(?:i'll|i will|i want|i'm going|i am going|i plan|we'll|we will)\b"
    r")|als nächstes (?:mache|schreibe|baue) ich)\s*:?\s*(?P<what>\S.*)$", re.IGNORECASE,
)  # fmt: skip
_DAY_FIRST = re.compile(
    rf"^{_WHEN}\s*(?::\s*(?P<plain>\S.*)|,?\s*(?:i'll|i will|i want to|i'm going to|i am going to|i have to"
    rf"|i need to|i must|we'll|we will|i (?=(?:continue|go on|carry on|write|finish|start|fix|call|send|meet)\b))"
    rf"\s*(?P<mine>\S.*))$",
    re.IGNORECASE,
)
_PLAN = re.compile(
    rf"^(?:my|the|our) plan(?: for (?:the )?{_DAY})? is to\s+\S.*$"
    rf"|^(?:after|once)\s+[^,]{{3,50}}?,?\s+(?:i'll|i will|i want to|i'm going to|we'll|we will)\s+(?!be\b)\S.*$",
    re.IGNORECASE,
)
_RESUME = re.compile(
    r"^(?:i'll|i will|we'll|we will|i)\s+(?:pick (?:this|it|that)? ?(?:back )?up(?: again)?|continue(?: (?:this|it"
    r"|here))?|resume(?: (?:this|it|here))?|go on|carry on)(?:\s+tomorrow)?\s+"
    r"(?P<where>(?:again\s+)?(?:at|with|from|in|on)\s+\S.*)$", re.IGNORECASE,
)  # fmt: skip
_DATED = re.compile(
    rf"^(?:i'll|i will|i'm going to|i am going to|i have to|i still have to|i need to|i must|i plan to)\s+(?!be\b"
    rf"|always\b|never\b)\S.*\s{_WHEN}\b.*$",
    re.IGNORECASE,
)
_STILL = re.compile(r"^i still (?:have|need|want) to\s+(?!know\b|understand\b|find out\b)\S.*$", re.IGNORECASE)
_WAITING = re.compile(
    r"^(?:(?:i'?m|i am|we'?re|we are)\s+)?(?:still\s+|now\s+)?(?:waiting (?:for|on)|blocked (?:by|on|until)"
    r"|pending|wir warten auf|ich warte auf)\s+(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_ANSWERS = (
    r"answer|reply|approval|feedback|confirmation|okay|ok|go-ahead|review|decision|list|files?|photos?|offer|quote"
    r"|signature|call|mail|data|numbers|invoice|text|texts|word|update|input|access|credentials|payment|antwort"
    r"|freigabe"
)
_OF_WHOM = (
    re.compile(rf"^(?P<who>{PERSON})(?:'s|s')\s+(?:\w+\s+)?(?:{_ANSWERS})\b.*$", re.IGNORECASE),
    re.compile(rf"^(?P<who>{PERSON})\s+to\s+\S.*$", re.IGNORECASE),
    re.compile(
        rf"^(?:an?\s+|the\s+|some\s+)?(?:[\w-]+\s+)?(?:{_ANSWERS})\s+(?:from|of|by"
        rf"|von)\s+(?P<who>{PERSON})\b.*$",
        re.IGNORECASE,
    ),
    re.compile(rf"^(?P<who>{PERSON})(?:\s*,.*|\s+(?:on|about|with)\s+.*|)$", re.IGNORECASE),
)
_DOES = (
    r"(?:send|answer|confirm|check|deliver|review|decide|tell|let (?:me|us) know|get back|reply|pay|sign|provide"
    r"|write (?:me|us|to)|ask|look into|approve"
    r"|come back|call (?:me|us|back)|forward|give|bring|clarify|test|pick up|prepare|finish)"
)
_WILL = re.compile(
    rf"^(?P<who>{PERSON})\s+(?:will|is going to|wants to|has to|still has to|still needs to|must"
    rf"|needs to)\s+(?:still\s+)?{_DOES}\b\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
_PROMISED = re.compile(
    rf"^(?P<who>{PERSON})\s+(?:has\s+)?(?:promised|agreed|offered|said (?:he|she"
    rf"|they) would)\s+(?:to\s+)?{_DOES}\b\s*.*$",
    re.IGNORECASE,
)
_OWES = re.compile(rf"^(?P<who>{PERSON})\s+(?:still\s+)?owes? (?:me|us)\s+\S.*$", re.IGNORECASE)
_SILENT = re.compile(
    rf"^(?:(?:i|we)(?:'ve| have)? (?:still |had |got )*)?(?:no|not an?) (?:{_ANSWERS}"
    rf"|news)(?: yet)? from (?P<who>{PERSON})\b.*$"
    rf"|^(?:(?:i|we) )?(?:still )?(?:haven'?t|have not) heard(?: back)?(?: yet)? from (?P<who2>{PERSON})\b.*$",
    re.IGNORECASE,
)
_STOPPED = re.compile(
    rf"^(?:(?:i|we) )?(?:can'?t|cannot) (?:continue|go on|start|finish|proceed|do anything)\b.{{0,40}}?(?:before"
    rf"|until|unless|without) "
    rf"(?P<who>{PERSON})(?:'s (?:{_ANSWERS})\b.*| (?:has |have )?[a-z]+(?:s|ed|t)\b.*)$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s+(?:before (?:i|we) (?:go on|continue|can)\b.*)$|,\s+(?:he|she|they|it|so|but|and)\b.*$", re.IGNORECASE
)


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
    if found := _RESUME.match(plain):
        return _intention(f"Pick up {found['where'].removeprefix('again ')}")
    return _intention(plain) if any(form.match(plain) for form in (_DATED, _STILL, _PLAN)) else None


def waiting_in(sentence: str) -> Found | None:
    """Whom something waits for, or None: `waiting for Priya's answer`, `Jonna will send the list`."""
    plain = sentence.strip().rstrip(" .!")
    if found := _WAITING.match(plain):
        rest = _TAIL.sub("", found["rest"])
        for pattern in _OF_WHOM:
            if (whom := pattern.match(rest)) and is_somebody(whom["who"]) and _written_as_name(whom["who"]):
                return Found(kind=NoteKind.INTENTION, text=f"Waiting for {rest}", waits_for=_name(whom["who"]))
        return None
    if (found := _SILENT.match(plain) or _STOPPED.match(plain)) and is_somebody(next(_who_of(found))):
        return Found(kind=NoteKind.INTENTION, text=plain, waits_for=_name(next(_who_of(found))))
    for pattern in (_PROMISED, _OWES, _WILL):
        found = pattern.match(plain)
        if (
            found
            and is_somebody(found["who"])
            and (pattern is not _WILL or len(found["rest"].split()) >= 1 or "back" in plain)
        ):
            return Found(kind=NoteKind.INTENTION, text=_TAIL.sub("", plain), waits_for=_name(found["who"]))
    return None


def _who_of(found: re.Match[str]) -> Iterator[str]:
    return (who for name, who in found.groupdict().items() if who and name.startswith("who"))


def _intention(text: str) -> Found:
    return Found(kind=NoteKind.INTENTION, text=text)


def _written_as_name(who: str) -> bool:
    return who[0].isupper() or " " in who or len(who) > 3


def _name(who: str) -> str:
    return who if not who.casefold().startswith(("the ", "my ", "our ")) else who[:1].casefold() + who[1:]
