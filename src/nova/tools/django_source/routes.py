"""Which view answers an address that a text names, read from `urls.py`. Knows `path` and `include`; runs nothing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from nova.core.errors import ToolFailed
from nova.projects.sources.files import files_of, read_text
from nova.tools.python_source import tree_of
from nova.tools.spec import Reach

_ADDRESS = re.compile(r"(?<![\w.<>-])/\w[\w.@%-]*(?:/\w[\w.@%-]*)*")
_PLACE = re.compile(r"<(?:(?P<kind>\w+):)?\w+>")
_DEPTH_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A line of a `urls.py`. view: the name of a function or class, empty for an include; include: a dotted module."""

    path: str
    route: str
    view: str
    include: str


def views_named(reach: Reach, text: str) -> frozenset[tuple[str, str]]:
    """(folder of the `urls.py`, name of the view) for each address in the text that leads to one."""
    asked = {address.strip("/.") for address in _ADDRESS.findall(text)}
    if not asked:
        return frozenset()
    routes: dict[str, list[Route]] = defaultdict(list)
    for name in files_of(reach.root, frozenset({".py"})):
        if PurePosixPath(name).name == "urls.py":
            routes[name.removesuffix(".py").replace("/", ".")].extend(_routes(reach, name))
    included = {route.include for known in routes.values() for route in known if route.include}
    roots = [module for module in routes if module not in included]
    return frozenset(
        (str(PurePosixPath(route.path).parent), route.view)
        for module in roots
        for whole, route in _whole(routes, module, "", 0)
        if any(whole.fullmatch(address) for address in asked)
    )


def _whole(
    routes: Mapping[str, list[Route]], module: str, prefix: str, depth: int
) -> Iterator[tuple[re.Pattern[str], Route]]:
    for route in routes.get(module, ()):
        if route.include and depth < _DEPTH_MAX:
            yield from _whole(routes, route.include, prefix + route.route, depth + 1)
        elif route.view:
            yield _pattern(prefix + route.route), route


def _pattern(route: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    for place in _PLACE.finditer(route):
        parts += [re.escape(route[at : place.start()]), r"\d+" if place["kind"] == "int" else "[^/]+"]
        at = place.end()
    return re.compile("".join([*parts, re.escape(route[at:])]).strip("/"))


def _routes(reach: Reach, name: str) -> Iterator[Route]:
    try:
        tree = tree_of(read_text(reach.root, name).text)
    except (ToolFailed, SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last(node.func) == "path" and len(node.args) >= 2:
            first, second = node.args[0], node.args[1]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield Route(path=name, route=first.value, view=_view(second), include=_include(second))


def _include(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and _last(node.func) == "include" and node.args:
        given = node.args[0]
        if isinstance(given, ast.Tuple) and given.elts:
            given = given.elts[0]
        return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""
    return ""


def _view(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        inside = node.func
        if isinstance(inside, ast.Attribute) and inside.attr == "as_view":
            return _last(inside.value)
        return "" if _last(inside) == "include" else next((found for one in node.args if (found := _view(one))), "")
    return _last(node)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
