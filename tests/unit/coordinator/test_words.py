"""Vague requests, small talk and follow-ups, by their words."""

from __future__ import annotations

import pytest

from nova.coordinator.followups import Bond, answer_to, bond
from nova.coordinator.vagueness import content_words, vague
from nova.core.routes import Asked, Reading, Thread

ASKED = Asked(
    text="fix it",
    readings=(Reading(agent="joiner", what="Plans furniture"), Reading(agent="diary", what="Plans the week")),
)
TALK = Thread(request="how many boards", agents=("store-keeper",))


@pytest.mark.parametrize(
    "text", ["check it", "fix this please", "what about that?", "invoices?", "mach das bitte", "the other one"]
)
def test_vague(text: str) -> None:
    """A request that names no subject, or one word only, is vague, and why is said."""
    assert vague(text, nearest=0.5)


@pytest.mark.parametrize(
    "text",
    ["Which invoices are unpaid?", "hello", "thanks a lot!", "guten Morgen", "make a cutting list for the chest"],
)
def test_clear(text: str) -> None:
    """A request with a subject is not vague, and neither is a greeting."""
    assert not vague(text, nearest=0.5)


def test_mere_subject() -> None:
    """A subject without a task is vague, unless an example shows that it is asked in just this way."""
    assert vague("the backup post for Friday", nearest=0.5)
    assert not vague("the backup post for Friday", nearest=0.85)
    assert not vague("which backup post goes out on Friday", nearest=0.5)


def test_near_an_example() -> None:
    """What is nearly an example is that example, however short."""
    assert not vague("invoices?", nearest=0.93)


def test_content_words() -> None:
    """Articles, politeness and verbs of all work say nothing about the subject."""
    assert content_words("could you please check the oak boards for me") == ("oak", "boards")


@pytest.mark.parametrize(
    ("text", "tight"),
    [
        ("yes", True),
        ("and the second one", True),
        ("why?", True),
        ("and in the other one?", True),
        ("how many oak boards are left", False),
    ],
)
def test_bond(text: str, tight: bool) -> None:
    """What means nothing by itself hangs tightly on the turn before; a whole question does not hang on it."""
    assert (bond(text, TALK) is Bond.TIGHT) == tight
    assert bond(text, Thread()) is Bond.NONE


@pytest.mark.parametrize(
    ("text", "agent"),
    [("1", "joiner"), ("2.", "diary"), ("option 2", "diary"), ("diary", "diary"), ("first", "joiner")],
)
def test_answers(text: str, agent: str) -> None:
    """A number, an ordinal or the agent's name answers a question back."""
    reading = answer_to(text, ASKED)
    assert reading is not None
    assert reading.agent == agent


@pytest.mark.parametrize("text", ["3", "0", "what do you mean", "12 boards", ""])
def test_no_answer(text: str) -> None:
    """A number out of range or other words answer nothing."""
    assert answer_to(text, ASKED) is None
    assert answer_to("1", None) is None


@pytest.mark.parametrize(
    ("text", "tight"),
    [
        ("and in the purchasing app?", True),
        ("and reading-explain-in-ten-minutes.md?", True),
        ("what about the other tenant?", True),
        ("und im Einkauf?", True),
        ("and write a mail to Bramholt about it", False),
        ("and which issues are open in the tracker?", False),
        ("the purchasing app", False),
    ],
)
def test_another_thing_without_a_task_goes_on_with_the_last_one(text: str, tight: bool) -> None:
    """“And in the other app?” means nothing alone, so it stays with who answered; a new order or question does not."""
    thread = Thread(request="which models are there?", agents=("erp-schema",))
    assert (bond(text, thread) is Bond.TIGHT) == tight
