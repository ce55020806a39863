"""Posting an invoice: number, totals, stock and ledger change together or not at all."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from accounting.chart import COST_OF_GOODS, RECEIVABLES, SALES, STOCK, VAT_PAYABLE
from accounting.services import credit, debit, post_entry
from core.money import ZERO, round_money, total
from inventory.models import StockMovement
from inventory.services import Movement, record
from inventory.valuation import cost_of
from invoicing.models import Invoice, InvoiceLine
from invoicing.totals import totals_of
from tenants.models import NumberSequence


class InvoicingError(Exception):
    """An invoice, payment or credit note that cannot go on; the message says why."""


@transaction.atomic
def post_invoice(invoice: Invoice, *, issued_on: date, by=None) -> Invoice:
    """Turn a draft into a posted invoice.

    InvoicingError when it is no draft, has no lines, or takes the customer over the credit limit.
    """
    if invoice.status != Invoice.Status.DRAFT:
        raise InvoicingError(f"{invoice} is {invoice.get_status_display().lower()}, not a draft")
    lines = list(invoice.lines.select_related("item", "tax_rate"))
    if not lines:
        raise InvoicingError(f"{invoice} has no lines")
    totals = totals_of(lines)
    check_credit(invoice, totals.gross)
    invoice.number = NumberSequence.next_number(invoice.tenant, "invoice", "INV-")
    invoice.issued_on = issued_on
    invoice.due_on = invoice.due_on or issued_on + timedelta(days=invoice.customer.payment_days)
    invoice.net_total, invoice.tax_total, invoice.gross_total = totals.net, totals.tax, totals.gross
    invoice.posted_by = by
    invoice.status = Invoice.Status.POSTED
    cost = total(ship_line(invoice, line, by=by) for line in lines)
    invoice.journal_entry = post_entry(
        invoice.tenant,
        posted_on=issued_on,
        memo=f"Invoice {invoice.number}",
        sides=[
            debit(RECEIVABLES, totals.gross),
            credit(SALES, totals.net),
            credit(VAT_PAYABLE, totals.tax),
            debit(COST_OF_GOODS, cost),
            credit(STOCK, cost),
        ],
        source=invoice,
    )
    invoice.save()
    return invoice


def ship_line(invoice: Invoice, line: InvoiceLine, *, by) -> Decimal:
    """Take the line's goods out of stock and return what they cost; services and text lines cost nothing."""
    if line.item is None or invoice.warehouse is None:
        return ZERO
    cost = cost_of(invoice.warehouse, line.item)
    movement = Movement(
        warehouse=invoice.warehouse,
        item=line.item,
        kind=StockMovement.Kind.SALE,
        quantity=-line.quantity,
        unit_cost=cost,
        reference=invoice.number,
    )
    record(movement, by=by)
    return round_money(line.quantity * cost)


def check_credit(invoice: Invoice, gross: Decimal) -> None:
    """Refuse an invoice that takes the customer over the credit limit; a limit of zero means no limit."""
    limit = invoice.customer.credit_limit
    if not limit:
        return
    owed = (
        Invoice.objects.for_tenant(invoice.tenant)
        .filter(customer=invoice.customer, status=Invoice.Status.POSTED)
        .owed()
    )
    if owed + gross > limit:
        raise InvoicingError(f"{invoice.customer} would owe {owed + gross}, the limit is {limit}")


def mark_paid_when_settled(invoice: Invoice) -> None:
    """Give an invoice the status paid once nothing is owed; called after every allocation and credit."""
    if invoice.balance == 0:
        invoice.status = Invoice.Status.PAID
        invoice.save(update_fields=["status", "updated_at"])
