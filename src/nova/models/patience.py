"""How long and how often a model is asked again. Numbers and their arithmetic; refuses to know models and clocks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """What one model of a role is given before the next one is asked.

    tries_max: calls in all. wait_seconds: before the second, twice that before the third; wait_seconds_max: of one
    wait, also of one that the provider asks for. spent_seconds_max: after failing for so long it is not asked again.
    answer_seconds_max: of one whole answer, however busily it drips.
    """

    tries_max: int = 3
    wait_seconds: float = 0.5
    wait_seconds_max: float = 20.0
    spent_seconds_max: float = 30.0
    answer_seconds_max: float = 300.0


ONE_TRY = Patience(tries_max=1)
"""For whoever wants no second try."""


def wait_before(
    again: int, patience: Patience, *, wished_seconds: float | None, spent: float, left: float, chance: float
) -> float | None:
    """Seconds to wait before try number `again` (from 2), or None when it is not to be made.

    spent: seconds that the failed tries have taken; left: of the run. chance: from 0 to 1; half of the wait is left
    to it, so that many who failed together do not come back together. What the provider asks for is kept exactly.
    """
    if again > patience.tries_max:
        return None
    own = patience.wait_seconds * 2 ** (again - 2) * (0.5 + chance / 2)
    wait = max(own, wished_seconds or 0.0)
    if wait > patience.wait_seconds_max or spent + wait > patience.spent_seconds_max or wait >= left:
        return None
    return wait
