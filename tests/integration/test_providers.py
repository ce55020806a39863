"""Every kind of provider, over real HTTP in its own streaming format: right answers and honest failures."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.support.loopback import (
    ANSWER,
    ANTHROPIC,
    COMPATIBLE,
    GOOGLE,
    KEY,
    OPENAI,
    READ,
    a_provider,
    loopback,
    settings,
)
from tests.support.one_run import QUESTION, Ran, run_once
from tests.support.provider_server import (
    INPUT_TOKENS,
    OUTPUT_TOKENS,
    Asked,
    Break,
    ProviderServer,
    Refuse,
    Speak,
    Turn,
    closed_port,
    serve,
)

from nova.core.degradations import DegradationKind
from nova.core.errors import ProviderTransient
from nova.core.events import Degraded, ModelCalled, TextContent, TextEnded
from nova.core.limits import Limits
from nova.core.outcomes import Done, Failed, Stopped
from nova.models import packages, providers
from nova.models.ask import ask
from nova.settings.definition import ModelChoice, Price, ProviderKind

__all__ = ["loopback"]
KINDS = tuple(ProviderKind)
KEY_HEADERS = {
    OPENAI: ("authorization", f"Bearer {KEY}"),
    COMPATIBLE: ("authorization", f"Bearer {KEY}"),
    ANTHROPIC: ("authorization", f"Bearer {KEY}"),
    GOOGLE: ("x-goog-api-key", KEY),
}
PRICED = {OPENAI: "gpt-4o", ANTHROPIC: "claude-opus-4-8", GOOGLE: "gemini-2.5-pro"}
FAILURES: dict[str, tuple[Turn, str]] = {
    "server error": (Refuse(500), "cannot answer at the moment (HTTP 500: not today)"),
    "rate limit": (Refuse(429), "cannot answer at the moment (HTTP 429: not today)"),
    "wrong key": (Refuse(401), "refused the key (HTTP 401)"),
    "unknown model": (Refuse(404), "HTTP 404"),
    "reset": (Break.RESET, "cannot answer at the moment"),
    "cut before the first byte": (Break.CUT_BEFORE_FIRST_BYTE, "cannot answer at the moment"),
    "no JSON": (Break.MALFORMED, "did not answer in a usable way (Failed to decode"),
    "other JSON": (Break.WRONG_SHAPE, "did not answer in a usable way"),
    "silence": (Break.SILENT, "cannot answer at the moment"),
}


def fallbacks(ran: Ran) -> tuple[str, ...]:
    """The sentences about models that did not answer."""
    return ran.degraded(DegradationKind.FALLBACK_MODEL)


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_answers_through_the_loop(kind: ProviderKind, tmp_path: Path) -> None:
    """A provider of every kind calls a tool, gets its result, and answers with a citation that holds."""
    with serve(READ, Speak(ANSWER)) as server:
        ran = await run_once(tmp_path, settings=settings((a_provider("mine", kind, server.address), "model-x")))
    assert isinstance(ran.outcome, Done)
    assert ran.outcome.text == ANSWER
    assert ran.outcome.verified
    assert [str(citation) for citation in ran.outcome.citations] == ["notes.md:3"]
    assert len(server.asked) == 2
    assert QUESTION in server.asked[0].text
    for asked in server.asked:
        assert "Search the files, read the place, answer with path:line." in asked.text
        assert "files_search" in asked.text
    assert "The rent of the workshop is 940 euros." in server.asked[1].text
    said = [event.happening.delta for event in ran.events if isinstance(event.happening, TextContent)]
    assert "".join(said) == ANSWER


@pytest.mark.parametrize("kind", KINDS)
async def test_the_key_goes_to_the_provider_and_nowhere_else(
    kind: ProviderKind, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The key is in its header, in no body and no address, and in nothing that Nova writes or logs."""
    caplog.set_level(logging.DEBUG)
    with serve(READ, Speak(ANSWER)) as server:
        ran = await run_once(tmp_path, settings=settings((a_provider("mine", kind, server.address), "model-x")))
    header, value = KEY_HEADERS[kind]
    for asked in server.asked:
        assert asked.headers[header] == value
        assert KEY not in asked.path + asked.text
    assert KEY not in ran.everything
    assert KEY not in caplog.text
    assert _files_with(KEY, tmp_path) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_key_that_the_server_repeats_is_hidden(
    kind: ProviderKind, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A provider that puts the key into its error message does not get it into the record, the outcome or the log."""
    caplog.set_level(logging.DEBUG)
    with serve(Refuse(500, f"the key {KEY} met an error")) as server:
        ran = await run_once(tmp_path, settings=settings((a_provider("mine", kind, server.address), "model-x")))
    assert "the key [secret] met an error" in fallbacks(ran)[0]
    assert KEY not in ran.everything
    assert KEY not in caplog.text
    assert _files_with(KEY, tmp_path) == []


def _files_with(text: str, folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_ledger_has_the_tokens_that_the_server_reported(kind: ProviderKind, tmp_path: Path) -> None:
    """Each call is one line of the ledger and one event, by the owner's name for the model, with reported tokens."""
    with serve(READ, Speak(ANSWER)) as server:
        ran = await run_once(tmp_path, settings=settings((a_provider("mine", kind, server.address), "model-x")))
    assert [(row.model, row.input_tokens, row.output_tokens, row.failed) for row in ran.ledger] == [
        ("mine:model-x", INPUT_TOKENS, OUTPUT_TOKENS, "")
    ] * 2
    called = [event.happening for event in ran.events if isinstance(event.happening, ModelCalled)]
    assert [(call.model, call.input_tokens, call.output_tokens) for call in called] == [
        ("mine:model-x", INPUT_TOKENS, OUTPUT_TOKENS)
    ] * 2
    assert (ran.usage.input_tokens, ran.usage.output_tokens) == (2 * INPUT_TOKENS, 2 * OUTPUT_TOKENS)


@pytest.mark.parametrize("kind", PRICED)
async def test_a_published_price_becomes_a_cost(kind: ProviderKind, tmp_path: Path) -> None:
    """A model with a published price costs something, and nothing is said about unknown prices."""
    with serve(READ, Speak(ANSWER)) as server:
        ran = await run_once(tmp_path, settings=settings((a_provider("mine", kind, server.address), PRICED[kind])))
    assert all(row.cost_usd is not None and 0 < row.cost_usd < 0.1 for row in ran.ledger)
    assert ran.usage.cost_usd == pytest.approx(sum(row.cost_usd or 0 for row in ran.ledger))
    assert ran.degraded(DegradationKind.UNPRICED) == ()


async def test_the_owners_price_counts(tmp_path: Path) -> None:
    """A price in nova.toml is dollars for a million tokens, and is used before any published one."""
    prices = MappingProxyType({"gpt-4o": Price(input_usd=2.0, output_usd=10.0)})
    with serve(Speak(ANSWER)) as server:
        mine = replace(a_provider("mine", OPENAI, server.address), prices=prices)
        ran = await run_once(tmp_path, settings=settings((mine, "gpt-4o")))
    assert ran.ledger[0].cost_usd == pytest.approx((INPUT_TOKENS * 2.0 + OUTPUT_TOKENS * 10.0) / 1_000_000)


async def test_an_unknown_price_is_said(tmp_path: Path) -> None:
    """Without a price the cost is unknown, never zero, and the outcome says so once, with the place to set it."""
    with serve(READ, Speak(ANSWER)) as server:
        ran = await run_once(tmp_path, settings=settings((a_provider("mine", COMPATIBLE, server.address), "gpt-4o")))
    assert [row.cost_usd for row in ran.ledger] == [None, None]
    assert ran.usage.cost_usd is None
    [what] = ran.degraded(DegradationKind.UNPRICED)
    assert what.startswith("The price of mine:gpt-4o is unknown")
    [said] = [one for one in ran.outcome.degradations if one.kind is DegradationKind.UNPRICED]
    assert "[providers.mine]" in said.mend


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("kind", KINDS)
async def test_the_next_model_answers_when_the_first_fails(kind: ProviderKind, failure: str, tmp_path: Path) -> None:
    """Whatever the first provider does, it is asked once, the next one answers, and the outcome names both and why."""
    turn, why = FAILURES[failure]
    with serve(turn) as broken, serve(READ, Speak(ANSWER)) as working:
        tries = (
            (a_provider("first", kind, broken.address, 0.5 if turn is Break.SILENT else 20.0), "model-x"),
            (a_provider("second", OPENAI, working.address), "gpt-4o"),
        )
        ran = await run_once(tmp_path, settings=settings(*tries))
    assert isinstance(ran.outcome, Done)
    assert ran.outcome.text == ANSWER
    assert (len(broken.asked), len(working.asked)) == (1, 2), "no retry inside an SDK, none in the run's later steps"
    assert [row.model for row in ran.ledger] == ["first:model-x", "second:gpt-4o", "second:gpt-4o"]
    assert why in ran.ledger[0].failed
    [what] = fallbacks(ran)
    assert what.startswith("first:model-x ")
    assert why in what
    assert what.endswith("; second:gpt-4o was asked instead.")
    assert what in [event.happening.what for event in ran.events if isinstance(event.happening, Degraded)]
    assert ran.usage.model_calls == 3


async def test_a_refused_connection_falls_back(tmp_path: Path) -> None:
    """A local server that is not running costs one entry of the ledger, and the next model answers."""
    with serve(READ, Speak(ANSWER)) as working:
        tries = [(a_provider(f"down-{kind.value}", kind, closed_port()), "model-x") for kind in KINDS]
        ran = await run_once(tmp_path, settings=settings(*tries, (a_provider("up", ANTHROPIC, working.address), "m")))
    assert isinstance(ran.outcome, Done)
    assert ran.outcome.text == ANSWER
    assert [row.model.partition(":")[0] for row in ran.ledger] == [
        *(f"down-{kind.value}" for kind in KINDS),
        "up",
        "up",
    ]
    assert len(fallbacks(ran)) == len(KINDS)
    assert all("cannot answer at the moment" in what for what in fallbacks(ran))


async def test_the_built_in_model_answers_when_all_fail(tmp_path: Path) -> None:
    """When every provider is down there is still an answer with a citation, and every failed try is named."""
    with serve(Refuse(503)) as one, serve(Refuse(401)) as two:
        tries = (a_provider("one", OPENAI, one.address), "gpt-4o"), (a_provider("two", ANTHROPIC, two.address), "m")
        ran = await run_once(tmp_path, settings=settings(*tries))
    assert isinstance(ran.outcome, Done)
    assert "940" in ran.outcome.text
    assert "notes.md:3" in ran.outcome.text
    assert (len(one.asked), len(two.asked)) == (1, 1)
    assert [what.partition(" ")[0] for what in fallbacks(ran)] == ["one:gpt-4o", "two:m"]
    assert fallbacks(ran)[0].endswith("; two:m was asked instead.")
    assert fallbacks(ran)[1].endswith("; the built-in model was asked instead.")
    assert ran.ledger[-1].model == "extractive"


@pytest.mark.parametrize("kind", [OPENAI, COMPATIBLE, GOOGLE])
async def test_a_stream_that_breaks_in_the_middle_fails_aloud(kind: ProviderKind, tmp_path: Path) -> None:
    """Once words were said no other model talks over them: the run fails as transient, and what was said is kept."""
    with serve(Break.CUT_IN_THE_MIDDLE) as broken, serve(Speak(ANSWER)) as working:
        tries = (
            (a_provider("first", kind, broken.address), "m"),
            (a_provider("second", OPENAI, working.address), "gpt-4o"),
        )
        ran = await run_once(tmp_path, settings=settings(*tries))
    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error == ProviderTransient.__name__
    assert ran.outcome.mend == "Try again later."
    assert working.asked == []
    assert any(isinstance(event.happening, TextContent) for event in ran.events)
    assert isinstance(ran.events[-1].happening, TextEnded)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_provider_that_is_not_cleared_is_never_contacted(kind: ProviderKind, tmp_path: Path) -> None:
    """Text of a client reaches only providers that are cleared for it; that one was skipped is said with its mend."""
    with serve(Speak("I should not know this.")) as outside, serve(READ, Speak(ANSWER)) as inside:
        cleared = replace(a_provider("inside", OPENAI, inside.address), cleared_for=frozenset({"workshop"}))
        tries = (a_provider("outside", kind, outside.address), "m"), (cleared, "gpt-4o")
        ran = await run_once(tmp_path, settings=settings(*tries), confidentiality="client")
    assert outside.asked == []
    assert isinstance(ran.outcome, Done)
    assert ran.outcome.text == ANSWER
    assert fallbacks(ran) == ("outside:m was not asked: outside is not cleared for client text of workshop.",)
    assert "cleared_for under [providers.outside]" in ran.outcome.degradations[0].mend


async def test_with_no_cleared_provider_the_built_in_model_answers(tmp_path: Path) -> None:
    """When no provider may see the text, no byte is sent, and the answer is the built-in model's."""
    with serve(Speak("I should not know this.")) as outside:
        mine = a_provider("outside", OPENAI, outside.address)
        ran = await run_once(tmp_path, settings=settings((mine, "gpt-4o")), confidentiality="client")
    assert outside.asked == []
    assert not ran.generates
    assert isinstance(ran.outcome, Done)
    assert "940" in ran.outcome.text
    assert ran.degraded(DegradationKind.NO_PROVIDER)
    assert len(fallbacks(ran)) == 1


async def test_a_missing_key_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is not there leaves the provider uncontacted, and the outcome says which variable to set."""
    monkeypatch.delenv("LOOPBACK_KEY")
    with serve() as server:
        ran = await run_once(tmp_path, settings=settings((a_provider("mine", OPENAI, server.address), "gpt-4o")))
    assert server.asked == []
    assert fallbacks(ran) == ("The secret env:LOOPBACK_KEY is empty or not there.",)
    assert ran.outcome.degradations[0].mend == "Set it: export LOOPBACK_KEY=..."


async def test_a_missing_package_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider whose package is not installed is skipped, and the outcome names the command that adds it."""
    monkeypatch.setitem(packages.PACKAGES, ANTHROPIC, "anthropic_is_not_here")
    with serve() as server:
        ran = await run_once(tmp_path, settings=settings((a_provider("mine", ANTHROPIC, server.address), "m")))
    assert server.asked == []
    assert fallbacks(ran) == ("The provider mine needs a package that is not installed.",)
    assert ran.outcome.degradations[0].mend == "Add it: ./nova setup anthropic"


async def test_a_compatible_server_without_a_key_gets_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key in OPENAI_API_KEY is never sent to a server that merely speaks the same format."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with serve(Speak(ANSWER)) as server:
        local = replace(a_provider("local", COMPATIBLE, server.address), api_key=None)
        await run_once(tmp_path, settings=settings((local, "qwen3")))
    assert KEY not in str(server.asked[0].headers)


async def test_a_run_that_is_stopped_hangs_up(tmp_path: Path) -> None:
    """Cancelling a run that waits for a provider ends at once, enters the call, and asks no other model."""
    with serve(Break.SILENT) as slow, serve(Speak(ANSWER)) as working:
        patient = a_provider("slow", OPENAI, slow.address, timeout_seconds=30.0)
        tries = (patient, "gpt-4o"), (a_provider("second", OPENAI, working.address), "gpt-4o")
        run = asyncio.create_task(run_once(tmp_path, settings=settings(*tries)))
        await _asked(slow)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(run, timeout=1.0)
    assert working.asked == []


async def test_the_runs_own_time_is_over_a_slow_provider(tmp_path: Path) -> None:
    """A provider that is slower than the run may last ends as Stopped by the limit, not as a failure of the model."""
    with serve(Break.SILENT) as slow:
        patient = a_provider("slow", ANTHROPIC, slow.address, timeout_seconds=30.0)
        ran = await run_once(tmp_path, settings=settings((patient, "m")), limits=Limits(seconds_max=0.5))
    assert isinstance(ran.outcome, Stopped)
    assert ran.outcome.reason == "seconds"
    assert [row.failed for row in ran.ledger] == ["was stopped"]
    assert fallbacks(ran) == ()


async def _asked(server: ProviderServer) -> Asked:
    async with asyncio.timeout(5):
        while not server.asked:  # noqa: ASYNC110 - the server lives in another thread
            await asyncio.sleep(0.01)
    return server.asked[0]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_arbiters_single_question_works_too(kind: ProviderKind) -> None:
    """One question without tools gets one text back, from every kind of provider."""
    with serve(Speak("agent: erp-schema")) as server:
        model = providers.connect(a_provider("mine", kind, server.address), ModelChoice(provider="mine", model="m"))
        text = await ask(model, system="You choose.", question="Who takes this?", seconds_max=5.0)
    assert text == "agent: erp-schema"
    assert "Who takes this?" in server.asked[0].text


async def test_the_arbiters_question_fails_as_novas_own_error() -> None:
    """A provider that is down raises ProviderTransient with a sentence, never an error of the library."""
    with serve(Refuse(503, "overloaded")) as server:
        model = providers.connect(a_provider("mine", OPENAI, server.address), ModelChoice(provider="mine", model="m"))
        with pytest.raises(ProviderTransient, match="HTTP 503: overloaded"):
            await ask(model, system="You choose.", question="Who takes this?", seconds_max=5.0)
