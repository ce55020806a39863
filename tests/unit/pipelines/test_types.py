"""One schema fits another when whatever the first allows, the second takes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from nova.core.json import Json
from nova.core.plans import Schema
from nova.pipelines.fits import misfit
from nova.pipelines.types import Found, at, describe

_LEAVES: list[Schema] = [
    {"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"},
    {"enum": ["a", 1]}, {"const": "a"}, {"type": ["string", "null"]}, {"const": [1]}, {"const": {"x": 1}},
]  # fmt: skip


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _union(options: list[Schema]) -> Schema:
    return {"anyOf": [*options]}


def _object(fields: dict[str, Schema], required: bool) -> Schema:
    needed: list[Json] = [*sorted(fields)] if required else []
    return {"type": "object", "properties": {**fields}, "required": needed, "additionalProperties": False}


def _wider(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    fields = st.dictionaries(st.sampled_from("xy"), inner, max_size=2)
    unions = st.lists(inner, min_size=1, max_size=2).map(_union)
    return inner.map(_list) | unions | st.builds(_object, fields, st.booleans())


SCHEMAS: st.SearchStrategy[Schema] = st.recursive(st.sampled_from(_LEAVES), _wider, max_leaves=4)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.sampled_from(["a", "b", 1, 1.5, True, None]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xy"), inner, max_size=2),
    max_leaves=4,
)


_LEAF_VALUES: list[Json] = ["a", "b", 1, 1.5, True, None, [], {}, [1], [1.5], ["a"], [None]]
ALWAYS: list[Json] = [
    *_LEAF_VALUES, *({"x": one} for one in _LEAF_VALUES), {"x": "a", "y": "a"}, {"x": 1.5, "y": 1}, [{}], [["a"]],
]  # fmt: skip


@given(SCHEMAS, SCHEMAS, st.lists(VALUES, max_size=8))
@settings(max_examples=300, deadline=None)
def test_what_fits_is_taken(given_: Schema, wanted: Schema, values: list[Json]) -> None:
    """No value of a schema that fits is refused by the one it fits into: what loading lets pass does not fail later."""
    if misfit(given_, wanted):
        return
    for value in [*ALWAYS, *values]:
        if Draft202012Validator(given_).is_valid(value):  # pyright: ignore[reportUnknownMemberType]
            assert Draft202012Validator(wanted).is_valid(value), (given_, wanted, value)  # pyright: ignore[reportUnknownMemberType]


@pytest.mark.parametrize(
    ("have", "want", "said"),
    [
        ({"type": "integer"}, {"type": "number"}, ""),
        ({"type": "number"}, {"type": "integer"}, "a whole number is wanted"),
        ({"type": "string"}, {"enum": ["a"]}, "it gives text, and only “a” is taken"),
        ({"type": "string"}, {"enum": ["a", "b"]}, "it gives text, and one of “a”, “b” is wanted"),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, ""),
        ({"type": ["string", "null"]}, {"type": "string"}, "nothing (null)"),
        (_object({"x": {"type": "string"}}, False), _object({"x": {"type": "string"}}, True), "“x” may be missing"),
        (_object({}, False), _object({"x": {"type": "string"}}, True), "“x” is missing"),
        (_object({"y": {"type": "string"}}, True), _object({}, False), "“y” is not taken"),
        ({"type": "object"}, _object({"x": {"type": "string"}}, True), ""),
        (_list({"type": "number"}), _list({"type": "integer"}), "in its elements"),
        ({}, {"type": "string"}, ""),
    ],
)
def test_what_does_not_fit_is_said(have: Schema, want: Schema, said: str) -> None:
    """The reason names the field and both types; what nothing is known of may fit."""
    found = misfit(have, want)
    assert said in found
    assert bool(said) == bool(found)


@given(SCHEMAS)
def test_a_schema_fits_itself(schema: Schema) -> None:
    """Nothing is refused for being what was asked for."""
    assert misfit(schema, schema) == ""


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "anything"),
        ({"type": "array", "items": {"type": "integer"}}, "a list (a whole number)"),
        ({"type": ["string", "null"]}, "text or nothing (null)"),
        ({"enum": ["a", 2]}, "one of “a”, 2"),
        ({"anyOf": [{"type": "boolean"}, {"type": "object"}]}, "true or false or an object"),
    ],
)
def test_types_in_words(schema: Schema, words: str) -> None:
    """A type is said as a person says it."""
    assert describe(schema) == words


def test_fields_of_unions() -> None:
    """A field of one of two alternatives may be missing; one of both is there."""
    one: Schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    two: Schema = {**one, "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}
    both = at({"anyOf": [one, two]}, ["a"])
    assert both == Found(schema={"anyOf": [{"type": "string"}, {"type": "integer"}]})
    half = at({"anyOf": [one, two]}, ["b"])
    assert isinstance(half, Found)
    assert not half.sure
