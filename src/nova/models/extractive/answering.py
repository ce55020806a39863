"""The answer, made of what the tools' results say and nothing else: headlines, then lines, each with its place.

Knows Markdown; refuses to know which tools there are. The only sentences of its own are the fixed ones below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nova.core.text import printable, shorten
from nova.models.extractive.concepts import concept, concepts
from nova.models.extractive.entries import unnamed
from nova.models.extractive.ranking import Encode
from nova.models.extractive.reading import Reading
from nova.models.extractive.selecting import LISTED_MAX, select
from nova.models.extractive.sources import Source, sources
from nova.models.extractive.values import LINES_READ_MAX, Answer, Line, Tool, Turn
from nova.models.extractive.wanting import Wanted

LINE_CHARACTERS_MAX = 360
_FAILED = re.compile(r"^\s*(?:failed|error):\s*", re.IGNORECASE)
NOTHING = "I found nothing that answers this."
LOOKED = "What I looked at:"
NEAREST = "No line holds all that you asked for. These come nearest:"
CUT = f"A result was too long: only its first {LINES_READ_MAX:,} lines were read."
NOT_DONE = "This did not work:"
BESIDE_LIST_MAX = 3  # lines from memory below a listed answer
REMEMBERED = "From what was said and noted before."
HELPS = "What would help: the exact name, another word for it, or the file or folder to look in."


def answer(
    reading: Reading,
    tools: Sequence[Tool],
    turn: Turn,
    encode: Encode | None = None,
    *,
    writes: bool = False,
    known: Sequence[Line] = (),
) -> Answer:
    """What the results of a turn say about its request, or plainly that nothing was found and what was looked at.

    writes: the request wants new text, so these are the facts for it and not the answer. known: lines from memory that
    speak of the request; what a tool gave already is not said twice.
    """
    failed = tuple(_cell(_FAILED.sub("", result.text[:2_000])) for result in turn.results if result.failed)
    found = sources(turn, {tool.name: tool for tool in tools})
    known = _unsaid(known, found)
    if not found and not known:
        return Answer(text=_nothing(turn, failed), nothing_found=True, failed=failed)
    chosen, weak = select(reading, found, encode)
    weak = weak and not known
    listed = any(source.entries and lines for source, lines in chosen)
    parts = [_memory(known)] if known and not listed else []
    parts += [NEAREST] if weak else []
    if reading.lacking and not any(
        concept(reading.lacking) in concepts(line.text) for _, lines in chosen for line in lines
    ):
        parts.append(f"Of what was found, these do not name “{reading.lacking}”:")
    parts += [_part(source, lines) for source, lines in _telling(reading, chosen)]
    parts += [_memory(known[:BESIDE_LIST_MAX])] if known and listed else []
    if reading.until and any(source.entries for source, _ in chosen):
        count = sum(len(lines) for source, lines in chosen if source.entries)
        parts.append(f"{count} of these entries are dated up to {reading.until}.")
    if not writes and not reading.lacking and (missing := unnamed(reading, found)):
        parts.append(f"No line of these results names {' or '.join(f'“{word}”' for word in missing)}.")
    if any(source.result.cut for source in found):
        parts.append(CUT)
    parts += [f"{NOT_DONE} {text}" for text in failed]
    cut = sum(max(0, len(lines) - LISTED_MAX) + source.result.cut for source, lines in chosen)
    return Answer(text="\n\n".join(parts), cut=cut, weak=weak, failed=failed)


def _unsaid(known: Sequence[Line], found: Sequence[Source]) -> list[Line]:
    """Nothing where a tool searched the memory itself; else those that no result holds."""
    if any(source.ranked and source.pieces for source in found):
        return []
    told = {place for source in found for line in source.pieces for place in (line.place, line.path) if place}
    return [line for line in known if line.place not in told and (not line.path or line.path not in told)]


def _memory(known: Sequence[Line]) -> str:
    return "\n".join([f"**{REMEMBERED}**", "", *(_item(line) for line in known)])


def _telling(reading: Reading, chosen: Sequence[tuple[Source, Sequence[Line]]]) -> list[tuple[Source, Sequence[Line]]]:
    """The results that say something: one without a line is left out beside others, unless a count was asked."""
    with_lines = [(source, lines) for source, lines in chosen if lines]
    return list(chosen) if reading.wanted & {Wanted.COUNT} or not with_lines else with_lines


def _nothing(turn: Turn, failed: Sequence[str]) -> str:
    looked = [f"- {_cell(result.headline)}" for result in turn.results if not result.failed]
    lines = [NOTHING, *([LOOKED, *looked] if looked else []), *(f"- {NOT_DONE} {text}" for text in failed)]
    return "\n".join([*lines, "", HELPS])


def _part(source: Source, lines: Sequence[Line]) -> str:
    head = f"**{_cell(source.result.headline)}**"
    items = [_item(line) for line in lines[:LISTED_MAX]]
    more = [f"- … and {len(lines) - LISTED_MAX} more"] if len(lines) > LISTED_MAX else []
    return "\n".join([head, "", *items, *more]) if items else head


def _cell(text: str) -> str:
    return shorten(printable(text), LINE_CHARACTERS_MAX)


def _item(line: Line) -> str:
    text = _cell(line.text)
    return f"- `{line.place}` {text}".rstrip() if line.place else f"- {text}"
