"""What to look at next, given what the tools have said. Pure; never asks the same twice, at most four rounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nova.models.extractive.arguments import answers_itself, is_query, query, searches, wished
from nova.models.extractive.choosing import values_named
from nova.models.extractive.concepts import concept, concepts
from nova.models.extractive.opening import driving, read_lines, reader, seen, value_of
from nova.models.extractive.passages import is_prose
from nova.models.extractive.ranking import Encode, Hit, rank
from nova.models.extractive.reading import Reading
from nova.models.extractive.values import Call, Result, Tool, Turn
from nova.models.extractive.wanting import Wanted

ROUNDS_MAX = 4
CALLS_MAX = 3
LINES_BEFORE, LINES_AFTER, LINES_CLASS = 12, 30, 70
PROSE_BEFORE, PROSE_AFTER, FILES_READ_MAX = 15, 40, 2
_SEARCH_ORDER = 1.5
_FOLLOWED = frozenset({Wanted.SUMMARY, Wanted.DIFFERENCE, Wanted.WHY})


def after(reading: Reading, tools: Sequence[Tool], turn: Turn, encode: Encode | None = None) -> tuple[Call, ...]:
    """The calls of the next round; none when enough is known or nothing else would help."""
    if turn.rounds >= ROUNDS_MAX or not tools or _wished(turn, tools):
        return ()
    done = {result.call for result in turn.results}
    by_name = {tool.name: tool for tool in tools}
    tools = [tool for tool in tools if not answers_itself(tool)]  # the same question has the same answer
    good = [result for result in turn.results if _tells(result, by_name)]
    if not good:
        wanted = _broader(reading, tools, turn) if turn.rounds <= 2 else iter(())
    else:
        wanted = _deeper(reading, tools, turn, good, encode)
    fresh = (call for call in wanted if call not in done and not seen(call, turn))
    return tuple(dict.fromkeys(fresh))[:CALLS_MAX]


def _wished(turn: Turn, tools: Sequence[Tool]) -> bool:
    """Whether the request was a wish, which was carried out or refused: there is nothing more to look at."""
    return any(wished(tool) == result.call for tool in tools for result in turn.results)


def _tells(result: Result, by_name: dict[str, Tool]) -> bool:
    """Whether a result is worth going on with. A list that a guessed query left empty is not."""
    tool = by_name.get(result.call.tool)
    if result.failed:
        return False
    guessed = tool is not None and any(
        (is_query(argument) or argument.name == "pattern") and result.call.get(argument.name)
        for argument in tool.arguments
    )
    return any(True for _ in result.lines()) or not guessed


def _broader(reading: Reading, tools: Sequence[Tool], turn: Turn) -> Iterator[Call]:
    """One wider look when nothing was found: without filters, then for the longest words one by one."""
    hits = values_named(reading.text, tools)
    for result in turn.results:
        tool = next((tool for tool in tools if tool.name == result.call.tool), None)
        if tool is None:
            continue
        needed = {argument.name for argument in tool.required}
        bare = Call(tool.name, tuple(pair for pair in result.call.arguments if pair[0] in needed))
        if bare != result.call:
            yield bare
    for tool in tools:
        if searches(tool):
            words = sorted(set(query(reading, hits, tool).split()), key=lambda word: (-len(word), word))
            for word in words[:CALLS_MAX]:
                yield Call.of(tool.name, **{tool.required[0].name: word})


def _deeper(
    reading: Reading, tools: Sequence[Tool], turn: Turn, good: Sequence[Result], encode: Encode | None
) -> Iterator[Call]:
    """What the best findings lead to: the commit behind a line, the item behind an entry, the text around a hit."""
    last = good[-1]
    by_name = {tool.name: tool for tool in tools}
    found = {id(result): _ranked(reading, result, by_name, encode) for result in good}
    if turn.rounds == 1 and reading.wanted & {Wanted.WHO, Wanted.WHEN}:
        yield from _blames(tools, [hit for result in good for hit in found[id(result)]])
    for result in good:
        tool = by_name.get(result.call.tool)
        hits = found[id(result)]
        if tool is None or not hits:
            continue
        if searches(tool) and turn.rounds <= 2:
            yield from _around(reading, tools, hits)
        elif result is last or turn.rounds == 1:
            yield from _items(reading, tools, tool, result, hits)
    answered = any(reading.concepts & concepts(result.call.tool.partition("_")[2]) for result in good)
    if turn.rounds <= 2 and Wanted.SUMMARY not in reading.wanted and not answered:
        yield from _missing(reading, tools, good, found)


def _ranked(reading: Reading, result: Result, by_name: dict[str, Tool], encode: Encode | None) -> list[Hit]:
    lines = list(result.lines())
    tool = by_name.get(result.call.tool)
    ordered = tool is not None and searches(tool)
    priors = [_SEARCH_ORDER * (1 - at / len(lines)) if ordered else 0.0 for at in range(len(lines))]
    return rank(reading, lines, encode, priors)


def _blames(tools: Sequence[Tool], hits: Sequence[Hit]) -> Iterator[Call]:
    """Who wrote the best line: only with a tool whose words are about authors."""
    tool = reader(tools, authors=True)
    placed = [hit for hit in hits if hit.line.number and hit.score > 0]
    best = next(iter(sorted(placed, key=lambda hit: (is_prose(hit.line.path), -hit.score))), None)
    if tool is not None and best is not None:
        yield read_lines(tool, best.line.path, best.line.number, best.line.number)


def _around(reading: Reading, tools: Sequence[Tool], hits: Sequence[Hit]) -> Iterator[Call]:
    """The text around the best hit of the best one or two files, unless the hits themselves are what is asked for."""
    tool = reader(tools)
    if tool is None or reading.lacking or Wanted.LIST in reading.wanted:
        return
    files: dict[str, list[Hit]] = {}
    for hit in hits:
        if hit.line.number and hit.score > 0:
            files.setdefault(hit.line.path, []).append(hit)
    weights = {path: _weight(reading, path, found) for path, found in files.items()}
    best = sorted(weights, key=lambda path: (-weights[path], path))[:FILES_READ_MAX]
    for path in best:
        if weights[path] >= 0.6 * weights[best[0]]:
            number = files[path][0].line.number
            if path.casefold().endswith((".csv", ".tsv")):
                yield read_lines(tool, path, 1, 1)
                continue
            before, behind = (PROSE_BEFORE, PROSE_AFTER) if is_prose(path) else (LINES_BEFORE, LINES_AFTER)
            yield read_lines(tool, path, number - before, number + behind)


def _weight(reading: Reading, path: str, hits: Sequence[Hit]) -> float:
    """How much a file promises: its three best hits, and more for a text that gives reasons when they are asked for."""
    sum_of_best = sum(hit.score for hit in hits[:3])
    reasons = Wanted.WHY in reading.wanted or "decision" in reading.concepts
    return sum_of_best * (1.0 + 0.3 * (reasons and is_prose(path)) + 0.3 * (reasons and "decision" in concepts(path)))


def _items(reading: Reading, tools: Sequence[Tool], tool: Tool, result: Result, hits: Sequence[Hit]) -> Iterator[Call]:
    """The tool of the same family that shows one entry, called for the entry that the request speaks of."""
    lines = list(result.lines())
    speaks = [hit for hit in hits if hit.found - concepts(f"{tool.name} {tool.description}")]
    if reading.whole_list and len(lines) > 1:
        return
    if not speaks and not (len(lines) == 1 or (reading.wanted & _FOLLOWED and len(lines) <= 2)):
        return
    if len(speaks) > 1 and reading.wanted & {Wanted.WHICH, Wanted.LIST} and not reading.wanted & _FOLLOWED:
        return
    chosen = speaks[:1] or list(hits[:1])
    for other in tools:
        if other is tool or other.family != tool.family or searches(other):
            continue
        argument = driving(other)
        value = value_of(argument, chosen[0].line) if argument is not None else None
        if argument is not None and value is not None and (argument.required or reading.wanted & _FOLLOWED):
            yield Call.of(other.name, **{argument.name: value})
            return


def _named(tools: Sequence[Tool], result: Result) -> Tool | None:
    return next((tool for tool in tools if tool.name == result.call.tool), None)


def _missing(
    reading: Reading, tools: Sequence[Tool], good: Sequence[Result], found: dict[int, list[Hit]]
) -> Iterator[Call]:
    """When words of the subject occur in no finding: the file that the findings stand in, from the first place on."""
    tool = reader(tools)
    spoken = frozenset[str]().union(
        *(hit.found for hits in found.values() for hit in hits),
        *(
            concepts(f"{result.headline} {' '.join(str(value) for _, value in result.call.arguments)}")
            for result in good
        ),
        *(concepts(f"{known.name} {known.description}") for known in tools),
    )
    left = {concept(word) for word in reading.subject} - spoken
    given = [
        result
        for result in good
        if (tool_of := _named(tools, result)) and any(result.call.get(a.name) for a in tool_of.required)
    ]
    first = next((line for result in given for line in result.lines() if line.number), None)
    if tool is not None and first is not None and left and not reading.wanted & {Wanted.LIST, Wanted.COUNT}:
        yield read_lines(tool, first.path, first.number - 1, first.number + LINES_CLASS)
