"""What a tool is, what it may reach, and what it gives back. Knows the shape; refuses to know any one tool."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict

from nova.core.citations import Citation
from nova.core.degradations import Degradation
from nova.core.labels import Label, Scope
from nova.core.text import printable
from nova.policy.gate import Effect, Own

if TYPE_CHECKING:
    from nova.memory.tiers import Memory

OUTPUT_BYTES_MAX = 60_000
SECONDS_MAX = 30.0
ARGUMENTS_CHARACTERS_MAX = 20_000
LINE_CHARACTERS_MAX = 2_000


def _now() -> datetime:
    return datetime.now(UTC)


def _unheard(_what: str) -> None:
    """Nobody watches the run."""


class Arguments(BaseModel):
    """Base of every tool's arguments: exact types, no unknown names."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Data(BaseModel):
    """Base of what a tool gives in typed fields, for the steps of a pipeline that come after it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a call can touch. root: the project's folder, links followed; issues: folder below it.

    memory: Nova's own, for the tools that recall and remember; run: the run that calls; said: the owner's own words.
    key: idempotency key of the call, the same for every try of a step, empty outside pipelines. worktrees: folder in
    Nova's data for copies of projects on branches of Nova's, None where none may be made. alive: told, in a word or
    two, by tools that take long, as a sign of life.
    """

    root: Path
    project: str
    scope: Scope
    issues: str = "issues"
    memory: Memory | None = None
    run: str = ""
    said: str = ""
    key: str = ""
    worktrees: Path | None = None
    now: Callable[[], datetime] = _now
    alive: Callable[[str], None] = _unheard
    output_bytes_max: int = OUTPUT_BYTES_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultLine:
    """One finding, and where it stands."""

    text: str
    citation: Citation | None = None

    def __str__(self) -> str:
        return f"{self.citation}  {self.text}" if self.citation else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a tool found. headline: one full sentence with the count and the place; cut: not all is shown.

    data: the same in typed fields, of the tool's `output`; None for a tool that declares none. Whole texts in it are
    raw, as they stand in their files. degradations: what could be done only in part, for the run's outcome.
    """

    headline: str
    lines: tuple[ResultLine, ...] = ()
    cut: bool = False
    label: Label
    data: Data | None = None
    degradations: tuple[Degradation, ...] = ()

    def text(self) -> str:
        """As a model and the record see it: the headline, then `path:line  text`, one line each."""
        return "\n".join([self.headline, *(str(line) for line in self.lines)])

    def citations(self) -> tuple[Citation, ...]:
        """Every place named, once, in order of appearance."""
        return tuple(dict.fromkeys(line.citation for line in self.lines if line.citation is not None))


Run: TypeAlias = Callable[[Arguments, Reach], Awaitable[ToolResult]]
Values: TypeAlias = Callable[[Reach], Sequence[str]]
Base: TypeAlias = Callable[[Arguments, Reach], Path]


def no_paths(arguments: Arguments) -> tuple[str, ...]:
    """The paths of a tool that takes none."""
    del arguments
    return ()


def project_folder(arguments: Arguments, reach: Reach) -> Path:
    """The folder that a tool's paths are relative to, for all but the few that work in a copy."""
    del arguments
    return reach.root


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One thing an agent can do.

    description: what a model, and the built-in extractive model, choose by.
    paths: the paths that the gate must look at, out of the arguments.
    values: for an argument, what it can be in this project, best known first (for shells and the built-in model).
    output: what its results' `data` is, beside the text and lines that every tool gives; None for nothing more.
    repeatable: called again with the same key it does nothing twice. own: the place of its own that a writing tool
    keeps to. base: the folder its paths are relative to, for the gate. seconds_max: how long a call may take;
    characters_max: how long its arguments may be, as JSON.
    """

    name: str
    description: str
    arguments: type[Arguments]
    effect: Effect
    run: Run
    paths: Callable[[Arguments], tuple[str, ...]] = no_paths
    values: Mapping[str, Values] = field(default_factory=dict[str, Values])
    output: type[Data] | None = None
    repeatable: bool = False
    own: Own | None = None
    base: Base = project_folder
    seconds_max: float = SECONDS_MAX
    characters_max: int = ARGUMENTS_CHARACTERS_MAX


_A = TypeVar("_A", bound=Arguments)


def reading(
    name: str,
    description: str,
    arguments: type[_A],
    work: Callable[[_A, Reach], ToolResult],
    *,
    paths: Callable[[_A], tuple[str, ...]] | None = None,
    values: Mapping[str, Values] | None = None,
    output: type[Data] | None = None,
) -> Tool:
    """A tool that only reads. `work` blocks and is run in a thread; it must end by itself."""
    run, look = _threaded(arguments, work), _looking(arguments, paths)
    return Tool(
        name=name, description=description, arguments=arguments, effect=Effect.READ,
        run=run, paths=look, values=dict(values or {}), output=output, repeatable=True,
    )  # fmt: skip


def acting(
    name: str,
    description: str,
    arguments: type[_A],
    work: Callable[[_A, Reach], ToolResult],
    *,
    effect: Effect = Effect.WRITE,
    own: Own | None = None,
    paths: Callable[[_A], tuple[str, ...]] | None = None,
    base: Callable[[_A, Reach], Path] | None = None,
    output: type[Data] | None = None,
    repeatable: bool = True,
    seconds_max: float = SECONDS_MAX,
    characters_max: int = ARGUMENTS_CHARACTERS_MAX,
) -> Tool:
    """A tool that changes something. `work` blocks, ends by itself, and done again with the same `Reach.key` it must
    come to the same end without doing anything twice, also when it was killed on the way; else say `repeatable=False`.
    """

    def folder(given: Arguments, reach: Reach) -> Path:
        return base(as_given(arguments, given), reach) if base is not None else reach.root

    run, look = _threaded(arguments, work), _looking(arguments, paths)
    return Tool(
        name=name, description=description, arguments=arguments, effect=effect, run=run, paths=look, base=folder,
        output=output, repeatable=repeatable, own=own, seconds_max=seconds_max, characters_max=characters_max,
    )  # fmt: skip


def _threaded(arguments: type[_A], work: Callable[[_A, Reach], ToolResult]) -> Run:
    async def run(given: Arguments, reach: Reach) -> ToolResult:
        return await asyncio.to_thread(work, as_given(arguments, given), reach)

    return run


def _looking(
    arguments: type[_A], paths: Callable[[_A], tuple[str, ...]] | None
) -> Callable[[Arguments], tuple[str, ...]]:
    def look(given: Arguments) -> tuple[str, ...]:
        return paths(as_given(arguments, given)) if paths is not None else ()

    return look


def storable(text: str) -> str:
    """A whole text for a typed field: as it is, but for NUL and lone surrogates, which no database takes."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


def typed(found: ToolResult, data: Data, *degradations: Degradation) -> ToolResult:
    """The result with its typed fields beside its lines, and what was less than it should be."""
    return replace(found, data=data, degradations=(*found.degradations, *degradations))


def as_given(kind: type[_A], given: Arguments) -> _A:
    """The arguments as the kind the tool declares. Raises TypeError for another one, which is a bug of the caller."""
    if not isinstance(given, kind):
        raise TypeError(f"{kind.__name__} was expected, {type(given).__name__} was given")
    return given


def result(
    headline: str,
    lines: Iterable[ResultLine],
    reach: Reach,
    *,
    cut: bool = False,
    trusted: bool = True,
    data: Data | None = None,
) -> ToolResult:
    """A result that is safe to show (no control characters) and not longer than `reach.output_bytes_max`."""
    kept: list[ResultLine] = []
    left, over = reach.output_bytes_max, 0
    for line in lines:
        clean = ResultLine(text=_clean(line.text), citation=line.citation)
        left -= len(str(clean).encode("utf-8", "replace")) + 1
        if left < 0:
            over += 1
        else:
            kept.append(clean)
    if over:
        headline = f"{headline} Cut at {reach.output_bytes_max:,} bytes: {over} more lines are not shown."
    label = Label(scopes=frozenset({reach.scope.own}), trusted=trusted)
    return ToolResult(headline=_clean(headline), lines=tuple(kept), cut=cut or over > 0, label=label, data=data)


def _clean(text: str) -> str:
    if not text.isprintable():
        text = printable(text.replace("\t", "    ")).replace("\n", " ")
    return text if len(text) <= LINE_CHARACTERS_MAX else text[: LINE_CHARACTERS_MAX - 1] + "…"
