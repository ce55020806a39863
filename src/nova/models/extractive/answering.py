"""The answer, made of what the tools' results say and nothing else: headlines, then lines, each with its place.

Knows Markdown; refuses to know which tools there are. The only sentences of its own are the fixed ones below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nova.core.text import printable, shorten
from nova.models.extractive.arguments import searches
from nova.models.extractive.concepts import concept, concepts
from nova.models.extractive.passages import belonging, pieces
from nova.models.extractive.ranking import Encode, Hit, rank
from nova.models.extractive.reading import Reading
from nova.models.extractive.values import Answer, Line, Result, Tool, Turn
from nova.models.extractive.wanting import Wanted

LISTED_MAX = 25
BEST_MIN, BEST_MAX, EXTENDED_MAX = 3, 8, 2
LINE_CHARACTERS_MAX = 360
FEW_SHARE = 0.4
_NEAR_BEST = 0.55
_SEARCH_ORDER = 1.5
NOTHING = "I found nothing that answers this."
HELPS = "What would help: the exact name, another word for it, or the file or folder to look in."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A result with its tool and its quotable pieces. entries: each piece stands for itself, as in a list of models."""

    result: Result
    tool: Tool | None
    pieces: list[Line]
    entries: bool


def answer(reading: Reading, tools: Sequence[Tool], turn: Turn, encode: Encode | None = None) -> Answer:
    """What the results of a turn say about its request, or plainly that nothing was found and what was looked at."""
    by_name = {tool.name: tool for tool in tools}
    failed = tuple(_cell(result.text) for result in turn.results if result.failed)
    sources = _sources(turn, by_name)
    if not sources:
        return Answer(text=_nothing(turn, failed), nothing_found=True, failed=failed)
    chosen = _chosen(reading, sources, encode)
    parts: list[str] = []
    cut = 0
    for source, lines in chosen:
        over = max(0, len(lines) - LISTED_MAX)
        cut += over
        parts.append(_part(source, lines[:LISTED_MAX], over))
    if missing := _unnamed(reading, sources):
        parts.append(f"No line of these results names {' or '.join(f'“{word}”' for word in missing)}.")
    parts += [f"This did not work: {text}" for text in failed]
    return Answer(text="\n\n".join(parts), cut=cut, failed=failed)


def _sources(turn: Turn, by_name: Mapping[str, Tool]) -> list[_Source]:
    """The results that hold something: a search without a hit holds nothing; that another tool found none is a fact."""
    found: list[_Source] = []
    for result in turn.results:
        tool = by_name.get(result.call.tool)
        looks = tool is not None and searches(tool)
        authors = tool is not None and "author" in concepts(tool.name)
        continuous = not looks and not authors and tool is not None and _continuous(result)
        quotable = [] if result.failed else pieces(result, continuous)
        if quotable or (result.headline and not looks and not result.failed):
            whole_file = tool is not None and tool.argument("start_line") is not None
            found.append(
                _Source(
                    result=result,
                    tool=tool,
                    pieces=quotable,
                    entries=not looks and not whole_file and not _text(tool, continuous),
                )
            )
    return _without_repeats(found)


def _text(tool: Tool | None, continuous: bool) -> bool:
    return (
        continuous
        and tool is not None
        and any(argument.kind == "integer" and argument.required for argument in tool.arguments)
    )


def _continuous(result: Result) -> bool:
    """Whether a result's lines follow one another in one file."""
    places = [(line.path, line.number) for line in result.lines()]
    return bool(places) and all(path == places[0][0] and number for path, number in places)


def _without_repeats(sources: list[_Source]) -> list[_Source]:
    """A line that one source reads in its place is not quoted again from a search."""
    read = [(source.pieces[0].path, source.pieces[0].number, source.pieces[-1].number) for source in sources
            if source.pieces and source.tool is not None and not searches(source.tool) and source.pieces[0].number]  # fmt: skip
    kept: list[_Source] = []
    for source in sources:
        if source.tool is not None and searches(source.tool):
            left = [
                line
                for line in source.pieces
                if not any(line.path == path and first <= line.number <= last for path, first, last in read)
            ]
            source = _Source(result=source.result, tool=source.tool, pieces=left, entries=False)
            if not left:
                continue
        kept.append(source)
    return kept


def _chosen(reading: Reading, sources: Sequence[_Source], encode: Encode | None) -> list[tuple[_Source, list[Line]]]:
    """The pieces to quote from each source: entries by what the request says of them, passages by rank over all texts."""
    texts = [source for source in sources if not source.entries]
    owner = [index for index, source in enumerate(texts) for _ in source.pieces]
    lines = [line for source in texts for line in source.pieces]
    priors = [
        _SEARCH_ORDER * (1 - at / len(source.pieces)) if source.tool is not None and searches(source.tool) else 0.0
        for source in texts
        for at in range(len(source.pieces))
    ]
    best = _best(reading, rank(reading, lines, encode, priors))
    taken: dict[int, list[Hit]] = {}
    for hit in best:
        taken.setdefault(owner[hit.at], []).append(hit)
    starts = [owner.index(index) if index in owner else 0 for index in range(len(texts))]
    chosen: list[tuple[_Source, list[Line]]] = []
    for source in sources:
        if source.entries:
            entries = _entries(reading, source)
            beside = bool(best) and best[0].found and len(entries) == len(source.pieces) > BEST_MAX
            chosen.append((source, [] if beside and not reading.whole_list and _left(reading, source) else entries))
        elif hits := taken.get(index := texts.index(source)):
            chosen.append(
                (source, _with_neighbours(source, [hit.at - starts[index] for hit in hits], hits[0] is best[0]))
            )
        elif not source.pieces:
            chosen.append((source, []))
    return chosen


def _with_neighbours(source: _Source, places: Sequence[int], first: bool) -> list[Line]:
    """The pieces at these places, best first, in reading order; the two best with what belongs to them."""
    whole = source.tool is not None and not searches(source.tool)
    wanted = set(places)
    for place in places[: EXTENDED_MAX if first else 1] if whole else ():
        wanted.update(belonging(source.pieces, place))
    return [source.pieces[at] for at in sorted(wanted)]


def _best(reading: Reading, hits: Sequence[Hit]) -> list[Hit]:
    """The best three to eight passages; as many as there are when all are asked for; the first ones when none fits."""
    most = LISTED_MAX if reading.wanted & {Wanted.LIST, Wanted.COUNT} else BEST_MAX
    if not any(hit.found for hit in hits):
        return sorted(hits, key=lambda hit: hit.at)[:most]
    near = [hit for hit in hits if hit.score >= _NEAR_BEST * hits[0].score and hit.found]
    return (near if len(near) >= BEST_MIN else list(hits[:BEST_MIN]))[:most]


def _entries(reading: Reading, source: _Source) -> list[Line]:
    """All entries of a listing, or those that hold most of what the request says beyond the tool's own words."""
    tool = source.tool
    if tool is None:
        return source.pieces
    hits = rank(reading, source.pieces)
    left = _left(reading, source)
    special = [hit for hit in hits if 2 * len(hit.found & left) >= len(left) and hit.found & left]
    given = {str(value).rpartition(".")[2].casefold() for _, value in source.result.call.arguments}
    names = {name.casefold().rpartition(".")[2] for name in (*reading.quoted, *reading.codes)} - given
    spelt = [hit for hit in hits if any(name in hit.line.text.casefold() for name in names)]
    if spelt and len(spelt) < len(source.pieces):
        return [hit.line for hit in sorted(spelt, key=lambda hit: hit.at)]
    if not left and not reading.whole_list and not reading.concepts & concepts(tool.name.partition("_")[2]):
        special = _peculiar(reading, source, hits)
        left = frozenset[str]().union(*(hit.found for hit in special))
    if not special or len(special) == len(source.pieces):
        return source.pieces
    most = max(len(hit.found & left) for hit in special)
    return [hit.line for hit in sorted(special, key=lambda hit: hit.at) if len(hit.found & left) == most]


def _peculiar(reading: Reading, source: _Source, hits: Sequence[Hit]) -> list[Hit]:
    """The entries that hold a word of the request which most others lack: the unique ones, the nullable ones."""
    given = concepts(" ".join(str(value) for _, value in source.result.call.arguments))
    held = {
        word: [hit for hit in hits if word in hit.found] for word in {concept(word) for word in reading.subject} - given
    }
    rare = {word for word, found in held.items() if 0 < len(found) <= FEW_SHARE * len(hits)}
    return [hit for hit in hits if hit.found & rare]


def _left(reading: Reading, source: _Source) -> frozenset[str]:
    """What the request says beyond what every entry of a listing stands for."""
    return frozenset(concept(word) for word in reading.subject) - _general(source)


def _general(source: _Source) -> frozenset[str]:
    """The concepts that every entry of a listing stands for: the tool's own words and the arguments it was given."""
    given = " ".join(str(value) for _, value in source.result.call.arguments)
    tool = source.tool
    return concepts(f"{tool.name} {tool.description} {given}") if tool is not None else frozenset()


def _unnamed(reading: Reading, sources: Sequence[_Source]) -> list[str]:
    """Subject words that no listing shown speaks of: said aloud, so that a whole list is not taken for an answer."""
    if not any(source.pieces for source in sources) or any(not source.entries for source in sources):
        return []
    spoken = frozenset[str]().union(
        *(_general(source) | concepts(source.result.headline) for source in sources),
        *(concepts(f"{line.place} {line.text}") for source in sources for line in source.pieces),
    )
    return [word for word in reading.subject if concept(word) not in spoken][:3]


def _nothing(turn: Turn, failed: Sequence[str]) -> str:
    looked = [f"- {_cell(result.headline)}" for result in turn.results if not result.failed]
    lines = [NOTHING, *(["What I looked at:", *looked] if looked else [])]
    lines += [f"- This did not work: {text}" for text in failed]
    return "\n".join([*lines, "", HELPS])


def _part(source: _Source, lines: Sequence[Line], over: int) -> str:
    head = f"**{_cell(source.result.headline)}**"
    items = [_item(line) for line in lines]
    more = [f"- … and {over} more"] if over else []
    return "\n".join([head, "", *items, *more]) if items else head


def _cell(text: str) -> str:
    return shorten(printable(text), LINE_CHARACTERS_MAX)


def _item(line: Line) -> str:
    text = _cell(line.text)
    return f"- `{line.place}` {text}".rstrip() if line.place else f"- {text}"
