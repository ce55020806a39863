"""One allowed call, tried: left alone while its tool's circuit is open, made once more when its failure may pass.

Knows failures and circuits; refuses to know what a tool does and whether it may. Only what merely reads is made again.
"""

from __future__ import annotations

import asyncio
import random
import time

from nova.core.errors import NovaError, ToolOpen, ToolTransient
from nova.core.events import Retried
from nova.models.circuits import Circuits
from nova.models.patience import Patience, wait_before
from nova.policy.gate import Effect
from nova.store.record import Record
from nova.tools.registry import invoke
from nova.tools.spec import Arguments, Reach, Tool, ToolResult

PATIENCE = Patience(tries_max=2, wait_seconds=0.2, wait_seconds_max=5.0, spent_seconds_max=5.0)
READS = frozenset({Effect.READ, Effect.RECALL})


async def tried(
    tool: Tool,
    arguments: Arguments,
    reach: Reach,
    *,
    record: Record,
    circuits: Circuits | None,
    seconds_max: float,
    seconds_left: float,
) -> tuple[ToolResult, ToolTransient | None]:
    """The result, and the failure that came before it where it was made twice. Raises ToolOpen, ToolFailed.

    seconds_max: of one try; seconds_left: of the run. Any other exception is a bug of the tool and is let through.
    """
    name, before, began = f"tool:{tool.name}", None, time.monotonic()
    if circuits is not None and (resting := circuits.enter(name)) is not None:
        degradation = resting.degradation()
        raise ToolOpen(degradation.what, degradation.mend)
    while True:
        try:
            result = await invoke(tool, arguments, reach, seconds_max=seconds_max)
        except ToolTransient as failure:
            _count(circuits, name, failure.what)
            wait = _wait(before, seconds_left, time.monotonic() - began) if tool.effect in READS else None
            if wait is None:
                raise
            before = failure
            record.append(_retried(tool, failure, wait))
            await asyncio.sleep(wait)
        except NovaError:
            raise
        except Exception as bug:
            _count(circuits, name, f"{type(bug).__name__}: {bug}")
            raise
        else:
            if circuits is not None:
                circuits.went_well(name)
            return result, before


def _wait(before: ToolTransient | None, left: float, spent: float) -> float | None:
    again = 2 if before is None else PATIENCE.tries_max + 1
    chance = random.random()  # noqa: S311 - spreads tries, guards nothing
    return wait_before(again, PATIENCE, wished_seconds=None, spent=spent, left=left - spent, chance=chance)


def _retried(tool: Tool, failure: ToolTransient, wait: float) -> Retried:
    error = type(failure).__name__
    return Retried(of=tool.name, attempt=2, error=error, what=failure.what, seconds=round(wait, 3))


def _count(circuits: Circuits | None, name: str, error: str) -> None:
    if circuits is not None:
        circuits.failed(name, error)
