"""One model of a role, asked again while its failure may pass and nothing was heard of it; then the next one's turn.

Knows failures, patience and its provider's circuit; refuses to know which model comes next. Every try is a call of
the ledger: it is reserved, metered and written down like any other. A retry is recorded before it is waited for.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pydantic_ai import RunContext
from pydantic_ai.exceptions import AgentRunError, ModelAPIError, ModelUnavailableError
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from nova.core.degradations import Degradation, DegradationKind
from nova.core.events import Retried
from nova.models.circuits import Circuits
from nova.models.drained import Drained
from nova.models.failures import reason, spoken, transient, wished_seconds
from nova.models.ledger import Meter, MeteredModel
from nova.models.patience import Patience, wait_before
from nova.models.whole import WholeStream


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """The circuit of one provider or tool. Without `circuits` it is never open."""

    name: str
    circuits: Circuits | None = None


class RetryingModel(Drained, WrapperModel):
    """A metered model with patience; made anew for each run. name: what the owner calls it (`local:qwen3`).

    Once it has failed for good it is not asked again in this run: the same error comes at once, without a call.
    """

    def __init__(self, wrapped: MeteredModel, meter: Meter, name: str, patience: Patience, circuit: Circuit) -> None:
        super().__init__(wrapped)
        self._meter = meter
        self._name = name
        self._patience = patience
        self._circuit = circuit
        self._down: AgentRunError | None = None
        self._entered = self._worked = self._told = False

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[object] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """One answer, after as many tries as patience allows. Raises what the last try raised."""
        self._enter()
        failed: list[AgentRunError] = []
        began = time.monotonic()
        try:
            while True:
                try:
                    held, stream = await self._begun(messages, model_settings, model_request_parameters, run_context)
                except ModelAPIError as error:
                    failed.append(error)
                    await self._again(error, len(failed) + 1, time.monotonic() - began)
                else:
                    break
            async with held:
                yield stream
        except AgentRunError as error:
            self._down = error
            if error not in failed:
                self._failed(error)
            raise
        self._went_well(failed)

    async def _begun(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[object] | None,
    ) -> tuple[AsyncExitStack, StreamedResponse]:
        """A stream of which the first words are there, or all of a reply that has none; and what closes it."""
        async with AsyncExitStack() as held:
            asked = self.wrapped.request_stream(messages, model_settings, model_request_parameters, run_context)
            stream = await held.enter_async_context(asked)
            if isinstance(stream, WholeStream):
                await stream.until_heard()
            return held.pop_all(), stream

    def _enter(self) -> None:
        """Raises at once when it is known that it would be in vain."""
        if self._down is not None:
            raise self._down
        circuits = self._circuit.circuits
        if circuits is None or self._entered:
            return
        self._entered = True
        resting = circuits.enter(self._circuit.name)
        if resting is not None:
            degradation = resting.degradation()
            self._meter.degraded(degradation)
            self._down = ModelUnavailableError(self._name, str(degradation))
            raise self._down

    async def _again(self, error: ModelAPIError, again: int, spent: float) -> None:
        """Waits for the next try, or raises the error when there is none."""
        self._failed(error)
        wished = wished_seconds(error)
        left, chance = self._meter.seconds_left(), random.random()  # noqa: S311 - spreads tries, guards nothing
        wait = wait_before(again, self._patience, wished_seconds=wished, spent=spent, left=left, chance=chance)
        if wait is None or not transient(error):
            raise error
        self._meter.retried(
            Retried(
                of=self._name,
                attempt=again,
                error=type(spoken(error)).__name__,
                what=f"{self._name} {reason(error)}",
                seconds=round(wait, 3),
                asked_for=wished is not None and wait <= wished,
            )
        )
        await asyncio.sleep(wait)

    def _failed(self, error: AgentRunError) -> None:
        """Tells the circuit: a refusal is an answer of a provider that works, a failure that may pass is not."""
        circuits = self._circuit.circuits
        self._worked = False
        if circuits is None:
            return
        if not transient(error):
            circuits.went_well(self._circuit.name)
            return
        wished = wished_seconds(error) or 0.0
        long = wished if wished > self._patience.wait_seconds_max else None
        circuits.failed(self._circuit.name, reason(error), wished_seconds=long)

    def _went_well(self, failed: list[AgentRunError]) -> None:
        if failed and not self._told:
            self._told = True
            what = f"{self._name} {reason(failed[-1])}; it answered when it was asked again."
            mend = "Nothing to do; where it comes back often, see nova doctor."
            self._meter.degraded(Degradation(kind=DegradationKind.RETRIED, what=what, mend=mend))
        if self._circuit.circuits is not None and not self._worked:
            self._circuit.circuits.went_well(self._circuit.name)
        self._worked = True
