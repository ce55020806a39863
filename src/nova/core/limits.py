"""How much one run may use. Every number carries its unit in its name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one run. Reaching one ends the run as Stopped, with the count as evidence."""

    model_calls_max: int = 8
    tool_calls_max: int = 16
    tokens_max: int = 40_000
    seconds_max: float = 120.0
    identical_calls_max: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeLimits:
    """Limits over a run and everything below it: its parts, its handoffs, the steps of its plan.

    silence_seconds_max: without an event for so long it counts as stalled. rounds_max: of two agents passing the
    same work to and fro with nothing new. output_bytes_max: of one step's output. cost_usd_max: None for no limit.
    """

    depth_max: int = 4
    handoffs_max: int = 16
    model_calls_max: int = 64
    tool_calls_max: int = 256
    tokens_max: int = 400_000
    cost_usd_max: float | None = None
    seconds_max: float = 3_600.0
    output_bytes_max: int = 16_000_000
    silence_seconds_max: float = 120.0
    rounds_max: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a run has used so far. cost_usd is None when a model's price is unknown."""

    model_calls: int = 0
    tool_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0

    def __add__(self, other: Usage) -> Usage:
        unknown = self.cost_usd is None or other.cost_usd is None
        return Usage(
            model_calls=self.model_calls + other.model_calls,
            tool_calls=self.tool_calls + other.tool_calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=None if unknown else (self.cost_usd or 0.0) + (other.cost_usd or 0.0),
        )
