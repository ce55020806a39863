"""The guard of one run: counts what is used, here and in the tree, and stops at the limits. Knows numbers only.

Two things are stopped deterministically here: any limit of core.limits, and the same tool call with the same result
again and again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace

from nova.agents.tree import Tree
from nova.core import json
from nova.core.errors import LimitReached
from nova.core.events import ModelCalled
from nova.core.limits import Limits, Usage
from nova.core.text import shorten


class Guard:
    """Counts one run against its limits and those of its tree. clock: seconds, monotonic. file: the agent's, to name.

    below: what the runs used that this one passed work on to; it counts in the tree, not against this run's limits.
    """

    def __init__(
        self,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
        *,
        tree: Tree | None = None,
        file: str = "the agent's file",
    ) -> None:
        self.limits = limits
        self.usage = Usage()
        self.below = Usage()
        self.tree = tree or Tree()
        self._file = file
        self._clock = clock
        self._started = clock()
        self._calls: dict[tuple[str, str], tuple[str, int]] = {}
        self._others = 0  # how many others work for this run just now
        self._waits_since = 0.0
        self._alarm: asyncio.Timeout | None = None

    def before_model_call(self) -> None:
        """Raises LimitReached when one more model call is too many, or tokens or time are used up."""
        used, limits = self.usage, self.limits
        tokens = used.input_tokens + used.output_tokens
        if used.model_calls >= limits.model_calls_max:
            raise self._reached("model_calls", f"{used.model_calls} model calls were made")
        if tokens >= limits.tokens_max:
            raise self._reached("tokens", f"{tokens:,} tokens were used of {limits.tokens_max:,}")
        self._check_time()
        self.tree.before_model_call()
        self.usage = replace(used, model_calls=used.model_calls + 1)

    def after_model_call(self, call: ModelCalled) -> None:
        """Adds the tokens and the money of a call."""
        spent = Usage(input_tokens=call.input_tokens, output_tokens=call.output_tokens, cost_usd=call.cost_usd)
        self.usage = self.usage + spent
        self.tree.after_model_call(call)

    def before_tool_call(self) -> None:
        """Raises LimitReached when one more tool call is too many."""
        if self.usage.tool_calls >= self.limits.tool_calls_max:
            raise self._reached("tool_calls", f"{self.usage.tool_calls} tool calls were made")
        self._check_time()
        self.tree.before_tool_call()
        self.usage = replace(self.usage, tool_calls=self.usage.tool_calls + 1)

    def after_tool_call(self, tool: str, arguments: str, returned: str) -> None:
        """Raises LimitReached when the same call has given the same result so often in a row.

        arguments: canonical JSON, so that order and spacing make no difference. returned: the result, as the model
        reads it; one that differs from the last is progress, and only the number of calls bounds it.
        """
        result = json.digest(returned)
        before, count = self._calls.get((tool, arguments), (result, 0))
        count = count + 1 if before == result else 1
        self._calls[tool, arguments] = (result, count)
        if count >= self.limits.identical_calls_max:
            what = f"{tool}({shorten(arguments, 120)}) was called {count} times with the same arguments and result"
            raise LimitReached("identical_calls", what, _AGAIN)

    @property
    def seconds_left(self) -> float:
        """Until this run's time is over, or that of its tree; never below nothing."""
        own = self.limits.seconds_max - (self._clock() - self._started)
        return max(0.0, min(own, self.tree.seconds_left))

    @contextmanager
    def bounded(self, alarm: asyncio.Timeout) -> Generator[None]:
        """Sets the alarm that ends the run; `others_work` holds it meanwhile."""
        self._alarm = alarm
        try:
            yield
        finally:
            self._alarm = None

    @contextmanager
    def others_work(self) -> Generator[None]:
        """While another agent works for this one its own time stands still; the tree's goes on."""
        if not self._others:
            self._waits_since = self._clock()
            self._set_alarm(self.tree.seconds_left)
        self._others += 1
        try:
            yield
        finally:
            self._others -= 1
            if not self._others:
                self._started += self._clock() - self._waits_since
                self._set_alarm(self.seconds_left)

    def out_of_time(self) -> LimitReached:
        """What is said when the time is over: the tree's, where that is what ran out."""
        if self.tree.seconds_left <= 0:
            return self.tree.out_of_time()
        return self._reached("seconds", f"{self.limits.seconds_max:g} seconds had passed")

    def _set_alarm(self, seconds: float) -> None:
        if self._alarm is not None and not self._alarm.expired():
            self._alarm.reschedule(asyncio.get_running_loop().time() + seconds)

    def _check_time(self) -> None:
        seconds = self._clock() - self._started
        if seconds >= self.limits.seconds_max:
            raise self._reached("seconds", f"{seconds:.0f} of {self.limits.seconds_max:.0f} seconds had passed")

    def _reached(self, limit: str, evidence: str) -> LimitReached:
        key = f"raise {limit} under nova.limits in {self._file}"
        mend = f"Ask for a smaller part, or {key} (a lower {limit}_max under [limits] in nova.toml counts first)."
        return LimitReached(limit, evidence, mend)


_AGAIN = "Ask more precisely, or name the agent: @agent ... (identical_calls_max under [limits] in nova.toml)"
