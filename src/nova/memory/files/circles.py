"""Notes that take each other's place in a circle: neither can hold. Pure over ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nova.core.notes import Note


def newer_of(notes: Iterable[Note]) -> dict[str, set[str]]:
    """A note's id -> the notes that take its place, from both ends of each link."""
    newer: dict[str, set[str]] = {}
    for one in notes:
        for old in one.supersedes:
            newer.setdefault(old, set()).add(one.id)
        if one.superseded_by:
            newer.setdefault(one.id, set()).add(one.superseded_by)
    return newer


def circle(start: str, newer: Mapping[str, set[str]]) -> list[str]:
    """The other notes of a circle through `start`, nearest first; empty when there is none."""
    before: dict[str, str] = {}
    wave = [start]
    while wave:
        following: list[str] = []
        for one in wave:
            for other in sorted(newer.get(one, ())):
                if other == start:
                    return _way(before, start, one)
                if other not in before:
                    before[other] = one
                    following.append(other)
        wave = following
    return []


def _way(before: Mapping[str, str], start: str, end: str) -> list[str]:
    way: list[str] = []
    while end != start:
        way.append(end)
        end = before[end]
    return way[::-1]
