"""Odd requests, odd results, odd tools: always an answer, never an exception, never a loop."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_ai import Agent, Tool

from nova.models.extractive import ExtractiveModel
from nova.models.extractive.replying import reply
from nova.models.extractive.values import Answer, Argument, Ask, Conversation, Result, Turn
from nova.models.extractive.values import Tool as Offered

SEARCH = Offered(
    name="files_search", description="Searches files for words.", arguments=(Argument(name="query", required=True),)
)
READ = Offered(
    name="files_read",
    description="Reads one file.",
    arguments=(
        Argument(name="path", required=True, values=("a/b.py", "notes.md")),
        Argument(name="start_line", kind="integer"),
        Argument(name="end_line", kind="integer"),
    ),
)


@pytest.mark.parametrize(
    "text", ["", "   ", "?", "\x00\x1b[31m", "\ud800", "((((", "日本語のモデルはどこ", "1" * 9_000]
)
async def test_any_request_gets_an_answer(text: str) -> None:
    """Empty, unreadable and foreign requests end in a sentence."""
    answer = (await Agent(ExtractiveModel()).run(text)).output
    assert answer
    assert answer.isprintable() or "\n" in answer


async def test_an_empty_request_is_told_apart() -> None:
    """An empty request is called empty."""
    assert (await Agent(ExtractiveModel()).run("  ")).output.startswith("The request is empty.")


async def test_ten_megabytes_are_read_in_part_and_said_so() -> None:
    """A result of 10 MB costs less than two seconds, and the answer says that only its beginning was read."""

    def files_search(query: str) -> str:
        """Searches the text of all files for words."""
        del query
        return "Many lines.\n" + "\n".join(f"a/b.py:{at}  some rounding in line {at}" for at in range(1, 280_000))

    began = time.process_time()
    result = await Agent(ExtractiveModel(), tools=[Tool(files_search)]).run("where is the rounding done?")
    assert time.process_time() - began < 2.0
    assert "A result was too long: only its first 4,000 lines were read." in result.output
    assert len(result.output) < 10_000


async def test_control_characters_of_a_result_are_not_shown() -> None:
    """What a file does to a terminal stays out of the answer."""

    def files_search(query: str) -> str:
        """Searches the text of all files for words."""
        del query
        return "One line.\na.py:1  \x1b]0;title\x07rounding \x00here\x1b[31m"

    answer = (await Agent(ExtractiveModel(), tools=[Tool(files_search)]).run("where is the rounding done?")).output
    assert "rounding here" in answer
    assert "\x1b" not in answer
    assert "\x00" not in answer


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80), st.text(max_size=300), st.text(max_size=200), st.text(max_size=60))
def test_no_text_anywhere_raises_or_loops(request: str, found: str, earlier: str, instructions: str) -> None:
    """Whatever is asked, found and said before: after at most five steps there is an answer, no call made twice."""
    turn = Turn(request=request)
    before = (Turn(request=earlier, answer=f"- `a/b.py:3` {earlier}"),)
    made: list[object] = []
    for _ in range(6):
        step = reply(Conversation(instructions=instructions, now=turn, earlier=before), (SEARCH, READ))
        if isinstance(step, Answer):
            assert step.text
            return
        assert isinstance(step, Ask)
        made.extend(step.calls)
        results = tuple(Result(call=call, text=found) for call in step.calls)
        turn = Turn(request=request, results=(*turn.results, *results), rounds=turn.rounds + 1)
    assert len(made) == len(set(made))
    pytest.fail("no answer after six steps")
