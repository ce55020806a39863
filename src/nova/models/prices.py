"""What a call costs. Knows the published price list that pydantic-ai brings; refuses to guess.

None means unknown: the ledger then counts tokens only, and the outcome says so.
"""

from __future__ import annotations

from pydantic_ai.usage import RequestUsage

FREE = ("extractive", "scripted")


def cost_of(model: str, usage: RequestUsage) -> float | None:
    """US dollars for `usage` of `model` (`provider:name`), or None when no price is known.

    Source: genai-prices, the price list pydantic-ai uses (https://github.com/pydantic/genai-prices).
    """
    provider, _, name = model.rpartition(":")
    if name in FREE or provider in FREE:
        return 0.0
    if not usage.input_tokens and not usage.output_tokens:
        return 0.0
    from genai_prices import calc_price  # imported late: the price list is 2 MB

    try:
        return float(calc_price(usage, name, provider_id=provider or None).total_price)
    except LookupError:
        return None
