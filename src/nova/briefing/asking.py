"""What a question asks of a resume card: which part, since when, about what. Pure; knows wording, opens nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from nova.store.textindex import query_words


class Wanted(StrEnum):
    """Which part of the brief is asked for."""

    ALL = "all"
    LEFT_OFF = "left-off"
    NEXT = "next"
    OPEN = "open"
    DECISIONS = "decisions"
    WAITING = "waiting"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The part, and the words its lines must hold; empty for all of it."""

    part: Wanted
    query: str = ""


# The first that is found decides: who asks where he was and what is next is shown both by the first.
_PARTS = (
    (
        Wanted.WAITING,
        r"\bwait(?:s|ing|ed)?\b|\bowes?\b|\bblocked\b|\bwho (?:still )?(?:has|have|needs?|must|wants?) to\b",
    ),
    (
        Wanted.OPEN,
        r"\b(?:open|unanswered|undecided|unresolved|unsettled)\b|\banswer(?:ed)?\b|\bquestions?\b|\bstill to decide\b",
    ),
    (
        Wanted.LEFT_OFF,
        r"\b(?:le(?:ave|ft) (?:it |things )?off|where (?:was|were) (?:i|we)|(?:was|were) (?:i|we) (?:doing|working)|"
        r"(?:did|do) (?:i|we) (?:stop|leave)|stopped|pick (?:it |this )?up|back into|last (?:worked|touched))\b",
    ),
    (Wanted.CHANGED, r"\bchang(?:e|es|ed|ing)\b|\bhappened\b|\bnew(?:s)? (?:since|here)\b|\bdid i miss\b|\bmissed\b"),
    (
        Wanted.NEXT,
        r"\bnext\b|\b(?:want(?:ed)?|meant?|plan(?:ned)?|going|have|intend(?:ed)?) to\b|\bto-?do\b|\bplans?\b|"
        r"\bwhat now\b",
    ),
    (Wanted.DECISIONS, r"\bdeci(?:de|ded|sions?|ding)\b|\bagreed?\b|\bsettled\b"),
)
_FOUND = tuple((part, re.compile(pattern, re.IGNORECASE)) for part, pattern in _PARTS)
_NARROWED = (Wanted.OPEN, Wanted.NEXT, Wanted.WAITING, Wanted.DECISIONS)
# What such questions are made of, beside the words that every question has.
_ASKING_WORDS = """
open question questions unanswered undecided unresolved answer answers answered anybody anyone somebody someone
something anything everything still left leave oldest newest first last order list show tell told send say said
give get know need needs wait waiting waits owe owes next step steps plan plans planned want wanted mean meant
going todo decide decided decision decisions settled agreed project here there yet today week month ones things
thing got let see wants today's must has one two three me remind please currently right
"""
_ASKING = frozenset(_ASKING_WORDS.split())
_WORD = re.compile(r"[\w#][\w.#-]*[\w#]|\w")


def wish_of(question: str) -> Wish:
    """What a question asks for; all of the card when it names no part of it."""
    part = next((part for part, pattern in _FOUND if pattern.search(question)), Wanted.ALL)
    telling = set(query_words(question))
    words = [
        word
        for word in _WORD.findall(question)
        if word.casefold() not in _ASKING and (not word.isalpha() or word.casefold() in telling)
    ]
    return Wish(part=part, query=" ".join(words) if part in _NARROWED else "")
