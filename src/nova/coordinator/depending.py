"""Which part of a request needs an earlier one, by its words. English and some German. Pure; knows nothing of agents.

Sentence vectors were tried for what a pronoun stands for, and found no part that the words had not (docs/log.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nova.coordinator.pointing import named_again, points_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One part needs another. before, after: their numbers, from 0; why: a sentence for the person."""

    before: int
    after: int
    why: str


_APART = re.compile(
    r"\b(?:separately|unrelated|not related|by the way|btw|apart from that|besides that|independently|übrigens"
    r"|unabhängig davon|abgesehen davon)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\b(?:then|after that|afterwards|after this|next|finally|lastly|once (?:that|this|it|you)\b.*"
    r"|when (?:done|finished)"
    r"|before|based on (?:that|this|it)|with (?:that|this)|using (?:that|this|it)|from (?:that|this|there)"
    r"|dann|danach|anschließend|daraufhin|zuletzt|zum schluss|darauf|damit|daraus)\b",
    re.IGNORECASE,
)
_WAITS = re.compile(r"^\s*(?:after|once|as soon as|nachdem|sobald)\b", re.IGNORECASE)
_FIRST = re.compile(r"^\s*(?:first|first of all|to begin with|zuerst|erst)\b", re.IGNORECASE)
_ALL = re.compile(
    r"\b(?:all of (?:it|that|this|them)|everything(?: above)?$|both(?: of them)?\b|the (?:two|three|four)\b(?! of)"
    r"|each other|one another|(?:compare|merge|combine) (?:them|these|those)|beides?\b|alles (?:das|davon))",
    re.IGNORECASE,
)
_LOOKS = re.compile(r"^\W*(?:please\s+)?(?:check|review|verify|test|read|look|audit|prüfe)\b", re.IGNORECASE)


def edges(texts: Sequence[str], gaps: Sequence[str]) -> tuple[Edge, ...]:
    """Who needs whom, with a sentence each. gaps: what stands before each part, the first included."""
    found: list[Edge] = []
    for number, text in enumerate(texts):
        if _WAITS.match(text) and number + 1 < len(texts):
            word = text.split()[0]
            found.append(Edge(before=number, after=number + 1, why=f"part {number + 1} begins with “{word}”"))
            continue
        found += _of_part(number, texts, gaps) if number else []
    return tuple(dict.fromkeys(found))


def _of_part(number: int, texts: Sequence[str], gaps: Sequence[str]) -> list[Edge]:
    text, gap = texts[number], gaps[number]
    name = f"part {number + 1}"
    if _APART.search(gap) or _APART.search(text):
        return []
    if number > 1 and (every := _ALL.search(text)):
        return [
            Edge(before=one, after=number, why=f"{name} speaks of “{every.group()}”, which are the parts before it")
            for one in range(number)
        ]
    if (why := points_at(text)) is not None:
        before = _meant(number, texts)
        return [Edge(before=before, after=number, why=f"“{why}” in {name} stands for what part {before + 1} gives")]
    named = [(one, word) for one in range(number) if (word := named_again(texts[one], text))]
    if named:
        one, word = named[-1]
        return [Edge(before=one, after=number, why=f"“the {word}” in {name} is what part {one + 1} is about")]
    if ordered := _ORDER.search(gap) or (_ORDER.match(text) and _ORDER.search(text)):
        return [
            Edge(before=number - 1, after=number, why=f"“{ordered.group().strip()}” puts {name} after part {number}")
        ]
    if _FIRST.search(gaps[0]) or _FIRST.match(texts[0]):
        return [Edge(before=number - 1, after=number, why=f"the request begins with “first”, so {name} comes after")]
    return []


def _meant(number: int, texts: Sequence[str]) -> int:
    """The part that a pronoun of this one stands for: the one before, or what that one only looks at."""
    before = number - 1
    while before and _LOOKS.match(texts[before]) and points_at(texts[before]) is not None:
        before -= 1
    return before
