"""What an invoice adds up to: net, tax and gross, in cents."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO, percent_of, round_money, total
from invoicing.models import InvoiceLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


def totals_of(lines: Iterable[InvoiceLine]) -> Totals:
    """Add the lines up by tax rate; reverse-charge lines carry no tax."""
    net_by_percent: dict[Decimal, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        percent = ZERO if line.tax_rate.reverse_charge else line.tax_rate.percent
        net_by_percent[percent] += line.net_amount
    tax = total(round_money(percent_of(net, percent)) for percent, net in net_by_percent.items())
    return Totals(net=total(net_by_percent.values()), tax=tax)
