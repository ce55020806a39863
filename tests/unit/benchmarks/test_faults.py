"""The judge of killed runs: it finds nothing in a history that is right, and each wrong that is planted in one."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.faults.verdict import Expected, Life, Verdict, judged
from benchmarks.faults.world import Line, What, World

A, B = ("r1", "a"), ("r1", "b")
EXPECTED = Expected(steps={A: frozenset(), B: frozenset({A})}, effects=frozenset({A, B}))
DONE = {"r1": "done"}


def began(path: str) -> Line:
    """A step of r1 is entered."""
    return Line(What.BEGAN, "r1", path, "", 0.0, 1)


def acted(path: str, key: str = "") -> Line:
    """A step of r1 acts."""
    return Line(What.ACTED, "r1", path, key or path, 0.0, 1)


KILLED_IN_B = Life(settled={A: "1"}, seen=[began("a"), acted("a"), began("b"), acted("b")])
RESUMED = Life(settled={A: "1", B: "2"}, seen=[began("b")])


def test_a_step_in_flight_may_be_entered_again() -> None:
    """Killed in the second step and taken up: clean, and one step was in flight."""
    found = judged(EXPECTED, [KILLED_IN_B, RESUMED], DONE)
    assert found.clean
    assert found == Verdict(in_flight=1)


@pytest.mark.parametrize(
    ("lives", "states", "wrong"),
    [
        ([KILLED_IN_B, Life(settled={A: "1", B: "2"}, seen=[began("a"), began("b")])], DONE, "repeated"),
        ([KILLED_IN_B, Life(settled={A: "1", B: "2"}, seen=[began("b"), acted("b", "new")])], DONE, "duplicated"),
        ([KILLED_IN_B, Life(settled={A: "other", B: "2"}, seen=[began("b")])], DONE, "lost"),
        ([KILLED_IN_B, Life(settled={A: "1"}, seen=[began("b")])], DONE, "lost"),
        ([Life(settled={}, seen=[began("a"), acted("a"), began("b"), acted("b")]), RESUMED], DONE, "lost"),
        ([Life(settled={A: "1"}, seen=[began("a"), began("b"), acted("b")]), RESUMED], DONE, "missing"),
        ([KILLED_IN_B, RESUMED], {"r1": "running"}, "unfinished"),
    ],
)
def test_each_wrong_is_seen(lives: list[Life], states: dict[str, str], wrong: str) -> None:
    """A history with one wrong in it is found guilty of it."""
    found = judged(EXPECTED, lives, states)
    assert not found.clean
    assert getattr(found, wrong) == 1


def test_the_world_does_nothing_twice_for_one_key(tmp_path: Path) -> None:
    """The second request with a key is answered without an effect, also by another process's view of the file."""
    assert World(tmp_path).act("r1", "a", "k1")
    assert not World(tmp_path).act("r1", "a", "k1")
    assert World(tmp_path).act("r1", "a", "k2")
    assert [line.what for line in World(tmp_path).lines()] == [What.ACTED, What.KNOWN, What.ACTED]


def test_who_might_die_is_asked_before_and_after_an_effect(tmp_path: Path) -> None:
    """There is a moment in which the effect is in the world and nobody has been told."""
    moments: list[tuple[str, int]] = []
    world = World(tmp_path, lambda said: moments.append((said, len(World(tmp_path).lines()))))
    world.act("r1", "a", "k1")
    assert moments == [("before the effect", 0), ("after the effect", 1)]
