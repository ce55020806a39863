"""What a provider's failure means for a person and for another try. Knows pydantic-ai's errors; refuses to act.

Transient or permanent is told by the class alone. How long to wait is what the provider says: a header in seconds or
as a date, Google's RetryInfo (the model library reads those), or the words of OpenAI's message.
"""

from __future__ import annotations

import re
from asyncio import CancelledError
from typing import cast

from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
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
from nova.settings.secrets import hide_secrets

_TRANSIENT = (ModelRateLimitError, ModelUnavailableError, ModelServerError, ModelConnectionError)
_TRY_AGAIN_IN = re.compile(r"(?i)(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?\s*(?:ms|m|h|s)[a-z]*\s*)+)")
_AMOUNT = re.compile(r"(?i)(\d+(?:\.\d+)?)\s*(ms|[hms])")
_REFUSED = "was kept from answering by its provider's content filter"
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0}


def transient(error: BaseException) -> bool:
    """Whether the same call may go well a little later."""
    if isinstance(error, FallbackExceptionGroup):
        return any(transient(one) for one in error.exceptions)
    return isinstance(error, _TRANSIENT)


def wished_seconds(error: BaseException) -> float | None:
    """How long the provider asks to be left alone, where it says so: in a header, in a field, or in its message."""
    if not isinstance(error, ModelAPIError):
        return None
    if error.retry_after is not None:
        return error.retry_after
    found = _TRY_AGAIN_IN.search(_message_in(error.body) or error.message)
    if found is None:
        return None
    return sum(float(amount) * _SECONDS[unit.lower()] for amount, unit in _AMOUNT.findall(found[1]))


def spoken(error: BaseException) -> ProviderError:
    """The failure as one of Nova's own, with a sentence on what to do."""
    if isinstance(error, FallbackExceptionGroup):
        each = [spoken(one) for one in error.exceptions]
        text = "; ".join(one.what for one in each)
        kind = ProviderTransient if transient(error) else ProviderPermanent
        return kind(f"Every model of this role failed: {text}", "See nova models and nova doctor.")
    if isinstance(error, ModelAPIError):
        return _api(error)
    if isinstance(error, ContentFilterError):
        return ProviderPermanent(f"The model {_REFUSED} ({_text(error)}).", "Say it differently, or use another model.")
    if isinstance(error, UnexpectedModelBehavior):
        what = f"The model did not answer in a usable way: {_text(error)}"
        return ProviderPermanent(what, "Ask again, or use another model (nova models).")
    return ProviderPermanent(f"The model could not be used: {_text(error)}", "See nova doctor.")


def reason(error: BaseException) -> str:
    """The failure as words that follow a model's name: `refused the key (HTTP 401)`."""
    if isinstance(error, CancelledError):
        return "was stopped"
    if isinstance(error, ContentFilterError):
        return f"{_REFUSED} ({_text(error)})"
    return _api_words(error) if isinstance(error, ModelAPIError) else f"failed: {type(error).__name__}: {_text(error)}"


def _api(error: ModelAPIError) -> ProviderError:
    what = f"{error.model_name} {_api_words(error)}."
    if isinstance(error, _TRANSIENT):
        return ProviderTransient(what, _mend(error), wished_seconds(error))
    return ProviderPermanent(what, _mend(error))


def _mend(error: ModelAPIError) -> str:
    if isinstance(error, ModelAuthenticationError):
        return "Check api_key of its provider in nova.toml."
    if isinstance(error, ModelNotFoundError):
        return "Check the name under [models]."
    if isinstance(error, ModelQuotaExceededError):
        return "Add credit, or another model."
    return "Try again later." if isinstance(error, _TRANSIENT) else "See nova why for the run."


def _api_words(error: ModelAPIError) -> str:
    status = f"HTTP {error.status_code}" if isinstance(error, ModelHTTPError) else ""
    if isinstance(error, ModelAuthenticationError):
        return f"refused the key ({status})"
    if isinstance(error, ModelNotFoundError):
        return f"is not known to its provider ({status})"
    if isinstance(error, ModelQuotaExceededError):
        return f"has no quota left ({status})"
    why = ": ".join(part for part in (status, _text(error).rstrip(".")) if part)
    if isinstance(error, _TRANSIENT):
        return f"cannot answer at the moment ({why})"
    return f"did not answer in a usable way ({why})"


def _text(error: BaseException) -> str:
    """The provider's own words, short, safe to show, and without the key that some servers repeat."""
    said = error.message if isinstance(error, AgentRunError) else str(error)
    if isinstance(error, ModelHTTPError):
        said = _message_in(error.body) or said
    return shorten(hide_secrets(printable(said)), 200)


def _message_in(body: object) -> str:
    """The message in an error's body: every provider puts one under `message`, most of them inside `error`."""
    if not isinstance(body, dict):
        return ""
    fields = cast("dict[str, object]", body)
    message = fields.get("message")
    return message if isinstance(message, str) else _message_in(fields.get("error"))
