"""What the built-in model sees, as values: tools, calls, results, turns. Refuses to know any library's types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

LINE_CHARACTERS_MAX = 400
LINES_READ_MAX = 4_000
TEXT_READ_MAX = 400_000

Scalar: TypeAlias = str | int
_PLACE = re.compile(r"^\s*[-*]?\s*`?([^\s`:](?:[^`:\n]*[^\s`:])?):(\d{1,7})`?(?:\s+(.*))?$")
_COMMIT = re.compile(r"^\s*[-*]?\s*`?([0-9a-f]{7,12})`?\s+(.*)$")
# A run, note, conversation or episode: its letter and ten of Crockford's (core.ids). Without a digit it may be a word,
# unless two blanks stand behind it, as tools write places.
_KEPT = re.compile(r"^\s*[-*]?\s*`?([rnce][0-9abcdefghjkmnpqrstvwxyz]{10})`?(?:(\s)\s+|\s)(.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a tool. kind: its JSON type; values: the possible ones when they can be listed."""

    name: str
    kind: str = "string"
    required: bool = False
    description: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool as it is offered to a model."""

    name: str
    description: str = ""
    arguments: tuple[Argument, ...] = ()

    @property
    def family(self) -> str:
        """The noun it is about: `git` of `git_log`."""
        return self.name.partition("_")[0]

    @property
    def required(self) -> tuple[Argument, ...]:
        """The arguments it cannot be called without."""
        return tuple(argument for argument in self.arguments if argument.required)

    def argument(self, name: str) -> Argument | None:
        """Its argument of that name."""
        return next((argument for argument in self.arguments if argument.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A value found in the words of a request.

    start, end: its span of words, -1 when it has none; exact: it was spelt as it is; loose: a folder that shares its
    name's stem with a word, enough to list it and not enough to search nowhere else.
    """

    argument: str
    value: str
    start: int
    end: int
    exact: bool = False
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool: its name and the arguments, sorted by name, so equal calls are equal values."""

    tool: str
    arguments: tuple[tuple[str, Scalar], ...] = ()

    @staticmethod
    def of(tool: str, **arguments: Scalar) -> Call:
        """The call with these arguments."""
        return Call(tool, tuple(sorted(arguments.items())))

    def get(self, name: str) -> Scalar | None:
        """One argument's value, or None."""
        return dict(self.arguments).get(name)

    def but(self, **arguments: Scalar) -> Call:
        """The same call with some arguments replaced."""
        return Call.of(self.tool, **{**dict(self.arguments), **arguments})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a tool's result. place: `path:line`, a commit's short id, or empty."""

    place: str
    text: str

    @property
    def path(self) -> str:
        """The file it stands in; empty for a commit or a line without a place."""
        return self.place.rpartition(":")[0]

    @property
    def number(self) -> int:
        """Its line number in that file, 0 without one."""
        number = self.place.rpartition(":")[2]
        return int(number) if self.path and number.isdigit() else 0


def read_line(text: str) -> Line:
    """A result's line taken apart: `path:12  words`, `1a2b3c4  words`, or words alone."""
    cut = text[:LINE_CHARACTERS_MAX].rstrip()
    if found := _PLACE.match(cut):
        return Line(f"{found[1]}:{found[2]}", (found[3] or "").rstrip())
    if (found := _COMMIT.match(cut)) and any(character.isdigit() for character in found[1]):
        return Line(found[1], found[2])
    if (found := _KEPT.match(cut)) and (found[2] or any(character.isdigit() for character in found[1])):
        return Line(found[1], found[3])
    return Line("", cut.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a call gave back: a headline sentence, then lines. failed: it could not be done; cut: not all was read."""

    call: Call
    text: str
    failed: bool = False
    cut: bool = False

    @property
    def headline(self) -> str:
        """Its first line."""
        first = self.text[:TEXT_READ_MAX].lstrip().split("\n", 1)[0].strip()
        return first if len(first) <= LINE_CHARACTERS_MAX else first[: LINE_CHARACTERS_MAX - 1] + "…"

    def lines(self) -> Iterator[Line]:
        """The lines below the headline that say something, at most `LINES_READ_MAX`."""
        body = self.text[:TEXT_READ_MAX].lstrip().split("\n", LINES_READ_MAX + 1)[1 : LINES_READ_MAX + 1]
        return (line for line in map(read_line, body) if line.text)


def read_result(call: Call, text: str, *, failed: bool) -> Result:
    """A result of which no more is kept than is ever read."""
    cut = len(text) > TEXT_READ_MAX or text.count("\n") > LINES_READ_MAX
    return Result(call=call, text=text[:TEXT_READ_MAX], failed=failed, cut=cut)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One exchange: what was asked, what the tools gave, what was answered (empty while it is going on)."""

    request: str
    results: tuple[Result, ...] = ()
    rounds: int = 0
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Everything a model call is given. today: the day of the request as its message says, ISO, or empty."""

    instructions: str
    now: Turn
    earlier: tuple[Turn, ...] = ()
    today: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The reply that calls tools."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The reply that ends the turn.

    needs_model: what was declined; cut: how many lines were left out; weak: no line holds two of several words asked.
    """

    text: str
    needs_model: str = ""
    nothing_found: bool = False
    cut: int = 0
    weak: bool = False
    failed: tuple[str, ...] = ()


Reply: TypeAlias = Ask | Answer
