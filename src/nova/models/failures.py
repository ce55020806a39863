"""What a provider's failure means for a person. Knows pydantic-ai's errors; refuses to act on them."""

from __future__ import annotations

from pydantic_ai.exceptions import (
    AgentRunError,
    FallbackExceptionGroup,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelServerError,
    ModelUnavailableError,
    UnexpectedModelBehavior,
)

from nova.core.errors import ProviderError, ProviderPermanent, ProviderTransient
from nova.core.text import printable, shorten

_TRANSIENT = (ModelRateLimitError, ModelUnavailableError, ModelServerError, ModelConnectionError)


def spoken(error: BaseException) -> ProviderError:
    """The failure as one of Nova's own, with a sentence on what to do."""
    if isinstance(error, FallbackExceptionGroup):
        each = [spoken(one) for one in error.exceptions]
        text = "; ".join(one.what for one in each)
        return ProviderPermanent(f"Every model of this role failed: {text}", "See nova models and nova doctor.")
    if isinstance(error, ModelAPIError):
        return _api(error)
    if isinstance(error, UnexpectedModelBehavior):
        what = f"The model did not answer in a usable way: {_text(error)}"
        return ProviderPermanent(what, "Ask again, or use another model (nova models).")
    return ProviderPermanent(f"The model could not be used: {_text(error)}", "See nova doctor.")


def _api(error: ModelAPIError) -> ProviderError:
    name = error.model_name
    status = f" (HTTP {error.status_code})" if isinstance(error, ModelHTTPError) else ""
    if isinstance(error, ModelAuthenticationError):
        return ProviderPermanent(f"{name} refused the key{status}.", "Check api_key of its provider in nova.toml.")
    if isinstance(error, ModelNotFoundError):
        return ProviderPermanent(f"{name} is not known to its provider{status}.", "Check the name under [models].")
    if isinstance(error, ModelQuotaExceededError):
        return ProviderPermanent(f"The quota for {name} is used up{status}.", "Add credit, or another model.")
    if isinstance(error, _TRANSIENT):
        return ProviderTransient(f"{name} cannot answer at the moment{status}: {_text(error)}", "Try again later.")
    return ProviderPermanent(f"{name} refused the request{status}: {_text(error)}", "See nova why for the run.")


def _text(error: BaseException) -> str:
    return shorten(printable(error.message if isinstance(error, AgentRunError) else str(error)), 200)
