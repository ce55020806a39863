"""Intentions that take several sentences: `next: A. then B`, `in this order: first X, then Y`. Knows how steps go on.

Refuses to take an order to Nova for one: `next: show me the model` is a request.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nova.core.notes import NoteKind
from nova.memory.hearing.reasons import asks_for
from nova.memory.hearing.said import Found

STEPS_MAX = 6
_VERBS = (
    r"(?:take|put|write|run|check|close|commit|measure|tell|send|look|ask|move|start|do|mend|fix|tag|release"
    r"|rebase|test"
    r"|call|mail|push|merge|clean|remove|rename|add|split|try|update|upload|deploy|order|print|talk|finish|read|delete)"
)
_STEP = re.compile(
    rf"^(?:(?:and |but )?(?:then|after that|afterwards|finally|last|lastly|at the end|first|second|third"
    rf"|on \d{{4}}-\d\d)\b"
    rf"|(?:and )?{_VERBS}\b (?!me\b|us\b)|and on (?:\d|mon|tues|wednes|thurs|fri|satur|sun))",
    re.IGNORECASE,
)
_NEXT = re.compile(r"^(?:and )?next(?: steps?| up| thing)?\s*:\s*(?P<what>\S+ \S.*)$", re.IGNORECASE)
_ORDER = re.compile(
    r"^(?P<lead>[^:?]{0,60}?)\b(?:in|with) this order\s*:\s*(?P<what>(?:first\b.*\bthen\b.*|(?:[^,]*,\s*)?#\d.*"
    r"|.*, then .*))$",
    re.IGNORECASE,
)
_LEFT = re.compile(r"^(?:what'?s |still )?(?:left|missing|remains)(?: to do)?\s*:\s*(?P<what>\S+ \S.*)$", re.IGNORECASE)
_ORDERS = re.compile(r"\?|\b(?:please|me|you|your)\b(?! (?:know|up))", re.IGNORECASE)


def steps_in(sentence: str, before: Sequence[str], rest: Sequence[str]) -> Found | None:
    """The intention that opens with `next:` or tells an order, where what stands around it shows that it is a plan.

    before, rest: the sentences of the message around it.
    """
    plain = sentence.rstrip(" .!")
    if any(_ORDERS.search(text) for text in (plain, *rest)):
        return None
    if found := _NEXT.match(plain):
        going_on = (bool(rest) and goes_on(rest[0])) or ", then " in plain
        stood = bool(before) and not asks_for(before[-1])
        return _plan(f"Next: {found['what']}") if going_on or stood else None
    if any(asks_for(text) for text in rest):
        return None
    if _ORDER.match(plain) or _LEFT.match(plain):
        return _plan(plain)
    return None


def goes_on(sentence: str) -> bool:
    """Whether a sentence is the next step of a plan: `then the fix`, `take it from the bank import`."""
    return _STEP.match(sentence) is not None and not _ORDERS.search(sentence)


def _plan(text: str) -> Found:
    return Found(kind=NoteKind.INTENTION, text=text)
