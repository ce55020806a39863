"""How long is waited before another try, and how the three wire formats say how long they want to be left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai.exceptions import (
    ContentFilterError,
    FallbackExceptionGroup,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelHTTPError,
    ModelRateLimitError,
    ModelServerError,
    UnexpectedModelBehavior,
)

from nova.core.errors import ProviderPermanent, ProviderTransient
from nova.models.failures import reason, spoken, transient, wished_seconds
from nova.models.patience import ONE_TRY, Patience, wait_before

PATIENCE = Patience()
WISHES = {
    "Rate limit reached. Please try again in 20s.": 20.0,
    "Please try again in 1.5s. Visit https://example.org": 1.5,
    "Please try again in 6m0s.": 360.0,
    "Please try again in 1h2m3.5s.": 3_723.5,
    "Please try again in 320ms.": 0.32,
    "try again in 2 seconds": 2.0,
    "Retry after 3 minutes": 180.0,
    "Please try again later.": None,
    "You sent 20s of audio.": None,
}


def refused(status: int, message: str = "no", retry_after: str = "") -> ModelHTTPError:
    """An HTTP error as the library makes it."""
    kind = {429: ModelRateLimitError, 500: ModelServerError, 401: ModelAuthenticationError}[status]
    body = {"error": {"message": message}}
    headers = {"retry-after": retry_after} if retry_after else None
    return ModelHTTPError.for_category(kind, status_code=status, model_name="m", body=body, headers=headers)


@pytest.mark.parametrize("words", WISHES)
def test_a_wish_in_words_is_understood(words: str) -> None:
    """What a provider says in its message about when to come back is kept, and nothing else is taken for it."""
    assert wished_seconds(refused(429, words)) == WISHES[words]


def test_the_header_counts_before_the_words() -> None:
    """A header is exact; the words are for people."""
    assert wished_seconds(refused(429, "Please try again in 20s.", retry_after="7")) == 7.0
    assert wished_seconds(RuntimeError("try again in 20s")) is None


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (refused(429), True),
        (refused(500), True),
        (ModelConnectionError("m", "reset"), True),
        (refused(401), False),
        (ModelAPIError("m", "no JSON"), False),
        (ContentFilterError("no"), False),
        (UnexpectedModelBehavior("no"), False),
        (ValueError("no"), False),
        (FallbackExceptionGroup("all", [refused(401), refused(500)]), True),
        (FallbackExceptionGroup("all", [refused(401), ContentFilterError("no")]), False),
    ],
)
def test_transient_and_permanent_are_told_apart_by_class(error: Exception, passes: bool) -> None:
    """What may pass is ProviderTransient, everything else ProviderPermanent, and both say what to do next."""
    assert transient(error) is passes
    said = spoken(error)
    assert isinstance(said, ProviderTransient if passes else ProviderPermanent)
    assert said.what
    assert said.mend
    assert reason(error)


def test_a_transient_error_carries_the_wish() -> None:
    """Whoever catches it knows when it is worth another try."""
    said = spoken(refused(429, retry_after="7"))
    assert isinstance(said, ProviderTransient)
    assert said.retry_after_seconds == 7.0


@given(
    again=st.integers(2, 9),
    wished=st.none() | st.floats(0, 1e6),
    spent=st.floats(0, 100),
    left=st.floats(0, 200),
    chance=st.floats(0, 1),
)
def test_a_wait_keeps_every_bound(again: int, wished: float | None, spent: float, left: float, chance: float) -> None:
    """No wait is shorter than was wished for, longer than patience, or longer than what is left of the run."""
    wait = wait_before(again, PATIENCE, wished_seconds=wished, spent=spent, left=left, chance=chance)
    if wait is None:
        return
    assert again <= PATIENCE.tries_max
    assert wait >= (wished or 0.0)
    assert wait <= PATIENCE.wait_seconds_max
    assert spent + wait <= PATIENCE.spent_seconds_max
    assert wait < left


def test_waits_grow_and_spread() -> None:
    """Each wait is twice the one before, and chance spreads it over the upper half."""

    def wait(again: int, chance: float) -> float | None:
        return wait_before(again, PATIENCE, wished_seconds=None, spent=0.0, left=60.0, chance=chance)

    assert [wait(2, 1.0), wait(3, 1.0)] == [0.5, 1.0]
    assert [wait(2, 0.0), wait(3, 0.0)] == [0.25, 0.5]
    assert wait(4, 0.5) is None
    assert wait_before(2, ONE_TRY, wished_seconds=None, spent=0.0, left=60.0, chance=0.0) is None
