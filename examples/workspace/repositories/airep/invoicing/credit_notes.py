"""Credit notes: money given back on a posted invoice."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from accounting.chart import RECEIVABLES, SALES_RETURNS, VAT_PAYABLE
from accounting.services import credit, debit, post_entry
from core.money import round_money
from invoicing.models import CreditNote, Invoice
from invoicing.services import InvoicingError, mark_paid_when_settled
from tenants.models import NumberSequence


@transaction.atomic
def issue(invoice: Invoice, amount: Decimal, *, reason: str, issued_on: date, by=None) -> CreditNote:
    """Credit part of an invoice, tax included. InvoicingError when it is more than the invoice still owes."""
    if invoice.status != Invoice.Status.POSTED:
        raise InvoicingError(f"{invoice} is {invoice.get_status_display().lower()} and cannot be credited")
    if amount > invoice.balance:
        raise InvoicingError(f"{invoice} owes {invoice.balance}, a credit of {amount} is too much")
    tax = round_money(amount * invoice.tax_total / invoice.gross_total)
    note = CreditNote.objects.create(
        tenant=invoice.tenant,
        number=NumberSequence.next_number(invoice.tenant, "credit_note", "CN-"),
        invoice=invoice,
        amount=amount,
        reason=reason,
        issued_on=issued_on,
        issued_by=by,
    )
    note.journal_entry = post_entry(
        invoice.tenant,
        posted_on=issued_on,
        memo=f"Credit note {note.number}: {reason}"[:200],
        sides=[debit(SALES_RETURNS, amount - tax), debit(VAT_PAYABLE, tax), credit(RECEIVABLES, amount)],
        source=note,
    )
    note.save(update_fields=["journal_entry", "updated_at"])
    mark_paid_when_settled(invoice)
    return note
