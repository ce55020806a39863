"""Sentences of a letter: what is wanted, what is asked, what is only told. Pure; knows English and German.

Refuses to invent: a task is a sentence of the text, whole, and a question about it names the word that raises it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from nova.models.sentences import Sentence, split


class Strength(StrEnum):
    """How much somebody wants it."""

    MUST = "must"
    SHOULD = "should"
    WISH = "wish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One thing somebody wants. line: from 1; due: the day as written, or empty; vague: words without a measure."""

    text: str
    line: int
    strength: Strength
    due: str
    vague: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A question of the text. line: from 1."""

    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A text in parts. sender, subject: of a mail's head, or empty; others: sentences that only tell something."""

    sender: str
    subject: str
    wishes: tuple[Wish, ...]
    doubts: tuple[Doubt, ...]
    deadlines: tuple[Doubt, ...]
    others: tuple[Sentence, ...]


_HEAD = re.compile(
    r"^(?P<name>from|to|cc|date|sent|subject|von|an|datum|gesendet|betreff):\s*(?P<value>.*)$", re.IGNORECASE
)
_WISH = re.compile(
    r"\bwould be (?:nice|good|great|helpful|lovely)\b|\bwould like\b|\bwish(?:es)?\b|\bnice to have\b|\bif possible\b"
    r"|\bcould you\b|\bperhaps you\b|\bwäre (?:schön|gut)\b|\bwünsch\w*|\bmöchte\w*|\bgerne?\b",
    re.IGNORECASE,
)
_MUST = re.compile(
    r"\bmust\b|\b(?:has|have) to\b|\bneeds? (?:to|an?|the|it)\b|\bneed\b|\brequired?\b|\bmandatory\b"
    r"|\bmay not\b|\bmay only\b"
    r"|\bmuss\b|\bmüssen\b|\bbrauch\w+|\bdarf nicht\b|\bdürfen nicht\b",
    re.IGNORECASE,
)
_SHOULD = re.compile(
    r"\bshould\b|\bshall\b|\bwants?\b|\bwanted\b|\bplease\b|\bexpect(?:s|ed)?\b|\bcan you\b"
    r"|\bsoll\w*\b|\bbitte\b|\bwollen\b",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(
    r"(?:add|show|make|allow|change|remove|send|export|import|hide|print|let|give|keep|stop|fix|correct|move|replace|list"
    r"|write|put|take|rename|split|merge|check|test|update|sort|store|count)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\?\s*$|\bnot sure (?:whether|if|who|what|how|when)\b|\bunclear\b|\bto be decided\b|\btbd\b"
    r"|\b(?:do not|don't) know\b"
    r"|\bopen question\b|\bunklar\b|\bnicht sicher, (?:ob|wer|was|wie)\b",
    re.IGNORECASE,
)
_NOT_WANTED = re.compile(r"\bno need\b|\bdo(?:es)? not (?:need|want)\b|\bdon't (?:need|want)\b", re.IGNORECASE)
_POLITE = re.compile(
    r"^(?:dear|hello|hi|hallo|liebe[rs]?|sehr geehrte|thank|thanks|danke|best|kind|greetings|viele grüße"
    r"|mit freundlichen|regards)\b",
    re.IGNORECASE,
)
_MONTH = (
    "jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|"
    "sep(?:t(?:ember)?)?|okt(?:ober)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|dez(?:ember)?"
)
_DUE = re.compile(
    r"\b(?:by|before|until|till|not later than|bis(?: zum)?|vor)\s+(?P<day>(?:the )?(?:"
    rf"\d{{4}}-\d\d-\d\d|\d{{1,2}}\.?\s*(?:{_MONTH})\b(?:\s+\d{{4}})?|(?:{_MONTH})\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?"
    r"|\d{1,2}\.\s?\d{1,2}\.(?:\d{2,4})?"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|christmas|easter|(?:the )?end of (?:the )?(?:week|month|year)"
    r"|next (?:week|month|year)|tomorrow))",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(?:fast(?:er)?|quick(?:er|ly)?|slow|soon(?:er)?|eas(?:y|ier|ily)|simpl[er]+|user[- ]friendly|modern|better"
    r"|nicer|big(?:ger)?"
    r"|small(?:er)?|many|few|some(?:times)?|several|often|usually|old|recent|normal(?:ly)?|flexible|appropriate(?:ly)?|etc"
    r"|schnell(?:er)?|einfach(?:er)?|bald|besser|manchmal|oft|viele|wenige)\b",
    re.IGNORECASE,
)
_PLEASE = re.compile(r"\b(?:please|if possible|bitte|wenn möglich|at the latest|spätestens)\b", re.IGNORECASE)
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")


def read_letter(text: str) -> Letter:
    """A mail, a list of requirements, or prose, in parts. Quoted mail and what follows `--` are left out."""
    lines, head = _body(text.replace("\r\n", "\n").split("\n"))
    listed = {number for number, line in enumerate(lines, 1) if _ITEM.match(line)}
    wishes: list[Wish] = []
    doubts: list[Doubt] = []
    deadlines: list[Doubt] = []
    others: list[Sentence] = []
    for one in split("\n".join(lines)):
        if _POLITE.match(one.text) or len(one.text) < 4:
            continue
        if wishes and not wishes[-1].due and _only_due(one) and one.line - wishes[-1].line <= 1:
            wishes[-1] = replace(wishes[-1], due=due_of(one.text))
            continue
        strength = strength_of(one.text, listed=one.line in listed)
        if _ASKED.search(one.text):
            doubts.append(Doubt(text=one.text, line=one.line))
        elif strength is not None and not _about_all(one.text):
            wishes.append(_wish(one, strength))
        elif due_of(one.text):
            deadlines.append(Doubt(text=one.text, line=one.line))
        else:
            others.append(one)
    return Letter(
        sender=head.get("from", head.get("von", "")), subject=head.get("subject", head.get("betreff", "")),
        wishes=tuple(wishes), doubts=tuple(doubts), deadlines=tuple(deadlines), others=tuple(others),
    )  # fmt: skip


def strength_of(text: str, *, listed: bool = False) -> Strength | None:
    """How much a sentence wants something; None when it wants nothing. listed: it is an item of a list."""
    if _NOT_WANTED.search(text):
        return None
    if _WISH.search(text):
        return Strength.WISH
    if _MUST.search(text):
        return Strength.MUST
    if _SHOULD.search(text) or (_IMPERATIVE.match(text) and (listed or text.rstrip().endswith((".", "!")))):
        return Strength.SHOULD
    return None


def due_of(text: str) -> str:
    """The day until when, as it is written; empty for none."""
    found = _DUE.search(text)
    return found["day"] if found else ""


def vague_in(text: str) -> tuple[str, ...]:
    """Words that want a number or a name beside them before anybody can say that it is done."""
    return tuple(dict.fromkeys(word.casefold() for word in _VAGUE.findall(text)))


def _wish(one: Sentence, strength: Strength) -> Wish:
    return Wish(text=one.text, line=one.line, strength=strength, due=due_of(one.text), vague=vague_in(one.text))


def _only_due(one: Sentence) -> bool:
    """`Before 1 December, please.` says until when what stands before it is wanted."""
    return bool(due_of(one.text)) and not re.search(r"\w", _PLEASE.sub("", _DUE.sub("", one.text)))


def _about_all(text: str) -> bool:
    """A sentence on when everything is wanted is a deadline, no task of its own."""
    return bool(due_of(text)) and bool(
        re.search(r"\b(?:all (?:of )?(?:this|that|it)|everything|alles)\b", text, re.IGNORECASE)
    )


def _body(lines: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The lines with what is no body of it emptied, so that line numbers stay; and a mail's head by its names."""
    head: dict[str, str] = {}
    body: list[str] = []
    in_head, signed = bool(lines and _HEAD.match(lines[0])), False
    for line in lines:
        found = _HEAD.match(line) if in_head else None
        in_head = in_head and line.strip() != ""
        signed = signed or line.rstrip() in ("--", "-- ")
        if found is not None:
            head[found["name"].casefold()] = found["value"].strip()
        body.append("" if found is not None or signed or line.lstrip().startswith(">") else line)
    return body, head


def questions_of(letter: Letter) -> Iterator[tuple[str, int, str]]:
    """(question, line, why it is one): what the text asks itself, then what its wishes leave open."""
    for doubt in letter.doubts:
        yield doubt.text, doubt.line, "asked"
    for wish in letter.wishes:
        for word in wish.vague:
            yield f"What does “{word}” mean here, in a number or a name?", wish.line, "vague"
