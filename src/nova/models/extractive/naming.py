"""Which possible values of a tool's arguments a request names: models, files, apps, labels, issue numbers, commits.

Knows spelling (case, plural, spaces); refuses to know what the values stand for. Paths are read in places.py.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from nova.models.extractive.concepts import STOP, joined, singular, tokens
from nova.models.extractive.places import (
    FILE_WORDS,
    by_age,
    by_folder,
    by_overlap,
    close_path,
    is_path,
    path_keys,
    written,
)
from nova.models.extractive.values import Argument, Named
from nova.models.words import stem

NGRAM_WORDS_MAX = 12
VALUES_EACH_MAX = 3
_INSIDE = frozenset(["in", "inside", "under", "below", "within", "im", "unter"])
_NUMBER = re.compile(r"(?:#|\b(?:issues?|tickets?|bugs?|number|no\.?|nr\.?|nummer)\s*#?)\s*(\d{1,6})\b", re.IGNORECASE)
_MORE_NUMBERS = re.compile(r"\s*(?:,|and|und|en|&|or)\s*#?(\d{1,6})\b")
_COMMIT = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b")


def named(text: str, arguments: Iterable[Argument], codes: Sequence[str] = ()) -> tuple[Named, ...]:
    """Every value of these arguments that a text names, longest spelling first; one argument name is read once.

    Files that no spelling names are guessed by the words of their names. codes: identifiers whose parts name nothing.
    """
    words = tokens(text)
    inside = _inside_codes(words, codes)
    found: dict[tuple[str, str], Named] = {}
    for argument in arguments:
        hits = _paths(argument, words, text, inside) if is_path(argument) else _values(argument, words, text, inside)
        for hit in hits:
            found.setdefault((hit.argument, hit.value), hit)
    return tuple(found.values())


def _values(argument: Argument, words: list[str], text: str, inside: Sequence[tuple[int, int]]) -> list[Named]:
    if argument.name in ("number", "issue"):
        return list(_numbers(argument, text))
    commits = _commits(argument, text) if argument.name in ("revision", "commit") else ()
    return [*commits, *_spelt_out(argument, words, text, inside)]


def _paths(argument: Argument, words: list[str], text: str, inside: Sequence[tuple[int, int]]) -> list[Named]:
    """The surest way in which a text names files: written out, by name, by age; else guessed, with folders beside."""
    sure = (
        list(written(argument, text))
        or list(_spelt_out(argument, words, text, inside))
        or list(by_age(argument, words))
    )
    if sure:
        return sure
    return [*by_overlap(argument, words), *by_folder(argument, words)]


def _numbers(argument: Argument, text: str) -> Iterator[Named]:
    """`#12`, `issue 12`, `tickets 3 and 5`, also where no list of values is given."""
    for found in _NUMBER.finditer(text):
        numbers, position = [found[1]], found.end()
        while more := _MORE_NUMBERS.match(text, position):
            numbers.append(more[1])
            position = more.end()
        for number in numbers:
            known = next((value for value in argument.values if value.lstrip("0") == number.lstrip("0")), number)
            yield Named(argument=argument.name, value=known, start=-1, end=-1, exact=True)


def _commits(argument: Argument, text: str) -> Iterator[Named]:
    for found in _COMMIT.finditer(text):
        yield Named(argument=argument.name, value=found[0], start=-1, end=-1, exact=True)


def _spelt_out(argument: Argument, words: list[str], text: str, inside: Sequence[tuple[int, int]]) -> Iterator[Named]:
    """The listed values whose spelling occurs, the longest first; no word is read twice."""
    index = _index(argument)
    taken: set[int] = set()
    for start, end, key in _spans(words) if index else ():
        if key not in index or taken & set(range(start, end)) or not _meant(argument, words, start, end, inside):
            continue
        near = _beside(words, start, end, FILE_WORDS if is_path(argument) else frozenset({argument.name}))
        inner = start > 0 and words[start - 1] in _INSIDE
        spelt = "".join(words[start:end])
        fitting = (
            value
            for value, lonely in index[key]
            if (near or not lonely or (inner and not PurePosixPath(value).suffix))
            and _close(argument, value, spelt, near or inner)
        )
        values = _closest(_merged(fitting), words)
        for value in values:
            yield Named(argument=argument.name, value=value, start=start, end=end, exact=_exact(value, text))
        if values:
            taken |= set(range(start, end))


def _meant(argument: Argument, words: Sequence[str], start: int, end: int, inside: Sequence[tuple[int, int]]) -> bool:
    """Whether a span of words can name anything: no stop word, no part of a code, no branch that is a common word."""
    if end - start == 1 and words[start] in STOP:
        return False
    if any(first < end and start < last and (start > first or end < last) for first, last in inside):
        return False
    if argument.name == "revision" and "".join(words[start:end]).isalpha():
        return _beside(words, start, end, frozenset({"branch", "tag"}))
    return not (is_path(argument) and (start, end) in inside)


def _inside_codes(words: Sequence[str], codes: Sequence[str]) -> list[tuple[int, int]]:
    """The spans of words that one code holds, such as `open_purchase_orders`: no part of it names anything."""
    spans: list[tuple[int, int]] = []
    for code in codes:
        parts = tokens(code)
        if "." not in code:
            spans += [(at, at + len(parts)) for at in range(len(words)) if words[at : at + len(parts)] == parts]
    return spans


@lru_cache(maxsize=16)
def _index(argument: Argument) -> dict[str, tuple[tuple[str, bool], ...]]:
    """Joined spelling -> the values it may mean, each with whether it is only meant beside a word such as `file`."""
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for value in argument.values:
        for key, lonely in path_keys(value) if is_path(argument) else _keys(argument, value):
            if len(key) >= 2:
                found[key][value] = found[key].get(value, True) and lonely
    return {key: tuple(values.items()) for key, values in found.items()}


def _keys(argument: Argument, value: str) -> Iterator[tuple[str, bool]]:
    yield joined(value), False
    if "." in value and argument.name != "revision":
        yield joined(value.rpartition(".")[2]), False


def _spans(words: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Word spans, the longest first, with their joined spelling."""
    single = [singular(word) for word in words]
    for length in range(min(NGRAM_WORDS_MAX, len(single)), 0, -1):
        for start in range(len(single) - length + 1):
            yield start, start + length, "".join(single[start : start + length])


def _beside(words: Sequence[str], start: int, end: int, wanted: frozenset[str]) -> bool:
    around = [*words[max(0, start - 1) : start], *words[end : end + 1]]
    return any(singular(word) in wanted for word in around)


def _close(argument: Argument, value: str, spelt: str, near: bool) -> bool:
    """Whether a spelling is close enough: `tenant` is no app `tenants`, unless it stands beside the word `app`."""
    if argument.name == "app":
        return near or value == spelt
    return not is_path(argument) or close_path(value, spelt)


def _merged(values: Iterable[str]) -> list[str]:
    """`Invoice` is dropped where `invoicing.Invoice` is there too: they are one."""
    listed = list(dict.fromkeys(values))
    return [value for value in listed if not any(other != value and other.endswith(f".{value}") for other in listed)]


def _closest(values: list[str], words: Sequence[str]) -> list[str]:
    """Of several values with one spelling, those whose other parts the request names too; all of them when none is."""
    known = {stem(word) for word in words if word not in STOP}
    overlap = {value: len({stem(word) for word in tokens(value)} & known) for value in values}
    best = max(overlap.values(), default=0)
    return [value for value in values if overlap[value] == best][:VALUES_EACH_MAX]


def _exact(value: str, text: str) -> bool:
    last = value.rpartition(".")[2] if "/" not in value else value
    return (last in text and not last.islower()) or value in text
