"""What a binding is worth at a moment: references looked up, words put together, conditions decided. Pure.

Knows values; refuses to check types, which loading has done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from nova.core import json
from nova.core.errors import WrongShape
from nova.core.json import Json
from nova.core.plans import (
    INPUTS,
    ITEM,
    Binding,
    Condition,
    Fields,
    First,
    Items,
    Literal,
    Node,
    Ref,
    Test,
    Text,
    refs_of,
)


class Absent:
    """The value of what is not there: a node that was left out, an optional field that was not given."""


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a binding can see: the plan's inputs, the outputs of settled nodes, and the element a map is at."""

    inputs: Mapping[str, Json]
    outputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    item: Json | Absent = ABSENT


def value_of(binding: Binding, view: View) -> Json | Absent:
    """The value, or ABSENT when what it refers to is not there."""
    match binding:
        case Literal(value):
            return value
        case Ref():
            return _looked_up(binding, view)
        case Text(parts):
            return "".join(part if isinstance(part, str) else _spoken(_looked_up(part, view)) for part in parts)
        case Items(of):
            found = [value_of(one, view) for one in of]
            return [one for one in found if not isinstance(one, Absent)]
        case Fields(of):
            fields = {name: value_of(one, view) for name, one in of.items()}
            return {name: one for name, one in fields.items() if not isinstance(one, Absent)}
        case First(of):
            found = (value_of(one, view) for one in of)
            return next((one for one in found if not isinstance(one, Absent) and one is not None), ABSENT)


def given_of(given: Mapping[str, Binding], view: View) -> dict[str, Json]:
    """The named inputs of a node; what is absent is left out."""
    found = {name: value_of(binding, view) for name, binding in given.items()}
    return {name: value for name, value in found.items() if not isinstance(value, Absent)}


def holds(condition: Condition, view: View) -> bool:
    """Whether a condition holds. What is not there is empty, and equal to nothing."""
    value = value_of(condition.value, view)
    match condition.test:
        case Test.EMPTY:
            empty = isinstance(value, Absent) or value in (None, "", [], {})
            return empty is bool(condition.to)
        case Test.IS:
            return _same(value, condition.to)
        case Test.IS_NOT:
            return not _same(value, condition.to)
        case Test.IN:
            return any(_same(value, one) for one in cast("list[Json]", condition.to))
        case Test.CONTAINS:
            return _contains(value, condition.to)
        case Test.LESS:
            return _number(value, condition) < _number(condition.to, condition)
        case Test.MORE:
            return _number(value, condition) > _number(condition.to, condition)


def needed(node: Node) -> frozenset[str]:
    """The nodes without whose output this one has no sense: those it refers to outside of a `first`."""
    return frozenset(ref.node for ref in _hard(node)) - {INPUTS, ITEM}


def _hard(node: Node) -> Iterator[Ref]:
    inner = node.each
    bindings = [node.task, node.over, node.seconds, node.question, *node.given.values()]
    if inner is not None:
        bindings += [inner.task, inner.over, inner.seconds, inner.question, *inner.given.values()]
    for binding in bindings:
        yield from _hard_refs(binding)


def _hard_refs(binding: Binding | None) -> Iterator[Ref]:
    match binding:
        case First() | None:
            return
        case Items(of):
            for one in of:
                yield from _hard_refs(one)
        case Fields(of):
            for one in of.values():
                yield from _hard_refs(one)
        case Ref() | Text() | Literal():
            yield from refs_of(binding)


def _looked_up(ref: Ref, view: View) -> Json | Absent:
    if ref.node == ITEM:
        value: Json | Absent = view.item
    elif ref.node == INPUTS:
        value = cast("dict[str, Json]", view.inputs)
    else:
        value = view.outputs.get(ref.node, ABSENT)
    for name in ref.path:
        if isinstance(value, dict):
            value = value.get(name, ABSENT)
        elif isinstance(value, list) and name.isdigit():
            value = value[int(name)] if int(name) < len(value) else ABSENT
        else:
            return ABSENT
    return value


def _spoken(value: Json | Absent) -> str:
    if isinstance(value, Absent) or value is None:
        return ""
    return value if isinstance(value, str) else json.dump(value)


def _same(value: Json | Absent, other: Json) -> bool:
    """Equal, and of the same kind: 1 is not true."""
    return (type(value) is type(other) or _both_numbers(value, other)) and value == other


def _both_numbers(value: Json | Absent, other: Json) -> bool:
    return all(isinstance(one, int | float) and not isinstance(one, bool) for one in (value, other))


def _contains(value: Json | Absent, other: Json) -> bool:
    if isinstance(value, str):
        return isinstance(other, str) and other.casefold() in value.casefold()
    return isinstance(value, list) and any(_same(one, other) for one in value)


def _number(value: Json | Absent, condition: Condition) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        shown = "what is not there" if isinstance(value, Absent) else json.dump(value)
        raise WrongShape(f"{condition.test.value} compares numbers, and {shown} is none.")
    return float(value)
