"""Types as JSON Schemas: what lies in a field of one, and how a person says it. Refuses to say what fits (see fits).

Knows type, properties, items, enum, const, required, additionalProperties and anyOf; of anything else it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from nova.core.json import Json, dump
from nova.core.plans import Schema
from nova.core.text import nearest, shorten

ANYTHING: Schema = {}
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
LIST: Schema = {"type": "array"}
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
"""What may stand inside a text."""
_WORDS = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "array": "a list", "object": "an object", "null": "nothing (null)",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What lies at a path. sure: it is always there; where: the part of the path that may be missing."""

    schema: Schema
    sure: bool = True
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A path that leads nowhere: what is wrong with it, and how to mend it."""

    what: str
    mend: str


def obj(value: Json) -> dict[str, Json]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def names(value: Json) -> list[str]:
    """The texts of a list; none for anything else."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def object_of(fields: dict[str, Schema], required: Sequence[str] | None = None) -> Schema:
    """The schema of an object with these fields and no others, all required unless said otherwise."""
    properties = cast("dict[str, Json]", dict(fields))
    needed = cast("list[Json]", list(fields if required is None else required))
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def list_of(items: Schema) -> Schema:
    """The schema of a list of these."""
    return {"type": "array", "items": items}


def either(options: Sequence[Schema]) -> Schema:
    """The schema of what is one of these."""
    unique = {dump(one): one for one in options}
    if len(unique) == 1:
        return next(iter(unique.values()))
    return {"anyOf": cast("list[Json]", list(unique.values()))} if {} not in options else {}


def alternatives(schema: Schema) -> Iterator[Schema]:
    """The schema's alternatives, unions opened: anyOf, oneOf, and a list of types."""
    for key in ("anyOf", "oneOf"):
        if isinstance(options := schema.get(key), list) and options:
            for option in options:
                yield from alternatives(obj(option))
            return
    if isinstance(kinds := schema.get("type"), list):
        yield from ({**schema, "type": kind} for kind in kinds)
    elif isinstance(values := schema.get("enum"), list):
        yield from ({"const": value} for value in values)
    else:
        yield schema


def without_null(schema: Schema) -> Schema:
    """The schema without its alternative null."""
    kept = [one for one in alternatives(schema) if one.get("type") != "null" and one != {"const": None}]
    return either(kept) if kept else schema


def nullable(schema: Schema) -> bool:
    """Whether null is one of its alternatives."""
    return any(one.get("type") == "null" or one == {"const": None} for one in alternatives(schema))


def kind_of(schema: Schema) -> str:
    """The one JSON type of an alternative; empty for one that is not known."""
    if "const" in schema:
        return kind_of_value(schema["const"])
    kind = schema.get("type")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema else "array" if "items" in schema else ""


def kind_of_value(value: Json) -> str:
    """The JSON type of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def at(schema: Schema, path: Sequence[str]) -> Found | Lost:
    """What lies at `path` below a value of this schema."""
    found = Found(schema=schema)
    for part in path:
        below = _step(found.schema, part)
        if isinstance(below, Lost):
            return below
        missing = below.where or found.where
        found = Found(schema=below.schema, sure=found.sure and below.sure, where=missing)
    return found


def _step(schema: Schema, part: str) -> Found | Lost:
    options = list(alternatives(schema))
    steps = [_step_into(one, part) for one in options if one.get("type") != "null"]
    good = [one for one in steps if isinstance(one, Found)]
    if not good:
        lost = [one for one in steps if isinstance(one, Lost)]
        return lost[0] if lost else Lost(what=f"there is nothing that “{part}” could be a field of", mend="")
    sure = len(good) == len(options) and all(one.sure for one in good)
    return Found(schema=either([one.schema for one in good]), sure=sure, where="" if sure else part)


def _step_into(schema: Schema, part: str) -> Found | Lost:
    if "const" in schema:
        return _step_into_value(schema["const"], part)
    kind = kind_of(schema)
    if kind == "array":
        if part.isdigit():
            return Found(schema=obj(schema.get("items")), sure=False, where=part)
        return Lost(what=f"a list has no field “{part}”", mend="Write the number of an element (0 is the first).")
    if kind not in ("object", ""):
        return Lost(what=f"{_WORDS.get(kind, kind)} has no field “{part}”", mend="Leave it out.")
    return _field(schema, part)


def _step_into_value(value: Json, part: str) -> Found | Lost:
    if isinstance(value, dict) and part in value:
        return Found(schema={"const": value[part]})
    if isinstance(value, list) and part.isdigit() and int(part) < len(value):
        return Found(schema={"const": value[int(part)]})
    known = list(value) if isinstance(value, dict) else []
    return Lost(what=f"there is no field “{part}”", mend=_known(part, known))


def _field(schema: Schema, part: str) -> Found | Lost:
    properties = obj(schema.get("properties"))
    if part in properties:
        sure = part in names(schema.get("required"))
        return Found(schema=obj(properties[part]), sure=sure, where="" if sure else part)
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        return Found(schema=more, sure=False, where=part)
    if more is True or (not properties and more is not False):
        return Found(schema={})
    return Lost(what=f"there is no field “{part}”", mend=_known(part, list(properties)))


def _known(part: str, known: Sequence[str]) -> str:
    if near := nearest(part, known, 2):
        return f"Did you mean {' or '.join(near)}?"
    return f"Its fields: {', '.join(known)}." if known else ""


def widened(schema: Schema) -> Schema:
    """The type of what a fixed value may be changed to: of a text any text, of an object one with the same fields."""
    if "const" not in schema:
        return schema
    value = schema["const"]
    if isinstance(value, dict):
        return object_of({key: widened({"const": one}) for key, one in value.items()})
    return {"type": kind_of_value(value)}


def describe(schema: Schema) -> str:
    """The type in words: `text`, `a list of whole numbers` is `a list (a whole number)`, `text or nothing`."""
    if isinstance(values := schema.get("enum"), list):
        return f"one of {', '.join(shorten(_shown(one), 40) for one in values[:12])}"
    options = list(alternatives(schema))
    if len(options) > 1:
        words = list(dict.fromkeys(describe(one) for one in options))
        return " or ".join(words[:6])
    one = options[0]
    if "const" in one:
        return shorten(_shown(one["const"]), 60)
    kind = kind_of(one)
    inner = obj(one.get("items"))
    if kind == "array" and inner:
        return f"a list ({describe(inner)})"
    return _WORDS.get(kind, "anything")


def _shown(value: Json) -> str:
    return f"“{value}”" if isinstance(value, str) else dump(value)
