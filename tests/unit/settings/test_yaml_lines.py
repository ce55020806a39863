"""YAML is read in its plain form, with the line of every key and item."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nova.core.errors import BadFiles
from nova.core.json import Json
from nova.settings.frontmatter import read_document
from nova.settings.yaml_lines import plain, read_yaml

TEXT = """\
name: one
list:
  - first
  - what: a
    who: b
flow: {x: 1,
  y: [2, 3]}
folded: >-
  two
  lines
"""


def test_every_key_and_item_has_its_line() -> None:
    """A path leads to the line on which its key or item was written."""
    read = read_yaml(TEXT, "a.yaml")
    assert read.value == {
        "name": "one",
        "list": ["first", {"what": "a", "who": "b"}],
        "flow": {"x": 1, "y": [2, 3]},
        "folded": "two lines",
    }
    lines = {
        (): 1, ("name",): 1, ("list",): 2, ("list", 0): 3, ("list", 1): 4, ("list", 1, "what"): 4,
        ("list", 1, "who"): 5, ("flow",): 6, ("flow", "x"): 6, ("flow", "y"): 7, ("flow", "y", 0): 7,
        ("flow", "y", 1): 7, ("folded",): 8,
    }  # fmt: skip
    assert read.lines == lines
    assert read.line(("list", 1, "missing", 3)) == 4


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"), ("on", "on"), ("No", "No"), ("true", True), ("FALSE", False), ("tRue", "tRue"),
        ("12", 12), ("-3", -3), ("007", "007"), ("1:30", "1:30"), ("1_000", "1_000"), ("0x1f", "0x1f"), ("1.50", 1.5),
        ("1e3", "1e3"), (".inf", ".inf"), ("2026-11-20", "2026-11-20"), ("9" * 30, "9" * 30), ("~", None), ("", None),
    ],
)  # fmt: skip
def test_plain_values(written: str, value: Json) -> None:
    """Values without quotes are what a person sees: no, on, dates and times of day stay text."""
    assert plain(written) == value
    assert type(plain(written)) is type(value)


@given(
    st.dictionaries(
        st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1),
        st.recursive(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)
            | st.booleans()
            | st.integers(-99, 99),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
            max_leaves=8,
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(deadline=None)
def test_what_is_written_is_read(value: dict[str, Json]) -> None:
    """Whatever a YAML writer writes with quotes around its text is read back as it was."""
    text = yaml.dump(value, default_style='"', allow_unicode=False, width=10_000)
    text = text.replace('!!bool "true"', "true").replace('!!bool "false"', "false")
    for number in range(-99, 100):
        text = text.replace(f'!!int "{number}"', str(number))
    assert read_yaml(text, "a.yaml").value == value


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor() -> None:
    """A file that would grow by references is refused before anything is expanded."""
    bomb = "a: &a [x, x]\n" + "".join(f"k{n}: &k{n} [*a, *a]\n" for n in range(30))
    with pytest.raises(BadFiles, match=r"a\.yaml:1: “&a” is a YAML anchor") as caught:
        read_yaml(bomb, "a.yaml")
    assert len(caught.value.problems) == 1


def test_a_well_of_brackets_ends_at_ten() -> None:
    """Deep nesting is a problem with a line, not an exhausted stack."""
    with pytest.raises(BadFiles, match=r"a\.yaml:2: This is nested deeper than 10 levels"):
        read_yaml("a: 1\nb: " + "[" * 100_000, "a.yaml")


def test_lines_count_from_the_top_of_the_file() -> None:
    """The front matter's lines are the file's lines, and the body is what follows the second fence."""
    document = read_document("---\nname: x\nlist:\n- a\n--- \n\nBody\n---\nmore\n", "a.md")
    assert document.front.lines == {(): 2, ("name",): 2, ("list",): 3, ("list", 0): 4}
    assert (document.body, document.body_line) == ("Body\n---\nmore", 6)


def test_all_problems_up_to_a_syntax_error_are_told() -> None:
    """A duplicate key does not hide the broken line below it."""
    with pytest.raises(BadFiles) as caught:
        read_yaml("a: 1\na: 2\nb: [1\nc: 3\n", "a.yaml")
    assert [str(problem) for problem in caught.value.problems] == [
        "a.yaml:2: The key “a” was already given in line 1. Keep one of the two.",
        "a.yaml:4: A list in brackets is not closed, or a comma is missing. Write [a, b].",
    ]
