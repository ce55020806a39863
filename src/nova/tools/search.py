"""Lines of files ranked by the words of a question. Knows neighbourhoods; refuses to know why it is asked."""

from __future__ import annotations

import math
import re
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nova.core.errors import ToolFailed
from nova.models.words import fold, stem, words
from nova.projects.sources.files import Content
from nova.tools.beneath import locate, read
from nova.tools.spec import Reach

FOUND_MAX = 40
SECONDS_MAX = 12.0
BYTES_MAX = 60_000_000
LINE_CHARACTERS_MAX = 600
_NEAR = 2
_DEFINITION = re.compile(r"\s*(?:async )?(?:def|class|function|func|fn) ")
_TEST = re.compile(r"(?:^|/)(?:tests?|testing)(?:/|\.|_)|(?:^|/)test_")
_IDENTIFIER = re.compile(r"\w*[a-z0-9](?:_\w+|[A-Z]\w*)|\b[A-Z]{1,4}-?\d+\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A line that holds something of the query."""

    path: str
    line: int
    text: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All hits, best first. files: how many were searched; unfinished: time or size ran out before the last."""

    hits: tuple[Hit, ...]
    files: int
    unfinished: bool


@dataclass(frozen=True, slots=True)
class _Line:
    path: str
    line: int
    text: str
    held: frozenset[str]
    near: frozenset[str]
    phrase: float


@dataclass(frozen=True, slots=True)
class _Query:
    stems: tuple[str, ...]
    phrase: str
    identifiers: tuple[str, ...]
    any_of: re.Pattern[str]


def _query(text: str) -> _Query:
    phrase = " ".join(fold(text[:2_000]).strip(" \"'“”").split())
    stems = tuple(dict.fromkeys(words(text[:2_000])))[:32]
    if not stems:  # stop words or signs only: then they are meant as they stand
        stems = tuple(dict.fromkeys(stem(word) for word in re.findall(r"\w+", phrase)))[:32]
    identifiers = tuple(fold(name) for name in _IDENTIFIER.findall(text[:2_000]))
    sought = [*stems, *identifiers] or [phrase]
    return _Query(stems, phrase, identifiers, re.compile("|".join(map(_begins, sorted(sought, key=len, reverse=True)))))


def search(reach: Reach, names: Sequence[str], text: str) -> Found:
    """The lines of the named files that hold words of `text`, ranked.

    A line's score is the sum over the query's distinct words of their rarity (log of lines per line that holds it):
    whole for a word in the line, half for one within two lines of it, in the path or in the title of its section;
    an identifier or the whole phrase, found as it stands, adds more. The share of words found multiplies the sum.
    """
    query = _query(text)
    ends = time.monotonic() + SECONDS_MAX
    lines: list[_Line] = []
    searched = size = 0
    for name in names:
        if time.monotonic() > ends or size > BYTES_MAX:
            break
        searched += 1
        try:
            content = read(reach, locate(reach, name))
        except ToolFailed:  # binary, unreadable, gone since it was listed: not text that can be searched
            continue
        size += sum(map(len, content.lines))
        lines.extend(_matching(content, query))
    hits = _ranked(lines, query)
    return Found(hits=tuple(hits), files=searched, unfinished=searched < len(names))


def _begins(stem_or_name: str) -> str:
    """The pattern of what a line must hold: a stem's last i may stand for a y (tenanci, tenancy)."""
    if len(stem_or_name) > 3 and stem_or_name.endswith("i"):
        return re.escape(stem_or_name[:-1]) + "[iy]"
    return re.escape(stem_or_name)


def _matching(content: Content, query: _Query) -> list[_Line]:
    folded = [_folded(line) for line in content.lines]
    candidates = [at for at, line in enumerate(folded) if query.any_of.search(line)]
    wanted = frozenset(query.stems)
    held = {at: wanted & frozenset(words(content.lines[at][:LINE_CHARACTERS_MAX])) for at in candidates}
    titles = _titles(content, wanted)
    path_words = wanted & frozenset(words(content.path.replace("/", " ").replace("-", " ")))
    found: list[_Line] = []
    for at in candidates:
        phrase = _phrase(folded[at], query)
        if held[at] or phrase:
            around = (held.get(at + step, frozenset[str]()) for step in range(-_NEAR, _NEAR + 1) if step)
            title = titles[bisect_right(titles, at + 1, key=_begin) - 1][1]
            near = frozenset[str]().union(*around, path_words, title) - held[at]
            shown = _excerpt(content.lines[at], folded[at], query)
            found.append(_Line(content.path, at + 1, shown, held[at], near, phrase))
    return found


def _begin(title: tuple[int, frozenset[str]]) -> int:
    return title[0]


def _titles(content: Content, wanted: frozenset[str]) -> list[tuple[int, frozenset[str]]]:
    """Where each section, class and function of a file begins, with the query's words in its first line."""
    begins = re.compile(r"#{1,6} ") if content.path.casefold().endswith((".md", ".markdown")) else _DEFINITION
    found = [(0, frozenset[str]())]
    for number, line in enumerate(content.lines, 1):
        if begins.match(line):
            found.append((number, wanted & frozenset(words(line[:LINE_CHARACTERS_MAX]))))
    return found


def _folded(line: str) -> str:
    line = line[: 20 * LINE_CHARACTERS_MAX]
    return line.casefold() if line.isascii() else fold(line)


def _phrase(line: str, query: _Query) -> float:
    whole = 2.0 if len(query.phrase) > 3 and query.phrase in " ".join(line.split()) else 0.0
    return whole + sum(1.0 for name in query.identifiers if name in line) + (not query.stems)


def _excerpt(line: str, folded: str, query: _Query) -> str:
    """The line, or of a very long one the part around its first match."""
    if len(line) <= LINE_CHARACTERS_MAX:
        return line.strip()
    match = query.any_of.search(folded)
    begin = max(0, (match.start() if match else 0) - LINE_CHARACTERS_MAX // 3)
    return ("…" if begin else "") + line[begin : begin + LINE_CHARACTERS_MAX].strip() + "…"


def _ranked(lines: Sequence[_Line], query: _Query) -> list[Hit]:
    spread = Counter(word for line in lines for word in line.held)
    rarity = {word: math.log(2 + len(lines) / max(1, spread[word])) for word in query.stems}
    hits = [
        Hit(path=line.path, line=line.line, text=line.text, score=_score(line, rarity, len(query.stems)))
        for line in lines
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.path, hit.line))


def _score(line: _Line, rarity: dict[str, float], asked: int) -> float:
    own = sum(rarity[word] for word in line.held)
    near = 0.5 * sum(rarity[word] for word in line.near)
    share = (len(line.held) + 0.5 * len(line.near)) / max(1, asked)
    second_hand = 0.8 if _TEST.search(line.path) else 1.0  # tests use what other files say
    return ((own + near) * (0.3 + share) + 3.0 * line.phrase) * second_hand
