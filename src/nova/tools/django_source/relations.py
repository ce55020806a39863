"""Relations seen from both ends: names of reverse accessors as Django makes them. Pure over a Schema."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from nova.tools.django_source.names import text_of
from nova.tools.django_source.schema import Field, Model, Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverse:
    """The other end of a relation. accessor: the attribute on the target, empty when there is none."""

    accessor: str
    source: Model
    field: Field


def reverses(schema: Schema, target: Model) -> list[Reverse]:
    """Every relation that points at the model or at one it extends, with the accessor it gets there."""
    labels = {target.label, *ancestors(schema, target)}
    own = {target.label, *(target.parents if target.proxy else ())}
    found = [
        one
        for model in schema.concrete()
        for one in _from(schema, model, labels)
        if one.field.target in own or not _parent_link(one.field)
    ]
    return sorted(found, key=lambda one: (one.source.label, one.field.name))


def _parent_link(field: Field) -> bool:
    """The link of a child to its parent's row; grandchildren do not get its accessor."""
    option = field.declared.option("parent_link")
    return field.automatic or (isinstance(option, ast.Constant) and option.value is True)


def ancestors(schema: Schema, model: Model) -> set[str]:
    """Labels of all concrete models that the model extends; for a proxy, the model it stands for."""
    found: set[str] = set()
    waiting = list(model.parents)
    while waiting:
        label = waiting.pop()
        if label not in found:
            found.add(label)
            waiting.extend(schema.models[label].parents if label in schema.models else ())
    return found


def _from(schema: Schema, model: Model, labels: set[str]) -> Iterator[Reverse]:
    if model.proxy:
        return
    above = {
        one.name for label in ancestors(schema, model) if label in schema.models for one in schema.models[label].fields
    }
    for one in model.fields:
        if one.relation and one.target in labels and one.name not in above:
            yield Reverse(accessor=accessor(schema, model, one), source=model, field=one)


def holder(schema: Schema, model: Model, field: Field) -> Model:
    """The model whose table holds a field: the one that extends it only passes it on."""
    for label in model.parents:
        parent = schema.models.get(label)
        if parent is not None and any(one.name == field.name for one in parent.fields):
            return holder(schema, parent, field)
    return model


def accessor(schema: Schema, model: Model, field: Field) -> str:
    """The attribute that the relation gets on its target; empty for a hidden one.

    related_name with its placeholders, else Meta.default_related_name, else the model's name (one to one) or
    that and `_set`.
    """
    declared, sources = field.declared, schema.reading.sources
    option = declared.option("related_name")
    symmetrical = declared.option("symmetrical")
    one_way = isinstance(symmetrical, ast.Constant) and symmetrical.value is False
    to = declared.call.args[0] if declared.call and declared.call.args else declared.option("to")
    recursive = isinstance(to, ast.Constant) and to.value == "self"
    if declared.root == "ManyToManyField" and recursive and not one_way:
        return ""
    given = text_of(sources, declared.owner.module, option) if option is not None else None
    if given is None and (default := model.meta.get("default_related_name")) is not None:
        given = text_of(sources, default.owner.module, default.expression)
    if given is not None:
        name = model.name.lower()
        given = (
            given.replace("%(class)s", name).replace("%(model_name)s", name).replace("%(app_label)s", model.app.lower())
        )
        return "" if given.endswith("+") else given
    return model.name.lower() + ("" if declared.root == "OneToOneField" else "_set")
