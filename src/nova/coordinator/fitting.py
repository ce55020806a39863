"""From a roster to a head: gathers the lessons, weighs them, fits, and has the cut-offs certified.

Pure but for the encoder.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nova.coordinator import logistic
from nova.coordinator.head import REGULARISATION, Head, Views, classes_of, kernel, look, split_views
from nova.coordinator.lessons import lessons
from nova.coordinator.nobody import NobodysJob
from nova.coordinator.splitting import split_cutoff
from nova.coordinator.zones import Trial, ZoneSettings, certify, cross_validate
from nova.core.routes import Source
from nova.models.ngrams import sketch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nova.coordinator.lessons import Correction, Lesson
    from nova.core.routes import Candidate, Cutoffs
    from nova.models.encoders import Encoder

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

HEAD_VERSION = 2  # part of the key: a head that other code fitted is never taken for this code's
DESCRIPTION_WEIGHT = 0.7
NOBODYS_JOB_UNKNOWN = NobodysJob()
PROMISED = ZoneSettings()
OWN_TERRITORY = 0.55  # a generic question this near (cosine) to an agent's lesson is that agent's job, not nobody's


def head_key(
    agents: Sequence[Candidate],
    encoder: Encoder,
    corrections: Sequence[Correction] = (),
    nobody: NobodysJob = NOBODYS_JOB_UNKNOWN,
    settings: ZoneSettings = PROMISED,
) -> str:
    """The hash of everything a head depends on: the same key is the same head."""
    taught = [[one.text, one.agent, str(one.source)] for one in (*lessons(agents, corrections), *nobody.lessons)]
    kinds = [[agent.name, *agent.kinds] for agent in agents]
    whole = json.dumps([HEAD_VERSION, encoder.name, taught, kinds, asdict(settings)], sort_keys=True)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def fit_head(
    agents: Sequence[Candidate],
    encoder: Encoder,
    corrections: Sequence[Correction] = (),
    nobody: NobodysJob = NOBODYS_JOB_UNKNOWN,
    settings: ZoneSettings = PROMISED,
    before: Head | None = None,
) -> Head:
    """The head of a roster. before: an older head of the same roster, from which fitting starts."""
    prepared = prepare(agents, encoder, corrections, nobody, before)
    trial = prepared.trial
    return Head(
        key=head_key(agents, encoder, corrections, nobody, settings),
        encoder=encoder.name,
        agents=tuple(agent.name for agent in agents),
        lessons=trial.lessons,
        views=prepared.views,
        centre=prepared.centre,
        coefficients=trial.coefficients,
        cutoffs=_cutoffs(prepared, encoder, settings, before),
    )


def _cutoffs(prepared: Prepared, encoder: Encoder, settings: ZoneSettings, before: Head | None) -> Cutoffs:
    """Certified anew; the cut-off for clauses is taken over from an older head, because it costs the encoder most."""
    trial = prepared.trial
    seen = cross_validate(trial, settings) if settings.certify else None
    found = certify(trial, seen, settings)
    if before is not None:
        return replace(found, split=before.cutoffs.split)
    if seen is None:
        return found
    return replace(found, split=split_cutoff(trial, prepared.views, prepared.centre, seen, encoder, settings))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A fit without its cut-offs, and what the lessons look like."""

    trial: Trial
    views: Views
    centre: Floats


def prepare(
    agents: Sequence[Candidate],
    encoder: Encoder,
    corrections: Sequence[Correction] = (),
    nobody: NobodysJob = NOBODYS_JOB_UNKNOWN,
    before: Head | None = None,
) -> Prepared:
    """Lessons gathered, looked at, weighed and fitted."""
    names = tuple(agent.name for agent in agents)
    taught = lessons(agents, corrections)
    generic = nobody.views(encoder)
    middle = sum(encoder.blocks[1:])
    centre = generic[:, encoder.blocks[0] :].mean(axis=0) if len(generic) else np.zeros(middle, np.float32)
    views = _look_again(taught, encoder, centre, before)
    others = split_views(generic, encoder.blocks, centre, sketch([lesson.text for lesson in nobody.lessons]))
    kept = _nobodys(views, others)
    taught = (*taught, *(nobody.lessons[row] for row in logistic.listed(kept)))
    views = _join(views, others.take(kept))
    classes = classes_of(taught, names)
    similar = kernel(views, views)
    weights = lesson_weights(taught, classes, len(names) + 1)
    start = _start(before, names, taught)
    coefficients = logistic.fit(similar, classes, weights, len(names) + 1, REGULARISATION, start)
    trial = Trial(
        agents=tuple(agents),
        lessons=taught,
        classes=classes,
        kernel=similar,
        weights=weights,
        coefficients=coefficients,
    )
    return Prepared(trial=trial, views=views, centre=centre)


def lesson_weights(taught: Sequence[Lesson], classes: Integers, count: int) -> Floats:
    """Every class weighs the same; within one, what an agent says about itself weighs less than an example."""
    told = {Source.NAME, Source.DESCRIPTION}
    single = np.array([DESCRIPTION_WEIGHT if lesson.source in told else 1.0 for lesson in taught], np.float32)
    totals = np.bincount(classes, single, minlength=count)
    return (single * (single.sum() / count / np.maximum(totals, 1e-9))[classes]).astype(np.float32)


def _nobodys(views: Views, others: Views) -> Integers:
    """The generic questions that are not near to anything an agent of this home does."""
    if not len(views.meaning) or not len(others.meaning):
        return np.arange(len(others.meaning))
    nearest = (others.meaning @ views.meaning.T).max(axis=1)
    return np.flatnonzero(nearest < OWN_TERRITORY)


def _look_again(taught: Sequence[Lesson], encoder: Encoder, centre: Floats, before: Head | None) -> Views:
    """The views of the lessons; those that an older head already looked at are taken over."""
    if before is None or before.encoder != encoder.name or not np.array_equal(before.centre, centre):
        return look([lesson.text for lesson in taught], encoder, centre)
    seen = {lesson.text: row for row, lesson in enumerate(before.lessons)}
    fresh = tuple(dict.fromkeys(lesson.text for lesson in taught if lesson.text not in seen))
    both = _join(before.views, look(fresh, encoder, centre)) if fresh else before.views
    places = seen | {text: len(before.lessons) + row for row, text in enumerate(fresh)}
    return both.take(np.array([places[lesson.text] for lesson in taught], np.int64))


def _join(first: Views, second: Views) -> Views:
    return Views(
        meaning=np.concatenate([first.meaning, second.meaning]),
        middle=np.concatenate([first.middle, second.middle]),
        sketch=np.concatenate([first.sketch, second.sketch]),
    )


def _start(before: Head | None, names: tuple[str, ...], taught: Sequence[Lesson]) -> Floats | None:
    """Coefficients of the lessons that an older head of the same roster already knew; zero for new ones."""
    if before is None or before.agents != names:
        return None
    known = {(one.text, one.agent): row for one, row in zip(before.lessons, before.coefficients, strict=True)}
    empty = np.zeros(len(names) + 1, np.float32)
    return np.stack([known.get((lesson.text, lesson.agent), empty) for lesson in taught])
