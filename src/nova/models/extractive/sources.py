"""A turn's results as sources to quote from. Tells entries of a list from pieces of a text; refuses to pick any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nova.models.extractive.arguments import answers_itself, names_authors, searches
from nova.models.extractive.concepts import concepts
from nova.models.extractive.passages import pieces
from nova.models.extractive.values import Line, Result, Tool, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A result with its tool and its quotable pieces. entries: each piece stands for itself, as in a list of models.

    ranked: the tool was asked the whole question, so its pieces are the answer, in its order.
    """

    result: Result
    tool: Tool
    pieces: tuple[Line, ...]
    entries: bool
    ranked: bool = False

    @property
    def general(self) -> frozenset[str]:
        """The concepts that all its pieces stand for: the tool's own words and the arguments it was given."""
        given = " ".join(str(value) for _, value in self.result.call.arguments)
        spoken = " ".join(f"{argument.name} {argument.description}" for argument in self.tool.arguments)
        return concepts(f"{self.tool.name} {self.tool.description} {spoken} {given}")

    @property
    def noun(self) -> frozenset[str]:
        """What its tool's name says it gives: fields, relations, counts."""
        return concepts(self.tool.name.partition("_")[2])


def sources(turn: Turn, by_name: Mapping[str, Tool]) -> list[Source]:
    """The results that hold something. A search without a hit holds nothing; that another tool found none is a fact."""
    found: list[Source] = []
    for result in turn.results:
        tool = by_name.get(result.call.tool, Tool(name=result.call.tool))
        if result.failed:
            continue
        source = _source(result, tool)
        if source.pieces or (result.headline and not searches(tool)):
            found.append(source)
    return _without_repeats(found)


def _source(result: Result, tool: Tool) -> Source:
    looks = searches(tool)
    joined = not looks and not names_authors(tool) and _continuous(result)
    reads_lines = tool.argument("start_line") is not None
    by_number = joined and any(argument.kind == "integer" and argument.required for argument in tool.arguments)
    return Source(
        result=result,
        tool=tool,
        pieces=tuple(pieces(result, joined)),
        entries=not looks and not reads_lines and not by_number,
        ranked=answers_itself(tool),
    )


def _continuous(result: Result) -> bool:
    """Whether a result's lines follow one another in one file."""
    places = [(line.path, line.number) for line in result.lines()]
    return bool(places) and all(path == places[0][0] and number for path, number in places)


def _without_repeats(found: Sequence[Source]) -> list[Source]:
    """A line that one source reads in its place is not quoted again from a search."""
    read = [
        (source.pieces[0].path, source.pieces[0].number, source.pieces[-1].number)
        for source in found
        if source.pieces and not searches(source.tool) and source.pieces[0].number
    ]
    kept: list[Source] = []
    for source in found:
        if searches(source.tool):
            left = tuple(line for line in source.pieces if not _within(line, read))
            source = replace(source, pieces=left)
        if source.pieces or not searches(source.tool):
            kept.append(source)
    return kept


def _within(line: Line, read: Sequence[tuple[str, int, int]]) -> bool:
    return any(line.path == path and first <= line.number <= last for path, first, last in read)
