"""What a person reads of a pipeline's outputs: what says something, in order; the rest is for programs."""

from __future__ import annotations

import pytest

from nova.core.json import Json
from nova.pipelines.wording import LINES_MAX, text_of


def test_what_is_empty_or_false_is_no_line() -> None:
    """Outputs of steps that were left out say nothing to a person; a zero is a count and stays."""
    output: Json = {"diff": "", "passed": False, "branch": None, "places": [], "data": {}, "blank": " \n", "failed": 0}
    assert text_of(output) == "failed: 0"


def test_the_sentence_stands_first_and_once() -> None:
    """The output `text` begins the answer, wherever it is declared; the others follow."""
    assert text_of({"title": "Rounding", "text": "Issue #1 is closed.\n"}) == "Issue #1 is closed.\n\ntitle: Rounding"
    assert text_of({"text": "", "title": "Rounding"}) == "title: Rounding"


SAID: list[tuple[Json, str]] = [
    (["one", "two"], "out:\n- one\n- two"),
    ([{"headline": "6 pages.", "lines": []}], "out:\n- 6 pages."),
    ([{"path": "a.py"}, {"path": "b.py"}], "out: 2"),
    ({"a": 1}, "out: 1 field"),
    (True, "out: yes"),
    (2.5, "out: 2.5"),
    ("a\nb", "out:\na\nb"),
]


@pytest.mark.parametrize(("value", "said"), SAID)
def test_a_value_is_words_or_a_number(value: Json, said: str) -> None:
    """Texts and headlines are listed, objects are counted, true is yes."""
    assert text_of({"out": value}) == said


def test_a_long_list_is_cut_and_says_so() -> None:
    """No more lines than a person reads, and how many there are beyond them."""
    rows = text_of({"out": [f"line {number}" for number in range(100)]}).splitlines()
    assert len(rows) == LINES_MAX + 2
    assert rows[-1] == f"- … and {100 - LINES_MAX} more"


@pytest.mark.parametrize(("output", "said"), [({}, "Done."), ("Words.", "Words."), ([1], "[1]"), ({"a": ""}, "Done.")])
def test_outputs_that_are_none_or_no_object_are_said(output: Json, said: str) -> None:
    """There is always an answer in words."""
    assert text_of(output) == said
