"""The parts of a project's code that a text is about: functions, classes and templates, ranked by the text's words.

Knows how code is divided and how its lines were ranked; refuses to know what is wanted of it.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from nova.core.errors import ToolFailed
from nova.models.words import words
from nova.projects.sources.files import files_of, own, read_text
from nova.tools.django_source.routes import views_named
from nova.tools.python_source import tree_of
from nova.tools.search import Hit, search
from nova.tools.spec import Reach
from nova.tools.trying.runners import test_file

CODE = frozenset(
    {".py", ".pyi", ".html", ".js", ".ts", ".tsx", ".jsx", ".css", ".sql", ".go", ".rs", ".rb", ".php", ".java", ".sh"}
)
_PATH = re.compile(r"[\w./-]*\w+\.(?:pyi?|html|js|tsx?|jsx|css|sql|go|rs|rb|php|java|sh|md)\b")
_NAME = re.compile(r"`([A-Za-z_][\w.]*)`|\b([A-Za-z]\w*_\w+|[A-Z][a-z]+[A-Z]\w*)\b")
_HITS_COUNTED = 6
_NAMED = 2.0
_CALLERS = 6  # so many of the best parts lend a share of their score to what they call
_LENT = 0.35
_CALLED_ALIKE_MAX = 2  # a name that more parts carry says nothing about which one is called
_SIDE = re.compile(r"(?:^|[/_])(?:seed|seeds|demo|sample|samples|fixtures?|0001_initial)(?:[/_.]|$)")
_SIDE_SHARE = 0.4  # made-up data and the first state of a schema repeat what others say
_REST_SHARE = 0.6  # what stands outside of functions and classes: imports, constants
_TITLE_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a file. symbol: `Class.method`, or empty for a file without such parts; lines from 1, both within.

    best: the line that holds most of the text's words.
    """

    path: str
    symbol: str
    line: int
    end_line: int
    score: float
    best: int = 0


def parts(reach: Reach, text: str) -> list[Part]:
    """The parts of the project's code that hold the words of `text`, best first; tests are left out.

    A part's score is the sum of its best lines' scores, each counting less than the one before; a name or path that
    the text spells out doubles it, and words of the text in the name of the part or its file add to it. What the best
    parts call gets a share of their scores, since a fault is often one call away from where it shows.
    """
    names = [name for name in files_of(reach.root, CODE) if not test_file(name) and own(name)]
    hits: dict[str, list[Hit]] = defaultdict(list)
    for hit in search(reach, names, text).hits:
        hits[hit.path].append(hit)
    spelled = frozenset(first or second for first, second in _NAME.findall(text))
    paths = frozenset(_PATH.findall(text))
    wanted = frozenset(words(text))
    titled = frozenset(words(text[:_TITLE_CHARACTERS].split("\n")[0]))
    found = [
        _scored(part, held, spelled, paths, wanted, titled)
        for path, lines in hits.items()
        for part, held in _held(reach, path, lines)
    ]
    return _ordered([*_lent(reach, _ordered([*_answering(reach, found, names, text)]), names)])


def _answering(reach: Reach, found: Sequence[Part], names: Sequence[str], text: str) -> Iterator[Part]:
    """The parts, and with the score of the best one those that answer an address the text names (`/invoices/3/`)."""
    views = views_named(reach, text)
    best = max((part.score for part in found), default=1.0)
    known = {(part.path, part.line): part for part in found}
    for folder, view in views:
        for name in names:
            if str(PurePosixPath(name).parent) == folder:
                for part in divided(reach, name):
                    if part.symbol == view:
                        known[part.path, part.line] = replace(known.get((part.path, part.line), part), score=best)
    yield from known.values()


def _ordered(found: Sequence[Part]) -> list[Part]:
    return sorted(found, key=lambda part: (-part.score, part.path, part.line))


def _lent(reach: Reach, found: Sequence[Part], names: Sequence[str]) -> Iterator[Part]:
    """The parts with the shares that the best of them lend to what they call, also to parts that held no word."""
    known = {(part.path, part.line): part for part in found}
    by_name: dict[str, list[Part]] = defaultdict(list)
    for name in names:
        for part in divided(reach, name):
            if (own_name := part.symbol.rpartition(".")[2]) and not own_name.startswith("__"):
                by_name[own_name].append(known.get((part.path, part.line), part))
    lent: dict[tuple[str, int], float] = defaultdict(float)
    for caller in [part for part in found if part.symbol][:_CALLERS]:
        for callee in _called(reach, caller, by_name):
            lent[callee.path, callee.line] = max(lent[callee.path, callee.line], _LENT * caller.score)
            known.setdefault((callee.path, callee.line), callee)
    for place, part in known.items():
        yield replace(part, score=part.score + lent[place])


def _called(reach: Reach, caller: Part, by_name: Mapping[str, Sequence[Part]]) -> Iterator[Part]:
    lines = read_text(reach.root, caller.path).lines[caller.line - 1 : caller.end_line]
    for name in frozenset(re.findall(r"\b([A-Za-z_]\w*)\(", "\n".join(lines))):
        alike = by_name.get(name, ())
        if len(alike) <= _CALLED_ALIKE_MAX:
            yield from (part for part in alike if part.symbol != caller.symbol)


def _held(reach: Reach, path: str, hits: Sequence[Hit]) -> Iterator[tuple[Part, list[Hit]]]:
    """Each part of a file that holds hits, with them; a hit belongs to the innermost part."""
    known = divided(reach, path)
    by_part: dict[Part, list[Hit]] = defaultdict(list)
    for hit in hits:
        around = [part for part in known if part.line <= hit.line <= part.end_line]
        by_part[max(around, key=_depth)].append(hit)
    yield from by_part.items()


def _depth(part: Part) -> tuple[bool, int, int]:
    return bool(part.symbol), part.line, -part.end_line


def divided(reach: Reach, path: str) -> list[Part]:
    """The parts of a file, the whole first; only Python is divided. Empty for a file that cannot be read."""
    try:
        content = read_text(reach.root, path)
    except ToolFailed:
        return []
    whole = Part(path=path, symbol="", line=1, end_line=max(1, len(content.lines)), score=0.0)
    if not path.endswith((".py", ".pyi")):
        return [whole]
    try:
        tree = tree_of(content.text)
    except (SyntaxError, ValueError, RecursionError):
        return [whole]
    return [whole, *_symbols(tree, path, "")]


def _symbols(node: ast.Module | ast.ClassDef, path: str, prefix: str) -> Iterator[Part]:
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
            name = f"{prefix}{child.name}"
            yield Part(path=path, symbol=name, line=first, end_line=child.end_lineno or first, score=0.0)
            if isinstance(child, ast.ClassDef):
                yield from _symbols(child, path, f"{name}.")


def _scored(
    part: Part, hits: Sequence[Hit], spelled: frozenset[str], paths: frozenset[str], wanted: frozenset[str],
    titled: frozenset[str],
) -> Part:  # fmt: skip
    best = sorted((hit.score for hit in hits), reverse=True)[:_HITS_COUNTED]
    score = sum(value / (place + 1) for place, value in enumerate(best))
    own_name = part.symbol.rpartition(".")[2]
    named = own_name in spelled or any(part.path.endswith(path) for path in paths)
    called = frozenset(words(f"{part.symbol} {part.path}".replace("_", " ").replace("/", " ").replace(".", " ")))
    share = len(called & wanted) / max(1, len(called)) + len(called & titled) / max(1, len(called))
    total = score * (_NAMED if named else 1.0) * (1.0 + share)
    if not named:
        total *= _SIDE_SHARE if _SIDE.search(part.path) else 1.0
        total *= 1.0 if part.symbol or not part.path.endswith(".py") else _REST_SHARE
    return replace(part, score=total, best=max(hits, key=lambda hit: hit.score).line)


def tests_about(reach: Reach, chosen: Sequence[Part]) -> list[str]:
    """The test files that import or name what the parts hold, those that name most of it first."""
    wanted = _mentions(chosen)
    counted: dict[str, float] = {}
    for name in files_of(reach.root, frozenset({".py"})):
        if not test_file(name):
            continue
        try:
            text = read_text(reach.root, name).text
        except ToolFailed:
            continue
        counted[name] = sum(weight for mention, weight in wanted.items() if re.search(rf"\b{mention}\b", text))
        counted[name] += sum(1.0 / at for at, part in enumerate(chosen, 1) if _beside(name, part.path))
    return [name for name, count in sorted(counted.items(), key=lambda one: (-one[1], one[0])) if count > 0]


def _beside(test: str, path: str) -> bool:
    folder = PurePosixPath(test).parent
    return folder == PurePosixPath(path).parent or folder.parent == PurePosixPath(path).parent != PurePosixPath()


def _mentions(chosen: Sequence[Part]) -> Mapping[str, float]:
    """What a test file would say about the parts: their names, and the modules they stand in."""
    wanted: dict[str, float] = defaultdict(float)
    for place, part in enumerate(chosen, 1):
        name = part.symbol.rpartition(".")[2]
        if name and not name.startswith("__"):
            wanted[re.escape(name)] += 2.0 / place
        if part.path.endswith(".py"):
            wanted[re.escape(part.path.removesuffix(".py").replace("/", "."))] += 1.0 / place
    return wanted
