"""Sentences of a Markdown or plain text with their lines, and which of them matter. Pure; opens nothing."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nova.models.words import words

SENTENCES_MAX = 5_000
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_TABLE_RULE = re.compile(r"^\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$")
_END = re.compile(r"[.!?…]+[\"'”’»)\]*_]*\s+(?=[\"'“‘«(\[`*_]*[A-ZÄÖÜÀ-Þ0-9])")
_SHORT = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|no|nr|dr|mr|mrs|ms|prof|st|inc|ltd|fig|ca|bzw|z\. ?b|d\. ?h|u\. ?a|usw|evtl"
    r"|inkl|str|art|abs|vgl)|\b[A-Z]{1,3}-?\d{1,3}|\b[A-Za-z])\.$",
    re.IGNORECASE,
)
_DAY = re.compile(r"\b\d{1,2}\.$")  # 3. Mai
_MONTH = re.compile(r"(?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence, table row or list item. line: where it begins, from 1; heading: of the section it stands in."""

    text: str
    line: int
    heading: str = ""


@dataclass(frozen=True, slots=True)
class _Block:
    lines: tuple[tuple[int, str], ...]
    heading: str
    whole: bool  # a table row or a heading's neighbour: not to be cut into sentences


def split(text: str) -> tuple[Sentence, ...]:
    """The sentences in reading order, at most 5,000. Front matter, code fences, comments and headings are left out."""
    found: list[Sentence] = []
    for block in _blocks(text.replace("\r\n", "\n").split("\n")):
        found.extend(_cut(block))
        if len(found) >= SENTENCES_MAX:
            break
    return tuple(found[:SENTENCES_MAX])


def _blocks(lines: Sequence[str]) -> Iterator[_Block]:
    heading, fence, comment = "", "", False
    pending: list[tuple[int, str]] = []
    for number, line in _after_front_matter(lines):
        if (mark := _FENCE.match(line)) and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else mark.group(1)[:3]
        elif not fence and not comment and (title := _HEADING.match(line)):
            yield from _flush(pending, heading)
            heading = _plain(title.group(1))
            continue
        elif not fence and not (comment := _in_comment(line, comment)) and _speaks(line):
            if line.lstrip().startswith("|"):
                yield from _flush(pending, heading)
                if not _TABLE_RULE.match(lines[number] if number < len(lines) else ""):  # the head of a table
                    yield _Block(((number, line.strip().strip("|")),), heading, whole=True)
                continue
            if _ITEM.match(line):
                yield from _flush(pending, heading)
            pending.append((number, _ITEM.sub("", line).strip().removeprefix("> ")))
            continue
        yield from _flush(pending, heading)
    yield from _flush(pending, heading)


def _speaks(line: str) -> bool:
    return "-->" not in line and any(character.isalnum() for character in line)


def _after_front_matter(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    start = 0
    if lines and lines[0].strip() == "---":
        closing = next((at for at, line in enumerate(lines[1:200], 1) if line.strip() == "---"), 0)
        start = closing + 1 if closing else 0
    yield from enumerate(lines[start:], start + 1)


def _in_comment(line: str, inside: bool) -> bool:
    if inside:
        return "-->" not in line
    return "<!--" in line and "-->" not in line


def _flush(pending: list[tuple[int, str]], heading: str) -> Iterator[_Block]:
    if pending:
        yield _Block(tuple(pending), heading, whole=False)
        pending.clear()


def _cut(block: _Block) -> Iterator[Sentence]:
    starts, joined = [0], ""
    for _, line in block.lines:
        joined += line + " "
        starts.append(len(joined))
    begin = 0
    for end in [*(() if block.whole else _ends(joined)), len(joined)]:
        text = _plain(joined[begin:end])
        if any(character.isalnum() for character in text):
            first = begin + len(joined[begin:end]) - len(joined[begin:end].lstrip())
            yield Sentence(text=text, line=block.lines[bisect_right(starts, first) - 1][0], heading=block.heading)
        begin = end


def _ends(text: str) -> Iterator[int]:
    for match in _END.finditer(text):
        before = text[max(0, match.start() - 12) : match.start() + 1]
        if not _SHORT.search(before) and not (_DAY.search(before) and _MONTH.match(text, match.end())):
            yield match.end()


def _plain(text: str) -> str:
    """Without Markdown's marks: links keep their words, code and emphasis keep their content."""
    text = re.sub(r"!?\[([^\]\n]{0,300})\]\([^)\n]{0,500}\)", r"\1", text)
    text = re.sub(r"(\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w))", "", text)
    return " ".join(text.split())


def rank(sentences: Sequence[Sentence], query: Iterable[str] | str = ()) -> tuple[float, ...]:
    """One score for each sentence, higher is better, the sum of

    - nearness to the centre: cosine of its tf-idf vector and the text's mean vector (the centroid method of
      Radev et al., 2004), so a sentence about what the whole text is about comes first;
    - place: the first sentence of a text and of a section carry a little more;
    - query: the share of the query's words that it, or at half weight its heading, holds (weight 2).
    """
    bags = [Counter(words(sentence.text)) for sentence in sentences]
    rarity = _rarity(bags)
    vectors = [{word: count * rarity[word] for word, count in bag.items()} for bag in bags]
    centre: dict[str, float] = {}
    for vector in vectors:
        for word, value in vector.items():
            centre[word] = centre.get(word, 0.0) + value
    centre_length = _length(centre)
    wanted = frozenset(words(query) if isinstance(query, str) else query)
    return tuple(
        _cosine(vector, centre, centre_length) * min(1.0, len(vector) / 6)
        + _place(sentences, at)
        + 2 * _asked(frozenset(vector), frozenset(words(sentences[at].heading)) if wanted else frozenset(), wanted)
        for at, vector in enumerate(vectors)
    )


def _rarity(bags: Sequence[Counter[str]]) -> dict[str, float]:
    spread: Counter[str] = Counter()
    for bag in bags:
        spread.update(bag.keys())
    return {word: math.log(1 + len(bags) / count) for word, count in spread.items()}


def _length(vector: dict[str, float]) -> float:
    return math.sqrt(sum(value * value for value in vector.values()))


def _cosine(left: dict[str, float], right: dict[str, float], right_length: float) -> float:
    over = _length(left) * right_length
    return sum(value * right.get(word, 0.0) for word, value in left.items()) / over if over else 0.0


def _place(sentences: Sequence[Sentence], at: int) -> float:
    opens_section = at == 0 or sentences[at].heading != sentences[at - 1].heading
    return 0.15 * (at == 0) + 0.05 * opens_section


def _asked(held: frozenset[str], heading: frozenset[str], wanted: frozenset[str]) -> float:
    if not wanted:
        return 0.0
    return (len(wanted & held) + 0.5 * len((wanted & heading) - held)) / len(wanted)


def best(sentences: Sequence[Sentence], count: int, query: Iterable[str] | str = ()) -> tuple[Sentence, ...]:
    """The `count` sentences that say most, in reading order. One that repeats a chosen one loses score for it."""
    scores = rank(sentences, query)
    bags = [frozenset(words(sentence.text)) for sentence in sentences]
    open_places = sorted(range(len(sentences)), key=lambda at: -scores[at])[: 20 * count]
    chosen: list[int] = []
    while open_places and len(chosen) < count:
        top = max(open_places, key=lambda at: scores[at] * (1 - _repeats(bags[at], [bags[c] for c in chosen])))
        open_places.remove(top)
        chosen.append(top)
    return tuple(sentences[at] for at in sorted(chosen))


def _repeats(bag: frozenset[str], chosen: Sequence[frozenset[str]]) -> float:
    return max((len(bag & other) / max(1, len(bag)) for other in chosen), default=0.0)
