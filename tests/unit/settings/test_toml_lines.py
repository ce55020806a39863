"""TOML is read by the standard parser, and every key and item of it has its line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from tests.unit.settings.mutations import assert_located, mutated

from nova.core.errors import BadFiles
from nova.core.json import Json
from nova.settings.located import KeyPath
from nova.settings.toml_lines import read_toml

TEXT = r'''# a comment = 1
top = 1
dotted.key."with.dot" = "x # no comment"

[table]  # [not this]
text = """
line with ] and = and "quotes" ""
end"""
list = [
  "a",  # one
  { x = 1, y = [2,
      3] }, 'c ] d',
]
raw = \'\'\'
[nothing]
\'\'\'

[[items]]
name = "first"
[items.more]
deep = 1979-05-27T07:32:00Z
[[items]]
name = "second"
[[items.subs]]
n = +1_000.5
'''.replace("\\'", "'")


def paths(value: Json, path: KeyPath = ()) -> Iterator[KeyPath]:
    """The paths of all keys and items below `value`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield (*path, number)
            yield from paths(inner, (*path, number))


def test_every_key_and_item_has_its_line() -> None:
    """Dotted keys, tables in brackets and braces, arrays of tables and texts of many lines keep their lines."""
    read = read_toml(TEXT, "nova.toml")
    lines = {
        (): 1, ("top",): 2, ("dotted",): 3, ("dotted", "key"): 3, ("dotted", "key", "with.dot"): 3,
        ("table",): 5, ("table", "text"): 6, ("table", "list"): 9, ("table", "list", 0): 10, ("table", "list", 1): 11,
        ("table", "list", 1, "x"): 11, ("table", "list", 1, "y"): 11, ("table", "list", 1, "y", 0): 11,
        ("table", "list", 1, "y", 1): 12, ("table", "list", 2): 12, ("table", "raw"): 14,
        ("items",): 18, ("items", 0): 18, ("items", 0, "name"): 19, ("items", 0, "more"): 20,
        ("items", 0, "more", "deep"): 21, ("items", 1): 22, ("items", 1, "name"): 23,
        ("items", 1, "subs"): 24, ("items", 1, "subs", 0): 24,
        ("items", 1, "subs", 0, "n"): 25,
    }  # fmt: skip
    assert read.lines == lines


@given(mutated([TEXT.encode()]))
@settings(max_examples=300, deadline=None)
def test_whatever_the_parser_takes_the_scanner_finds(data: bytes) -> None:
    """Every path of a file that parses has a line of that file; every other file is refused with one."""
    with contextlib.suppress(UnicodeDecodeError):
        text = data.decode()
        try:
            read = read_toml(text, "nova.toml")
        except BadFiles as error:
            assert_located(error, "nova.toml", data)
        else:
            for path in paths(read.value):
                assert 1 <= read.lines[path] <= text.count("\n") + 1


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000, "b = 1\na = " + "9" * 5000])
def test_what_exhausts_the_parser_is_a_problem(text: str) -> None:
    """A thousand brackets and a number of 5,000 digits are refused like any mistake."""
    with pytest.raises(BadFiles) as caught:
        read_toml(text, "nova.toml")
    assert caught.value.problems[0].line == text.count("\n") + 1
