"""Texts as hashed word and letter n-grams: sees spelling, knows no meaning, needs no download."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from nova.core.degradations import Degradation, DegradationKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WIDTH = 1024
CHARACTERS_MAX = 2_000  # of a text; more would say nothing about what is asked
_WORD = re.compile(r"\w+")
_GRAM_LENGTHS = (3, 4, 5)


ABSENT = Degradation(
    kind=DegradationKind.NO_ENCODER,
    what="The sentence encoder is not installed: routing and recall went by words alone.",
    mend="`nova encoder install` gets it (92 MB).",
)


class WordsOnly:
    """The network that is always there: no meaning, only the words and their parts."""

    name = "words"
    blocks = (WIDTH,)

    def __init__(self, chosen: bool = False, lost: Degradation | None = None) -> None:
        self.degradations: tuple[Degradation, ...] = () if chosen else (lost or ABSENT,)

    def read(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32 [n, 1024]."""
        return sketch(texts)


def sketch(texts: Sequence[str]) -> Floats:
    """Unit vectors of words, word pairs and letter groups, counted sublinearly and hashed; float32 [n, 1024]."""
    vectors = np.zeros((len(texts), WIDTH), np.float32)
    for row, text in enumerate(texts):
        counts = Counter(_grams(text[:CHARACTERS_MAX].casefold()))
        if counts:
            hashes = np.fromiter((zlib.crc32(gram) for gram in counts), np.int64, len(counts))
            weights = 1.0 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))
            np.add.at(vectors[row], hashes % WIDTH, np.where(hashes >> 20 & 1, weights, -weights))
            vectors[row] /= max(float(np.linalg.norm(vectors[row])), 1e-9)
    return vectors


def _grams(text: str) -> Iterable[bytes]:
    words = [word.encode("utf-8", "replace") for word in _WORD.findall(text)]
    yield from (b"w:" + word for word in words)
    yield from (b"b:" + first + b" " + second for first, second in pairwise(words))
    for word in words:
        padded = b"^" + word + b"$"
        for length in _GRAM_LENGTHS:
            yield from (b"c:" + padded[start : start + length] for start in range(len(padded) - length + 1))
