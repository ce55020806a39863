"""Fields, Meta and choices as short lines for people and models. Knows wording; refuses to know how they were read."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nova.core.citations import Citation
from nova.core.text import shorten
from nova.tools.django_source.declared import Declared
from nova.tools.django_source.modules import assigned, statements
from nova.tools.django_source.names import Class, Value, meaning
from nova.tools.django_source.schema import Field, Model, Schema
from nova.tools.spec import ResultLine

_FIRST = ("primary_key", "unique", "db_index", "null", "blank", "max_length", "max_digits", "decimal_places", "default")
_LISTS = ("constraints", "indexes", "unique_together", "index_together", "permissions")
_POSITIONAL = {"ForeignKey": ("to", "on_delete"), "OneToOneField": ("to", "on_delete"), "ManyToManyField": ("to",)}
CHOICES_SHOWN = 30


def place(owner: Class, line: int) -> Citation | None:
    """Where something is written; None when that is in a library, outside the project."""
    return Citation(path=owner.module.path, line=line) if owner.module.path else None


def field_line(schema: Schema, field: Field) -> ResultLine:
    """`number: CharField, max_length=20, unique (from Party)`."""
    one = field.declared
    kind = one.kind if one.kind == one.root else f"{one.kind} (a {one.root})"
    to = f" to {field.target}" if field.target else ""
    through = f" through {field.through}" if field.through else ""
    options = "".join(f", {option}" for option in options_of(schema, one))
    source = "" if not field.inherited else f" (inherited from {one.owner.node.name})"
    if field.automatic:
        source = " (added by Django)"
        options = ", primary key" if one.name == "id" else ", link to the parent's row"
    if field.inherited and not one.owner.module.path:
        source = f" (inherited from {one.owner.dotted})"
    return ResultLine(text=f"{one.name}: {kind}{to}{through}{options}{source}", citation=place(one.owner, one.line))


def options_of(schema: Schema, one: Declared) -> Iterator[str]:
    """The options in force, the telling ones first; flags that are True by their name alone."""
    if one.call is None:
        return
    positional = dict(zip(_POSITIONAL.get(one.root, ("verbose_name",)), one.call.args, strict=False))
    merged = {**one.forced, **positional, **{word.arg: word.value for word in one.call.keywords if word.arg}}
    for key in [*(key for key in _FIRST if key in merged), *(key for key in merged if key not in _FIRST)]:
        if key not in {"to", "through", "verbose_name", "parent_link"}:
            yield _option(schema, one, key, merged[key])


def _option(schema: Schema, one: Declared, key: str, value: ast.expr) -> str:
    if isinstance(value, ast.Constant) and isinstance(value.value, bool):
        return key if value.value else f"{key}=False"
    if key == "choices" and (listed := choices(schema, one.owner, value)):
        shown = ", ".join(listed[:CHOICES_SHOWN]) + (", …" if len(listed) > CHOICES_SHOWN else "")
        return f"choices {shorten(ast.unparse(value), 60)}: {shown}"
    text = shorten(ast.unparse(value), 160)
    return f"{key}={text.removeprefix('models.') if key == 'on_delete' else text}"


def choices(schema: Schema, owner: Class, value: ast.expr, depth: int = 4) -> list[str]:
    """The stored values of a `choices=`: members of a Choices class, or the first halves of pairs."""
    sources = schema.reading.sources
    if isinstance(value, ast.Attribute) and value.attr == "choices":
        value = value.value
    if isinstance(value, ast.Call) and depth:
        return [one for argument in value.args[:1] for one in choices(schema, owner, argument, depth - 1)]
    if isinstance(value, ast.List | ast.Tuple):
        pairs = (pair.elts[0] for pair in value.elts if isinstance(pair, ast.Tuple | ast.List) and pair.elts)
        return [_literal(schema, owner, one) for one in pairs]
    found = meaning(sources, owner.module, value, owner) if isinstance(value, ast.Name | ast.Attribute) else None
    if isinstance(found, Class):
        return [
            _member(expression)
            for statement, _, _ in statements(found.node.body)
            for _, expression in assigned(statement)
        ]
    if isinstance(found, Value) and found.expression is not value and depth:
        return choices(schema, owner, found.expression, depth - 1)
    return []


def _member(expression: ast.expr) -> str:
    first = expression.elts[0] if isinstance(expression, ast.Tuple) and expression.elts else expression
    return str(first.value) if isinstance(first, ast.Constant) else shorten(ast.unparse(first), 40)


def _literal(schema: Schema, owner: Class, expression: ast.expr) -> str:
    if isinstance(expression, ast.Name | ast.Attribute):
        found = meaning(schema.reading.sources, owner.module, expression, owner)
        expression = found.expression if isinstance(found, Value) else expression
    return _member(expression)


def meta_lines(model: Model) -> Iterator[ResultLine]:
    """Meta's options, each constraint and index on a line of its own."""
    for key, option in model.meta.items():
        if key in {"abstract", "app_label"}:
            continue
        parts = option.expression.elts if isinstance(option.expression, ast.List | ast.Tuple) and key in _LISTS else []
        for part in parts:
            text = f"Meta {key}: {shorten(ast.unparse(part), 300)}"
            yield ResultLine(text=text, citation=place(option.owner, part.lineno))
        if not parts:
            text = f"Meta {key}: {shorten(ast.unparse(option.expression), 300)}"
            yield ResultLine(text=text, citation=place(option.owner, option.expression.lineno))


def manager_lines(model: Model) -> Iterator[ResultLine]:
    """The managers by name."""
    for name, text, line, owner in model.managers:
        yield ResultLine(text=f"manager {name}: {text}", citation=place(owner, line))


def doc_of(model: Model) -> str:
    """The first sentence of the class's docstring, short; empty without one."""
    lines = (ast.get_docstring(model.cls.node) or "").strip().split("\n\n")
    return shorten(lines[0], 120)
