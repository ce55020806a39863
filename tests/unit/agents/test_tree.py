"""The tree of a run: what parts use counts in the whole, a part gets its share, each limit says where it is raised."""

from __future__ import annotations

import pytest

from nova.agents.tree import Passing, Tree, lowered
from nova.core.errors import LimitReached
from nova.core.events import ModelCalled
from nova.core.limits import TreeLimits, Usage
from nova.core.plans import Budget


def a_call(tokens: int = 10, cost: float | None = 0.5) -> ModelCalled:
    return ModelCalled(model="m", purpose="answer", input_tokens=tokens, output_tokens=0, cost_usd=cost, seconds=0.1)


def passing(sender: str, agent: str, task: str = "look into it", *facts: str) -> Passing:
    return Passing(sender=sender, agent=agent, task=task, facts=frozenset(facts))


def down(tree: Tree, *chain: Passing) -> Tree:
    """The branch at the end of a line of handoffs, each of them counted."""
    for one in chain:
        tree.pass_on(one)
        tree = tree.branch(passing=one)
    return tree


def test_what_a_part_uses_counts_in_the_whole() -> None:
    """Calls, tokens and money of every part are those of the tree, whoever made them."""
    tree = Tree()
    first, second = tree.branch(), tree.branch().branch()
    for part in (first, second):
        part.before_model_call()
        part.after_model_call(a_call())
        part.before_tool_call()
    assert tree.usage == Usage(model_calls=2, tool_calls=2, input_tokens=20, cost_usd=1.0)
    assert first.usage.model_calls == second.usage.model_calls == 1


def test_a_limit_of_the_whole_stops_every_part() -> None:
    """When the tree's model calls are used up no part makes another, and the error says which key to raise where."""
    tree = Tree(TreeLimits(model_calls_max=2))
    tree.branch().before_model_call()
    tree.before_model_call()
    with pytest.raises(LimitReached) as caught:
        tree.branch().before_model_call()
    assert caught.value.limit == "tree.model_calls"
    assert "2 model calls" in caught.value.evidence
    assert "raise model_calls_max under [tree] in nova.toml" in caught.value.mend


def test_a_share_is_of_what_is_left() -> None:
    """A part with half of what is left stops at that half, though the tree has more."""
    tree = Tree(TreeLimits(model_calls_max=10), used=Usage(model_calls=4))
    part = tree.branch(0.5)
    for _ in range(3):
        part.before_model_call()
    with pytest.raises(LimitReached, match="50% of what was left"):
        part.before_model_call()
    tree.before_model_call()


def test_every_number_of_the_tree_is_a_limit() -> None:
    """Tool calls, tokens, money and time of the whole end it, each under its own name."""
    limits = TreeLimits(tool_calls_max=1, tokens_max=100, cost_usd_max=1.0)
    tree = Tree(limits)
    tree.before_tool_call()
    with pytest.raises(LimitReached, match="1 tool calls were made"):
        tree.before_tool_call()
    tree.after_model_call(a_call(tokens=100, cost=0.1))
    with pytest.raises(LimitReached, match="100 of 100 tokens"):
        tree.before_model_call()
    rich = Tree(limits)
    rich.after_model_call(a_call(cost=1.0))
    with pytest.raises(LimitReached, match=r"\$1.0000 of \$1.0000"):
        rich.before_model_call()
    now = [0.0]
    slow = Tree(TreeLimits(seconds_max=60.0), clock=lambda: now[0])
    part = slow.branch(seconds=10.0)
    now[0] = 11.0
    with pytest.raises(LimitReached, match="10 seconds had passed by this part"):
        part.before_model_call()
    slow.before_model_call()
    now[0] = 61.0
    with pytest.raises(LimitReached, match="60 seconds had passed by the run and everything below it"):
        slow.branch().before_tool_call()


def test_limited_money_and_an_unknown_price_end_the_tree() -> None:
    """With a limit in money, a call whose price nobody knows is the last one."""
    tree = Tree(TreeLimits(cost_usd_max=5.0))
    tree.after_model_call(a_call(cost=None))
    with pytest.raises(LimitReached, match="without a known price"):
        tree.before_model_call()


def test_what_was_used_before_a_crash_still_counts() -> None:
    """A tree that is taken up again begins with what it had used, time included."""
    tree = Tree(TreeLimits(model_calls_max=5, seconds_max=100), used=Usage(model_calls=5), seconds=40.0)
    assert 59 < tree.seconds_left <= 60
    with pytest.raises(LimitReached):
        tree.before_model_call()


def test_an_output_has_a_size() -> None:
    """One output larger than allowed is refused, and named."""
    tree = Tree(TreeLimits(output_bytes_max=1_000))
    tree.branch().check_output(1_000, "files_read")
    with pytest.raises(LimitReached, match="files_read gave 1,001 bytes, of 1,000"):
        tree.branch().check_output(1_001, "files_read")


def test_handoffs_have_a_number_and_a_depth() -> None:
    """More handoffs than allowed, side by side or one below the other, stop; the way down is the evidence."""
    tree = Tree(TreeLimits(handoffs_max=2, depth_max=2))
    deep = down(tree, passing("a", "b"), passing("b", "c"))
    with pytest.raises(LimitReached, match=r"3 times in a row \(a -> b -> c -> d\)") as caught:
        deep.pass_on(passing("c", "d"))
    assert caught.value.limit == "tree.depth"
    with pytest.raises(LimitReached, match="passed on 2 times"):
        tree.pass_on(passing("a", "e"))


def test_to_and_fro_with_nothing_new_ends_at_two_rounds() -> None:
    """a, b, a, b, a: the third time a would pass the same on to b, it stops, whatever the words."""
    for again in ("look into it", "please do look into it"):
        deep = down(Tree(), passing("a", "b"), passing("b", "a"), passing("a", "b", again), passing("b", "a", again))
        with pytest.raises(LimitReached, match="to and fro 2 times, nothing new") as caught:
            deep.pass_on(passing("a", "b", again + " now"))
        assert caught.value.limit == "ping_pong"
        assert "@b" in caught.value.mend


def test_something_new_keeps_it_going() -> None:
    """Two agents that bring a new fact and a new task each time are bounded by depth alone."""
    tree = Tree(TreeLimits(depth_max=10))
    names = ["a", "b"]
    chain = [passing(names[n % 2], names[(n + 1) % 2], f"step {n}", f"file{n}.py:1") for n in range(8)]
    assert down(tree, *chain).depth == 8


def test_the_same_task_side_by_side_ends_too() -> None:
    """The same task for the same agent a third time stops; other tasks and new facts do not."""
    tree = Tree()
    tree.pass_on(passing("a", "b", "t", "x:1"))
    tree.pass_on(passing("a", "b", "t", "x:1"))
    tree.pass_on(passing("a", "b", "another", "x:1"))
    tree.pass_on(passing("a", "b", "t", "x:1", "y:2"))
    with pytest.raises(LimitReached, match="nothing new"):
        tree.pass_on(passing("a", "b", "t", "y:2"))


def test_a_budget_lowers_and_never_raises() -> None:
    """A plan's budget lowers the tree's limits; what it leaves open, or sets higher, stays."""
    limits = TreeLimits(model_calls_max=10, cost_usd_max=None)
    got = lowered(limits, Budget(model_calls=50, tokens=1_000, cost_usd=0.5, seconds=9.0))
    assert (got.model_calls_max, got.tokens_max, got.cost_usd_max, got.seconds_max) == (10, 1_000, 0.5, 9.0)
    assert got.tool_calls_max == limits.tool_calls_max
    part = Tree(limits).within(got, "under budget in draft.yaml")
    part.before_model_call()
    part.after_model_call(a_call(tokens=1_000, cost=0.0))
    with pytest.raises(LimitReached) as caught:
        part.before_model_call()
    assert "raise tokens under budget in draft.yaml" in caught.value.mend
