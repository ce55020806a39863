"""The guard of one run: counts what is used and stops at the limits. Knows numbers; refuses to know models and tools.

Two things are stopped deterministically here: any limit of core.limits, and the same tool call made again and again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from nova.core.errors import LimitReached
from nova.core.events import ModelCalled
from nova.core.limits import Limits, Usage
from nova.core.text import shorten


class Guard:
    """Counts one run against its limits. clock: seconds, monotonic."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.usage = Usage()
        self._clock = clock
        self._started = clock()
        self._calls: Counter[tuple[str, str]] = Counter()

    def before_model_call(self) -> None:
        """Raises LimitReached when one more model call is too many, or tokens or time are used up."""
        used, limits = self.usage, self.limits
        tokens = used.input_tokens + used.output_tokens
        if used.model_calls >= limits.model_calls_max:
            raise LimitReached("model_calls", f"{used.model_calls} model calls were made", _RAISE)
        if tokens >= limits.tokens_max:
            raise LimitReached("tokens", f"{tokens:,} tokens were used of {limits.tokens_max:,}", _RAISE)
        self._check_time()
        self.usage = replace(used, model_calls=used.model_calls + 1)

    def after_model_call(self, call: ModelCalled) -> None:
        """Adds the tokens and the money of a call."""
        spent = Usage(input_tokens=call.input_tokens, output_tokens=call.output_tokens, cost_usd=call.cost_usd)
        self.usage = self.usage + spent

    def before_tool_call(self, tool: str, arguments: str) -> None:
        """Raises LimitReached when a call is too many, or when it is the same call once more than allowed.

        arguments: canonical JSON, so that order and spacing make no difference.
        """
        if self.usage.tool_calls >= self.limits.tool_calls_max:
            raise LimitReached("tool_calls", f"{self.usage.tool_calls} tool calls were made", _RAISE)
        self._check_time()
        self._calls[tool, arguments] += 1
        count = self._calls[tool, arguments]
        if count >= self.limits.identical_calls_max:
            what = f"{tool}({shorten(arguments, 120)}) was called {count} times with the same arguments"
            raise LimitReached("identical_calls", what, "Ask more precisely, or name the agent: @agent ...")
        self.usage = replace(self.usage, tool_calls=self.usage.tool_calls + 1)

    def _check_time(self) -> None:
        seconds = self._clock() - self._started
        if seconds >= self.limits.seconds_max:
            raise LimitReached("seconds", f"{seconds:.0f} of {self.limits.seconds_max:.0f} seconds had passed", _RAISE)


_RAISE = "Ask for a smaller part, or raise the limit under `limits` in the agent's file."
