"""What stock is worth: the weighted average of what was paid (docs/decisions/0005)."""

from decimal import ROUND_HALF_EVEN, Decimal

from core.money import ZERO, round_money, total
from inventory.models import Item, StockLevel, Warehouse
from tenants.models import Tenant

COST_STEP = Decimal("0.0001")


def moving_average(level: StockLevel, quantity: Decimal, unit_cost: Decimal) -> Decimal:
    """The average cost after a receipt of `quantity` at `unit_cost`, to four places."""
    worth = level.quantity * level.average_cost + quantity * unit_cost
    return (worth / (level.quantity + quantity)).quantize(COST_STEP, rounding=ROUND_HALF_EVEN)


def cost_of(warehouse: Warehouse, item: Item) -> Decimal:
    """What one unit of an item in a warehouse cost; zero when it was never received there."""
    level = StockLevel.objects.filter(warehouse=warehouse, item=item).first()
    return level.average_cost if level else ZERO


def stock_value(tenant: Tenant) -> Decimal:
    """What all stock of a tenant is worth, each level rounded to the cent."""
    levels = StockLevel.objects.for_tenant(tenant).filter(quantity__gt=0)
    return total(round_money(level.quantity * level.average_cost) for level in levels)
