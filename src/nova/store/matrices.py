"""Vectors by scope, in memory: loaded on first use, kept in step with the rows, searched exactly.

Guards two invariants: a search sees every committed row of its scopes and no other scope's; what is kept in memory
stays under `bytes_max`. Knows vectors and their tables; refuses to know what the rows say.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import Connection, Table, bindparam, select

from nova.store import generations, vectors_postgres
from nova.store.tables import EPISODES, NOTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nova.core.labels import Scope

    Floats = NDArray[np.float32]
    Numbers = NDArray[np.int64]

BYTES_MAX = 170_000_000  # 100,000 rows of 384 numbers, and a tenth more
READ_ROWS = 4096  # at a time, so that no second copy of a large scope is in memory
TAIL_ROWS = 128
_NEWER = {
    table.name: select(table.c.seq, table.c.vector)
    .where(table.c.scope == bindparam("own"), table.c.seq > bindparam("after"), table.c.encoder == bindparam("encoder"))
    .order_by(table.c.seq)
    for table in (EPISODES, NOTES)
}


@dataclass(slots=True)
class _Matrix:
    """The vectors of one scope: blocks as they were read, and a tail that single rows are added to without a copy."""

    generation: int
    width: int
    blocks: list[Floats] = field(default_factory=list["Floats"])
    numbers: list[Numbers] = field(default_factory=list["Numbers"])
    free: int = 0  # rows at the end of the last block
    last: int = 0
    odd: int = 0  # rows whose vector is not as long as this encoder's

    @property
    def size(self) -> int:
        return sum(block.nbytes for block in self.blocks)

    def add(self, rows: Sequence[tuple[int, bytes | None]]) -> None:
        fitting = [(seq, data) for seq, data in rows if data is not None and len(data) == 2 * self.width]
        self.last = rows[-1][0]
        self.odd += len(rows) - len(fitting)
        while fitting:
            if not self.free:
                self.free = max(len(fitting), TAIL_ROWS)
                self.blocks.append(np.zeros((self.free, self.width), np.float32))
                self.numbers.append(np.zeros(self.free, np.int64))
            part, fitting = fitting[: self.free], fitting[self.free :]
            place = slice(-self.free, len(part) - self.free or None)
            halves = np.frombuffer(b"".join(data for _, data in part), np.float16)
            self.blocks[-1][place] = halves.reshape(len(part), self.width)
            self.numbers[-1][place] = [seq for seq, _ in part]
            self.free -= len(part)

    def nearest(self, query: Floats, count_max: int) -> list[tuple[int, float]]:
        rows = sum(map(len, self.numbers)) - self.free
        if not rows:
            return []
        scores = np.concatenate([block @ query for block in self.blocks])[:rows]
        numbers = np.concatenate(self.numbers)
        count = min(count_max, rows)
        best = np.argpartition(-scores, count - 1)[:count] if count < rows else np.arange(rows)
        pairs = list(zip(numbers[best].tolist(), scores[best].tolist(), strict=True))
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


class Matrices:
    """All matrices of one process, the least recently used dropped first."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._kept: OrderedDict[tuple[str, str, str], _Matrix] = OrderedDict()

    def nearest(
        self, connection: Connection, scope: Scope, table: Table, query: Floats, encoder: str, count_max: int
    ) -> list[tuple[int, float]]:
        """The rows of these scopes nearest in meaning, best first: (number, cosine). query: float32 [width]."""
        if connection.dialect.name == "postgresql":  # which has them at hand itself
            return vectors_postgres.nearest(connection, scope, table, query, encoder, count_max)
        found: list[tuple[int, float]] = []
        known = generations.of(connection, scope)
        for name in sorted(scope.names):
            matrix = self._in_step(connection, table, name, encoder, known[name], len(query))
            found += matrix.nearest(query, count_max)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:count_max]

    def odd(self, connection: Connection, scope: Scope, table: Table, encoder: str, width: int) -> int:
        """How many rows say they are this encoder's, but have a vector of another length."""
        if connection.dialect.name == "postgresql":
            return vectors_postgres.odd(connection, scope, table, encoder, width)
        known = generations.of(connection, scope)
        return sum(
            self._in_step(connection, table, name, encoder, known[name], width).odd for name in sorted(scope.names)
        )

    def clear(self) -> None:
        """Drops everything that is kept in memory; it is read again when it is needed."""
        self._kept.clear()

    def _in_step(
        self, connection: Connection, table: Table, name: str, encoder: str, generation: int, width: int
    ) -> _Matrix:
        key = (table.name, name, encoder)
        matrix = self._kept.pop(key, None)
        if matrix is None or matrix.generation != generation or matrix.width != width:
            matrix = _Matrix(generation=generation, width=width)
        given = {"own": name, "after": matrix.last, "encoder": encoder}
        for rows in connection.execute(_NEWER[table.name], given).partitions(READ_ROWS):
            matrix.add([(int(seq), data) for seq, data in rows])
        self._kept[key] = matrix
        self._shrink()
        return matrix

    def _shrink(self) -> None:
        while len(self._kept) > 1 and sum(matrix.size for matrix in self._kept.values()) > self._bytes_max:
            self._kept.popitem(last=False)
