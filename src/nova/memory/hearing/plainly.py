"""Decisions that are told without the word: `we fill in batches of 5000. bigger ones hold the locks too long`.

Such a sentence is a decision only because of what stands beside it: a ground, a contrast, something it is instead of,
and a message that asks for nothing. Knows these forms; the words that say it by themselves are in `decisions`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from nova.core.notes import NoteKind
from nova.memory.hearing.reasons import alternative_alone, contrasts, grounds, reasoned
from nova.memory.hearing.said import OWNER, Found

_NOT_DECIDED = (
    r"(?:lose|run out|show the|have|had|are|were|was|know|think|thought|see|saw|get|got|need|want|wanted|can"
    r"|could|should|would|will|might"
    r"|must|may|did|hope|guess|understand|remember|like|love|hate|wonder|believe|lost|sold|made|found|said|went|kept"
    r"|wrote|sent|paid|bought|built|came|left|meant|ran|told|keep [a-z]+ing|[a-z]+ed|all|both|only|never|always|still"
    r"|just|also|often|don'?t|do not|can'?t)"
)
_WE = re.compile(
    rf"^(?:(?:then|so|now|from now on) )?(?:we|i(?= (?:promise|take|keep|leave|drop|use|put|stay|switch"
    rf"|stick)\b)) (?:now )?(?!{_NOT_DECIDED}\b)(?P<verb>[a-z]+) (?!it\b(?! (?:in"
    rf"|with|at"
    rf"|by|on|after)\b)|that\b|this\b|them\b)\S.*$",
    re.IGNORECASE,
)
_WEIGHED = re.compile(
    r"\band not\b|,\s*not\b|\binstead of\b|\brather than\b|\bso that\b|,\s*otherwise\b", re.IGNORECASE
)
_TAIL = re.compile(
    r"^(?P<what>[^,]{8,}(?:, not [^,]{1,30})?),\s+(?P<why>(?!and\b|or\b|then\b|so\b|which\b|but\b|not\b|first\b)"
    r"(?:otherwise\b|i tried\b|we tried\b|nobody\b|there\b|the [\w ]+? (?:[a-z]+s|do|are|will)\b|[a-z]+ (?:hates?"
    r"|can'?t"
    r"|checks?|needs?|breaks?|chokes?)\b).*)$",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^no (?!(?:idea|problem|worries|hurry|need|way|thanks|chance|reply|answer|error|errors|news|luck|result|wonder"
    r"|matter|doubt|more|tests?|post|one|it|that)\b)[a-z][\w-]*(?: [\w-]+){0,3}(?:, no [\w -]{2,40})*$",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"^(?:back to (?:the )?[\w-]+.{0,40}|(?:one|two|three|\d+) [\w -]{2,40}, (?:no|not) \S.{1,60}"
    r"|\d+ [\w ]{2,20} then"
    r"(?:,.*)?)$",
    re.IGNORECASE,
)
_STANDS = re.compile(
    r"^(?!(?:it|that|this|they|he|she|there|here|what|which|who|if|when|i|maybe"
    r"|perhaps)\b)[\w#'-]+(?: [\w#'-]+){0,5}? "
    r"(?:(?:stays?|remains?|costs?|lasts?|lives?|goes|go|comes?|gets?|opens?|closes?|runs?) )\S.*$",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"^(?:i |we )?(?:wanted|thought of|was for|were for) (?:to )?(?P<other>[^,]{3,60}?),? but (?!got\b|you\b"
    r"|only\b)\b.*"
    r"\b(?:so (?:we|no|it stays|i (?:take|keep|leave|drop))|we (?:do|keep|take|use|stay|leave|go|drop|make)"
    r"|it stays)\b.*$",
    re.IGNORECASE,
)
_WENT = re.compile(
    r"^(?:(?:i|we) )?(?:went|settled) (?:with|for|on) (?!lunch\b|a (?:walk|run|coffee|swim|beer)\b|it\b|that\b"
    r"|him\b|her\b"
    r"|them\b|the (?:kids|family)\b)\S.*$",
    re.IGNORECASE,
)
_RULE = re.compile(
    r"^(?:new |the |our )?rule(?: (?:for|in|on) [\w -]{2,40}?)?(?: (?:from now(?: on)?|now))?:\s*(?P<what>\S+ \S.*)$",
    re.IGNORECASE,
)
_AUX = re.compile(r"^(?:we|i) \w+$", re.IGNORECASE)


def plainly(content: str, rest: Sequence[str], *, quiet: bool) -> Found | None:
    """The decision in a sentence, for what it says and what the next ones say; or None.

    quiet: the message asks for nothing. rest: the sentences that follow, interjections off.
    """
    plain = content.rstrip(" .!")
    if not quiet or plain.endswith("?") or _AUX.match(plain):
        return None
    if found := _RULE.match(plain):
        return _found(plain)
    if found := _WANTED.match(plain):
        return replace(_found(plain), alternatives=(found["other"].strip(),))
    following = rest[0] if rest else ""
    grounded = bool(following) and grounds(following)
    if _WENT.match(plain) and (grounded or "in the end" in plain or _WEIGHED.search(plain)):
        return _found(plain)
    if _WE.match(plain):
        return _ours(plain, grounded=grounded)
    grounded = grounded or any(contrasts(text) for text in rest[1:2])
    strong = contrasts(following) or bool(alternative_alone(following))
    would = strong or re.search(r"\b(?:would|i'd|we'd)\b", " ".join(rest[:2]), re.IGNORECASE)
    if (would and _NO.match(plain)) or (grounded and _SHORT.match(plain)):
        return _found(plain)
    return _found(plain) if strong and _STANDS.match(plain) and len(plain.split()) <= 25 else None


def _ours(plain: str, *, grounded: bool) -> Found | None:
    """`we round at the line and not at the sum, the tax office checks the lines`."""
    if _TAIL.match(plain):
        return decided(plain)
    return _found(plain) if grounded or _WEIGHED.search(plain) else None


def decided(statement: str) -> Found:
    """A decision with what it is instead of, and with the ground that follows after a comma, taken out of it."""
    tail = _TAIL.match(statement)
    return replace(_found(tail["what"]), why=tail["why"]) if tail else _found(statement)


def _found(statement: str) -> Found:
    parts = reasoned(statement)
    return Found(kind=NoteKind.DECISION, text=parts.statement, why=parts.why, alternatives=parts.alternatives, by=OWNER)
