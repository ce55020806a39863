"""The only code that writes stock: every change is a movement, and the level follows it."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from inventory.models import Item, StockLevel, StockMovement, Warehouse
from inventory.valuation import moving_average


class StockError(Exception):
    """A movement that cannot be: the message names item, warehouse and quantities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A change of stock to be recorded; `quantity` is negative when goods leave."""

    warehouse: Warehouse
    item: Item
    kind: StockMovement.Kind
    quantity: Decimal
    unit_cost: Decimal
    reference: str = ""


@transaction.atomic
def record(movement: Movement, *, by=None) -> StockMovement:
    """Append a movement and bring the stock level up to date; StockError when stock would fall below zero."""
    if movement.item.tenant_id != movement.warehouse.tenant_id:
        raise StockError(f"{movement.item} and {movement.warehouse} belong to different tenants")
    level = locked_level(movement.warehouse, movement.item)
    if level.quantity + movement.quantity < 0:
        raise StockError(f"only {level.quantity} of {movement.item.sku} in {movement.warehouse.code}")
    if movement.quantity > 0:
        level.average_cost = moving_average(level, movement.quantity, movement.unit_cost)
    level.quantity += movement.quantity
    level.save(update_fields=["quantity", "average_cost", "updated_at"])
    return StockMovement.objects.create(
        tenant_id=movement.warehouse.tenant_id,
        warehouse=movement.warehouse,
        item=movement.item,
        kind=movement.kind,
        quantity=movement.quantity,
        unit_cost=movement.unit_cost,
        reference=movement.reference,
        moved_by=by,
    )


def locked_level(warehouse: Warehouse, item: Item) -> StockLevel:
    """The level's row, locked until the transaction ends, so that two pickers wait for each other."""
    StockLevel.objects.get_or_create(
        warehouse=warehouse, item=item, defaults={"tenant_id": warehouse.tenant_id}
    )
    return StockLevel.objects.select_for_update().get(warehouse=warehouse, item=item)


@transaction.atomic
def transfer(item: Item, source: Warehouse, target: Warehouse, quantity: Decimal, *, by=None) -> None:
    """Move stock between two warehouses at the cost it has in the first."""
    cost = locked_level(source, item).average_cost
    for warehouse, signed in ((source, -quantity), (target, quantity)):
        movement = Movement(
            warehouse=warehouse,
            item=item,
            kind=StockMovement.Kind.TRANSFER,
            quantity=signed,
            unit_cost=cost,
            reference=f"{source.code} to {target.code}",
        )
        record(movement, by=by)
