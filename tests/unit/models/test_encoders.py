"""The memory in front of a network, and the choice of one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nova.core.degradations import Degradation, DegradationKind
from nova.models.encoder_choice import MiniLMChoice, WordLlamaChoice, WordsChoice
from nova.models.encoders import Encoder
from nova.models.encoding import open_encoder
from nova.models.ngrams import WIDTH, WordsOnly, sketch


class Counting:
    """A real words-only network that writes down what it was asked to read."""

    name = "counting"
    blocks = (WIDTH,)
    degradations: tuple[Degradation, ...] = ()

    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Reads and remembers."""
        self.asked += texts
        return sketch(texts)


def test_never_twice() -> None:
    """The same text is read once, in one call and in later ones; the rows come back in order."""
    network = Counting()
    encoder = Encoder(network)
    first = encoder.encode(["a b", "c d", "a b"])
    again = encoder.encode(["c d", "a b"])
    assert network.asked == ["a b", "c d"]
    assert encoder.reads == 2
    assert (first[0] == first[2]).all()
    assert (again[::-1] == first[:2]).all()


def test_bounded() -> None:
    """The memory keeps the rows used last and forgets the others."""
    network = Counting()
    encoder = Encoder(network, rows_max=2)
    encoder.encode(["a", "b"])
    encoder.encode(["a"])
    encoder.encode(["c"])
    encoder.encode(["a", "b"])
    assert network.asked == ["a", "b", "c", "b"]


def test_outlives_the_process() -> None:
    """What one process read, the next finds in the lasting memory, to half precision; damaged entries are read anew."""

    class Lasting(dict[str, bytes]):
        def put(self, key: str, value: bytes) -> None:
            self[key] = value

    memory = Lasting()
    one = Encoder(Counting(), memory).encode(["a b c"])
    network = Counting()
    two = Encoder(network, memory).encode(["a b c"])
    assert network.asked == []
    assert np.abs(one - two).max() < 1e-3
    memory.update(dict.fromkeys(memory, b"short"))
    Encoder(network, memory).encode(["a b c"])
    assert network.asked == ["a b c"]


def test_nothing_to_read() -> None:
    """No texts give no rows of the right width."""
    assert Encoder(Counting()).encode([]).shape == (0, WIDTH)


def test_absent_weights(tmp_path: Path) -> None:
    """Where the weights are absent, words alone are used, and that is said with the command that mends it."""
    encoder = open_encoder(MiniLMChoice(folder=tmp_path))
    assert encoder.name == "words"
    assert [one.kind for one in encoder.degradations] == [DegradationKind.NO_ENCODER]
    assert "nova encoder install" in encoder.degradations[0].mend
    assert encoder.encode(["hello"]).shape == (1, WIDTH)


def test_words_on_purpose() -> None:
    """Who chooses words alone is not told that something is missing."""
    assert open_encoder(WordsChoice()).degradations == ()


def test_absent_package(tmp_path: Path) -> None:
    """A chosen package that is not installed falls back to words and names the package."""
    encoder = open_encoder(WordLlamaChoice(folder=tmp_path))
    assert encoder.name == "words"
    assert "wordllama" in encoder.degradations[0].what


def test_words_alone() -> None:
    """By words alone, texts that share words or parts of words are nearer than texts that share none."""
    rows = Encoder(WordsOnly()).encode(
        ["unpaid invoices of March", "which invoice is unpaid", "oak boards in the store", ""]
    )
    near = rows @ rows.T
    assert near[0, 1] > near[0, 2] + 0.2
    assert np.abs(np.diag(near)[:3] - 1).max() < 1e-5
    assert (rows[3] == 0).all()
