"""A follow-up made whole by the turn before: `and in the purchasing app?`, `the second one?`, `why?`. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nova.models.extractive.choosing import values_named
from nova.models.extractive.concepts import concept, content, tokens
from nova.models.extractive.reading import read
from nova.models.extractive.values import Conversation, Line, Named, Tool, Turn, read_line
from nova.models.extractive.wanting import Wanted
from nova.models.words import fold

_OPENING = re.compile(
    r"^\W*(?:and|also|what about|how about|same|or|then|but|now|und|oder|en|ook|wat met|was ist mit|the same|"
    r"ok(?:ay)?|so|why|since when|who|when|where)\b"
)
_POINTING = re.compile(
    r"\b(?:it|its|that|this|those|these|they|them|their|there|one|ones|he|she|other|das|dies\w*|dort|davon|dat|die|daar|er)\b"
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ORDINAL = re.compile(
    r"\b(?:(?P<word>"
    + "|".join(_ORDINALS)
    + r"|last|erste|zweite|dritte|eerste|tweede|derde|letzte|laatste)[nrs]?(?:\s+(?:one|of (?:them|those)|\w+))?"
    r"|(?:number|no\.?|nr\.?|item|point)\s*(?P<number>\d{1,2}))\s*\W*$"
)
_OTHERS = {
    "erste": 1,
    "zweite": 2,
    "dritte": 3,
    "eerste": 1,
    "tweede": 2,
    "derde": 3,
    "last": -1,
    "letzte": -1,
    "laatste": -1,
}
_PREPOSITIONS = (
    "in|about|for|of|on|by|to|with|from|at|since|over|under|im|am|für|von|zu|seit|mit|van|voor|op|naar|sinds|met"
)
_PREPOSED = re.compile(
    rf"^\W*(?:and|und|en|what about|how about|also|ok)?\s*(?P<preposition>{_PREPOSITIONS})\s+(?P<rest>.+)$",
    re.IGNORECASE | re.DOTALL,
)
FOLLOWING_WORDS_MAX = 9


def whole(conversation: Conversation, tools: Sequence[Tool]) -> tuple[str, Line | None]:
    """The request as it would have been said without the turn before, and the entry of the last answer it points at."""
    text = conversation.now.request
    if not conversation.earlier or not text.strip():
        return text, None
    last = conversation.earlier[-1]
    entry = _pointed(text, last.answer)
    if entry is not None:
        return f"{text} {entry.text}", entry
    if not _follows(text, tools):
        return text, None
    before = whole(
        Conversation(instructions="", now=Turn(request=last.request), earlier=conversation.earlier[:-1][-3:]), tools
    )[0]
    return _merged(text, before, tools), None


def _follows(text: str, tools: Sequence[Tool]) -> bool:
    """Whether a short request leans on what was said: it opens like one, points at something, or only names a value."""
    lower = fold(text).strip()
    words = tokens(text)
    if len(words) > FOLLOWING_WORDS_MAX:
        return False
    subject = content(words)
    named = values_named(text, tools)
    if re.match(r"^\W*(?:and|und|en|also|what about|how about|wat met|was ist mit|same|the same)\b", lower):
        return True
    if _OPENING.match(lower) and len(subject) <= 1 and not named:
        return True
    return (bool(_POINTING.search(lower)) and len(subject) <= 2 and not named) or (
        bool(named) and len(subject) <= 2 and len(words) <= 3
    )


def items(answer: str) -> list[Line]:
    """The entries of an answer's lists, in order."""
    return [read_line(line) for line in answer.splitlines() if re.match(r"^\s*(?:[-*]|\d{1,2}[.)])\s", line)]


def _pointed(text: str, answer: str) -> Line | None:
    found = _ORDINAL.search(fold(text).strip())
    entries = items(answer)
    if not found or not entries or len(tokens(text)) > FOLLOWING_WORDS_MAX:
        return None
    word = found["word"]
    at = int(found["number"]) if found["number"] else _ORDINALS.index(word) + 1 if word in _ORDINALS else _OTHERS[word]
    index = at - 1 if at > 0 else at
    return entries[index] if -len(entries) <= index < len(entries) else None


def _merged(text: str, before: str, tools: Sequence[Tool]) -> str:
    """The earlier request with what the new one replaces: what stood after the same preposition, else the value of the
    same argument, else nothing: then the new words are added."""
    if (swapped := _swapped(text, before)) is not None:
        return swapped
    if _only_asks(text):
        return f"{text.strip(' ?!.')} {before}"
    codes, known = read(text).codes, read(before).codes
    if codes and known:
        return before.replace(known[0], codes[0])
    new, old = values_named(text, tools), values_named(before, tools)
    words = tokens(before)
    replaced = {
        at
        for hit in old
        if any(other.argument == hit.argument and other.value != hit.value for other in new)
        for at in range(max(hit.start, 0), max(hit.end, 0))
    }
    if replaced:
        kept = [word for at, word in enumerate(words) if at not in replaced]
        return " ".join([*kept, *_spelt(new, text)])
    known = {concept(word) for word in words}
    fresh = [word for word in content(tokens(text)) if concept(word) not in known]
    return f"{before.strip(' ?!.')} {' '.join(_spelt(new, text) or fresh)}"


def _swapped(text: str, before: str) -> str | None:
    """`and in purchasing?` after `which models are in inventory?`: what follows the equal preposition changes."""
    found = _PREPOSED.match(text.strip())
    if not found:
        return None
    places = list(re.finditer(rf"\b{found['preposition']}\b", before, re.IGNORECASE))
    if not places:
        return None
    start = places[-1].end()
    stop = re.search(rf"\s(?:{_PREPOSITIONS})\b|[?!.;,]", before[start + 1 :])
    end = start + 1 + stop.start() if stop else len(before)
    return f"{before[:start]} {found['rest'].strip(' ?!.')}{before[end:]}"


def _spelt(new: Sequence[Named], text: str) -> list[str]:
    """The new request's own words, which name its values as the person spelt them."""
    return [text.strip(" ?!.")] if new else []


def _only_asks(text: str) -> bool:
    """`why?`, `since when?`, `who?`: a question word alone, asked of the earlier request."""
    return not content(tokens(text)) and bool(read(text).wanted & {Wanted.WHY, Wanted.WHEN, Wanted.WHO, Wanted.WHERE})
