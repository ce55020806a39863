"""Approving orders and receiving goods: stock, ledger and order status change together or not at all."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from accounting.chart import GOODS_NOT_INVOICED, STOCK
from accounting.services import credit, debit, post_entry
from core.money import round_money, total
from inventory.models import StockMovement, Warehouse
from inventory.services import Movement, record
from purchasing.models import GoodsReceipt, GoodsReceiptLine, PurchaseOrder, PurchaseOrderLine
from tenants.models import NumberSequence


class PurchasingError(Exception):
    """An order or a receipt that cannot go on; the message says why."""


def approve(order: PurchaseOrder, *, by) -> None:
    """Approve a draft. The expected day follows from the supplier's lead time unless it was given."""
    if order.status != PurchaseOrder.Status.DRAFT:
        raise PurchasingError(f"{order} is {order.get_status_display().lower()}, not a draft")
    order.status = PurchaseOrder.Status.APPROVED
    order.approved_by = by
    order.expected_on = order.expected_on or order.ordered_on + timedelta(days=order.supplier.lead_time_days)
    order.save(update_fields=["status", "approved_by", "expected_on", "updated_at"])


@transaction.atomic
def receive_goods(
    order: PurchaseOrder,
    quantities: Mapping[int, Decimal],
    *,
    warehouse_id: int,
    received_on: date,
    by=None,
    delivery_note: str = "",
) -> GoodsReceipt:
    """Book a delivery in. `quantities` maps order line ids to what arrived.

    PurchasingError when the order takes no goods, nothing or more than is outstanding arrives, or the
    warehouse is not the tenant's.
    """
    if order.status not in {PurchaseOrder.Status.APPROVED, PurchaseOrder.Status.PARTIAL}:
        raise PurchasingError(f"{order} is {order.get_status_display().lower()} and takes no goods")
    if not quantities:
        raise PurchasingError(f"nothing arrived for {order}")
    warehouse = Warehouse.objects.for_tenant(order.tenant).filter(pk=warehouse_id, is_active=True).first()
    if warehouse is None:
        raise PurchasingError(f"{order.tenant} has no active warehouse {warehouse_id}")
    receipt = GoodsReceipt.objects.create(
        tenant=order.tenant,
        number=NumberSequence.next_number(order.tenant, "receipt", "GR-"),
        order=order,
        warehouse=warehouse,
        received_on=received_on,
        received_by=by,
        delivery_note=delivery_note,
    )
    lines = order.lines.select_related("item").filter(pk__in=quantities)
    worth = total(receive_line(receipt, line, quantities[line.pk], by=by) for line in lines)
    receipt.journal_entry = post_entry(
        order.tenant,
        posted_on=received_on,
        memo=f"{receipt} for {order}",
        sides=[debit(STOCK, worth), credit(GOODS_NOT_INVOICED, worth)],
        source=receipt,
    )
    receipt.save(update_fields=["journal_entry", "updated_at"])
    update_status(order)
    return receipt


def receive_line(receipt: GoodsReceipt, line: PurchaseOrderLine, quantity: Decimal, *, by) -> Decimal:
    """Book one line in and return its worth in cents."""
    if quantity > line.outstanding:
        raise PurchasingError(f"{quantity} of {line.item.sku} arrived, only {line.outstanding} outstanding")
    GoodsReceiptLine.objects.create(receipt=receipt, order_line=line, quantity=quantity)
    line.received_quantity += quantity
    line.save(update_fields=["received_quantity"])
    movement = Movement(
        warehouse=receipt.warehouse,
        item=line.item,
        kind=StockMovement.Kind.RECEIPT,
        quantity=quantity,
        unit_cost=line.unit_cost,
        reference=receipt.number,
    )
    record(movement, by=by)
    return round_money(quantity * line.unit_cost)


def update_status(order: PurchaseOrder) -> None:
    done = all(line.outstanding == 0 for line in order.lines.all())
    order.status = PurchaseOrder.Status.RECEIVED if done else PurchaseOrder.Status.PARTIAL
    order.save(update_fields=["status", "updated_at"])
