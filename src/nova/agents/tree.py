"""What a run and everything below it use together, against the limits of the whole. Knows numbers and names of agents.

One object for a run; a part, a handoff or a step of a plan gets a branch of it, whose use counts here as well.
Refuses to know models, tools and the store.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nova.core.errors import LimitReached
from nova.core.limits import TreeLimits, Usage

if TYPE_CHECKING:
    from nova.core.degradations import Degradation
    from nova.core.events import Event, ModelCalled
    from nova.core.plans import Budget

NOVA_TOML = "under [tree] in nova.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Work passed from one agent to another. task: its words, folded; facts: what stands behind them, as keys."""

    sender: str
    agent: str
    task: str
    facts: frozenset[str] = frozenset()


class Tree:
    """Counts a run and everything below it; `branch` makes the object of a part.

    stalls: each silence that was longer than allowed. used, handoffs, seconds: what an earlier process had used when
    it was cut off. raise_at: where its limits are written, for the person who wants to raise one. clock: seconds,
    monotonic.
    """

    def __init__(
        self,
        limits: TreeLimits | None = None,
        *,
        used: Usage | None = None,
        handoffs: int = 0,
        seconds: float = 0.0,
        raise_at: str = NOVA_TOML,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits or TreeLimits()
        self.usage = used or Usage()
        self.handoffs = handoffs
        self.depth = 0
        self.share = 1.0
        self.chain: tuple[Passing, ...] = ()
        self.above: Tree | None = None
        self.raise_at = raise_at
        self.last = "nothing yet"
        self.stalls: list[Degradation] = []
        self._clock = clock
        self._started = clock() - seconds
        self.signed = clock()
        self._passed: list[Passing] = []

    @property
    def root(self) -> Tree:
        """The object of the run at the top."""
        return self.above.root if self.above else self

    @property
    def seconds_left(self) -> float:
        """Until the time of the whole, or of this part, is over; never below nothing."""
        own = max(0.0, self.limits.seconds_max - (self._clock() - self._started))
        return min(own, self.above.seconds_left) if self.above else own

    @property
    def silent_seconds(self) -> float:
        """Since the last sign of life of anything in the tree."""
        return self._clock() - self.root.signed

    def branch(
        self, share: float = 1.0, *, passing: Passing | None = None, seconds: float | None = None, raise_at: str = ""
    ) -> Tree:
        """The object of a part, which may use at most `share` (0 to 1) of what is left here, and one call at least.

        passing: the handoff that it is, which makes it one deeper. seconds: its own time, if shorter.
        """
        part = Tree(_share_of(self, share, seconds), raise_at=raise_at or self.raise_at, clock=self._clock)
        part.above, part.share = self, share
        part.depth = self.depth + (passing is not None)
        part.chain = (*self.chain, passing) if passing else self.chain
        return part

    def within(self, limits: TreeLimits, raise_at: str, *, used: Usage | None = None, seconds: float = 0.0) -> Tree:
        """The object of a part that has limits of its own, such as a pipeline's budget.

        used, seconds: what the part had used when an earlier process was cut off or waited.
        """
        part = self.branch(raise_at=raise_at)
        part.limits = limits
        part.usage = used or Usage()
        part._started -= seconds
        return part

    def before_model_call(self) -> None:
        """Raises LimitReached when one more model call is too many for the whole; else counts it."""
        for tree in self._upwards():
            tree._check_models()
        self._count(Usage(model_calls=1))

    def after_model_call(self, call: ModelCalled) -> None:
        """Adds the tokens and the money of a call."""
        self._count(Usage(input_tokens=call.input_tokens, output_tokens=call.output_tokens, cost_usd=call.cost_usd))

    def before_tool_call(self) -> None:
        """Raises LimitReached when one more tool call is too many for the whole; else counts it."""
        for tree in self._upwards():
            if tree.usage.tool_calls >= tree.limits.tool_calls_max:
                raise tree._reached("tool_calls", f"{tree.usage.tool_calls} tool calls were made{tree._whose()}")
            tree._check_time()
        self._count(Usage(tool_calls=1))

    def pass_on(self, passing: Passing) -> None:
        """Counts a handoff. Raises LimitReached: nothing new to and fro, too deep, or too many."""
        root = self.root
        _check_rounds(passing, self.chain, root._passed, root.limits.rounds_max, self.raise_at)
        if self.depth >= root.limits.depth_max:
            way = " -> ".join([one.sender for one in self.chain] + [passing.sender, passing.agent])
            raise root._reached("depth", f"work would be passed on {self.depth + 1} times in a row ({way})")
        if root.handoffs >= root.limits.handoffs_max:
            raise root._reached("handoffs", f"work was passed on {root.handoffs} times")
        root.handoffs += 1
        root._passed.append(passing)

    def check_output(self, size_bytes: int, of: str) -> None:
        """Raises LimitReached when one output is larger than any may be. of: what gave it."""
        limit = self.root.limits.output_bytes_max
        if size_bytes > limit:
            raise self.root._reached("output_bytes", f"{of} gave {size_bytes:,} bytes, of {limit:,} that are allowed")

    def sign(self, what: str) -> None:
        """A sign of life. what: in a word or two."""
        root = self.root
        root.signed, root.last = self._clock(), what

    def hearing(self, heard: Callable[[Event], None]) -> Callable[[Event], None]:
        """A listener for the records of this tree: each event is a sign of life, and goes on to `heard`."""

        def hear(event: Event) -> None:
            self.sign(type(event.happening).__name__)
            heard(event)

        return hear

    def _upwards(self) -> list[Tree]:
        return [self, *(self.above._upwards() if self.above else [])]

    def _count(self, usage: Usage) -> None:
        for tree in self._upwards():
            tree.usage = tree.usage + usage

    def _check_models(self) -> None:
        used, limits = self.usage, self.limits
        tokens = used.input_tokens + used.output_tokens
        if used.model_calls >= limits.model_calls_max:
            raise self._reached("model_calls", f"{used.model_calls} model calls were made{self._whose()}")
        if tokens >= limits.tokens_max:
            raise self._reached("tokens", f"{tokens:,} of {limits.tokens_max:,} tokens were used{self._whose()}")
        if limits.cost_usd_max is not None:
            self._check_money(limits.cost_usd_max)
        self._check_time()

    def _check_money(self, limit: float) -> None:
        if self.usage.cost_usd is None:
            mend = "Set `prices` for the model under its provider in nova.toml, or take the limit away."
            raise LimitReached("tree.cost_usd", "money is limited, and a model without a known price was called", mend)
        if self.usage.cost_usd >= limit:
            raise self._reached("cost_usd", f"${self.usage.cost_usd:.4f} of ${limit:.4f} were spent{self._whose()}")

    def _check_time(self) -> None:
        if self.seconds_left <= 0:
            raise self.out_of_time()

    def out_of_time(self) -> LimitReached:
        """What is said when the time of the whole is over."""
        over = next((tree for tree in reversed(self._upwards()) if tree._own_seconds_over()), self)
        return over._reached("seconds", f"{over.limits.seconds_max:g} seconds had passed{over._whose()}")

    def _own_seconds_over(self) -> bool:
        return self._clock() - self._started >= self.limits.seconds_max

    def _whose(self) -> str:
        if self.above is None:
            return " by the run and everything below it"
        return f" by this part, which had {self.share:.0%} of what was left" if self.share < 1 else " by this part"

    def _reached(self, limit: str, evidence: str) -> LimitReached:
        name = f"{limit}_max" if self.raise_at == NOVA_TOML else limit  # as it is called where it is written
        return LimitReached(f"tree.{limit}", evidence, f"Ask for a smaller part, or raise {name} {self.raise_at}.")


def lowered(limits: TreeLimits, budget: Budget) -> TreeLimits:
    """The limits, each lowered to what the budget of a plan says."""
    return replace(
        limits,
        model_calls_max=min(limits.model_calls_max, _or(budget.model_calls, limits.model_calls_max)),
        tool_calls_max=min(limits.tool_calls_max, _or(budget.tool_calls, limits.tool_calls_max)),
        tokens_max=min(limits.tokens_max, _or(budget.tokens, limits.tokens_max)),
        cost_usd_max=min((one for one in (limits.cost_usd_max, budget.cost_usd) if one is not None), default=None),
        seconds_max=limits.seconds_max if budget.seconds is None else min(limits.seconds_max, budget.seconds),
    )


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _share_of(tree: Tree, share: float, seconds: float | None) -> TreeLimits:
    """A share of what is left, of each number at least one; time is not shared out, as parts run side by side."""
    limits, used = tree.limits, tree.usage
    money = None
    if limits.cost_usd_max is not None:
        money = share * max(0.0, limits.cost_usd_max - (used.cost_usd or 0.0))
    return replace(
        limits,
        model_calls_max=max(1, int(share * (limits.model_calls_max - used.model_calls))),
        tool_calls_max=max(1, int(share * (limits.tool_calls_max - used.tool_calls))),
        tokens_max=max(1, int(share * (limits.tokens_max - used.input_tokens - used.output_tokens))),
        cost_usd_max=money,
        seconds_max=tree.seconds_left if seconds is None else min(tree.seconds_left, seconds),
    )


def _check_rounds(
    passing: Passing, chain: tuple[Passing, ...], passed: list[Passing], rounds_max: int, raise_at: str
) -> None:
    """Raises LimitReached when the two agents have passed the same work to and fro, with nothing new, too often.

    Down one line of handoffs the same task, or no fact that was not carried before, is nothing new. Side by side the
    same agent may be asked several things, so there only the same task with no new fact counts.
    """
    rounds = max(_rounds_down(passing, chain), _repeats(passing, passed))
    if rounds < rounds_max:
        return
    what = f"{passing.sender} and {passing.agent} passed “{passing.task[:80]}” to and fro {rounds} times, nothing new"
    mend = f"Ask {passing.agent} itself, with what is missing: @{passing.agent} ... (rounds_max {raise_at})"
    raise LimitReached("ping_pong", what, mend)


def _rounds_down(passing: Passing, chain: tuple[Passing, ...]) -> int:
    """Whole rounds between the two since one of them last said something new; 0 when this handoff does."""
    between = [one for one in chain if {one.sender, one.agent} == {passing.sender, passing.agent}]
    since = 0
    for number, one in enumerate([*between, passing]):
        since = 0 if _new(one, between[:number]) else since + 1
    return since // 2


def _repeats(passing: Passing, passed: list[Passing]) -> int:
    """How often the very same was passed on already, anywhere in the tree."""
    same = [one for one in passed if (one.sender, one.agent, one.task) == (passing.sender, passing.agent, passing.task)]
    return len(same) if same and passing.facts <= frozenset[str]().union(*(one.facts for one in same)) else 0


def _new(passing: Passing, before: list[Passing]) -> bool:
    if not before:
        return True
    known = frozenset[str]().union(*(one.facts for one in before))
    return passing.task not in {one.task for one in before} and not passing.facts <= known
