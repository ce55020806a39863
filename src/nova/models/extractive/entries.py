"""Which entries of a list answer a request: models, issues, commits, files. Pure; refuses to look into running text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nova.models.extractive.concepts import concept, concepts
from nova.models.extractive.ranking import Hit, rank
from nova.models.extractive.reading import Reading
from nova.models.extractive.sources import Source
from nova.models.extractive.values import Line
from nova.models.extractive.wanting import Wanted

SHORT_LIST = 8
FEW_SHARE = 0.4
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def beside(reading: Reading, source: Source, texts_answer: bool) -> list[Line]:
    """A list's entries; none of a long list that nothing in the request points into, where a text answers."""
    chosen = _entries(reading, source)
    if reading.whole_list or reading.concepts & source.noun or not _left(reading, source):
        return chosen
    return [] if texts_answer and len(chosen) == len(source.pieces) > SHORT_LIST else chosen


def _entries(reading: Reading, source: Source) -> list[Line]:
    """All entries of a list, or those that hold most of what the request says beyond the tool's own words."""
    listed = _in_time(reading, source.pieces)
    asked = {argument.name for argument in source.tool.required} & {name for name, _ in source.result.call.arguments}
    if asked and (len(listed) <= SHORT_LIST or Wanted.SUMMARY in reading.wanted):
        return listed
    hits = rank(reading, listed)
    for special in (_spelt(reading, source, hits), _speaking(reading, source, hits), _peculiar(reading, source, hits)):
        if special and len(special) < len(listed):
            return [hit.line for hit in sorted(special, key=lambda hit: hit.at)]
    return listed


def _in_time(reading: Reading, listed: Sequence[Line]) -> list[Line]:
    """The entries up to the last day that is asked for; an entry without a date stays."""
    if not reading.until:
        return list(listed)
    return [line for line in listed if not (day := _DAY.search(line.text)) or day[0] <= reading.until]


def _spelt(reading: Reading, source: Source, hits: Sequence[Hit]) -> list[Hit]:
    """The entries that hold a code or a quotation of the request letter by letter."""
    given = {str(value).rpartition(".")[2].casefold() for _, value in source.result.call.arguments}
    names = {name.casefold().rpartition(".")[2] for name in (*reading.quoted, *reading.codes)} - given
    return [hit for hit in hits if any(name in hit.line.text.casefold() for name in names)]


def _speaking(reading: Reading, source: Source, hits: Sequence[Hit]) -> list[Hit]:
    """The entries that hold most, and at least half, of the subject's words that are not the tool's own."""
    left = _left(reading, source)
    most = max((len(hit.found & left) for hit in hits), default=0)
    return [hit for hit in hits if len(hit.found & left) == most] if most and 2 * most >= len(left) else []


def _peculiar(reading: Reading, source: Source, hits: Sequence[Hit]) -> list[Hit]:
    """The entries that hold a word of the request which most others lack: the unique ones, the nullable ones."""
    if reading.whole_list or _left(reading, source) or reading.concepts & source.noun:
        return []
    given = concepts(" ".join(str(value) for _, value in source.result.call.arguments))
    wanted = {concept(word) for word in reading.subject} - given
    held = {word: sum(word in hit.found for hit in hits) for word in wanted}
    rare = {word for word, count in held.items() if 0 < count <= FEW_SHARE * len(hits)}
    return [hit for hit in hits if hit.found & rare]


def _left(reading: Reading, source: Source) -> frozenset[str]:
    """What the request says beyond what every entry of a list stands for."""
    return frozenset(concept(word) for word in reading.subject) - source.general


def unnamed(reading: Reading, sources: Sequence[Source]) -> list[str]:
    """Subject words that nothing shown speaks of: said aloud, so that a list or a near miss is not taken for an answer.

    Of texts only when half of the words are missing: a text need not repeat every verb of the question.
    """
    if not any(source.pieces for source in sources):
        return []
    spoken = frozenset[str]().union(
        *(source.general | concepts(source.result.headline) for source in sources if source.entries),
        *(concepts(f"{line.place} {line.text}") for source in sources for line in source.pieces),
    )
    missing = [word for word in reading.subject if concept(word) not in spoken]
    texts = any(not source.entries for source in sources)
    return missing[:3] if not texts or 2 * len(missing) >= len(reading.subject) else []
