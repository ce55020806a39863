"""How meant a cut must look before a request is split, by the home's own examples: each of them is for one agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nova.coordinator import logistic
from nova.coordinator.clauses import Judged, best_split, cuts, segments
from nova.coordinator.head import confidence_of, kernel, look
from nova.coordinator.logistic import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nova.coordinator.head import Views
    from nova.coordinator.zones import Seen, Trial, ZoneSettings
    from nova.models.encoders import Encoder

    Floats = NDArray[np.float32]

SAMPLE = 100  # examples with a connective that are cut in every way; each costs about five texts of the encoder
SPLIT_LEAST, SPLIT_MOST = 0.0, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeldOut:
    """Judges texts by the fit that has not seen one lesson. similar: kernel of the numbered texts with all lessons."""

    similar: Floats
    number: dict[str, int]
    seen: Seen
    place: int

    def __call__(self, texts: Sequence[str]) -> Judged:
        kept, coefficients = self.seen.fits[int(self.seen.folds[self.place])]
        logits = self.similar[[self.number[text] for text in texts]][:, kept] @ coefficients
        logits[:, :-1][:, ~self.seen.within[self.place]] = -np.inf
        heated = logistic.softmax(logits / np.float32(self.seen.temperature))
        return Judged(probabilities=heated, confidences=confidence_of(logits))


def split_cutoff(
    trial: Trial, views: Views, centre: Floats, seen: Seen, encoder: Encoder, settings: ZoneSettings
) -> float:
    """The lowest value of a cut at which no more than `split_lost_max` of the home's own examples would be split."""
    nobody = len(trial.agents)
    own = [place for place, owner in enumerate(listed(seen.classes)) if owner != nobody]
    rows = listed(seen.rows)
    joined = [place for place in own if cuts(trial.lessons[rows[place]].text)]
    if not joined:
        return SPLIT_LEAST
    tried = joined[:: max(1, -(-len(joined) // SAMPLE))]
    texts = [trial.lessons[rows[place]].text for place in tried]
    pieces = sorted({piece for text in texts for piece in segments(text, cuts(text)).values()})
    number = {piece: row for row, piece in enumerate(dict.fromkeys((*texts, *pieces)))}
    similar = kernel(look(list(number), encoder, centre), views)
    values: list[float] = []
    for place, text in zip(tried, texts, strict=True):
        judge = _HeldOut(similar=similar, number=number, seen=seen, place=place)
        split = best_split(text, judge, judge([text]).probabilities[0], -np.inf)
        values.append(split.value if split is not None else -np.inf)
    allowed = int(settings.split_lost_max * len(own) * len(tried) / len(joined))
    worst = sorted(values, reverse=True)
    limit = worst[allowed] if allowed < len(worst) else -np.inf
    return float(min(max(limit + 1e-3, SPLIT_LEAST), SPLIT_MOST))
