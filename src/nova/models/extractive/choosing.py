"""Which tools a request calls for first. Goes by the words of request and tools; knows no tool by name."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from nova.models.extractive.arguments import (
    answers_itself,
    asked,
    calls,
    covers,
    is_query,
    looks,
    query,
    searches,
    wished,
)
from nova.models.extractive.concepts import concept, concepts
from nova.models.extractive.naming import named
from nova.models.extractive.reading import Reading, codes
from nova.models.extractive.values import Argument, Call, Named, Scalar, Tool
from nova.models.extractive.wanting import Wanted

CALLS_MAX = 4
OVERVIEW_MAX, OVERVIEW_LINES = 3, 8
_NAME, _DESCRIPTION, _ARGUMENT = 3.0, 1.0, 0.7
_NEAR_BEST = 0.72
_MEANT_MIN = 1.2


def values_named(text: str, tools: Sequence[Tool]) -> tuple[Named, ...]:
    """Every value of any argument of these tools that a request names. Arguments of one name share their values."""
    merged: dict[str, Argument] = {}
    for tool in tools:
        for argument in tool.arguments:
            known = merged.get(argument.name)
            values = tuple(dict.fromkeys([*(known.values if known else ()), *argument.values]))
            merged[argument.name] = Argument(name=argument.name, kind=argument.kind, values=values)
    return named(text, merged.values(), codes(text))


def _weights(tool: Tool) -> dict[str, float]:
    found: dict[str, float] = {}
    spoken = " ".join(f"{argument.name} {argument.description}" for argument in tool.arguments)
    for text, weight in ((spoken, _ARGUMENT), (tool.description, _DESCRIPTION), (tool.name, _NAME)):
        for word in concepts(text):
            found[word] = max(found.get(word, 0.0), weight)
    return found


def scores(reading: Reading, tools: Sequence[Tool]) -> dict[str, float]:
    """For each tool, how much of the request its name, description and arguments speak of, rare words counting more."""
    weights = {tool.name: _weights(tool) for tool in tools}
    spread = Counter(word for words in weights.values() for word in words)
    return {
        tool.name: sum(
            weights[tool.name][word] * math.log(1 + len(tools) / spread[word])
            for word in reading.concepts
            if word in weights[tool.name]
        )
        for tool in tools
    }


def _asked_for(reading: Reading, tool: Tool) -> bool:
    """Whether a request speaks of a tool itself: a call without arguments must not come from one stray word."""
    own = reading.concepts - {"list", "count", "search"}
    if Wanted.WHY in reading.wanted:
        return False
    return bool(own & concepts(tool.name)) or len(own & concepts(tool.description)) >= 2


def _meant(call: Call, tool: Tool, reading: Reading, hits: Sequence[Named]) -> float:
    """What a call's arguments add to its tool's score: each value that the request names, a time, a number, lines."""
    given = dict(call.arguments)
    exact = sum(hit.exact for hit in hits if str(given.get(hit.argument, "")) == hit.value)
    timed = (
        2.5 * ("since" in given)
        + 1.0 * ("limit" in given)
        + 1.5 * ("start_line" in given)
        + 1.0 * ("sentences" in given)
    )
    needed = {argument.name for argument in tool.required}
    named_needed = sum(hit.argument in needed and str(given.get(hit.argument, "")) == hit.value for hit in hits)
    timeless = 2.0 if reading.since and "since" not in given else 0.0
    return 1.5 * covers(call, tool, hits) + 1.0 * exact + timed + 1.0 * named_needed - timeless


def first(reading: Reading, tools: Sequence[Tool]) -> tuple[Call, ...]:
    """The calls to begin with, best first: the tool that fits best, near rivals, and a search for what is left over.

    When nothing fits, what the agent's tools show by themselves, in the order in which the agent lists them.
    """
    if wishes := [call for tool in tools if (call := wished(tool)) is not None]:
        return tuple(wishes[:1])
    whole = [asked(tool, reading) for tool in tools if answers_itself(tool)]
    tools = [tool for tool in tools if not answers_itself(tool)]
    return (*whole, *_by_words(reading, tools))[: max(CALLS_MAX, len(whole))] if tools else tuple(whole)


def _by_words(reading: Reading, tools: Sequence[Tool]) -> tuple[Call, ...]:
    hits = values_named(reading.text, tools)
    if reading.lacking:
        hits = tuple(hit for hit in hits if hit.start < 0 or reading.lacking not in reading.words[hit.start : hit.end])
    chosen = _fitting(reading, tools, hits)
    for tool in tools:
        if searches(tool) and _worth_a_search(reading, tool, tools, chosen, hits):
            wanted = looks(tool, reading, hits)
            chosen = chosen[: CALLS_MAX - len(wanted)] + wanted
    return tuple(dict.fromkeys(chosen or overview(tools)))


def _fitting(reading: Reading, tools: Sequence[Tool], hits: Sequence[Named]) -> list[Call]:
    by_words = scores(reading, tools)
    rated = [
        (by_words[tool.name] + _meant(call, tool, reading, hits), call)
        for tool in tools
        if not searches(tool)
        for call in calls(tool, reading, hits)
        if call.arguments or _asked_for(reading, tool)
    ]
    rated.sort(key=lambda pair: (-pair[0], pair[1].tool, pair[1].arguments))
    top = rated[0][0] if rated else 0.0
    near = [call for score, call in rated if score >= max(_MEANT_MIN, _NEAR_BEST * top)]
    exact = [call for call in near if any(hit.exact and str(call.get(hit.argument)) == hit.value for hit in hits)]
    return (exact or near)[:CALLS_MAX]


def overview(tools: Sequence[Tool]) -> list[Call]:
    """Calls of the tools that need nothing: two of the agent's first family, then one of each other family."""
    free = [tool for tool in tools if not tool.required]
    own = [tool for tool in free if tool.family == free[0].family][:2]
    others = {tool.family: tool for tool in reversed(free) if tool.family != free[0].family}
    return [_few(tool) for tool in [*own, *(tool for tool in free if others.get(tool.family) is tool)][:OVERVIEW_MAX]]


def _few(tool: Tool) -> Call:
    """The call, with a limit where the tool takes one, and for open things only where it knows the word."""
    status = tool.argument("status")
    given: dict[str, Scalar] = {"limit": OVERVIEW_LINES} if tool.argument("limit") else {}
    if status is not None and "open" in status.values:
        given["status"] = "open"
    return Call.of(tool.name, **given)


def _worth_a_search(
    reading: Reading, tool: Tool, tools: Sequence[Tool], chosen: Sequence[Call], hits: Sequence[Named]
) -> bool:
    """A search helps when nothing else was chosen, or the request has words that no chosen call accounts for."""
    words = query(reading, hits, tool).split()
    if not words:
        return False
    if chosen and reading.whole_list:
        return False
    if not chosen or reading.wanted & {Wanted.WHY, Wanted.WHERE, Wanted.WHO}:
        return True
    by_name = {candidate.name: candidate for candidate in tools}
    spoken = frozenset[str]().union(*(_spoken(by_name[call.tool], call) for call in chosen))
    return any(concept(word) not in spoken for word in words)


def _spoken(tool: Tool, call: Call) -> frozenset[str]:
    """What a call accounts for: its tool's words and its arguments, but not the words that it only looks for."""
    given = [value for name, value in call.arguments if (argument := tool.argument(name)) and not is_query(argument)]
    return frozenset(_weights(tool)) | concepts(" ".join(map(str, given)))
