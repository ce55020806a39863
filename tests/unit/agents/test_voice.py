"""Words of a stream: heard soon, each recorded before, and not one row a word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, FunctionModel

from nova.core.events import TextContent, TextEnded, TextStarted
from nova.testing.house import a_home, a_nova, ask

WORDS = [f"word{number} " for number in range(8)]


def speaking(pause_seconds: float) -> FunctionModel:
    """A model that says eight words with a pause between them."""

    async def stream(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        for word in WORDS:
            yield word
            await asyncio.sleep(pause_seconds)

    return FunctionModel(stream_function=stream)


async def pieces(tmp_path: Path, pause_seconds: float) -> list[str]:
    """The pieces of the answer as they were recorded and heard."""
    nova = a_nova(a_home(tmp_path / "home", agents=["general-chat"]), scripted=speaking(pause_seconds))
    told = await ask(nova, "hello", agent="general-chat")
    nova.close()
    kinds = [type(event.happening) for event in told.events]
    assert kinds.index(TextStarted) < kinds.index(TextContent) < kinds.index(TextEnded)
    return [event.happening.delta for event in told.events if isinstance(event.happening, TextContent)]


async def test_a_slow_model_is_heard_word_by_word(tmp_path: Path) -> None:
    """Words with pauses between them are recorded and heard one after the other, none is lost."""
    said = await pieces(tmp_path, 0.08)
    assert len(said) >= 4
    assert "".join(said) == "".join(WORDS)


async def test_words_that_come_at_once_are_recorded_together(tmp_path: Path) -> None:
    """A model that says everything in the same moment costs one row, not one a word."""
    said = await pieces(tmp_path, 0)
    assert said == ["".join(WORDS)]
