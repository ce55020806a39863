"""The guard: every limit stops, with what was counted."""

from __future__ import annotations

import pytest

from nova.agents.guard import Guard
from nova.core.errors import LimitReached
from nova.core.events import ModelCalled
from nova.core.limits import Limits


def a_call(tokens: int, cost: float | None = 0.5) -> ModelCalled:
    return ModelCalled(model="m", purpose="answer", input_tokens=tokens, output_tokens=0, cost_usd=cost, seconds=0.1)


def test_model_calls_end() -> None:
    """One model call more than allowed is refused before it is made."""
    guard = Guard(Limits(model_calls_max=2))
    guard.before_model_call()
    guard.before_model_call()
    with pytest.raises(LimitReached, match="2 model calls were made"):
        guard.before_model_call()


def test_tokens_end() -> None:
    """Once the tokens are used up, no further call is made."""
    guard = Guard(Limits(tokens_max=100))
    guard.before_model_call()
    guard.after_model_call(a_call(100))
    with pytest.raises(LimitReached, match="100 tokens were used of 100"):
        guard.before_model_call()


def test_time_ends() -> None:
    """A run that has used up its seconds makes neither a model call nor a tool call."""
    seconds = iter([0.0, 5.0, 11.0, 12.0])
    guard = Guard(Limits(seconds_max=10.0), clock=lambda: next(seconds))
    guard.before_model_call()
    with pytest.raises(LimitReached, match="11 of 10 seconds"):
        guard.before_model_call()
    with pytest.raises(LimitReached, match="12 of 10 seconds"):
        guard.before_tool_call("files_read", "{}")


def test_identical_calls_end_at_the_third() -> None:
    """The same tool with the same arguments stops the run at the third time; other arguments do not count."""
    guard = Guard(Limits())
    guard.before_tool_call("files_read", '{"path":"a"}')
    guard.before_tool_call("files_read", '{"path":"b"}')
    guard.before_tool_call("files_read", '{"path":"a"}')
    with pytest.raises(LimitReached, match="called 3 times with the same arguments") as caught:
        guard.before_tool_call("files_read", '{"path":"a"}')
    assert caught.value.limit == "identical_calls"


def test_tool_calls_end() -> None:
    """One tool call more than allowed is refused."""
    guard = Guard(Limits(tool_calls_max=1))
    guard.before_tool_call("git_status", "{}")
    with pytest.raises(LimitReached, match="1 tool calls were made"):
        guard.before_tool_call("git_log", "{}")


def test_an_unknown_price_stays_unknown() -> None:
    """A sum with one unknown price in it is unknown, never a smaller number."""
    guard = Guard(Limits())
    guard.after_model_call(a_call(10, cost=0.5))
    assert guard.usage.cost_usd == 0.5
    guard.after_model_call(a_call(10, cost=None))
    assert guard.usage.cost_usd is None
    assert guard.usage.input_tokens == 20
