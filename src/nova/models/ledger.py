"""The ledger's pen: every model call passes here, is allowed first and written down after, failed ones too.

Knows the transport of any pydantic-ai model; refuses to know where the entries go (a Meter takes them).
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from nova.core.degradations import Degradation
from nova.core.events import ModelCalled, Retried
from nova.models.failures import reason
from nova.models.prices import cost_of

Price = Callable[[str, RequestUsage], "float | None"]


class Meter(Protocol):
    """Who allows a call and takes its entry. Two exist: a run's, and the arbiter's."""

    def reserve(self, model: str) -> None:
        """Called before the call. Raises LimitReached when it may not be made."""
        ...

    def spent(self, call: ModelCalled) -> None:
        """Called once after the call, whether it worked or not."""
        ...

    def seconds_left(self) -> float:
        """How long the run may still last; nobody waits longer for another try."""
        ...

    def retried(self, happening: Retried) -> None:
        """Called before the wait that comes before another try."""
        ...

    def degraded(self, degradation: Degradation) -> None:
        """Called with what is less than it should be; the outcome lists it."""
        ...


class MeteredModel(WrapperModel):
    """A model whose every call is reserved before and entered after; made anew for each run.

    purpose: `answer` or `arbitrate`. name: what the owner calls it (`local:qwen3`), by default the library's name.
    """

    def __init__(self, wrapped: Model, meter: Meter, purpose: str, price: Price = cost_of, name: str = "") -> None:
        super().__init__(wrapped)
        self._meter = meter
        self._purpose = purpose
        self._price = price
        self._name = name or wrapped.model_id

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """One call without a stream; entered like any other."""
        with self._entry() as entry:
            response = await super().request(messages, model_settings, model_request_parameters)
            entry.usage = response.usage
            return response

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[object] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """One streamed call; entered when the stream is closed, with the tokens counted by then."""
        with self._entry() as entry:
            async with self.wrapped.request_stream(
                messages, model_settings, model_request_parameters, run_context
            ) as stream:
                try:
                    yield stream
                finally:
                    entry.usage = stream.usage

    @contextmanager
    def _entry(self) -> Generator[_Entry]:
        self._meter.reserve(self._name)
        with _Entry(self._meter, self._name, self._purpose, self._price) as entry:
            yield entry


class _Entry:
    """One line of the ledger while its call is under way."""

    def __init__(self, meter: Meter, model: str, purpose: str, price: Price) -> None:
        self.usage = RequestUsage()
        self._meter = meter
        self._model = model
        self._purpose = purpose
        self._price = price
        self._started = time.perf_counter()

    def __enter__(self) -> _Entry:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        failed = ""
        if error is not None and not isinstance(error, GeneratorExit):
            failed = reason(error)
        self._meter.spent(
            ModelCalled(
                model=self._model,
                purpose=self._purpose,
                input_tokens=self.usage.input_tokens,
                output_tokens=self.usage.output_tokens,
                cost_usd=self._price(self._model, self.usage),
                seconds=round(time.perf_counter() - self._started, 4),
                failed=failed,
            )
        )
