"""Whom a request names: counted for who spoke, and not searched as a word."""

from __future__ import annotations

import pytest

from nova.memory.named import named, told, words_of

SPEAKERS = ("Caroline", "Ines Brandt", "May", "Will", "decisions", "owner")


@pytest.mark.parametrize(
    ("request_text", "names"),
    [
        ("When did Caroline go to the group?", ("Caroline",)),
        ("what did caroline's mother say", ("Caroline",)),
        ("Did Ines call, or Caroline?", ("Caroline", "Ines Brandt")),
        ("what did ines brandt want?", ("Ines Brandt",)),
        ("Which decisions does the owner have?", ()),
        ("will it be done in may?", ()),
        ("Will May come?", ("May", "Will")),
        ("Carolines of this world", ()),
        ("", ()),
    ],
)
def test_people_are_named_in_any_case_and_ordinary_words_are_nobody(request_text: str, names: tuple[str, ...]) -> None:
    """A name counts whole or by its first word; agents, the owner, months and verbs are not taken for people."""
    assert named(request_text, SPEAKERS) == names


def test_a_request_is_told_as_the_one_it_names_would_tell_it() -> None:
    """Names become the first person for the meaning, and leave the words that are searched."""
    request = "When did Caroline's brother visit Ines Brandt?"
    names = named(request, SPEAKERS)
    assert told(request, names) == "When did my brother visit I?"
    assert words_of(request, names) == ["brother", "visit"]
    assert told(request, ()) == request
    assert words_of(request, ()) == ["caroline", "brother", "visit", "ines", "brandt"]


def test_a_request_of_names_alone_is_searched_by_them() -> None:
    """Where nothing else is asked, the names are the words."""
    assert words_of("What did Caroline do?", ("Caroline",)) == ["caroline"]
