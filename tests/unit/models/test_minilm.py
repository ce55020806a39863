"""The NumPy network against vectors that sentence-transformers made (tests/fixtures/minilm_vectors.json)."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nova.models.encoder_files import encoder_folder, installed, open_minilm
from nova.models.minilm import CHARACTERS_MAX, WIDTH, MiniLM, erf, read_safetensors

FIXTURE = Path(__file__).parents[2] / "fixtures" / "minilm_vectors.json"


@pytest.fixture(scope="module")
def network() -> MiniLM:
    """The installed network."""
    if not installed(encoder_folder()):
        pytest.skip("the sentence encoder is not installed: nova encoder install")
    return open_minilm(encoder_folder())


@pytest.fixture(scope="module")
def known() -> tuple[list[str], NDArray[np.float32]]:
    """28 texts in ten languages, from one character to beyond 256 tokens, with their vectors."""
    stored = json.loads(FIXTURE.read_text("utf-8"))
    return list(stored["texts"]), np.array(stored["vectors"], np.float32)


def test_same_vectors(network: MiniLM, known: tuple[list[str], NDArray[np.float32]]) -> None:
    """Every number is within 1e-5 of what sentence-transformers gives, one text at a time and all in one call."""
    texts, vectors = known
    together = network.read(texts)[:, :WIDTH]
    alone = np.concatenate([network.read([text])[:, :WIDTH] for text in texts])
    assert np.abs(together - vectors).max() < 1e-5
    assert np.abs(alone - vectors).max() < 1e-5


def test_unit_length(network: MiniLM) -> None:
    """Both views of every text have length one, the empty text included."""
    rows = network.read(["", "one", "a longer text about drawers", "x " * 4000])
    for view in (rows[:, :WIDTH], rows[:, WIDTH:]):
        assert np.abs(np.linalg.norm(view, axis=1) - 1).max() < 1e-5


def test_order(network: MiniLM) -> None:
    """Rows come back in the order of the texts, though short ones are read together."""
    texts = ["a " * size for size in (60, 1, 30, 2, 45)]
    rows = network.read(texts)
    for text, row in zip(texts, rows, strict=True):
        assert np.abs(network.read([text])[0] - row).max() < 1e-5


def test_strange_text(network: MiniLM) -> None:
    """Lone surrogates and a text of ten million characters are read like any other."""
    rows = network.read(["\ud800 hello \udfff", "word " * 2_000_000])
    assert np.isfinite(rows).all()
    assert (
        np.abs(network.read(["word " * 2_000_000]) - network.read([("word " * 2_000_000)[:CHARACTERS_MAX]])).max()
        < 1e-6
    )


def test_erf() -> None:
    """The rational error function differs from the real one by less than 1e-6."""
    x = np.linspace(-6, 6, 2001).astype(np.float32)
    assert np.abs(erf(x) - np.array([math.erf(float(value)) for value in x])).max() < 1e-6


def test_safetensors(tmp_path: Path) -> None:
    """Float32 tensors are found by name with their shapes; tensors of other types are passed over."""
    first, second = np.arange(6, dtype=np.float32).reshape(2, 3), np.array([1, 2], np.int64)
    header = {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        "b": {"dtype": "I64", "shape": [2], "data_offsets": [24, 40]},
    }
    text = json.dumps(header).encode()
    (tmp_path / "t").write_bytes(len(text).to_bytes(8, "little") + text + first.tobytes() + second.tobytes())
    found = read_safetensors(tmp_path / "t")
    assert list(found) == ["a"]
    assert (found["a"] == first).all()
