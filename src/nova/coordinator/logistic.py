"""Multinomial logistic regression on a kernel, fitted by L-BFGS. Knows numbers; refuses to know what classes mean.

Scores are Z = K A, with K the kernel between all training rows [n, n] and A the coefficients [n, classes]. The
objective is 0.5 * tr(A' K A) + C * sum(weight * negative log-likelihood), the usual regularised one in the kernel's
own space. Every product with K is carried along linearly, so that an iteration costs one matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

ITERATIONS_MAX = 80
_TOLERANCE = 1e-4  # relative change of the objective: two digits below what would move an answer
_MEMORY = 6


@dataclass(slots=True)
class _Pair:
    """One step of L-BFGS and the change of gradient it met; `k_` marks the product with the kernel."""

    step: Floats
    k_step: Floats
    turn: Floats
    k_turn: Floats
    rho: float


def fit(
    kernel: Floats, classes: Integers, weights: Floats, count: int, c: float, start: Floats | None = None
) -> Floats:
    """Coefficients, float32 [n, count]. classes: int [n]; weights: [n]; start: coefficients to begin from."""
    strength = (c * weights).astype(np.float32)[:, None]
    truth = np.zeros((len(classes), count), np.float32)
    truth[np.arange(len(classes)), classes] = 1.0
    a = np.zeros_like(truth) if start is None else start.astype(np.float32)
    z = kernel @ a
    value, gradient = _objective(a, z, strength, truth)
    k_gradient = kernel @ gradient
    pairs: list[_Pair] = []
    for _ in range(ITERATIONS_MAX):
        step, k_step = _direction(gradient, k_gradient, pairs)
        slope = float(np.vdot(k_step, gradient))
        size, before = 1.0, value
        while True:
            value, turned = _objective(a + _times(size, step), z + _times(size, k_step), strength, truth)
            if value <= before + 1e-4 * size * slope or size < 1e-4:
                break
            size *= 0.5
        step, k_step = _times(size, step), _times(size, k_step)
        a, z = a + step, z + k_step
        k_turned = kernel @ turned
        turn: Floats = turned - gradient
        k_turn: Floats = np.subtract(k_turned, k_gradient, dtype=np.float32)
        curvature = float(np.vdot(k_step, turn))
        if curvature > 1e-10:
            pairs = [*pairs[1 - _MEMORY :], _Pair(step, k_step, turn, k_turn, 1.0 / curvature)]
        gradient, k_gradient = turned, k_turned
        if abs(before - value) < _TOLERANCE * max(abs(before), 1e-9):
            break
    return a


def softmax(z: Floats) -> Floats:
    """Probabilities of scores [n, classes], row by row."""
    raised: Floats = np.exp(z - z.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def listed(numbers: Integers) -> list[int]:
    """Whole numbers of an array as Python's own."""
    return [int(number) for number in numbers]


def _objective(a: Floats, z: Floats, strength: Floats, truth: Floats) -> tuple[float, Floats]:
    """The objective and its gradient in the kernel's metric (the true one is the kernel times it)."""
    shifted = z - z.max(axis=1, keepdims=True)
    raised = np.exp(shifted)
    total = raised.sum(axis=1, keepdims=True)
    loss = np.log(total) - (shifted * truth).sum(axis=1, keepdims=True)
    value = float((strength * loss).sum()) + 0.5 * float(np.vdot(a, z))
    return value, strength * (raised / total - truth) + a


def _direction(gradient: Floats, k_gradient: Floats, pairs: list[_Pair]) -> tuple[Floats, Floats]:
    """L-BFGS's two loops in the kernel's inner product; also the direction's product with the kernel."""
    q, k_q = gradient.copy(), k_gradient.copy()
    sizes: list[float] = []
    for pair in reversed(pairs):
        size = pair.rho * float(np.vdot(pair.k_step, q))
        sizes.append(size)
        q -= _times(size, pair.turn)
        k_q -= _times(size, pair.k_turn)
    scale = 1.0 / max(1.0, float(np.vdot(gradient, k_gradient)) ** 0.5)
    if pairs:
        scale = 1.0 / (pairs[-1].rho * float(np.vdot(pairs[-1].turn, pairs[-1].k_turn)))
    q, k_q = _times(scale, q), _times(scale, k_q)
    for pair, size in zip(pairs, reversed(sizes), strict=True):
        change = size - pair.rho * float(np.vdot(pair.k_turn, q))
        q += _times(change, pair.step)
        k_q += _times(change, pair.k_step)
    return -q, -k_q


def _times(factor: float, values: Floats) -> Floats:
    return np.multiply(values, factor, dtype=np.float32)
