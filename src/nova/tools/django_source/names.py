"""What a name in a module means: a class, something outside, or a value. Knows Python's scoping, not Django."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from nova.tools.django_source.modules import Binding, Imported, Module, Sources, assigned, statements

_STEPS_MAX = 25


@dataclass(frozen=True, slots=True)
class Class:
    """A class definition in its module."""

    module: Module
    node: ast.ClassDef

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Class) and self.node is other.node

    def __hash__(self) -> int:
        return id(self.node)

    @property
    def dotted(self) -> str:
        """Its full name."""
        return f"{self.module.name}.{self.node.name}"


@dataclass(frozen=True, slots=True)
class Outside:
    """A dotted name whose source is not at hand, such as django.db.models.CharField."""

    dotted: str


@dataclass(frozen=True, slots=True)
class Value:
    """An expression that is no plain name, and the module whose names it uses."""

    module: Module
    expression: ast.expr


Meaning: TypeAlias = Class | Outside | Value


def meaning(sources: Sources, module: Module, expression: ast.expr, inside: Class | None = None) -> Meaning:
    """What an expression means, names followed through imports and aliases.

    inside: the class in whose body it stands; its own names come first.
    """
    return _meaning(sources, module, expression, inside, _STEPS_MAX)


def _meaning(sources: Sources, module: Module, expression: ast.expr, inside: Class | None, steps: int) -> Meaning:
    parts = _parts(expression)
    if steps <= 0 or not parts:
        return Value(module, expression)
    head, *rest = parts
    if inside is not None and (local := member(inside, head)) is not None:
        found = _follow(sources, module, local, steps - 1)
    else:
        found = name(sources, module, head, steps - 1)
    for part in rest:
        found = _attribute(sources, found, part, steps - 1)
    return found


def _parts(expression: ast.expr) -> list[str]:
    if isinstance(expression, ast.Name):
        return [expression.id]
    if isinstance(expression, ast.Attribute) and (head := _parts(expression.value)):
        return [*head, expression.attr]
    if isinstance(expression, ast.Subscript):  # models.ForeignKey["Tenant"], Generic[T]
        return _parts(expression.value)
    return []


def name(sources: Sources, module: Module, wanted: str, steps: int = _STEPS_MAX) -> Meaning:
    """What a top-level name of a module means; an unbound one is outside, under the module's name."""
    binding = module.names.get(wanted)
    if binding is not None:
        return _follow(sources, module, binding, steps)
    if steps > 0:
        for star in module.stars:
            target = sources.module(star, module.name)
            if target is not None and not isinstance(found := name(sources, target, wanted, steps - 1), Outside):
                return found
            if target is None and star.startswith("django."):
                return Outside(f"{star}.{wanted}")
    if (below := sources.module(f"{module.name}.{wanted}", module.name)) is not None:
        return Outside(below.name)
    return Outside(f"{module.name}.{wanted}")


def _follow(sources: Sources, module: Module, binding: Binding, steps: int) -> Meaning:
    if isinstance(binding, ast.ClassDef):
        return Class(module, binding)
    if not isinstance(binding, Imported):
        return _meaning(sources, module, binding, None, steps) if steps > 0 else Value(module, binding)
    target = sources.module(binding.module, module.name)
    if not binding.name:
        return Outside(target.name if target else binding.module)
    if target is not None and target is not module and steps > 0:
        return name(sources, target, binding.name, steps - 1)
    whole = f"{binding.module}.{binding.name}"
    below = sources.module(whole, module.name)
    return Outside(below.name if below else whole)


def _attribute(sources: Sources, found: Meaning, part: str, steps: int) -> Meaning:
    if isinstance(found, Class):
        local = member(found, part)
        if local is None:
            return Outside(f"{found.dotted}.{part}")
        return _follow(sources, found.module, local, steps) if steps > 0 else Outside(f"{found.dotted}.{part}")
    if isinstance(found, Outside):
        module = sources.module(found.dotted)
        return name(sources, module, part, steps) if module is not None else Outside(f"{found.dotted}.{part}")
    return Outside(f"?.{part}")


def members(node: ast.ClassDef) -> Iterator[tuple[str, ast.stmt, Binding | None]]:
    """What a class body binds, in order: name, statement, and its class or expression (None for functions)."""
    for statement, _, _ in statements(node.body):
        if isinstance(statement, ast.ClassDef):
            yield statement.name, statement, statement
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield statement.name, statement, None
        else:
            for bound, expression in assigned(statement):
                yield bound, statement, expression


def member(owner: Class, wanted: str) -> Binding | None:
    """What a class body binds to a name, without its bases."""
    return next((binding for bound, _, binding in members(owner.node) if bound == wanted), None)


def text_of(sources: Sources, module: Module, expression: ast.expr, steps: int = 8) -> str | None:
    """The text an expression is sure to be: a literal, a name bound to one, two joined, a setting's default."""
    if isinstance(expression, ast.Constant):
        return expression.value if isinstance(expression.value, str) else None
    if steps <= 0:
        return None
    if isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.Add):
        left, right = (text_of(sources, module, side, steps - 1) for side in (expression.left, expression.right))
        return None if left is None or right is None else left + right
    if isinstance(expression, ast.JoinedStr):
        parts = [text_of(sources, module, _inner(value), steps - 1) for value in expression.values]
        return None if None in parts else "".join(part or "" for part in parts)
    if isinstance(expression, ast.Name | ast.Attribute):
        found = meaning(sources, module, expression)
        if isinstance(found, Value) and found.expression is not expression:
            return text_of(sources, found.module, found.expression, steps - 1)
    return None


def _inner(value: ast.expr) -> ast.expr:
    return value.value if isinstance(value, ast.FormattedValue) else value
