"""Texts to vectors through one door with a memory.

Knows which networks exist; refuses to know what vectors are used for.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nova.core.degradations import Degradation

    Floats = NDArray[np.float32]

ROWS_MAX = 4096  # vectors kept in memory: 12 MB with MiniLM's two views


class Network(Protocol):
    """What turns texts into vectors: `read` gives float32 [n, sum(blocks)], each block of unit length."""

    @property
    def name(self) -> str:
        """What tells its vectors from another network's."""
        ...

    @property
    def blocks(self) -> tuple[int, ...]:
        """The widths of its views, the one of the meaning first."""
        ...

    @property
    def degradations(self) -> tuple[Degradation, ...]:
        """What is less than it should be while it is used."""
        ...

    def read(self, texts: Sequence[str]) -> Floats:
        """The rows of the texts, in their order."""
        ...


class VectorMemory(Protocol):
    """A mapping that outlives the process: `put` what was read under the hash of network and text."""

    def get(self, key: str, /) -> bytes | None:
        """What was put under the key, or None."""
        ...

    def put(self, key: str, value: bytes, /) -> None:
        """Keeps it, or lets it go when there is no room; never an error of the caller's."""
        ...


class Encoder:
    """A network behind a memory by content: the same text is never read twice.

    reads counts the texts that the network had to read since the start.
    """

    def __init__(self, network: Network, memory: VectorMemory | None = None, rows_max: int = ROWS_MAX) -> None:
        self.name = network.name
        self.blocks = network.blocks
        self.degradations = network.degradations
        self.reads = 0
        self._network = network
        self._memory = memory
        self._rows: OrderedDict[str, Floats] = OrderedDict()
        self._rows_max = rows_max

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors of the texts' meaning, float32 [n, blocks[0]]."""
        return self.views(texts)[:, : self.blocks[0]]

    def views(self, texts: Sequence[str]) -> Floats:
        """All that the network says about the texts, float32 [n, sum(blocks)]; every block has unit length."""
        keys = [self._key(text) for text in texts]
        found = {key: row for key in dict.fromkeys(keys) if (row := self._recall(key)) is not None}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            self.reads += len(missing)
            for key, row in zip(missing, self._network.read(list(missing.values())), strict=True):
                found[key] = row
                self._keep(key, row)
                if self._memory is not None:
                    self._memory.put(key, row.astype(np.float16).tobytes())
        return np.stack([found[key] for key in keys]) if keys else np.zeros((0, sum(self.blocks)), np.float32)

    def _key(self, text: str) -> str:
        return hashlib.blake2b(f"{self.name}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def _recall(self, key: str) -> Floats | None:
        row = self._rows.get(key)
        if row is not None:
            self._rows.move_to_end(key)
            return row
        stored = self._memory.get(key) if self._memory is not None else None
        if stored is None or len(stored) != 2 * sum(self.blocks):
            return None
        row = np.frombuffer(stored, np.float16).astype(np.float32)
        self._keep(key, row)
        return row

    def _keep(self, key: str, row: Floats) -> None:
        self._rows[key] = row
        if len(self._rows) > self._rows_max:
            self._rows.popitem(last=False)
