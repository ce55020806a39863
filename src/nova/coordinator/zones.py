"""The lines between sure, none, ask and grey, found by cross-validation on the home's own examples. Pure.

The sure zone opens where the share of wrong answers, out-of-scope traffic counted, stays below the stated one with a
margin of standard errors, twice over: by a logistic curve fitted to the upper part of the confidences (sandwich
errors), and by counting. Generic questions are held out by topic, so that the traffic that is nobody's job is of a
sort the fit has not seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nova.coordinator import logistic
from nova.coordinator.head import REGULARISATION, confidence_of, trusted
from nova.core.routes import Cutoffs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from nova.coordinator.lessons import Lesson
    from nova.core.routes import Candidate

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

FOLDS = 5
UPPER_SHARE = 0.7  # the curve is fitted to this share of all traffic, the most confident
COUNT_MARGIN = 0.5  # the counted error keeps this part of the margin
DEFAULT_NONE = 0.15
DEFAULT_PLAUSIBLE = 0.10
PLAUSIBLE_MIN, PLAUSIBLE_MAX = 0.02, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSettings:
    """What the zones promise.

    error_max: share of wrong answers in the sure zone. margin: standard errors on top of the estimate.
    out_of_scope_share: part of the traffic that is nobody's job. none_lost_max: share of in-scope requests that may
    fall into the none zone. plausible_lost_max: share whose right agent may be missing among the readings of a
    question back. split_lost_max: share of requests for one agent that may be split. examples_min: trusted examples
    an agent (median) below which nothing is certified; examples_total_min: over all agents.
    """

    error_max: float = 0.02
    margin: float = 2.0
    out_of_scope_share: float = 0.18
    none_lost_max: float = 0.02
    plausible_lost_max: float = 0.05
    examples_min: int = 8
    examples_total_min: int = 100
    split_lost_max: float = 0.015
    certify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A fitted head's parts, as far as cross-validation needs them."""

    agents: tuple[Candidate, ...]
    lessons: tuple[Lesson, ...]
    classes: Integers
    kernel: Floats
    weights: Floats
    coefficients: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What cross-validation saw, one row a held-out text.

    rows: of the lessons; folds: which fit has not seen them; within: agents in reach.

    fits: rows and coefficients of each fold's fit; plain: probabilities at temperature 1; weight: share of the
    traffic.
    """

    rows: Integers
    folds: Integers
    within: Flags
    fits: tuple[tuple[Integers, Floats], ...]
    temperature: float
    nobody_bias: float
    logits: Floats
    plain: Floats
    classes: Integers
    confidence: Doubles
    right: Flags
    weight: Doubles


def certify(trial: Trial, seen: Seen | None, settings: ZoneSettings) -> Cutoffs:
    """The cut-offs of a fitted head by what cross-validation saw; without it nothing is certified."""
    nobody = len(trial.agents)
    examples = [row for row, lesson in enumerate(trial.lessons) if trusted(lesson)]
    if seen is None or not examples or not (trial.classes == nobody).any():
        return uncertified(trial, settings)
    inside = seen.classes != nobody
    first = seen.plain[:, :-1].max(axis=1)
    none = float(np.quantile(first[inside], settings.none_lost_max))
    chosen = seen.plain[inside, :-1]
    truth = chosen[np.arange(len(chosen)), seen.classes[inside]] / np.maximum(chosen.sum(axis=1), 1e-9)
    plausible = float(np.quantile(truth, settings.plausible_lost_max))
    base = uncertified(trial, settings)
    sure, share, error = _sure(seen, settings) if base.examples_missing == 0 else (None, 0.0, 0.0)
    missing = base.examples_missing if sure is not None or base.examples_missing else _missing(len(examples), settings)
    return Cutoffs(
        sure=sure,
        none=none,
        plausible=min(max(plausible, PLAUSIBLE_MIN), PLAUSIBLE_MAX),
        temperature=seen.temperature,
        nobody_bias=seen.nobody_bias,
        split=0.0,
        error_max=settings.error_max,
        share_expected=share,
        error_expected=error,
        examples=len(examples),
        examples_missing=missing,
    )


def uncertified(trial: Trial, settings: ZoneSettings) -> Cutoffs:
    """Cut-offs without a sure zone, and how many examples are missing before one may be looked for."""
    counts = {agent.name: 0 for agent in trial.agents if not agent.visitors}
    for lesson in trial.lessons:
        if trusted(lesson) and lesson.agent in counts:
            counts[lesson.agent] += 1
    total = sum(counts.values())
    lower = sorted(counts.values())[: len(counts) // 2 + 1]
    short = sum(max(0, settings.examples_min - count) for count in lower) if lower[-1:] < [settings.examples_min] else 0
    return Cutoffs(
        sure=None,
        none=DEFAULT_NONE,
        plausible=DEFAULT_PLAUSIBLE,
        temperature=1.0,
        nobody_bias=0.0,
        split=0.0,
        error_max=settings.error_max,
        share_expected=0.0,
        error_expected=0.0,
        examples=total,
        examples_missing=max(short, settings.examples_total_min - total, 0),
    )


def cross_validate(trial: Trial, settings: ZoneSettings) -> Seen:
    """Every trusted example and every generic question, scored by a head that has not seen it (nor its topic)."""
    count = len(trial.agents) + 1
    folds = _folds(trial)
    within = _reach(trial)
    logits = np.zeros((len(trial.lessons), count), np.float32)
    fits: list[tuple[Integers, Floats]] = []
    for fold in range(FOLDS):
        held, kept = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        weights = _balanced(trial.weights[kept], trial.classes[kept], count)
        coefficients = logistic.fit(
            trial.kernel[np.ix_(kept, kept)],
            trial.classes[kept],
            weights,
            count,
            REGULARISATION,
            trial.coefficients[kept],
        )
        fits.append((kept, coefficients))
        logits[held] = trial.kernel[np.ix_(held, kept)] @ coefficients
    rows = np.flatnonzero((folds >= 0) & ((within.sum(axis=1) > 1) | (len(trial.agents) == 1)))
    scores = logits[rows]
    scores[:, :-1][~within[rows]] = -np.inf
    classes = trial.classes[rows]
    inside = classes != count - 1
    share = settings.out_of_scope_share
    count_in, count_out = max(int(inside.sum()), 1), max(int((~inside).sum()), 1)
    weight: Doubles = np.where(inside, (1 - share) / count_in, share / count_out)
    heat, bias = calibrate(scores, classes, weight)
    plain = logistic.softmax(scores)
    return Seen(
        rows=rows,
        folds=folds[rows],
        within=within[rows],
        fits=tuple(fits),
        temperature=heat,
        nobody_bias=bias,
        logits=scores,
        plain=plain,
        classes=classes,
        confidence=confidence_of(scores).astype(np.float64),
        right=plain[:, :-1].argmax(axis=1) == classes,
        weight=weight,
    )


def calibrate(logits: Floats, classes: Integers, weight: Doubles) -> tuple[float, float]:
    """Temperature, and nobody's bias, at which probabilities of held-out texts are true ones: least log-loss, each in
    turn.
    """

    def loss(heat: float, bias: float) -> float:
        moved = logits.copy()
        moved[:, -1] += np.float32(bias)
        probabilities = logistic.softmax(moved / np.float32(heat))
        return -float((weight * np.log(np.maximum(probabilities[np.arange(len(classes)), classes], 1e-12))).sum())

    heat, bias = 1.0, 0.0
    for _ in range(3):
        heat = math.exp(_least(lambda x, bias=bias: loss(math.exp(x), bias), math.log(0.2), math.log(3.0)))
        bias = _least(lambda x, heat=heat: loss(heat, x), -6.0, 4.0)
    return heat, bias


def _least(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one valley is least, by golden section to a hundredth of the range."""
    golden = (math.sqrt(5) - 1) / 2
    for _ in range(12):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if function(left) < function(right) else (left, high)
    return (low + high) / 2


def _sure(seen: Seen, settings: ZoneSettings) -> tuple[float | None, float, float]:
    """The lowest confidence at which both estimates of the error keep their margin; with the zone's share and error."""
    order = np.argsort(-seen.confidence, kind="stable")
    confidence, wrong, weight = seen.confidence[order], ~seen.right[order], seen.weight[order]
    share = np.cumsum(weight)
    fitted, spread = _curve(confidence, wrong, weight, share)
    counted = np.cumsum(weight * wrong) / share
    deviation = np.sqrt(np.cumsum(weight**2 * wrong) + weight.max() ** 2) / share
    ok = fitted + settings.margin * spread <= settings.error_max
    ok &= counted + COUNT_MARGIN * settings.margin * deviation <= settings.error_max
    if not ok.any():
        return None, 0.0, 0.0
    last = int(np.flatnonzero(ok)[-1])
    return float(confidence[last]), float(share[last]), float(fitted[last])


def _curve(confidence: Doubles, wrong: Flags, weight: Doubles, share: Doubles) -> tuple[Doubles, Doubles]:
    """Expected error of the zone above each confidence by a weighted logistic curve, and its standard error."""
    design = np.stack([confidence, np.ones_like(confidence)], axis=1)
    scaled = weight * len(weight) * (share <= UPPER_SHARE)
    line = np.array([1.0, 0.0])
    hessian = np.eye(2)
    for _ in range(40):
        p = _sigmoid(design @ line)
        slope = design.T @ (scaled * (p - ~wrong)) + np.array([0.1 * (line[0] - 1.0), 0.0])
        hessian = (design * (scaled * p * (1 - p))[:, None]).T @ design + np.diag([0.1, 1e-6])
        line = line - np.clip(np.linalg.solve(hessian, slope), -2.0, 2.0)
    p = _sigmoid(design @ line)
    gradients = design * (scaled * (p - ~wrong))[:, None]
    inverse = np.linalg.inv(hessian)
    covariance = inverse @ (gradients.T @ gradients) @ inverse
    error = np.cumsum(weight * (1 - p)) / share
    moves = np.cumsum((weight * p * (1 - p))[:, None] * design, axis=0) / share[:, None]
    return error, np.sqrt(np.einsum("ij,jk,ik->i", moves, covariance, moves))


def _sigmoid(x: Doubles) -> Doubles:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -40.0, 40.0)))


def _missing(examples: int, settings: ZoneSettings) -> int:
    """How many more examples could certify the stated error at all: n error-free ones bound it by 3 / n; half fall
    outside.
    """
    return max(math.ceil(2 * 3 / settings.error_max) - examples, settings.examples_total_min)


def _folds(trial: Trial) -> Integers:
    """The fold of each lesson: examples in turn within their agent, generic questions by topic; -1 stays in every
    fit.
    """
    folds = np.full(len(trial.lessons), -1)
    turn: dict[str, int] = {}
    topics: dict[str, int] = {}
    shuffled = np.random.default_rng(0).permutation(len(trial.lessons))
    for row in logistic.listed(shuffled):
        lesson = trial.lessons[row]
        if trusted(lesson):
            turn[lesson.agent] = turn.get(lesson.agent, len(turn)) + 1
            folds[row] = turn[lesson.agent] % FOLDS
        elif trial.classes[row] == len(trial.agents):
            folds[row] = topics.setdefault(lesson.topic or lesson.text, len(topics)) % FOLDS
    return folds


def _reach(trial: Trial) -> Flags:
    """Which agents are candidates for each lesson, bool [lessons, agents].

    A lesson of an agent that serves project kinds is asked in a project of one of them; all others in each kind of
    the home and outside any project, where everyone is in reach, in turn. The visitors' agents meet only visitors,
    and only they do.
    """
    visitors = reach(trial.agents, "", visitor=True)
    kinds = sorted({kind for agent in trial.agents for kind in agent.kinds})
    anywhere = ~visitors
    inside = {kind: reach(trial.agents, kind) & ~visitors for kind in kinds}
    rows: list[Flags] = []
    for row, owner in enumerate(logistic.listed(trial.classes)):
        agent = trial.agents[owner] if owner < len(trial.agents) else None
        if agent is not None and agent.visitors:
            rows.append(visitors)
        elif agent is not None and agent.kinds:
            rows.append(inside[agent.kinds[row % len(agent.kinds)]])
        else:
            rows.append((anywhere, *inside.values())[row % (len(inside) + 1)])
    return np.stack(rows)


def reach(agents: Sequence[Candidate], kind: str, visitor: bool = False) -> Flags:
    """Which agents can be reached: a visitor's one, or those of this project kind and of every kind."""
    if visitor:
        return np.array([agent.visitors for agent in agents], np.bool_)
    return np.array([not agent.kinds or kind in agent.kinds for agent in agents], np.bool_)


def _balanced(weights: Floats, classes: Integers, count: int) -> Floats:
    totals = np.bincount(classes, weights, minlength=count)
    return (weights * (weights.sum() / count / np.maximum(totals, 1e-9))[classes]).astype(np.float32)
