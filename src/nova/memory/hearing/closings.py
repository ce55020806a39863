"""Sentences that close a question: `so the question is closed`, `she answered about the form: the date of birth goes`.

Their notes carry the topic, so that the open question which shares it can be found. Knows forms; looks nothing up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nova.core.notes import NoteKind
from nova.memory.hearing.context import last_person
from nova.memory.hearing.opening import without_lead
from nova.memory.hearing.own_words import REPLIED, Sentence
from nova.memory.hearing.people import is_somebody
from nova.memory.hearing.reasons import asks_for
from nova.memory.hearing.said import OWNER, Found
from nova.memory.hearing.standing import stands_alone

CLOSED_WITHIN_SENTENCES = 4
_CLOSED = re.compile(
    r"^(?:(?:so|and|then|ok|with that)[, ]+)*(?:the|that|this) (?:open )?(?:question|point|matter"
    r"|issue)(?: of [\w -]{2,40})?"
    r"(?: is|'s) (?:now )?(?:closed|settled|answered|decided|done|off the table)[.!]*$|^(?:so )?(?:that'?s"
    r"|that is) (?:settled"
    r"|answered|decided)(?: then)?[.!]*$",
    re.IGNORECASE,
)
_TOPIC_SETTLED = re.compile(
    r"^(?P<topic>[\w#][\w #'&.-]{1,40}): (?:settled|decided|closed|done|agreed)[,:] (?P<what>\S+ \S.*)$", re.IGNORECASE
)
_HAS_TOPIC = re.compile(r"^[\w#][\w #'&.-]{1,40}:\s+\S")


def closes(sentence: str) -> bool:
    """`so the question is closed`: it is about what was said just before."""
    return _CLOSED.match(sentence) is not None


def closing_at(sentences: Sequence[Sentence], at: int, before: str) -> Found | None:
    """What a sentence settles: a decision, or what somebody answered; None when it settles nothing by itself."""
    plain = without_lead(sentences[at].text).rstrip(" .!")
    if plain.endswith("?"):
        return None
    if found := REPLIED.match(plain):
        return _answer(found, before)
    if found := _TOPIC_SETTLED.match(plain):
        return Found(kind=NoteKind.DECISION, text=f"{found['topic']}: {found['what']}", by=OWNER)
    follows = [one.text for one in sentences[at + 1 : at + 1 + CLOSED_WITHIN_SENTENCES]]
    closed = any(closes(text) for text in follows) and _HAS_TOPIC.match(plain) is not None
    if at == 0 and (closed or (follows and closes(follows[0]) and stands_alone(plain) and not asks_for(plain))):
        return Found(kind=NoteKind.DECISION, text=plain, by=OWNER)
    return None


def _answer(found: re.Match[str], before: str) -> Found | None:
    who, told, topic = found["who"], found["told"], found["topic"] or ""
    if asks_for(told):
        return None
    if who.casefold() in ("he", "she", "they"):
        who = last_person(before)
        text = f"{who or 'The answer'} {'answered ' if who else ''}{'about ' + topic if topic else ''}".strip()
        return Found(kind=NoteKind.FACT, text=f"{text}: {told}", by=who) if topic or who else None
    return Found(kind=NoteKind.FACT, text=found[0], by=who) if is_somebody(who) else None
