"""`${node.output.field}` in text is read as it is meant, and written back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova.core.errors import BadInput
from nova.core.json import Json
from nova.core.plans import Binding, Fields, First, Items, Literal, Ref, Text
from nova.pipelines.references import parse_binding, parse_ref, written

READ: list[tuple[Json, Binding]] = [
    ("plain", Literal("plain")),
    (3, Literal(3)),
    (None, Literal(None)),
    ("${inputs.issue}", Ref("inputs", ("issue",))),
    ("${ inputs.issue }", Ref("inputs", ("issue",))),
    ("${inputs}", Ref("inputs")),
    ("${read.output}", Ref("read")),
    ("${read.output.lines.0}", Ref("read", ("lines", "0"))),
    ("${item}", Ref("item")),
    ("${event.number}", Ref("event", ("number",))),
    ("a ${item} b", Text(("a ", Ref("item"), " b"))),
    ("${item}${item.x}", Text((Ref("item"), Ref("item", ("x",))))),
    ("costs $5, $${x} and $", Literal("costs $5, ${x} and $")),
    ("$${x} ${item}", Text(("${x} ", Ref("item")))),
    (["a", "${item}"], Items((Literal("a"), Ref("item")))),
    (["a", 1], Literal(["a", 1])),
    ({"a": {"b": "${item}"}, "c": 1}, Fields({"a": Fields({"b": Ref("item")}), "c": Literal(1)})),
    ({"a": {"b": "x"}}, Literal({"a": {"b": "x"}})),
    ({"first": ["${item.a}", []]}, First((Ref("item", ("a",)), Literal([])))),
    ({"first": "one"}, Literal({"first": "one"})),
]


@pytest.mark.parametrize(("value", "binding"), READ)
def test_what_is_written_is_what_is_meant(value: Json, binding: Binding) -> None:
    """A reference alone keeps its type, one among words is text, and whatever holds none is a fixed value."""
    assert parse_binding(value) == binding
    assert parse_binding(written(binding)) == binding


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("read.lines", "Write ${read.output.lines} for what the node “read” gives."),
        ("read", "Write ${read.output}"),
        ("input.issue", "Did you mean ${inputs.issue}?"),
        ("", "Write ${node.output.field}"),
        ("a..b", "Write ${node.output.field}"),
        ("a.output[0]", "Write ${node.output.field}"),
    ],
)
def test_what_is_no_reference(text: str, mend: str) -> None:
    """Each is refused with the way to write it."""
    with pytest.raises(BadInput) as caught:
        parse_ref(text)
    assert mend in caught.value.mend


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-9, 9)
        | st.text(max_size=8)
        | st.sampled_from(["$${a}", "x ${item} y"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
        max_leaves=8,
    )
)
def test_any_value_is_read_or_refused(value: Json) -> None:
    """No value breaks the reading, and what was read is written back as it was."""
    try:
        binding = parse_binding(value)
    except BadInput:
        return
    assert parse_binding(written(binding)) == binding
