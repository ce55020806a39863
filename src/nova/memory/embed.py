"""Reads into vectors what has none of the present encoder yet: after an import, or after the encoder was changed.

Small transactions, oldest rows first: it can be stopped at any point and goes on where it was. Meanwhile everything
is found by its words, and what is read already by its meaning as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from nova.core.labels import Scope
from nova.store import episodes, notes
from nova.store.database import Connection
from nova.store.episodes import Vector

if TYPE_CHECKING:
    from nova.memory.tiers import Memory

BATCH_ROWS = 64
CATCH_UP_ROWS = 96  # what a recall reads at most on the way: about a second


class _Rows(Protocol):
    """A table whose rows carry vectors: store.episodes and store.notes."""

    def without_vector(
        self, connection: Connection, scope: Scope, encoder: str, count_max: int, /
    ) -> list[tuple[int, str]]: ...

    def count_without_vector(self, connection: Connection, scope: Scope, encoder: str, /) -> int: ...

    def set_vectors(self, connection: Connection, scope: Scope, vectors: dict[int, Vector], /) -> None: ...


def waiting(memory: Memory, scope: Scope) -> int:
    """How many rows of these scopes the present encoder has not read; 0 without an encoder."""
    if memory.encoder is None:
        return 0
    with memory.database.read() as connection:
        return sum(rows.count_without_vector(connection, scope, memory.encoder_name) for rows in _tables())


def embed(
    memory: Memory, scope: Scope, *, rows_max: int = 10_000_000, told: Callable[[int], None] = lambda _: None
) -> int:
    """Reads up to `rows_max` rows of these scopes; how many it read. told: called with the count after each batch."""
    done = 0
    for name in sorted(scope.names):
        for rows in _tables():
            done += _embed(
                memory, Scope.of(name), rows, rows_max - done, lambda count, before=done: told(before + count)
            )
    return done


def _tables() -> tuple[_Rows, _Rows]:
    return episodes, notes


def _embed(memory: Memory, scope: Scope, rows: _Rows, rows_max: int, told: Callable[[int], None]) -> int:
    done = 0
    while done < rows_max and memory.encoder is not None:
        with memory.database.read() as connection:
            batch = rows.without_vector(connection, scope, memory.encoder_name, min(BATCH_ROWS, rows_max - done))
        if not batch:
            break
        vectors = memory.vectors([words for _, words in batch])
        found = {seq: vector for (seq, _), vector in zip(batch, vectors, strict=True) if vector is not None}
        with memory.database.write() as connection:
            rows.set_vectors(connection, scope, found)
        done += len(batch)
        told(done)
    return done
