"""A pipeline and its inputs in the owner's own words: "run the release notes pipeline since 2.4.0". Pure; no model.

Knows when words ask for a start now and which pipeline they name; where either is in doubt it refuses to guess, as
something would be started that nobody wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from nova.core import json
from nova.core.json import Json
from nova.core.plans import Plan, Schema
from nova.pipelines.fits import check_value

_START = re.compile(
    r"^\W*(?:(?:hey|hi|ok|okay|so|and|now|please|nova|bitte|jetzt)\b\W*)*"
    r"(?:(?:can|could|would|will) you\b\W*|(?:kannst|könntest) du\b\W*)?(?:please\b\W*|bitte\b\W*|now\b\W*|just\b\W*)*"
    r"(?:run|start|launch|trigger|execute|begin|kick off|set off|starte|lass)\b",
    re.IGNORECASE,
)
_GERMAN_END = re.compile(r"\b(?:starten|ausführen|laufen)\b[\s?!.]*$", re.IGNORECASE)
_NOT_NOW = re.compile(
    r"\b(?:every|each|daily|hourly|weekly|monthly|nightly|tomorrow|tonight|later|next|weekdays?|(?:mon|tues|wednes|thurs"
    r"|fri|satur|sun)days?|at \d|at (?:midnight|noon)|o'clock|if|unless|when(?:ever)?|once|after|before|again|instead"
    r"|not|never|don't|dont|stop|without|but|except|skip|leave out|only step|from step|dry|tests?|jeden?|täglich"
    r"|morgens?|wenn|falls|nicht|nie|ohne|nach|um \d)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_NO_VALUES = frozenset(
    ["a", "an", "the", "to", "of", "in", "on", "for", "from", "with", "and", "or", "is", "are", "it", "this", "that",
     "as", "by", "at", "please", "now", "pipeline", "run", "der", "die", "das", "für", "mit", "und"]
)  # fmt: skip
_YES, _NO = frozenset({"true", "yes", "on", "ja"}), frozenset({"false", "no", "off", "nein"})


def start_wish(said: str, names: Iterable[str]) -> str:
    """The one pipeline that these words ask to start now; empty when they ask for none, for several, or for later."""
    found = [(name, span) for name in names if (span := _named(said, name)) is not None]
    longest = [one for one in found if not any(_inside(one[1], other[1]) for other in found if other is not one)]
    if len(longest) != 1:
        return ""
    name, (start, end) = longest[0]
    rest = f"{said[:start]} … {said[end:]}"
    asks = _START.match(said) or (re.match(r"\W*(?:bitte\W+)?", said) and _GERMAN_END.search(said))
    return name if asks and not _NOT_NOW.search(rest) else ""


def inputs_in(said: str, plan: Plan) -> dict[str, Json]:
    """The inputs that these words give: `NAME=VALUE`, `NAME VALUE`, `NAME #3`; only what fits the input's schema."""
    span = _named(said, plan.id)
    rest = f"{said[: span[0]]} … {said[span[1] :]}" if span else said
    given = {name: _value(rest, name, schema) for name, schema in plan.inputs.items()}
    return {name: value[0] for name, value in given.items() if value}


def _named(said: str, name: str) -> tuple[int, int] | None:
    """Where a text names a pipeline: all words of its id in their order, with nothing but blanks or dashes between."""
    words = r"[\s_-]+".join(map(re.escape, _WORD.findall(name)))
    found = re.search(rf"(?<![\w-]){words}(?![\w-])", said, re.IGNORECASE)
    return found.span() if found else None


def _inside(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return other[0] <= span[0] and span[1] <= other[1] and span != other


def _value(said: str, name: str, schema: Schema) -> list[Json]:
    """The first value behind the input's name that fits, in a list; empty without one."""
    spelt = r"[\s_-]+".join(map(re.escape, name.split("_")))
    for found in re.finditer(
        rf"(?<![\w-]){spelt}(?P<sign>\s*[=:]\s*|\s+)(?P<rest>\S.*)", said, re.IGNORECASE | re.DOTALL
    ):
        surely = found["sign"].strip() != ""
        for value in _readings(found["rest"], schema, surely=surely):
            if not any(check_value(schema, value, name)):
                return [value]
    return []


def _readings(rest: str, schema: Mapping[str, Json], *, surely: bool) -> Iterator[Json]:
    """What the words after a name can stand for, the likeliest first. surely: a sign of equality stands between."""
    quoted = re.match(r"[\"“'‘«]([^\"”'’»]+)[\"”'’»]", rest)
    word = quoted[1] if quoted else rest.split()[0].rstrip(",;.!?")
    kinds = schema.get("type", "string")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "integer" in kinds or "number" in kinds:
        number = re.match(r"#?(-?\d+(?:\.\d+)?)\b", rest)
        if number:
            yield json.load(number[1])
    if "boolean" in kinds and word.casefold() in _YES | _NO:
        yield word.casefold() in _YES
    if surely and ("array" in kinds or "object" in kinds):
        yield from _json(rest)
    if "string" in kinds and word and (quoted or surely or word.casefold() not in _NO_VALUES):
        yield word


def _json(text: str) -> Iterator[Json]:
    for end in sorted({len(text), *(at + 1 for at, letter in enumerate(text) if letter in "]}")}):
        try:
            yield json.load(text[:end])
        except ValueError:
            continue
