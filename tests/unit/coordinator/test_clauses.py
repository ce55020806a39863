"""Cutting requests at connectives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova.coordinator.clause_words import asks, points_back, subordinate
from nova.coordinator.clauses import SEGMENTS_MAX, Judged, best_split, cuts, segments

KNOWN = {"alpha": 0, "beta": 1, "gamma": 2}


def by_words(texts: Sequence[str]) -> Judged:
    """A judge that is sure of a text with one known word and torn between several."""
    rows: list[list[float]] = []
    for text in texts:
        hits = [float(word in text) for word in KNOWN]
        rows.append([(hit + 0.01) / (sum(hits) + 0.04) for hit in hits] + [0.01 / (sum(hits) + 0.04)])
    p = np.array(rows, np.float32)
    return Judged(probabilities=p, confidences=p.max(axis=1))


def parts(text: str) -> tuple[str, ...]:
    """The clauses that `best_split` finds."""
    split = best_split(text, by_words, by_words([text]).probabilities[0], 0.0)
    return split.texts if split is not None else ()


def test_two_agents() -> None:
    """Two requests joined by a connective are cut there, and the connective is gone."""
    for joint in (" and ", ", then ", ". Also, ", "; ", " und dann "):
        assert parts(f"show the alpha list of today{joint}write the beta report for me") == (
            "show the alpha list of today",
            "write the beta report for me",
        )


def test_one_agent() -> None:
    """Clauses that one agent would take stay together."""
    assert parts("show the alpha list and write the alpha report") == ()


def test_leaning_clause() -> None:
    """A clause that hangs on the one before speaks against the cut, an imperative for it."""

    def value(text: str) -> float:
        split = best_split(text, by_words, by_words([text]).probabilities[0], -np.inf)
        return split.value if split is not None else -np.inf

    assert value("show me the alpha list, because beta is late") + 1.0 < value(
        "show me the alpha list, write beta a letter"
    )


def test_three_agents() -> None:
    """Three requests become three parts."""
    found = parts("show the alpha list of today; write the beta report for me; then check the gamma numbers again")
    assert len(found) == 3


@given(
    st.text(alphabet="ab ,.;&\n", max_size=400)
    | st.lists(st.sampled_from(["a b", "and", ",", "; ", "then"])).map(" ".join)
)
def test_bounded(text: str) -> None:
    """However many commas a text has, no more than 28 clauses are read, and none is shorter than two words."""
    pieces = segments(text, cuts(text))
    assert len(pieces) <= SEGMENTS_MAX
    assert all(len(piece.split()) >= 2 and piece in text for piece in pieces.values())


def test_words_of_clauses() -> None:
    """Imperatives, questions and wishes are requests; pronouns point back; conjunctions hang on another clause."""
    assert all(
        asks(text) for text in ("show the list", "and then please write it", "what is due", "I need a plan", "zeig das")
    )
    assert not any(asks(text) for text in ("app by app", "the price lists arrive at noon", ""))
    assert points_back("write it down")
    assert not points_back("write the report")
    assert subordinate("because the lists are late")
    assert not subordinate("the lists are late")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("translate the blog post about cron and queues into French please", 0),
        ("which fields do tenants and branches share", 0),
        ("list the fields of Invoice and tell me which issues are open", 1),
        ("what does it cost und wie lange dauert es", 1),
        ("my card was stolen, and the tenants cannot log in", 1),
    ],
)
def test_a_plain_and_joins_nouns_unless_what_follows_asks(text: str, count: int) -> None:
    """“tenants and branches” is no place to cut; “... and tell me ...” is."""
    assert len(cuts(text)) == count
