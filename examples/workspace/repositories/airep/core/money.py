"""Money is Decimal with two places. Rounding follows docs/decisions/0002-decimal-half-even-per-line.md."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def round_money(amount: Decimal) -> Decimal:
    """Round to the cent, halves to the even neighbour."""
    return amount.quantize(CENT, rounding=ROUND_HALF_EVEN)


def percent_of(amount: Decimal, percent: Decimal) -> Decimal:
    """Unrounded share of an amount; the caller decides where the rounding happens."""
    return amount * percent / 100


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
