"""Lists made into one ranking: by ranks, and by shares of each list's best score."""

from __future__ import annotations

import pytest

from nova.memory.fusion import blend, fuse


def test_what_two_lists_have_comes_before_what_one_has() -> None:
    """Ranks add up, equal ones stay in the order they came, and each row knows its places."""
    fused = fuse({"words": ["a", "b", "c"], "meaning": ["b", "d"]})
    assert [one.row for one in fused] == ["b", "a", "d", "c"]
    assert fused[0].ranks == {"words": 2, "meaning": 1}
    assert fused[0].score == pytest.approx(1 / 12 + 1 / 11)
    assert fuse({"words": [], "meaning": []}) == []


def test_a_clear_winner_keeps_its_lead() -> None:
    """A score counts as a share of its list's best, by the list's weight: a wide gap outweighs a narrow one."""
    lists = {"words": [("a", 20.0), ("b", 5.0)], "meaning": [("b", 0.52), ("a", 0.50)]}
    blended = blend(lists, {"meaning": 0.5}, {})
    assert [one.row for one in blended] == ["a", "b"]
    assert blended[0].score == pytest.approx(1 + 0.5 * 0.50 / 0.52)
    assert blended[0].ranks == {"words": 1, "meaning": 2}


def test_what_a_list_lacks_counts_as_nothing_or_as_its_last() -> None:
    """A row without a word of the request has none; one that is not among the nearest is about as near as the last."""
    lists = {"words": [("a", 10.0), ("b", 9.0)], "meaning": [("c", 0.6), ("b", 0.5)]}
    scores = {one.row: one.score for one in blend(lists, {}, {"meaning": True})}
    assert scores == pytest.approx({"a": 1 + 0.5 / 0.6, "b": 0.9 + 0.5 / 0.6, "c": 1.0})
    scores = {one.row: one.score for one in blend(lists, {}, {})}
    assert scores == pytest.approx({"a": 1.0, "b": 0.9 + 0.5 / 0.6, "c": 1.0})


def test_lists_without_scores_decide_nothing() -> None:
    """Empty lists, and lists whose best score is zero, neither fail nor move anything."""
    assert blend({"words": [], "meaning": []}, {}, {"meaning": True}) == []
    assert [one.row for one in blend({"words": [("a", 0.0)], "meaning": [("b", 0.4)]}, {}, {})] == ["b", "a"]
