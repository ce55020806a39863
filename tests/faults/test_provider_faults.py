"""Providers that break in every way seen in the wild, over real HTTP in the three wire formats.

Each fault ends in a typed state, in bounded time and memory, and nothing partial passes for an answer.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from tests.support.loopback import (
    ANSWER,
    COMPATIBLE,
    FORMATS,
    GOOGLE,
    KEY,
    OPENAI,
    READ,
    a_provider,
    loopback,
    settings,
)
from tests.support.one_run import Ran, run_once
from tests.support.provider_server import Break, Ending, Refuse, Speak, Turn, UseTool, UseTools, serve

from nova.agents.run import ANSWER_CHARACTERS_MAX
from nova.core.degradations import DegradationKind
from nova.core.events import Retried, TextContent, TextEnded, ToolReturned
from nova.core.limits import Limits
from nova.core.outcomes import Done, Failed, Stopped
from nova.models.patience import ONE_TRY, Patience
from nova.settings.definition import ProviderKind

__all__ = ["loopback"]
SECONDS_MAX = 10.0
"""No fault may hold a run for longer; without a limit most of them would last for ever."""
MEMORY_MAX = 160_000_000
QUICK = Patience(wait_seconds=0.01)
WORDS = "The rent is 940 euros, and then "
HALF_A_CALL = UseTool("files_read", {"path": "notes.md", "start_line": 1})

UNHEARD: dict[str, Turn] = {
    "hang after the headers": Speak("", Ending.HANG),
    "drip of nothing": Break.DRIP,
    "ends without a word": Speak("", Ending.UNSAID),
    "cut in a call": replace(HALF_A_CALL, ending=Ending.CUT),
    "a call without an end": replace(HALF_A_CALL, ending=Ending.UNSAID),
    "no JSON after a call": replace(HALF_A_CALL, ending=Ending.MALFORMED),
    "overloaded after a call": replace(HALF_A_CALL, ending=Ending.OVERLOADED),
    "hang in a call": replace(HALF_A_CALL, ending=Ending.HANG),
    "filtered": Speak("", Ending.FILTERED),
}
HEARD: dict[str, tuple[Turn, str]] = {
    "cut": (Speak(WORDS, Ending.CUT), "ProviderTransient"),
    "ends without an end": (Speak(WORDS, Ending.UNSAID), "ProviderTransient"),
    "no JSON": (Speak(WORDS, Ending.MALFORMED), "ProviderPermanent"),
    "overloaded": (Speak(WORDS, Ending.OVERLOADED), "ProviderTransient"),
    "hang": (Speak(WORDS, Ending.HANG), "ProviderTransient"),
    "filtered": (Speak(WORDS, Ending.FILTERED), "ProviderPermanent"),
    "drip of words": (Speak(WORDS * 40, pause_seconds=0.05), "ProviderTransient"),
}


async def asked(
    folder: Path,
    kind: ProviderKind,
    turns: Sequence[Turn],
    *,
    then: Sequence[Turn] = (),
    patience: Patience = ONE_TRY,
    silence: float = 20.0,
    limits: Limits | None = None,
) -> tuple[Ran, int, int]:
    """One run with a provider that answers with `turns`, and a second, sound one; and how often each was asked."""
    began = time.monotonic()
    with serve(*turns) as first, serve(*(then or (READ, Speak(ANSWER)))) as second:
        tries = (
            (a_provider("first", kind, first.address, silence), "m"),
            (a_provider("second", OPENAI, second.address), "gpt-4o"),
        )
        ran = await run_once(folder, settings=settings(*tries), patience=patience, limits=limits)
        assert time.monotonic() - began < SECONDS_MAX
        assert KEY not in ran.everything
        return ran, len(first.asked), len(second.asked)


def retries(ran: Ran) -> list[Retried]:
    """The retries on record."""
    return [event.happening for event in ran.events if isinstance(event.happening, Retried)]


def said(ran: Ran) -> str:
    """What a listener heard, all of it."""
    return "".join(event.happening.delta for event in ran.events if isinstance(event.happening, TextContent))


@pytest.mark.parametrize("fault", UNHEARD)
@pytest.mark.parametrize("kind", FORMATS)
async def test_before_a_word_was_heard_the_next_model_answers(kind: ProviderKind, fault: str, tmp_path: Path) -> None:
    """What breaks before anything was heard leaves no trace in the answer, but for a degradation that names it."""
    patience = replace(ONE_TRY, answer_seconds_max=1.5 if "drip" in fault else 300.0)
    silence = 0.8 if "hang" in fault else 20.0
    ran, first, second = await asked(tmp_path, kind, [UNHEARD[fault]], patience=patience, silence=silence)
    assert isinstance(ran.outcome, Done)
    assert (ran.outcome.text, said(ran)) == (ANSWER, ANSWER)
    assert ran.outcome.verified
    [what] = ran.degraded(DegradationKind.FALLBACK_MODEL)
    assert what.startswith("first:m ")
    assert what.endswith("; second:gpt-4o was asked instead.")
    assert (first, second) == (1, 2)
    assert ran.ledger[0].failed
    assert ran.ledger[0].failed in what


@pytest.mark.parametrize("fault", HEARD)
@pytest.mark.parametrize("kind", FORMATS)
async def test_after_words_were_heard_it_fails_aloud(kind: ProviderKind, fault: str, tmp_path: Path) -> None:
    """Words that were heard are followed by a failure, never by another model's words, and never count as an answer."""
    turn, error = HEARD[fault]
    patience = replace(QUICK, answer_seconds_max=1.5 if "drip" in fault else 300.0)
    silence = 0.8 if "hang" in fault else 20.0
    ran, first, second = await asked(tmp_path, kind, [turn, Speak(ANSWER)], patience=patience, silence=silence)
    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error == error
    assert ran.outcome.mend
    assert said(ran)
    assert said(ran) in WORDS * 40
    assert isinstance(ran.events[-1].happening, TextEnded)
    assert (first, second) == (1, 0)
    assert [bool(row.failed) for row in ran.ledger] == [True]


@pytest.mark.parametrize("kind", FORMATS)
async def test_an_answer_cut_by_the_models_own_limit_is_not_done(kind: ProviderKind, tmp_path: Path) -> None:
    """A reply that ends because the model may say no more stops the run, with what was said by then."""
    ran, _, second = await asked(tmp_path, kind, [Speak(WORDS, Ending.LENGTH)])
    assert isinstance(ran.outcome, Stopped)
    assert ran.outcome.reason == "answer_tokens"
    assert ran.outcome.text == WORDS
    assert "at its own limit of tokens" in ran.outcome.evidence
    assert ran.outcome.mend
    assert second == 0


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("error", [500, 503, 429])
async def test_a_failure_that_passes_is_tried_again(kind: ProviderKind, error: int, tmp_path: Path) -> None:
    """Two failures that may pass cost two retries, each on record before it was made, and the answer says so once."""
    turns = [Refuse(error), READ, Refuse(error), Speak(ANSWER)]
    ran, first, second = await asked(tmp_path, kind, turns, patience=QUICK)
    assert isinstance(ran.outcome, Done)
    assert ran.outcome.text == ANSWER
    assert (first, second) == (4, 0)
    assert [(one.of, one.attempt, one.error) for one in retries(ran)] == [("first:m", 2, "ProviderTransient")] * 2
    assert f"HTTP {error}" in retries(ran)[0].what
    [what] = ran.degraded(DegradationKind.RETRIED)
    assert what.startswith(f"first:m cannot answer at the moment (HTTP {error}")
    assert ran.degraded(DegradationKind.FALLBACK_MODEL) == ()
    assert [bool(row.failed) for row in ran.ledger] == [True, False, True, False]
    assert ran.usage.model_calls == 4, "a retry counts against the run's limit like any other call"


@pytest.mark.parametrize("fault", ["cut in a call", "ends without a word", "overloaded after a call"])
@pytest.mark.parametrize("kind", FORMATS)
async def test_a_stream_that_breaks_unheard_is_tried_again(kind: ProviderKind, fault: str, tmp_path: Path) -> None:
    """As long as nothing was heard a broken stream is a failure like any other: the same model is asked again."""
    ran, first, second = await asked(tmp_path, kind, [UNHEARD[fault], READ, Speak(ANSWER)], patience=QUICK)
    assert isinstance(ran.outcome, Done)
    assert (first, second) == (3, 0)
    assert said(ran) == ANSWER
    assert len(retries(ran)) == 1
    returned = [event.happening for event in ran.events if isinstance(event.happening, ToolReturned)]
    assert len(returned) == 1, "a call that was cut is not made"


@pytest.mark.parametrize("kind", FORMATS)
async def test_it_is_tried_three_times_at_most(kind: ProviderKind, tmp_path: Path) -> None:
    """A model that goes on failing is asked three times; then the next one answers, and the outcome says why."""
    ran, first, second = await asked(tmp_path, kind, [Refuse(500)] * 9, patience=QUICK)
    assert isinstance(ran.outcome, Done)
    assert (first, second) == (3, 2)
    assert [one.attempt for one in retries(ran)] == [2, 3]
    assert len(ran.degraded(DegradationKind.FALLBACK_MODEL)) == 1
    assert ran.degraded(DegradationKind.RETRIED) == ()


@pytest.mark.parametrize("turn", [Refuse(401), Refuse(404), Refuse(400), Break.MALFORMED, Speak("", Ending.FILTERED)])
@pytest.mark.parametrize("kind", FORMATS)
async def test_what_does_not_pass_is_not_tried_again(kind: ProviderKind, turn: Turn, tmp_path: Path) -> None:
    """A wrong key, an unknown model, a refusal and nonsense are permanent by their class: the next model is asked."""
    ran, first, second = await asked(tmp_path, kind, [turn, Speak(ANSWER)], patience=QUICK)
    assert isinstance(ran.outcome, Done)
    assert (first, second) == (1, 2)
    assert retries(ran) == []


@pytest.mark.parametrize("kind", FORMATS)
async def test_the_providers_wish_is_kept(kind: ProviderKind, tmp_path: Path) -> None:
    """Retry-After in seconds is waited for, exactly that long at the least, and the event says who asked for it."""
    began = time.monotonic()
    turns = [Refuse(429, retry_after="1"), Speak(ANSWER)]
    ran, first, _ = await asked(tmp_path, kind, turns, patience=QUICK)
    assert time.monotonic() - began >= 1.0
    assert isinstance(ran.outcome, Done)
    assert first == 2
    [retry] = retries(ran)
    assert (retry.seconds, retry.asked_for) == (1.0, True)


async def test_a_wish_may_be_a_date(tmp_path: Path) -> None:
    """Retry-After as an HTTP date is kept, too."""
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    ran, first, _ = await asked(tmp_path, COMPATIBLE, [Refuse(503, retry_after=at), Speak(ANSWER)], patience=QUICK)
    assert first == 2
    [retry] = retries(ran)
    assert retry.asked_for
    assert 0.1 < retry.seconds <= 2.0


@pytest.mark.parametrize("kind", [COMPATIBLE, GOOGLE])
async def test_a_wish_may_stand_in_the_body(kind: ProviderKind, tmp_path: Path) -> None:
    """Google's RetryInfo and the words of OpenAI's message count as much as the header."""
    ran, first, _ = await asked(tmp_path, kind, [Refuse(429, body_seconds=0.25), Speak(ANSWER)], patience=QUICK)
    assert first == 2
    [retry] = retries(ran)
    assert (retry.seconds, retry.asked_for) == (0.25, True)


@pytest.mark.parametrize("wish", ["3600", "10"])
@pytest.mark.parametrize("kind", FORMATS)
async def test_nobody_waits_longer_than_the_run_has(kind: ProviderKind, wish: str, tmp_path: Path) -> None:
    """A wish that is longer than patience, or than what is left of the run, leaves the turn to the next model."""
    limits = Limits(seconds_max=9.0)
    ran, first, second = await asked(
        tmp_path, kind, [Refuse(429, retry_after=wish)], patience=QUICK, limits=limits
    )  # fmt: skip
    assert isinstance(ran.outcome, Done)
    assert (first, second) == (1, 2)
    assert retries(ran) == []


@pytest.mark.parametrize("pieces", [10_000_000, 1_000])
@pytest.mark.parametrize("kind", FORMATS)
async def test_ten_megabytes_are_bounded(kind: ProviderKind, pieces: int, tmp_path: Path) -> None:
    """An answer of 10 MB stops at its limit, in one piece or in ten thousand, and takes bounded memory."""
    turn = Speak("x" * 10_000_000, piece_characters=pieces)
    tracemalloc.start()
    try:
        ran, _, second = await asked(tmp_path, kind, [turn])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(ran.outcome, Stopped)
    assert ran.outcome.reason == "answer_characters"
    assert len(ran.outcome.text) <= ANSWER_CHARACTERS_MAX
    assert second == 0
    assert sum(len(str(event.happening)) for event in ran.events) < 3 * ANSWER_CHARACTERS_MAX
    assert peak < MEMORY_MAX, f"{peak:,} bytes"


@pytest.mark.parametrize("kind", FORMATS)
async def test_arguments_of_ten_megabytes_are_bounded(kind: ProviderKind, tmp_path: Path) -> None:
    """The same holds for the arguments of a call, which nobody hears: no tool is called with them."""
    huge = UseTool("files_read", {"path": "x" * 10_000_000}, piece_characters=1_000)
    ran, _, _ = await asked(tmp_path, kind, [huge, Speak(ANSWER)])
    assert isinstance(ran.outcome, Stopped)
    assert ran.outcome.reason == "answer_characters"
    assert not any(isinstance(event.happening, ToolReturned) for event in ran.events)


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_line_without_end_is_bounded(kind: ProviderKind, tmp_path: Path) -> None:
    """A server that never ends its line costs a limit, not the machine's memory."""
    tracemalloc.start()
    try:
        ran, _, second = await asked(tmp_path, kind, [Break.ENDLESS_LINE])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(ran.outcome, Stopped)
    assert ran.outcome.reason == "answer_bytes"
    assert second == 0
    assert peak < MEMORY_MAX, f"{peak:,} bytes"


@pytest.mark.parametrize("kind", FORMATS)
async def test_an_error_of_megabytes_is_bounded(kind: ProviderKind, tmp_path: Path) -> None:
    """An error message of any length is shown as one line."""
    ran, _, _ = await asked(tmp_path, kind, [Refuse(500, "y" * 2_000_000)])
    assert isinstance(ran.outcome, Done)
    assert len(ran.everything) < 20_000


@pytest.mark.parametrize("kind", FORMATS)
async def test_two_calls_with_one_number_are_two_calls(kind: ProviderKind, tmp_path: Path) -> None:
    """Calls that share a number get one each, in one reply and across replies, so that each result has its call."""
    first = replace(READ, number="call_0")
    other = UseTool("files_search", {"query": "lamp"}, number="call_0")
    turns = [UseTools((first, other)), replace(READ, arguments={"path": "notes.md"}, number="call_0"), Speak(ANSWER)]
    ran, _, second = await asked(tmp_path, kind, turns)
    assert isinstance(ran.outcome, Done)
    assert second == 0
    returned = [event.happening for event in ran.events if isinstance(event.happening, ToolReturned)]
    assert sorted(one.tool for one in returned) == ["files_read", "files_read", "files_search"]
    assert len({one.call for one in returned}) == 3
    assert all(not one.failed for one in returned)


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_call_that_arrives_twice_is_made_once(kind: ProviderKind, tmp_path: Path) -> None:
    """The same call under the same number in one reply is a stutter of the server, and is not made again."""
    stutter = replace(READ, number="call_0")
    ran, _, _ = await asked(tmp_path, kind, [UseTools((stutter, stutter)), Speak(ANSWER)])
    assert isinstance(ran.outcome, Done)
    assert sum(isinstance(event.happening, ToolReturned) for event in ran.events) == 1


@pytest.mark.parametrize("kind", FORMATS)
async def test_lone_surrogates_hurt_nothing(kind: ProviderKind, tmp_path: Path) -> None:
    """Half a character in words and in arguments reaches neither the record nor the next request, which is sent."""
    broken = UseTool("files_search", {"query": "rent \ud83d"})
    ran, first, second = await asked(tmp_path, kind, [broken, READ, Speak(f"\udc00{ANSWER}")])
    assert isinstance(ran.outcome, Done)
    assert ran.outcome.text.endswith(ANSWER)
    assert (first, second) == (3, 0)
    ran.everything.encode("utf-8")


@pytest.mark.parametrize("kind", [COMPATIBLE])
async def test_arguments_that_are_no_json_are_sent_back(kind: ProviderKind, tmp_path: Path) -> None:
    """A call whose arguments are broken is not made; the model is told, and its next call counts."""
    ran, first, _ = await asked(tmp_path, kind, [replace(READ, raw='{"path": "notes'), READ, Speak(ANSWER)])
    assert isinstance(ran.outcome, Done)
    assert ran.outcome.verified
    assert first == 3
    assert len(ran.degraded(DegradationKind.TOOL_FAILED)) == 1
