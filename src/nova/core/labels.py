"""Scope and label: whose text this is, and whether it may be believed. Pure values, joined, never loosened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

HOME = "home"


@dataclass(frozen=True, slots=True)
class Scope:
    """The wall around a project's data: which scopes may be read, and the one that is written to.

    Every function of the store takes one. `own` is always among `names`.
    """

    own: str
    names: frozenset[str]

    @staticmethod
    def of(name: str) -> Scope:
        """One project's scope and nothing else."""
        return Scope(own=name, names=frozenset({name}))

    @staticmethod
    def owner(names: Iterable[str]) -> Scope:
        """What the owner himself may list: the home and all his projects. Never put before a model."""
        return Scope(own=HOME, names=frozenset({HOME, *names}))

    def __post_init__(self) -> None:
        if self.own not in self.names:
            raise ValueError(f"a scope must contain its own name: {self.own!r} is not in {sorted(self.names)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Confidentiality (the scopes the text came from) and integrity (written by the owner or his files, or not)."""

    scopes: frozenset[str] = frozenset()
    trusted: bool = True

    def join(self, other: Label) -> Label:
        """The label of a text made from both: all scopes of either, trusted only if both are."""
        return Label(scopes=self.scopes | other.scopes, trusted=self.trusted and other.trusted)


def write_label(label: Label) -> str:
    """One line for a database column: `trusted airep home`."""
    return " ".join(["trusted" if label.trusted else "untrusted", *sorted(label.scopes)])


@lru_cache(maxsize=4_096)
def read_label(text: str) -> Label:
    """The label written by `write_label`."""
    head, *scopes = text.split()
    return Label(scopes=frozenset(scopes), trusted=head == "trusted")
