"""Whether a cited text really carried the score: it is taken away, the head fitted anew, the score compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nova.coordinator import logistic
from nova.coordinator.explanation import matches
from nova.coordinator.fitting import lesson_weights
from nova.coordinator.head import REGULARISATION, kernel, probabilities_of, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nova.coordinator.head import Head
    from nova.models.encoders import Encoder

TRIED = 60  # each costs a fit


def faithful(head: Head, encoder: Encoder, texts: Sequence[str]) -> float:
    """Share of requests whose first agent is less probable once the first cited text is gone from the lessons."""
    tried = texts[:: max(1, len(texts) // TRIED)][:TRIED]
    similar = kernel(head.views, head.views)
    lower = 0
    for text in tried:
        everyone = np.ones(len(head.agents), np.bool_)
        scored = score(head, encoder, [text], everyone)
        best = int(scored.logits[0, :-1].argmax())
        cited = matches(head, best, scored.kernel[0], scored.cosines[0])[0]
        gone = next(row for row, one in enumerate(head.lessons) if (one.text, one.agent) == (cited.text, cited.agent))
        without = _without(head, similar, gone)
        after = probabilities_of(without, score(without, encoder, [text], everyone).logits)[0, best]
        lower += bool(after < probabilities_of(head, scored.logits)[0, best])
    return lower / max(len(tried), 1)


def _without(head: Head, similar: np.ndarray[tuple[int, int], np.dtype[np.float32]], gone: int) -> Head:
    kept = np.flatnonzero(np.arange(len(head.lessons)) != gone)
    lessons = tuple(head.lessons[row] for row in kept.tolist())
    classes, count = head.owners[kept], len(head.agents) + 1
    weights = lesson_weights(lessons, classes, count)
    fitted = logistic.fit(similar[np.ix_(kept, kept)], classes, weights, count, REGULARISATION, head.coefficients[kept])
    return replace(head, lessons=lessons, views=head.views.take(kept), coefficients=fitted)
