"""Money in: recording a payment and allocating it to invoices."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction

from accounting.chart import BANK, RECEIVABLES
from accounting.services import credit, debit, post_entry
from core.money import total
from invoicing.models import Invoice, Payment, PaymentAllocation
from invoicing.services import InvoicingError, mark_paid_when_settled
from parties.models import Customer


@transaction.atomic
def record_payment(
    customer: Customer,
    amount: Decimal,
    *,
    received_on: date,
    method: str = "transfer",
    bank_reference: str = "",
) -> Payment:
    """Write a payment and its journal entry; allocating it is a second step."""
    payment = Payment.objects.create(
        tenant=customer.tenant,
        customer=customer,
        amount=amount,
        received_on=received_on,
        method=method,
        bank_reference=bank_reference,
    )
    payment.journal_entry = post_entry(
        customer.tenant,
        posted_on=received_on,
        memo=f"Payment of {customer.name}",
        sides=[debit(BANK, amount), credit(RECEIVABLES, amount)],
        source=payment,
    )
    payment.save(update_fields=["journal_entry", "updated_at"])
    return payment


@transaction.atomic
def allocate(payment: Payment, amounts: Mapping[int, Decimal]) -> list[PaymentAllocation]:
    """Settle invoices with a payment. `amounts` maps invoice ids to the part of the payment each receives.

    InvoicingError when more is allocated than was paid, or more than an invoice still owes.
    """
    if total(amounts.values()) > payment.unallocated:
        raise InvoicingError(f"only {payment.unallocated} of {payment} is left to allocate")
    invoices = Invoice.objects.select_for_update().in_bulk(amounts)
    return [settle(payment, invoices[pk], amount) for pk, amount in amounts.items()]


def settle(payment: Payment, invoice: Invoice, amount: Decimal) -> PaymentAllocation:
    if amount > invoice.balance:
        raise InvoicingError(f"{invoice} owes {invoice.balance}, not {amount}")
    allocation = PaymentAllocation.objects.create(payment=payment, invoice=invoice, amount=amount)
    mark_paid_when_settled(invoice)
    return allocation


def allocate_oldest_first(payment: Payment) -> list[PaymentAllocation]:
    """Settle the customer's invoices by due date until the payment is used up."""
    left = payment.unallocated
    amounts: dict[int, Decimal] = {}
    for invoice in payment.customer.invoices.filter(status=Invoice.Status.POSTED).order_by("due_on", "pk"):
        if left <= 0:
            break
        amounts[invoice.pk] = min(left, invoice.balance)
        left -= amounts[invoice.pk]
    return allocate(payment, amounts)
