"""Whom something waits for: `waiting for Priya's answer`, `Jonna will send the list`. Knows what people do, not who."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nova.core.notes import NoteKind
from nova.memory.hearing.people import PERSON, is_somebody
from nova.memory.hearing.said import Found

DAY = r"(?:\d{4}-\d\d-\d\d|the week of \d{4}-\d\d-\d\d|(?:early |mid |late )?[A-Z][a-z]+ \d{4}|\d{4}(?![-\d]))"
WHEN = rf"(?:on|by|before|until|in|after)\s+{DAY}"
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
        rf"^(?:an?\s+|the\s+|some\s+)?(?:[\w-]+\s+)?(?:{_ANSWERS})\s+(?:from|of|by|von)\s+(?P<who>{PERSON})\b.*$",
        re.IGNORECASE,
    ),
    re.compile(rf"^(?P<who>{PERSON})(?:\s*,.*|\s+(?:on|about|with)\s+.*|)$", re.IGNORECASE),
)
_DOES = (
    r"(?:send|answer|confirm|check|deliver|review|decide|tell|let (?:me|us) know|get back|reply|pay|sign|provide"
    r"|write (?:me|us|to)|ask|look into|approve|come back|call (?:me|us|back)|forward|give|bring|clarify|test"
    r"|pick up|prepare|finish)"
)
_WILL = re.compile(
    rf"^(?P<who>{PERSON})\s+(?:will|is going to|wants to|has to|still has to|still needs to|must"
    rf"|needs to)\s+(?:still\s+)?{_DOES}\b\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
_BY_DAY = re.compile(
    rf"^(?P<who>{PERSON}(?: (?:of|from|at) [A-Z][\w-]+)?)\s+(?:[^,.;]{{1,60}}?\s+and\s+)?(?:does|(?<=and )reports|sends"
    rf"|answers|confirms"
    rf"|checks|delivers|reviews|decides|tells|replies|pays"
    rf"|signs|writes|asks|approves|calls|brings|clarifies|tests|prepares|finishes"
    rf"|gets back)\b[^.;]{{0,80}}?\s{WHEN}\b.*$",
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
    rf"|news)(?: yet)? from (?P<who>{PERSON})\b.*$|^(?:(?:i|we) )?(?:still )?(?:haven'?t"
    rf"|have not) heard(?: back)?(?: yet)? from (?P<who2>{PERSON})\b.*$",
    re.IGNORECASE,
)
_HEAR = re.compile(
    rf"^(?:i|we) (?:will )?(?:hear|get (?:an answer|word|it|them|the [\w-]+)) from (?P<who>{PERSON})\b.*\s{WHEN}\b.*$",
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


def waiting_in(sentence: str) -> Found | None:
    """Whom something waits for, or None: `waiting for Priya's answer`, `Jonna will send the list`."""
    plain = sentence.strip().rstrip(" .!")
    if found := _WAITING.match(plain):
        rest = _TAIL.sub("", found["rest"])
        for pattern in _OF_WHOM:
            if (whom := pattern.match(rest)) and is_somebody(whom["who"]) and _written_as_name(whom["who"]):
                return Found(kind=NoteKind.INTENTION, text=f"Waiting for {rest}", waits_for=_name(whom["who"]))
        return None
    if (found := _SILENT.match(plain) or _STOPPED.match(plain) or _HEAR.match(plain)) and is_somebody(
        next(_who_of(found))
    ):
        return Found(kind=NoteKind.INTENTION, text=plain, waits_for=_name(next(_who_of(found))))
    for pattern in (_PROMISED, _OWES, _BY_DAY, _WILL):
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


def _written_as_name(who: str) -> bool:
    return who[0].isupper() or " " in who or len(who) > 3


def _name(who: str) -> str:
    return who if not who.casefold().startswith(("the ", "my ", "our ")) else who[:1].casefold() + who[1:]
