"""Whether what a binding gives does where it is put: each reference looked up, each type held against what is wanted.

Knows one plan's nodes and what they give; refuses to evaluate anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nova.core.plans import EVENT, INPUTS, ITEM, Binding, Fields, First, Items, Literal, Plan, Ref, Schema, Text
from nova.core.text import nearest, shorten
from nova.pipelines.fits import misfit, value_problems
from nova.pipelines.guards import NOWHERE, Guards, one_always_there
from nova.pipelines.notes import Notes
from nova.pipelines.types import (
    SCALAR,
    Found,
    alternatives,
    at,
    describe,
    either,
    kind_of,
    list_of,
    names,
    nullable,
    obj,
    object_of,
    without_null,
)
from nova.settings.located import KeyPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Where a binding stands. types, guards: what each node gives, and under what it is there.

    under: what holds when the binding is evaluated; item: the element's schema inside a map; event: in a trigger, what
    it is told; lax: what is not there is as good as a value (inside `first`, under `empty`).
    """

    plan: Plan
    types: Mapping[str, Schema]
    guards: Mapping[str, Guards]
    notes: Notes
    under: Guards = NOWHERE
    item: Schema | None = None
    event: Schema | None = None
    lax: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a reference leads to. why: why it may not be there, empty when it always is."""

    schema: Schema
    why: str = ""
    mend: str = ""
    guards: Guards | None = None


def hold(binding: Binding, wanted: Schema, place: KeyPath, here: Here) -> Schema:
    """The schema of what the binding gives, after every mismatch with `wanted` was noted at its own line."""
    match binding:
        case Literal(value):
            for below, said in value_problems(wanted, value):
                what = f"“{shorten(str((*place, *below)[-1]), 60)}” {said}."
                here.notes.add((*place, *below), what, "Write a value that fits.")
            return {"const": value}
        case Ref():
            return _ref(binding, wanted, place, here)
        case Text(parts):
            for part in parts:
                if isinstance(part, Ref):
                    _ref(part, SCALAR, place, replace(here, lax=False), "stands inside a text")
            _wants(binding, {"type": "string"}, wanted, place, here)
            return {"type": "string"}
        case Items(of):
            return _items(of, wanted, place, here)
        case Fields(of):
            return hold_fields(of, wanted, place, here)
        case First(of):
            return _first(of, wanted, place, here)


def hold_fields(of: Mapping[str, Binding], wanted: Schema, place: KeyPath, here: Here, whose: str = "") -> Schema:
    """The same for named bindings: missing and unknown names are noted. whose: `the tool find_text`, for sentences."""
    options = [one for one in alternatives(wanted) if kind_of(one) == "object"]
    if wanted and not options and kind_of(next(alternatives(wanted))):
        here.notes.add(place, f"This is an object, and {describe(wanted)} is wanted.", "Write a value that fits.")
    inner = options[0] if len(options) == 1 else {}
    properties = obj(inner.get("properties"))
    for name in of:
        if name not in properties and inner.get("additionalProperties") is False:
            here.notes.add((*place, name), *_unknown_name(name, properties, whose))
    for name in names(inner.get("required")):
        if name not in of:
            what = f"“{name}” is missing" + (f" for {whose}" if whose else "") + "."
            here.notes.add(place, what, f"Give it: {describe(obj(properties.get(name)))}.")
    found = {name: hold(one, obj(properties.get(name)), (*place, name), here) for name, one in of.items()}
    return object_of(found)


def _unknown_name(name: str, properties: Mapping[str, object], whose: str) -> tuple[str, str]:
    what = f"“{shorten(name, 60)}” is no name here." if not whose else f"There is no “{shorten(name, 60)}” at {whose}."
    if near := nearest(name, properties, 2):
        return what, f"Did you mean {' or '.join(near)}?"
    return what, f"Known: {', '.join(properties)}." if properties else "Delete it."


def _items(of: Sequence[Binding], wanted: Schema, place: KeyPath, here: Here) -> Schema:
    options = [one for one in alternatives(wanted) if kind_of(one) == "array"]
    if wanted and not options and kind_of(next(alternatives(wanted))):
        here.notes.add(place, f"This is a list, and {describe(wanted)} is wanted.", "Write a value that fits.")
    inner = obj(options[0].get("items")) if len(options) == 1 else {}
    return list_of(either([hold(one, inner, (*place, number), here) for number, one in enumerate(of)] or [{}]))


def _first(of: Sequence[Binding], wanted: Schema, place: KeyPath, here: Here) -> Schema:
    if not of:
        return {}
    inside = replace(here, lax=True)
    found = [_option(one, wanted, (*place, "first", number), inside) for number, one in enumerate(of)]
    if not here.lax and not _one_is_there(of, here):
        what = "It may be that none of these is there (null counts as not there)."
        here.notes.add((*place, "first"), what, "End the list with a fixed value, such as [] or an empty text.")
    return either(found)


def _option(one: Binding, wanted: Schema, place: KeyPath, inside: Here) -> Schema:
    """One of several. Null is not there, so none of them gives it."""
    if one == Literal(None):
        return {"enum": []}
    if not isinstance(one, Ref):
        return hold(one, wanted, place, inside)
    schema = without_null(hold(one, {}, place, inside))
    _wants(one, schema, wanted, place, inside)
    return schema


def _one_is_there(of: Sequence[Binding], here: Here) -> bool:
    guards: list[Guards] = []
    for one in of:
        if not isinstance(one, Ref):
            if one != Literal(None):
                return True
            continue
        look = look_up(one, here)
        if look is None:
            return True  # noted already, where it was looked up
        if look.guards is not None and not nullable(look.schema):
            guards.append(look.guards)
    return one_always_there(guards, here.under, here.plan.nodes)


def _ref(ref: Ref, wanted: Schema, place: KeyPath, here: Here, role: str = "") -> Schema:
    look = look_up(ref, here, place)
    if look is None:
        return {}
    if look.why and not here.lax:
        here.notes.add(place, f"{ref} may not be there: {look.why}.", look.mend)
    schema = without_null(look.schema) if here.lax and not wanted else look.schema
    _wants(ref, schema, wanted, place, here, role)
    return look.schema


def _wants(
    binding: Ref | Text | Binding, given: Schema, wanted: Schema, place: KeyPath, here: Here, role: str = ""
) -> None:
    said = misfit(given, wanted)
    if not said:
        return
    what = f"{binding} does not fit here: {said}." if isinstance(binding, Ref) else f"This does not fit: {said}."
    if role:
        what = f"{binding} {role}, and gives {describe(given)}."
        mend = "Name a field of it that is text, a number, or true or false."
    elif nullable(given) and not misfit(without_null(given), wanted):
        mend = "It may be nothing (null): write {first: [" + str(binding) + ", a value for want of it]}."
    else:
        mend = "Refer to a field that fits, or change what is declared where it comes from."
    here.notes.add(place, what, mend)


def look_up(ref: Ref, here: Here, place: KeyPath | None = None) -> Look | None:
    """What the reference leads to; None, noted at `place`, when it leads nowhere."""
    start = _start(ref, here, place)
    if start is None:
        return None
    found = at(start, ref.path)
    if not isinstance(found, Found):
        if place is not None:
            here.notes.add(place, f"{ref} leads nowhere: {found.what}.", found.mend)
        return None
    guards = here.guards.get(ref.node, NOWHERE) if ref.node in here.plan.nodes else NOWHERE
    if not guards.implied_by(here.under):
        mend = f"Write {{first: [{ref}, a value for want of it]}}, or walk this node under the same condition."
        if guards.lost:
            mend = f"Give “{ref.node}” an otherwise, or write {{first: [{ref}, a value for want of it]}}."
        return Look(schema=found.schema, why=guards.reason(), mend=mend, guards=guards if found.sure else None)
    if not found.sure:
        why = f"“{found.where}” may be missing in what it comes from"
        mend = f"Write {{first: [{ref}, a value for want of it]}}, or declare the field as required."
        return Look(schema=found.schema, why=why, mend=mend)
    return Look(schema=found.schema, guards=guards)


def _start(ref: Ref, here: Here, place: KeyPath | None) -> Schema | None:
    if ref.node == INPUTS:
        return object_of(dict(here.plan.inputs))
    if ref.node in here.plan.nodes:
        return here.types.get(ref.node, {})
    if ref.node == ITEM and here.item is not None:
        return here.item
    if ref.node == EVENT and here.event is not None:
        return here.event
    if place is not None:
        here.notes.add(place, *_unknown_node(ref, here))
    return None


def _unknown_node(ref: Ref, here: Here) -> tuple[str, str]:
    if ref.node == ITEM:
        return f"{ref} is only known inside the do of a map.", "Refer to ${node.output.items} for all that a map gave."
    if ref.node == EVENT:
        return f"{ref} is only known in a trigger.", "Make it an input, which the trigger gives under with."
    near = nearest(ref.node, here.plan.nodes, 2)
    mend = f"Did you mean {' or '.join(near)}?" if near else f"Known nodes: {', '.join(here.plan.nodes)}."
    return f"{ref} refers to a node that does not exist.", mend
