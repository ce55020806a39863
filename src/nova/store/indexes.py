"""The text index of the dialect at hand. Knows which leaf speaks for which database; refuses to know either's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlalchemy import Connection

from nova.core.labels import Scope
from nova.store import textindex, textindex_postgres
from nova.store.textindex import Row, TextIndex


class Leaf(Protocol):
    """What each dialect's text index can do; store.textindex says what each function promises."""

    def put(self, connection: Connection, index: TextIndex, rows: Iterable[Row], /) -> None:
        """New rows: (number, scope, words)."""

    def change(self, connection: Connection, index: TextIndex, rows: Iterable[Row], /) -> None:
        """Other words for rows that are there."""

    def remove(self, connection: Connection, index: TextIndex, numbers: Iterable[int], /) -> None:
        """Takes rows out."""

    def search(
        self, connection: Connection, scope: Scope, index: TextIndex, words: Sequence[str], count_max: int, /
    ) -> list[tuple[int, float]]:
        """The rows of these scopes with any of the words, best first."""
        ...

    def sound(self, connection: Connection, index: TextIndex, /) -> bool:
        """Whether the index agrees with itself."""
        ...

    def numbers(self, connection: Connection, index: TextIndex, /) -> set[int]:
        """The numbers of all rows in it."""
        ...

    def clear(self, connection: Connection, index: TextIndex, /) -> None:
        """Makes it anew and empty."""

    def scrub(self, connection: Connection, /) -> None:
        """Takes the last traces of removed rows out."""


def leaf(connection: Connection) -> Leaf:
    """The text index that belongs to this connection's database."""
    return textindex_postgres if connection.dialect.name == "postgresql" else textindex
