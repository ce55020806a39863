"""Runs all-MiniLM-L6-v2 as plain NumPy on one thread.

Knows the network's arithmetic; refuses to know files' origins or caches.

The network is BERT with 6 layers, 12 heads of 32 numbers, 384 wide, exact (erf) GELU, mean pooling and a last
normalisation, as sentence-transformers runs it. Weights stay memory-mapped: rows of the vocabulary that no text uses
are never read. Beside the sentence vector it gives the mean of the fourth layer, which costs nothing and knows more
of the words.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # more threads burn CPU on matrices this small

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from nova.core.degradations import Degradation

    Floats = NDArray[np.float32]

WIDTH = 384
LAYERS = 6
HEADS = 12
MIDDLE = 4  # the layer whose mean is the second view
TOKENS_MAX = 256
CHARACTERS_MAX = 8_000  # far beyond 256 tokens; a longer text is not even tokenised
_BATCH_TOKENS = 512  # padded tokens per pass: keeps the widest intermediate (x 1536 x 4 bytes) near 3 MB

# erf on [-4, 4] as x * P(x²) / Q(x²), the approximation of XLA's and Eigen's float32 kernels; error below 4e-7.
_ERF_P = (-2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05,
          -7.34990630326855e-04, -2.95459980854025e-03, -1.60960333262415e-02)  # fmt: skip
_ERF_Q = (-1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03, -7.37332916720468e-03,
          -1.42647390514189e-02)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """One transformer block; weights lie [in, out], so that a pass is `x @ w + b`."""

    qkv: Floats
    qkv_bias: Floats
    out: Floats
    out_bias: Floats
    norm: tuple[Floats, Floats]
    up: Floats
    up_bias: Floats
    down: Floats
    down_bias: Floats
    norm_after: tuple[Floats, Floats]


class MiniLM:
    """The loaded network: `read` maps texts to two unit vectors beside each other, float32 [n, 384 + 384]."""

    name = "all-MiniLM-L6-v2"
    blocks = (WIDTH, WIDTH)
    degradations: tuple[Degradation, ...] = ()

    def __init__(self, weights: Path, tokenizer: Path) -> None:
        from tokenizers import Tokenizer

        tensors = read_safetensors(weights)
        self._words = tensors["embeddings.word_embeddings.weight"]
        self._places = (
            tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = (tensors["embeddings.LayerNorm.weight"], tensors["embeddings.LayerNorm.bias"])
        self._layers = tuple(_layer(tensors, index) for index in range(LAYERS))
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(TOKENS_MAX)  # pyright: ignore[reportUnknownMemberType]

    def read(self, texts: Sequence[str]) -> Floats:
        """The sentence vector, then the middle layer's, of each text; batched by length: short ones do not pay for
        long.
        """
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch([_clean(text) for text in texts])]
        vectors = np.zeros((len(ids), 2 * WIDTH), np.float32)
        for rows in _batches([len(tokens) for tokens in ids]):
            vectors[rows] = self._pass([ids[row] for row in rows])
        return vectors

    def _pass(self, ids: list[list[int]]) -> Floats:
        longest = max(map(len, ids))
        tokens = np.zeros((len(ids), longest), np.int64)
        mask = np.zeros((len(ids), longest), np.float32)
        for row, item in enumerate(ids):
            tokens[row, : len(item)] = item
            mask[row, : len(item)] = 1.0
        x = _normalise(self._words[tokens] + self._places[:longest], self._norm)
        hidden = None if mask.all() else (mask[:, None, None, :] - 1.0) * np.float32(1e9)
        middle = x
        for index, layer in enumerate(self._layers, start=1):
            x = _block(x, layer, hidden)
            middle = x if index == MIDDLE else middle
        return np.concatenate([_pool(x, mask), _pool(middle, mask)], axis=1)


def read_safetensors(path: Path) -> dict[str, Floats]:
    """The float32 tensors of a safetensors file as memory-mapped views: 8 bytes of header length, a JSON header, raw
    data.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header: dict[str, dict[str, object]] = json.loads(file.read(size))
    data = np.memmap(path, np.uint8, "r", offset=8 + size)
    tensors: dict[str, Floats] = {}
    for name, entry in header.items():
        if entry.get("dtype") == "F32":
            start, end = cast("list[int]", entry["data_offsets"])
            tensors[name] = np.asarray(data[start:end]).view(np.float32).reshape(cast("list[int]", entry["shape"]))
    return tensors


def erf(x: Floats) -> Floats:
    """The error function in float32, elementwise."""
    x = np.clip(x, np.float32(-4.0), np.float32(4.0))
    square = x * x
    return x * _horner(_ERF_P, square) / _horner(_ERF_Q, square)


def _layer(tensors: dict[str, Floats], index: int) -> _Layer:
    def take(name: str) -> Floats:
        return tensors[f"encoder.layer.{index}.{name}"]

    attention = [f"attention.self.{part}" for part in ("query", "key", "value")]
    return _Layer(
        qkv=np.concatenate([take(f"{part}.weight") for part in attention]).T,
        qkv_bias=np.concatenate([take(f"{part}.bias") for part in attention]),
        out=take("attention.output.dense.weight").T,
        out_bias=take("attention.output.dense.bias"),
        norm=(take("attention.output.LayerNorm.weight"), take("attention.output.LayerNorm.bias")),
        up=take("intermediate.dense.weight").T,
        up_bias=take("intermediate.dense.bias"),
        down=take("output.dense.weight").T,
        down_bias=take("output.dense.bias"),
        norm_after=(take("output.LayerNorm.weight"), take("output.LayerNorm.bias")),
    )


def _block(x: Floats, layer: _Layer, hidden: Floats | None) -> Floats:
    batch, length, _ = x.shape
    flat = x.reshape(batch * length, WIDTH)
    qkv = (flat @ layer.qkv + layer.qkv_bias).reshape(batch, length, 3, HEADS, WIDTH // HEADS)
    query, key, value = (qkv[:, :, part].transpose(0, 2, 1, 3) for part in range(3))
    scores = query @ key.transpose(0, 1, 3, 2) * np.float32((WIDTH // HEADS) ** -0.5)
    if hidden is not None:
        scores += hidden
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    scores /= scores.sum(axis=-1, keepdims=True)
    mixed: Floats = (scores @ value).transpose(0, 2, 1, 3).reshape(batch * length, WIDTH)
    flat = _normalise(flat + _linear(mixed, layer.out, layer.out_bias), layer.norm)
    wide = _gelu(_linear(flat, layer.up, layer.up_bias))
    flat = _normalise(flat + _linear(wide, layer.down, layer.down_bias), layer.norm_after)
    return flat.reshape(batch, length, WIDTH)


def _linear(x: Floats, weight: Floats, bias: Floats) -> Floats:
    return np.add(x @ weight, bias, dtype=np.float32)


def _pool(x: Floats, mask: Floats) -> Floats:
    pooled: Floats = (x * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    length: Floats = np.linalg.norm(pooled, axis=1, keepdims=True).astype(np.float32)
    return np.divide(pooled, np.maximum(length, np.float32(1e-12)), dtype=np.float32)


def _gelu(x: Floats) -> Floats:
    inner: Floats = np.multiply(x, 2.0**-0.5, dtype=np.float32)
    return np.multiply(x, 0.5, dtype=np.float32) * (erf(inner) + np.float32(1.0))


def _normalise(x: Floats, norm: tuple[Floats, Floats]) -> Floats:
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = np.einsum("...i,...i->...", centred, centred)[..., None] / np.float32(WIDTH)
    return centred / np.sqrt(variance + np.float32(1e-12)) * norm[0] + norm[1]


def _horner(coefficients: Sequence[float], x: Floats) -> Floats:
    result = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        result *= x
        result += np.float32(coefficient)
    return result


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Row numbers in groups of near length, each at most _BATCH_TOKENS when padded."""
    batches: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if not batches or (len(batches[-1]) + 1) * lengths[row] > _BATCH_TOKENS:
            batches.append([])
        batches[-1].append(row)
    return batches


def _clean(text: str) -> str:
    """Lone surrogates cannot reach the tokenizer; it sees the replacement character instead."""
    return text[:CHARACTERS_MAX].encode("utf-8", "replace").decode("utf-8")
