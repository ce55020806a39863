"""The guard: every limit stops, with what was counted."""

from __future__ import annotations

import pytest

from nova.agents.guard import Guard
from nova.agents.tree import Tree
from nova.core.errors import LimitReached
from nova.core.events import ModelCalled
from nova.core.limits import Limits, TreeLimits


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
        guard.before_tool_call()


def test_identical_calls_end_at_the_third() -> None:
    """The same tool with the same arguments and result stops the run at the third; other calls do not count."""
    guard = Guard(Limits())
    guard.after_tool_call("files_read", '{"path":"a"}', "one line")
    guard.after_tool_call("files_read", '{"path":"b"}', "one line")
    guard.after_tool_call("files_read", '{"path":"a"}', "one line")
    with pytest.raises(LimitReached, match="called 3 times with the same arguments and result") as caught:
        guard.after_tool_call("files_read", '{"path":"a"}', "one line")
    assert caught.value.limit == "identical_calls"


def test_a_call_whose_result_changes_is_progress() -> None:
    """The same call may be made as often as its result differs from the one before."""
    guard = Guard(Limits())
    for number in range(10):
        guard.after_tool_call("tests_run", "{}", f"{number // 2} passed")
    with pytest.raises(LimitReached):
        guard.after_tool_call("tests_run", "{}", "4 passed")


def test_a_limit_of_the_tree_counts_in_every_run() -> None:
    """A run within its own limits ends when the tree that it is in has used up its own; both are counted."""
    tree = Tree(TreeLimits(model_calls_max=3))
    first, second = Guard(Limits(), tree=tree.branch()), Guard(Limits(), tree=tree.branch())
    first.before_model_call()
    second.before_model_call()
    second.before_model_call()
    with pytest.raises(LimitReached) as caught:
        first.before_model_call()
    assert caught.value.limit == "tree.model_calls"
    assert (first.usage.model_calls, second.usage.model_calls, tree.usage.model_calls) == (1, 2, 3)


def test_the_agents_file_is_named() -> None:
    """Whoever reaches an agent's own limit is told which key in which file raises it."""
    guard = Guard(Limits(model_calls_max=1), file="agents/erp-schema.md")
    guard.before_model_call()
    with pytest.raises(LimitReached) as caught:
        guard.before_model_call()
    assert "raise model_calls under nova.limits in agents/erp-schema.md" in caught.value.mend


def test_time_stands_still_while_others_work() -> None:
    """What a receiver of work takes is not the sender's time; the tree's goes on."""
    now = [0.0]
    tree = Tree(TreeLimits(seconds_max=100.0), clock=lambda: now[0])
    guard = Guard(Limits(seconds_max=10.0), clock=lambda: now[0], tree=tree)
    now[0] = 4.0
    with guard.others_work(), guard.others_work():
        now[0] = 54.0
    assert guard.seconds_left == 6.0
    guard.before_model_call()
    now[0] = 100.0
    assert guard.seconds_left == 0.0


def test_tool_calls_end() -> None:
    """One tool call more than allowed is refused."""
    guard = Guard(Limits(tool_calls_max=1))
    guard.before_tool_call()
    with pytest.raises(LimitReached, match="1 tool calls were made"):
        guard.before_tool_call()


def test_an_unknown_price_stays_unknown() -> None:
    """A sum with one unknown price in it is unknown, never a smaller number."""
    guard = Guard(Limits())
    guard.after_model_call(a_call(10, cost=0.5))
    assert guard.usage.cost_usd == 0.5
    guard.after_model_call(a_call(10, cost=None))
    assert guard.usage.cost_usd is None
    assert guard.usage.input_tokens == 20
