"""A tool's arguments filled from a request that has been read. Pure; refuses to choose between tools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import product

from nova.models.extractive.concepts import concept, concepts, content, tokens, ways_to_say
from nova.models.extractive.places import is_path
from nova.models.extractive.reading import Reading
from nova.models.extractive.values import Argument, Call, Named, Scalar, Tool

CALLS_EACH_MAX = 3
CODES_MAX, CODE_LENGTH_MIN = 2, 5
QUERY_WORDS_MAX = 6
_ABOUT = re.compile(
    r"\b(?:about|mention\w*|concerning|regarding|related to|introduc\w*|über|betreffend|over|rond)\b", re.IGNORECASE
)
_TYPED = re.compile(r"[^\W_]+")
_QUERY_NAMES = frozenset({"query", "text", "words", "search", "term", "terms", "q"})
QUESTION = "question"
WISHES = frozenset({"statement", "wish", "pipeline"})
_EXTENSIONS = {"csv": "*.csv", "python": "*.py", "html": "*.html", "css": "*.css", "markdown": "*.md", "md": "*.md",
               "js": "*.js", "javascript": "*.js", "yaml": "*.yaml", "json": "*.json", "toml": "*.toml"}  # fmt: skip


def is_query(argument: Argument) -> bool:
    """Whether an argument takes free words to look for."""
    return argument.name in _QUERY_NAMES and not argument.values


def searches(tool: Tool) -> bool:
    """Whether a tool looks for words: they are the only thing it cannot do without."""
    return bool(tool.required) and all(is_query(argument) for argument in tool.required)


def answers_itself(tool: Tool) -> bool:
    """Whether a tool takes the whole question (`question`) and gives back what answers it, best first."""
    return tool.argument(QUESTION) is not None


def asked(tool: Tool, reading: Reading) -> Call:
    """The call of a tool that takes the whole question."""
    return Call.of(tool.name, **{QUESTION: reading.text})


def wished(tool: Tool) -> Call | None:
    """The call of a tool that carries a wish out: the one argument it needs has one value, what is wished.

    Whoever offers the tool gives that value only when the request is such a wish.
    """
    needed = tool.required
    if len(needed) != 1 or needed[0].name not in WISHES or len(needed[0].values) != 1:
        return None
    return Call.of(tool.name, **{needed[0].name: needed[0].values[0]})


def names_authors(tool: Tool) -> bool:
    """Whether a tool's name says that it tells who wrote something."""
    return "author" in concepts(tool.name)


def query(reading: Reading, named: Sequence[Named], tool: Tool) -> str:
    """The words to look for: a quoted phrase, else quoted words, codes and what the subject adds to other arguments."""
    phrases = [quote for quote in reading.quoted if " " in quote.strip()]
    if phrases:
        return phrases[0]
    if reading.lacking:
        return " ".join(dict.fromkeys(way for word in reading.having for way in ways_to_say(word)))
    kept = _unsaid(reading, named, tool)
    first = [*reading.quoted, *reading.codes]
    words = kept or ([] if first else reading.subject or content(reading.words))
    return " ".join(dict.fromkeys([*first, *_as_typed(words, reading)][:QUERY_WORDS_MAX]))


def _as_typed(words: Sequence[str], reading: Reading) -> list[str]:
    """Words as they were written: `SQLite`, not its parts `sq` and `lite`."""
    whole = {part: raw for raw in _TYPED.findall(reading.text) if len(parts := tokens(raw)) > 1 for part in parts}
    return list(dict.fromkeys(whole.get(word, word) for word in words))


def looks(tool: Tool, reading: Reading, named: Sequence[Named]) -> list[Call]:
    """The calls of a search: one for each code of several words, to be found as it stands, else one for all words."""
    made = list(calls(tool, reading, named)[:1])
    said = {hit.value.rpartition(".")[2] for hit in named if not is_path(Argument(name=hit.argument))}
    codes = [
        code
        for code in reading.codes
        if len(code) >= CODE_LENGTH_MIN and ("-" in code or "." in code) and code not in said
    ]
    if not made or not codes:
        return made
    asked = tool.required[0].name
    return [made[0].but(**{asked: _last(code)}) for code in codes[:CODES_MAX]]


def _last(code: str) -> str:
    """What a dotted name names: `overdue` of `Invoice.objects.overdue`; a short last part keeps its owner."""
    owner, _, name = code.rpartition(".")
    return name if not owner or len(name) > CODE_LENGTH_MIN else f"{owner.rpartition('.')[2]} {name}"


def _unsaid(reading: Reading, named: Sequence[Named], tool: Tool) -> list[str]:
    """The subject's words that neither a code nor another argument of the tool holds."""
    said = {word for code in reading.codes for word in tokens(code)}
    for hit in named:
        if hit.start >= 0 and tool.argument(hit.argument) and not (searches(tool) and _unsure(hit)):
            said.update(reading.words[hit.start : hit.end])
    return [word for word in reading.subject if word not in said]


def calls(tool: Tool, reading: Reading, named: Sequence[Named]) -> tuple[Call, ...]:
    """The calls of one tool that a request gives the arguments for; none when a required one stays empty."""
    fixed: dict[str, Scalar] = {}
    several: dict[str, list[str]] = {}
    for argument in tool.arguments:
        values = _named_values(tool, argument, named)
        if values and argument.required:
            several[argument.name] = values[:CALLS_EACH_MAX]
        elif len(values) == 1 and not argument.required:
            fixed[argument.name] = _typed(argument, values[0])
        elif (filled := _filled(argument, reading, named, tool)) is not None:
            fixed[argument.name] = filled
        elif argument.required:
            return ()
    made = [
        Call.of(
            tool.name,
            **fixed,
            **{name: _of(tool, name, value) for name, value in zip(several, combination, strict=True)},
        )
        for combination in product(*several.values())
    ]
    return tuple(made[:CALLS_EACH_MAX])


def _of(tool: Tool, name: str, value: str) -> Scalar:
    argument = tool.argument(name)
    return _typed(argument, value) if argument else value


def _typed(argument: Argument, value: str) -> Scalar:
    return int(value) if argument.kind == "integer" and value.lstrip("-").isdigit() else value


def _named_values(tool: Tool, argument: Argument, named: Iterable[Named]) -> list[str]:
    """The named values that this argument can take. One that only narrows takes any file or folder, listed or not."""
    hits = [hit for hit in named if hit.argument == argument.name and not (_unsure(hit) and _strict(tool))]
    if argument.values and not _takes_any_path(tool, argument):
        known = set(argument.values)
        hits = [hit for hit in hits if hit.value in known or (hit.exact and hit.start < 0)]
    if any(hit.exact for hit in hits) and argument.required:
        hits = [hit for hit in hits if hit.exact]
    return list(dict.fromkeys(hit.value for hit in hits))


def _strict(tool: Tool) -> bool:
    """Whether a guessed file is not good enough for a tool: it would look nowhere else, or name an author for it."""
    return searches(tool) or names_authors(tool)


def _unsure(hit: Named) -> bool:
    """Whether a value was guessed: enough to open a file, not enough to search nowhere else."""
    return hit.loose or (hit.start < 0 and not hit.exact)


def _takes_any_path(tool: Tool, argument: Argument) -> bool:
    """Whether a path only narrows: then files and folders both do, unless only folders are listed."""
    if not is_path(argument) or argument.required:
        return False
    return searches(tool) or any("." in value.rpartition("/")[2][1:] for value in argument.values)


def _filled(argument: Argument, reading: Reading, named: Sequence[Named], tool: Tool) -> Scalar | None:
    """A value for an argument that no named value fills, or None."""
    if is_query(argument):
        words = query(reading, named, tool) if argument.required else _aside(reading, named, tool)
        return words or None
    if argument.name in ("since", "after") and reading.since:
        return reading.since
    if argument.name in ("limit", "count_max") and reading.limit:
        return reading.limit
    if argument.name == "sentences" and reading.sentences:
        return reading.sentences
    if argument.name == "start_line" and reading.lines[0]:
        return reading.lines[0]
    if argument.name == "end_line" and reading.lines[1]:
        return reading.lines[1]
    if argument.name == "pattern":
        return next((_EXTENSIONS[word] for word in reading.words if word in _EXTENSIONS), None)
    if argument.required and len(argument.values) == 1:
        return _typed(argument, argument.values[0])
    return None


def _aside(reading: Reading, named: Sequence[Named], tool: Tool) -> str:
    """For an optional query: the subject words that neither the tool's own words nor other arguments cover."""
    if reading.quoted:
        return reading.quoted[0]
    if (reading.since or reading.limit) and not _ABOUT.search(reading.text):
        return " ".join(reading.codes[:QUERY_WORDS_MAX])
    own = concepts(f"{tool.name} {tool.description}")
    left = [word for word in _unsaid(reading, named, tool) if concept(word) not in own]
    return " ".join([*reading.codes, *_as_typed(left, reading)][:QUERY_WORDS_MAX])


def covers(call: Call, tool: Tool, named: Sequence[Named]) -> int:
    """How many of a request's named values a call uses."""
    values = {str(value) for _, value in call.arguments}
    return sum(hit.value in values for hit in named if tool.argument(hit.argument))
