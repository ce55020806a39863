"""What a run is given fits what its plan asks for, or is refused with the name and the type of every input."""

from __future__ import annotations

import pytest
from tests.support.plans import KNOWN

from nova.core.errors import BadInput
from nova.core.json import Json
from nova.pipelines.fits import check_value
from nova.pipelines.inputs import check_inputs
from nova.pipelines.load import make_plan

PLAN = make_plan(
    {
        "id": "taker",
        "version": 1,
        "description": "Takes inputs.",
        "inputs": {
            "name": {"type": "string", "maxLength": 5},
            "number": {"type": "integer", "minimum": 1, "default": 3},
            "kind": {"enum": ["a", "b"], "default": "a"},
            "list": {"type": "array", "items": {"type": "number"}, "default": []},
            "more": {
                "type": "object", "properties": {"x": {"type": "boolean"}}, "required": ["x"],
                "additionalProperties": False, "default": {"x": True},
            },
        },
        "nodes": {"a": {"wait": 0}},
    },
    KNOWN,
)  # fmt: skip


def test_defaults_are_filled_in() -> None:
    """What has a default may be left out; every run gets a copy of its own."""
    first = check_inputs(PLAN, {"name": "Ada"})
    assert first == {"name": "Ada", "number": 3, "kind": "a", "list": [], "more": {"x": True}}
    assert isinstance(first["list"], list)
    first["list"].append(1)
    assert check_inputs(PLAN, {"name": "Ada"})["list"] == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "“name” is missing: text."),
        ({"name": 3}, "“name” is a whole number, and text is wanted."),
        ({"name": "Augusta"}, "“name” has more than 5 characters."),
        ({"name": "A", "number": "4"}, "“number” is text, and a whole number is wanted."),
        ({"name": "A", "number": True}, "“number” is true or false, and a whole number is wanted."),
        ({"name": "A", "number": 0}, "“number” is smaller than 1."),
        ({"name": "A", "kind": "c"}, "“kind” is “c”, and only one of “a”, “b” is taken."),
        ({"name": "A", "list": [1, "x"]}, "“list.1” is text, and a number is wanted."),
        ({"name": "A", "more": {}}, "“more” lacks its field “x”."),
        ({"name": "A", "more": {"x": True, "xx": 1}}, "“more” has a field “xx” that is not known (did you mean “x”?)."),
        ({"name": "A", "nmae": 1}, "There is no input “nmae”, did you mean “name”?"),
        ([], "must be an object, and are a list."),
    ],
)
def test_what_does_not_fit_is_named(given: Json, said: str) -> None:
    """The field, what it is, and what is wanted; beneath, all that the plan takes."""
    with pytest.raises(BadInput) as caught:
        check_inputs(PLAN, given)
    assert said in caught.value.what
    assert isinstance(given, list) or "number (a whole number, optional)" in caught.value.mend


def test_all_problems_are_said() -> None:
    """Not only the first."""
    with pytest.raises(BadInput) as caught:
        check_inputs(PLAN, {"number": "x", "kind": 3, "other": 1})
    assert caught.value.what.count("“") >= 4


def test_a_value_alone() -> None:
    """The same sentences for what an agent or an edit gives."""
    schema: dict[str, Json] = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}}
    assert check_value(schema, {"a": ["x"]}, "data") == ()
    assert check_value(schema, {"a": ["x", 1]}, "data") == ("“data.a.1” is a whole number, and text is wanted.",)
    assert check_value(schema, None, "data") == ("“data” is nothing (null), and an object is wanted.",)
