"""Which pieces of the sources answer a request. Pure; words are never changed. Lists are read in entries.py."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nova.models.extractive.arguments import searches
from nova.models.extractive.concepts import concept, concepts
from nova.models.extractive.entries import beside
from nova.models.extractive.passages import belonging, is_prose
from nova.models.extractive.ranking import Encode, Hit, rank
from nova.models.extractive.reading import Reading
from nova.models.extractive.sources import Source
from nova.models.extractive.values import Line
from nova.models.extractive.wanting import Wanted

LISTED_MAX = 25
BEST_MIN, BEST_MAX, EXTENDED_MAX = 3, 8, 2
FOUND_BESIDE_MAX = 4
RANKED_MAX, BESIDE_RANKED_MAX = 12, 6
CODED_MAX, REASONS_MAX = 6, 4
SEARCH_ORDER = 1.5
REASON_SECTION, FIGURE = 1.0, 0.7
_NEAR_BEST = 0.55
_REASONS = re.compile(r"context|background|why|reason|motivation|decision|because|kontext|grund|waarom", re.IGNORECASE)
_AMOUNT = re.compile(
    r"\bhow (?:much|long|often|old|fast|soon|high|large|many)\b|\bwhen\b|\bwann\b|\bwieviel\b", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")


def select(
    reading: Reading, sources: Sequence[Source], encode: Encode | None = None
) -> tuple[list[tuple[Source, list[Line]]], bool]:
    """The pieces to quote from each source, and whether the texts are weak: no piece holds two of several words.

    Entries are chosen by what the request says of them, passages by rank over all texts.
    """
    ranked = [(source, list(source.pieces[:RANKED_MAX])) for source in sources if source.ranked]
    if ranked and not any(lines for _, lines in ranked):
        ranked = []
    others, weak = _selected(reading, [source for source in sources if not source.ranked], encode)
    if not ranked:
        return others, weak
    return [*ranked, *((source, lines[:BESIDE_RANKED_MAX]) for source, lines in others if lines)], False


def _selected(
    reading: Reading, sources: Sequence[Source], encode: Encode | None
) -> tuple[list[tuple[Source, list[Line]]], bool]:
    if reading.lacking and (without := _without(reading, sources)):
        return without, False
    texts = [source for source in sources if not source.entries]
    hits = _ranked(reading, texts, encode)
    best = _best(reading, hits)
    weak = not any(source.entries for source in sources) and _weak(reading, best)
    taken: dict[int, list[int]] = {}
    for _, (index, at) in best:
        taken.setdefault(index, []).append(at)
    top = best[0][1][0] if best else -1
    chosen: list[tuple[Source, list[Line]]] = []
    for source in sources:
        if source.entries:
            chosen.append((source, beside(reading, source, bool(best and best[0][0].found))))
        elif places := taken.get(index := texts.index(source)):
            chosen.append((source, _with_neighbours(reading, source, places, index == top)))
        elif not source.pieces:
            chosen.append((source, []))
    return _read_first(chosen), weak


def _read_first(chosen: list[tuple[Source, list[Line]]]) -> list[tuple[Source, list[Line]]]:
    """What was read in its place comes before what a search gave; beside it a few lines of the search are enough."""
    read = [pair for pair in chosen if not searches(pair[0].tool)]
    found = [pair for pair in chosen if searches(pair[0].tool)]
    if any(lines for source, lines in read if not source.entries):
        found = [(source, lines[:FOUND_BESIDE_MAX]) for source, lines in found]
    return [*read, *found]


def _without(reading: Reading, sources: Sequence[Source]) -> list[tuple[Source, list[Line]]]:
    """For `images without alt text`: the entries, and lines of code and data, that name the one and not the other."""
    having = {concept(word) for word in reading.having}
    chosen: list[tuple[Source, list[Line]]] = []
    for source in sources:
        lines = [line for line in source.pieces if source.entries or not is_prose(line.path)]
        owners = [line for line in lines if source.entries or having & concepts(line.text)]
        lacking = [line for line in owners if concept(reading.lacking) not in concepts(line.text)]
        if lacking and (not source.entries or len(lacking) < len(owners)):
            chosen.append((source, lacking))
    return chosen


def _ranked(reading: Reading, texts: Sequence[Source], encode: Encode | None) -> list[tuple[Hit, tuple[int, int]]]:
    """All pieces of all texts, best first, each with the number of its text and its place there."""
    places = [(index, at) for index, source in enumerate(texts) for at in range(len(source.pieces))]
    priors = [prior for source in texts for prior in _priors(reading, source)]
    headings = [heading for source in texts for heading in _headings(source)]
    hits = rank(reading, [texts[index].pieces[at] for index, at in places], encode, priors, headings)
    return [(hit, places[hit.at]) for hit in hits]


def _headings(source: Source) -> list[str]:
    """For each piece of a text the heading above it; none for what a search gave: lines from everywhere."""
    found, heading = list[str](), ""
    for line in source.pieces:
        found.append(heading if not line.text.startswith("#") else "")
        if line.text.startswith("#") and not searches(source.tool):
            heading = line.text
    return found


def _priors(reading: Reading, source: Source) -> list[float]:
    """What a piece promises before its words are looked at: the rank that a search gave it, a section that gives
    reasons, a number where an amount or a time is asked for."""
    count = len(source.pieces)
    ordered = [SEARCH_ORDER * (1 - at / count) if searches(source.tool) else 0.0 for at in range(count)]
    reasons = Wanted.WHY in reading.wanted
    amount = bool(_AMOUNT.search(reading.text))
    return [
        prior
        + REASON_SECTION * (reasons and bool(_REASONS.search(heading)))
        + FIGURE * (amount and bool(_DIGIT.search(line.text)))
        for prior, heading, line in zip(ordered, _headings(source), source.pieces, strict=True)
    ]


def _best(reading: Reading, hits: list[tuple[Hit, tuple[int, int]]]) -> list[tuple[Hit, tuple[int, int]]]:
    """The best three to eight passages; as many as there are when all are asked for; the first ones when none fits."""
    most = LISTED_MAX if Wanted.LIST in reading.wanted else BEST_MAX
    if not any(hit.found for hit, _ in hits):
        return sorted(hits, key=lambda pair: pair[0].at)[:most]
    near = [pair for pair in hits if pair[0].score >= _NEAR_BEST * hits[0][0].score and pair[0].found]
    return (near if len(near) >= BEST_MIN else hits[:BEST_MIN])[:most]


def _weak(reading: Reading, best: Sequence[tuple[Hit, tuple[int, int]]]) -> bool:
    subject = {concept(word) for word in reading.subject}
    spelt = {name.casefold() for name in (*reading.quoted, *reading.codes)}
    if any(name in hit.line.text.casefold() for name in spelt for hit, _ in best):
        return False
    return len(subject) >= 3 and not any(len((hit.found | concepts(hit.line.path)) & subject) >= 2 for hit, _ in best)


def _with_neighbours(reading: Reading, source: Source, places: Sequence[int], first: bool) -> list[Line]:
    """The pieces at these places, best first, in reading order; the two best with what belongs to them, and the others
    of the same text that hold a code of the request letter by letter."""
    wanted = set(places)
    if not searches(source.tool):
        for place in places[: EXTENDED_MAX if first else 1]:
            wanted.update(belonging(source.pieces, place))
        codes = [code.casefold() for code in reading.codes]
        held = [at for at, line in enumerate(source.pieces) if any(code in line.text.casefold() for code in codes)]
        wanted.update(held[:CODED_MAX])
        if Wanted.WHY in reading.wanted and (first or "decision" in concepts(source.pieces[0].path)):
            wanted.update(_reasons(source))
    return [source.pieces[at] for at in sorted(wanted)]


def _reasons(source: Source) -> range:
    """The places of the first sentences below the first heading that promises reasons."""
    lines = source.pieces
    for at, line in enumerate(lines):
        if at and line.text.startswith("#") and _REASONS.search(line.text):
            after = (end for end in range(at + 1, len(lines)) if lines[end].text.startswith("#"))
            return range(at + 1, min(next(after, len(lines)), at + 1 + REASONS_MAX))
    return range(0)
