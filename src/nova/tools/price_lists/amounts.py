"""A price as people write it, read as a number. Pure; knows marks and currencies, refuses to guess what is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
_SIGNS: Mapping[str, str] = {"€": "EUR", "$": "USD", "£": "GBP", "zł": "PLN", "¥": "JPY"}
_CODES = ("EUR", "USD", "GBP", "CHF", "PLN", "CZK", "SEK", "NOK", "DKK", "HUF", "RON", "JPY")
_CURRENCY = re.compile("|".join([*map(re.escape, _SIGNS), *(rf"\b{code}\b" for code in _CODES)]), re.IGNORECASE)
_NUMBER = re.compile(r"\d[\d.,']*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """value: exact, never 0; currency: its code, empty where none is written; mark: the decimal mark, or empty."""

    value: Decimal
    currency: str
    mark: str


def amount_of(text: str) -> Amount | None:
    """The amount in a cell; None for words, nothing, and 0. `1.249,00`, `1249.00` and `€ 1 249,-` are the same.

    The last of two marks is the decimal one. A single mark before exactly three digits parts thousands.
    """
    bare = _CURRENCY.sub("", text).replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    bare = bare.removesuffix(",-").removesuffix(".-")
    if not _NUMBER.fullmatch(bare):
        return None
    last = max(bare.rfind(","), bare.rfind("."))
    if last >= 0 and len(bare) - last - 1 == 3:
        last = -1
    whole = re.sub(r"[.,']", "", bare if last < 0 else bare[:last])
    value = Decimal(whole if last < 0 else f"{whole}.{bare[last + 1 :] or 0}")
    return Amount(value=value, currency=currency_of(text), mark="" if last < 0 else bare[last]) if value else None


def currency_of(text: str) -> str:
    """The code of the first currency that a text names; empty for none."""
    found = _CURRENCY.search(text)
    return _SIGNS.get(found.group(), found.group().upper()) if found else ""


def to_cents(value: Decimal) -> Decimal:
    """Rounded to whole cents, half a cent upwards."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)
