"""Python source files as modules with their top-level names. Parses; refuses to import, and to know what Django is."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from nova.core.errors import ToolFailed
from nova.projects.sources.files import FILE_BYTES_MAX
from nova.tools.beneath import files, locate, read
from nova.tools.django_source.known import KNOWN
from nova.tools.python_source import tree_of
from nova.tools.spec import Reach

_LIBRARIES = (".venv", "venv", "env")


@dataclass(frozen=True, slots=True)
class Imported:
    """`from module import name`, or `import module` with an empty name. level: how many dots it began with."""

    module: str
    name: str = ""


Binding: TypeAlias = "ast.ClassDef | ast.expr | Imported"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Module:
    """One source file. path: below the project's root, empty for a library's file. names: what its top level binds."""

    name: str
    path: str
    package: str
    names: dict[str, Binding]
    stars: tuple[str, ...]
    conditional: frozenset[str]


@dataclass(slots=True)
class Sources:
    """The modules that can be reached from a project: its own, and its libraries' when their source is there.

    own: dotted name from the root -> path below the root. Modules are parsed when they are first asked for.
    """

    reach: Reach
    prefix: str
    own: dict[str, str]
    endings: dict[str, list[str]]
    libraries: tuple[Path, ...]
    parsed: dict[str, Module | None] = field(default_factory=dict[str, "Module | None"])

    def module(self, name: str, near: str = "") -> Module | None:
        """The module of a dotted name as an import would find it, or None. near: the module that imports it."""
        found = self.find(name, near)
        if found not in self.parsed:
            self.parsed[found] = self._parse(found)
        return self.parsed[found]

    def find(self, name: str, near: str = "") -> str:
        """The name under which a module is kept: an own one may lie deeper than it is called (`src.shop.models`)."""
        if name in self.own:
            return name
        candidates = self.endings.get(name, [])
        return max(candidates, key=lambda full: (_shared(full, near), -len(full)), default=name)

    def _parse(self, name: str) -> Module | None:
        if (path := self.own.get(name)) is not None:
            try:
                text = read(self.reach, locate(self.reach, path)).text
            except ToolFailed:  # binary, unreadable, gone: a module that cannot be read binds no names
                return None
            return parse(name, path, text)
        if (text := self._library(name)) is not None:
            return parse(name, "", text)
        return parse(name, "", KNOWN[name]) if name in KNOWN else None

    def _library(self, name: str) -> str | None:
        parts = name.split(".")
        if parts[0] == "django" or not all(
            map(str.isidentifier, parts)
        ):  # django is known by heart, one for all projects
            return None
        relative = Path(*parts)
        for folder in self.libraries:
            for path in (folder / relative.with_suffix(".py"), folder / relative / "__init__.py"):
                if path.is_file() and path.resolve().is_relative_to(folder):
                    with path.open("rb") as stream:
                        return stream.read(FILE_BYTES_MAX).decode("utf-8", "replace")
        return None


def _shared(left: str, right: str) -> int:
    pairs = zip(left.split("."), right.split("."), strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(left.count("."), right.count(".")) + 1)


def sources(reach: Reach) -> Sources:
    """The Python files of a project, by dotted name."""
    prefix = _prefix(reach.root)
    own = {_dotted(name, prefix): name for name in files(reach) if name.endswith(".py")}
    endings: dict[str, list[str]] = {}
    for full in own:
        parts = full.split(".")
        for start in range(1, len(parts)):
            endings.setdefault(".".join(parts[start:]), []).append(full)
    return Sources(reach=reach, prefix=prefix, own=own, endings=endings, libraries=_libraries(reach.root))


def _prefix(root: Path) -> str:
    """The package that the root itself lies in, when it is one."""
    parts: list[str] = []
    at = root
    while (at / "__init__.py").is_file() and at != at.parent:
        parts.insert(0, at.name)
        at = at.parent
    return ".".join(parts)


def _dotted(name: str, prefix: str) -> str:
    parts = PurePosixPath(name).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(filter(None, [prefix, *parts]))


def _libraries(root: Path) -> tuple[Path, ...]:
    """Folders of installed libraries: in the project's own virtual environment, or the one the project lies in."""
    inside = (path for name in _LIBRARIES for path in (root / name).glob("lib/python3*/site-packages"))
    around = (folder for folder in root.parents if folder.name == "site-packages")
    return tuple(path.resolve() for path in (*inside, *around) if path.is_dir())


def parse(name: str, path: str, text: str) -> Module | None:
    """The module of a text; None when it is no Python (or Python of another age)."""
    try:
        tree = tree_of(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    package = name if PurePosixPath(path or "x").name == "__init__.py" else name.rpartition(".")[0]
    names: dict[str, Binding] = {}
    stars: list[str] = []
    conditional: set[str] = set()
    for statement, depth, fallback in statements(tree.body):
        for bound, binding in _bound(statement, package):
            if bound == "*" and isinstance(binding, Imported):
                stars.append(binding.module)
            elif not (fallback and bound in names):
                names[bound] = binding
                if depth and isinstance(binding, ast.ClassDef):
                    conditional.add(bound)
    return Module(
        name=name, path=path, package=package, names=names, stars=tuple(stars), conditional=frozenset(conditional)
    )


def statements(
    body: Sequence[ast.stmt], depth: int = 0, fallback: bool = False
) -> Iterator[tuple[ast.stmt, int, bool]]:
    """All statements that run when the body does, those under if, try and with included.

    Yields (statement, how deep, whether it stands in an else or except: what the main branch binds wins over it).
    """
    for statement in body:
        if isinstance(statement, ast.If):
            yield from statements(statement.body, depth + 1, fallback)
            yield from statements(statement.orelse, depth + 1, True)
        elif isinstance(statement, ast.Try):
            yield from statements([*statement.body, *statement.orelse], depth + 1, fallback)
            for handler in statement.handlers:
                yield from statements(handler.body, depth + 1, True)
            yield from statements(statement.finalbody, depth + 1, fallback)
        elif isinstance(statement, ast.With):
            yield from statements(statement.body, depth + 1, fallback)
        else:
            yield statement, depth, fallback


def _bound(statement: ast.stmt, package: str) -> Iterator[tuple[str, Binding]]:
    if isinstance(statement, ast.ClassDef):
        yield statement.name, statement
    elif isinstance(statement, ast.ImportFrom):
        module = _absolute(statement, package)
        for alias in statement.names:
            yield alias.asname or alias.name, Imported(module, alias.name)
    elif isinstance(statement, ast.Import):
        for alias in statement.names:
            whole = alias.asname is not None
            yield (
                (alias.asname or alias.name.split(".")[0]),
                Imported(alias.name if whole else alias.name.split(".")[0]),
            )
    else:
        yield from assigned(statement)


def assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """The names an assignment binds, each with its expression; `a, b = f(x, ["A", "B"])` binds f(x, "A"), f(x, "B")."""
    if isinstance(statement, ast.AnnAssign) and statement.value is not None and isinstance(statement.target, ast.Name):
        yield statement.target.id, statement.value
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Name):
                yield target.id, statement.value
            elif isinstance(target, ast.Tuple | ast.List):
                yield from _unpacked(target.elts, statement.value)


def _unpacked(targets: Sequence[ast.expr], value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(value, ast.Tuple | ast.List):
        parts: Sequence[ast.expr] = value.elts
    elif isinstance(value, ast.Call) and value.args and isinstance(value.args[-1], ast.Tuple | ast.List):
        heads = value.args[:-1]
        parts = [ast.Call(func=value.func, args=[*heads, name], keywords=[]) for name in value.args[-1].elts]
    else:
        return
    for target, part in zip(targets, parts, strict=False):
        if isinstance(target, ast.Name):
            yield target.id, part


def _absolute(statement: ast.ImportFrom, package: str) -> str:
    if not statement.level:
        return statement.module or ""
    parts = package.split(".")
    base = parts[: len(parts) - statement.level + 1]
    return ".".join([*base, *([statement.module] if statement.module else [])])
