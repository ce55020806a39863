"""The memory of one home, opened: where it is kept, and who reads words into vectors. Refuses to know what is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nova.models.encoders import Encoder
from nova.models.ngrams import WordsOnly
from nova.store.database import Database
from nova.store.episodes import Vector
from nova.store.matrices import Matrices
from nova.store.values import Blobs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What every function of this floor takes. encoder: None where only words can be compared.

    grounds: the folder of each project by its name, where what notes rest on can be looked at again. blobs: where big
    values of steps lie, which forgetting must reach; None where there are none.

    An encoder that is less than it should be (words alone) is not used for meaning: its vectors would be no better
    than the text index, and would have to be made again.
    """

    database: Database
    encoder: Encoder | None
    now: Callable[[], datetime]
    matrices: Matrices = field(default_factory=Matrices)
    grounds: Mapping[str, Path] = field(default_factory=dict[str, Path])
    blobs: Blobs | None = None

    @property
    def encoder_name(self) -> str:
        """What tells this encoder's vectors from another's; empty without one."""
        return self.encoder.name if self.encoder else ""

    def vectors(self, texts: Sequence[str]) -> list[Vector | None]:
        """A vector for each text, float16 as it is stored; None without an encoder."""
        if self.encoder is None or not texts:
            return [None] * len(texts)
        rows = self.encoder.encode(texts).astype(np.float16)
        return [Vector(self.encoder.name, row.tobytes()) for row in rows]

    def query(self, text: str) -> Floats | None:
        """The vector of a question, float32 [width]; None without an encoder."""
        return self.encoder.encode([text])[0] if self.encoder is not None else None


def memory_of(
    database: Database,
    encoder: Encoder | None,
    now: Callable[[], datetime],
    grounds: Mapping[str, Path] | None = None,
) -> Memory:
    """The memory over a database; an encoder that knows words alone is left out."""
    means = encoder is not None and not encoder.degradations and encoder.name != WordsOnly.name
    usable = encoder if means else None
    return Memory(database=database, encoder=usable, now=now, grounds=grounds or {})
