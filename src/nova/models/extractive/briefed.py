"""What came with work that was passed on, as the answer to a request that only points at it: “summarise them”.

Knows the form in which a brief is put before a model; writes nothing of its own but one fixed sentence.
"""

from __future__ import annotations

import re

from nova.models.extractive import declining
from nova.models.extractive.concepts import content, tokens
from nova.models.extractive.values import Answer

LINES_MAX = 40
CHARACTERS_MAX = 6_000
OWN_WORDS_MAX = 2
TOLD = "From what was passed on to me:"
_KNOWN = re.compile(
    r"^# Your brief$.*?^Known already\.[^\n]*\n(.*?)"
    r"(?=^(?:To look at:|The result must keep to:|It must be over by|End your answer with one ```)"
    r"|^# (?:What Nova remembers|Earlier in this conversation)$|\Z)",
    re.DOTALL | re.MULTILINE,
)
_POINTS = re.compile(
    r"\b(?:it|its|them|they|these|those|that|this|their|results?|findings?|above|one|ones|sie|es|ihn|davon|daraus|diese)\b",
    re.IGNORECASE,
)
_MAKES = (
    ("summari[sz]e|condense|fasse", "a summary"),
    ("translate|übersetze", "a translation"),
    ("draft|write|compose|schreib", "a text"),
    ("shorten|rewrite|edit|proofread|polish|rephrase|kürze", "a new wording"),
)
_WORDS = """
summarise summarize translate explain review check list sort shorten rewrite edit proofread draft write send email mail
report note tell compare fasse zusammen übersetze prüfe german english french dutch client line word short
"""
_ACTS = frozenset(_WORDS.split())


def facts(instructions: str) -> str:
    """What is known already by the brief in a context; empty when there is none."""
    found = _KNOWN.search(instructions)
    return found[1].strip() if found else ""


def only_points(request: str) -> bool:
    """Whether a request has hardly a word of its own: then what was passed on is all that it can be about."""
    own = [word for word in content(tokens(request)) if word not in _ACTS and word.removesuffix("s") not in _ACTS]
    return len(own) <= (OWN_WORDS_MAX if _POINTS.search(request) else 0)


def made(request: str) -> str:
    """What a model would have to write for a request that points at given text; empty where the text itself will do."""
    return next((thing for verb, thing in _MAKES if re.search(rf"\b(?:{verb})", request, re.IGNORECASE)), "")


def answer(told: str, thing: str, *, writes: bool) -> Answer:
    """What was passed on, word for word, declined first when something new would have to be written."""
    lines = told[:CHARACTERS_MAX].splitlines()
    over = max(0, len(told.splitlines()) - LINES_MAX)
    text = "\n".join([TOLD, "", *lines[:LINES_MAX]])
    found = Answer(text=text, cut=over)
    return declining.declined(thing, found) if writes else found
