"""The figures behind the report pages. Read only: no function here writes a row."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Sum

from accounting.models import Account
from core.money import ZERO, round_money
from inventory.models import Item
from invoicing.models import Invoice, InvoiceLine
from purchasing.models import PurchaseOrder
from tenants.models import Tenant

AGE_LIMITS = (0, 30, 60, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a report: a label and its figures, in the order of the report's columns."""

    label: str
    figures: tuple[object, ...]


def receivables_ageing(tenant: Tenant, as_of: date) -> list[Row]:
    """What each customer owes, by days overdue: not due, up to 30, 60, 90, and older."""
    owed: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO] * (len(AGE_LIMITS) + 1))
    invoices = (
        Invoice.objects.for_tenant(tenant)
        .filter(status=Invoice.Status.POSTED, issued_on__lte=as_of)
        .select_related("customer")
        .prefetch_related("allocations", "credit_notes")
    )
    for invoice in invoices:
        settled = [*invoice.allocations.all(), *invoice.credit_notes.all()]
        balance = invoice.gross_total - sum((part.amount for part in settled), ZERO)
        days = (as_of - invoice.due_on).days if invoice.due_on else 0
        owed[invoice.customer.name][sum(days > limit for limit in AGE_LIMITS)] += balance
    return [Row(label=name, figures=tuple(amounts)) for name, amounts in sorted(owed.items())]


def best_sellers(tenant: Tenant, since: date, until: date, limit: int = 20) -> list[Row]:
    """The items with the highest quantity sold on posted invoices between two days, both included."""
    sold = (
        InvoiceLine.objects.filter(
            invoice__status__in=[Invoice.Status.POSTED, Invoice.Status.PAID],
            invoice__issued_on__range=(since, until),
            item__isnull=False,
        )
        .values("item__sku", "item__name")
        .annotate(quantity=Sum("quantity"), lines=Count("pk"))
        .order_by("-quantity", "item__sku")[:limit]
    )
    return [
        Row(label=f"{row['item__sku']} {row['item__name']}", figures=(row["quantity"], row["lines"]))
        for row in sold
    ]


def vat_summary(tenant: Tenant, since: date, until: date) -> list[Row]:
    """Net sales and VAT per rate between two days, for the VAT return."""
    net: dict[str, float] = defaultdict(float)
    tax: dict[str, float] = defaultdict(float)
    lines = InvoiceLine.objects.filter(
        invoice__in=Invoice.objects.for_tenant(tenant).posted().filter(issued_on__range=(since, until))
    ).select_related("tax_rate")
    for line in lines:
        rate = str(line.tax_rate)
        net[rate] += float(line.net_amount)
        if not line.tax_rate.reverse_charge:
            tax[rate] += float(line.net_amount) * float(line.tax_rate.percent) / 100
    return [Row(label=rate, figures=(round(net[rate], 2), round(tax[rate], 2))) for rate in sorted(net)]


def open_purchase_orders(tenant: Tenant, as_of: date) -> list[Row]:
    """Orders that wait for goods: supplier, expected day, days late, worth of what is outstanding."""
    rows: list[Row] = []
    for order in PurchaseOrder.objects.for_tenant(tenant).open().order_by("expected_on", "number"):
        late = max((as_of - order.expected_on).days, 0) if order.expected_on else 0
        worth = sum((line.outstanding * line.unit_cost for line in order.lines.all()), ZERO)
        items = ", ".join(line.item.sku for line in order.lines.all())
        rows.append(
            Row(
                label=order.number,
                figures=(order.supplier.name, order.expected_on, late, round_money(worth), items),
            )
        )
    return rows


def reorder_list(tenant: Tenant) -> list[Row]:
    """Items below their reorder point, with what is on hand and who delivers them."""
    items = Item.objects.for_tenant(tenant).below_reorder_point().prefetch_related("supplier_items__supplier")
    return [
        Row(label=str(item), figures=(item.on_hand, item.reorder_point, preferred_supplier(item)))
        for item in items
    ]


def preferred_supplier(item: Item) -> str:
    """The name of the preferred supplier, from what is prefetched; empty when none is preferred."""
    return next((offer.supplier.name for offer in item.supplier_items.all() if offer.is_preferred), "")


def trial_balance(tenant: Tenant, as_of: date) -> list[Row]:
    """Debit and credit per account up to a day; the two figures of the last row are equal."""
    accounts = (
        Account.objects.for_tenant(tenant)
        .filter(journal_lines__entry__posted_on__lte=as_of)
        .annotate(debits=Sum("journal_lines__debit"), credits=Sum("journal_lines__credit"))
        .annotate(balance=F("debits") - F("credits"))
    )
    rows = [Row(label=str(account), figures=two_sides(round_money(account.balance))) for account in accounts]
    debits, credits = (sum((row.figures[side] for row in rows), ZERO) for side in (0, 1))
    return [*rows, Row(label="Total", figures=(debits, credits))]


def two_sides(balance: Decimal) -> tuple[Decimal, Decimal]:
    """A balance as debit and credit, one of them zero."""
    return max(balance, ZERO), max(-balance, ZERO)
