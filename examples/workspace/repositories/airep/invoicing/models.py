"""Sales invoices, the money that arrives for them, and credit notes."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from core.models import TenantOwned, TenantQuerySet
from core.money import ZERO, percent_of, round_money


def sum_of(rows, column: str = "amount") -> Decimal:
    """The sum of a money column in cents; SQLite adds decimals up as floats and needs the rounding."""
    return round_money(rows.aggregate(sum=models.Sum(column, default=ZERO))["sum"])


class InvoiceQuerySet(TenantQuerySet):
    def posted(self):
        """Everything the customer owes or has paid: not drafts, not cancelled."""
        return self.filter(status__in=[Invoice.Status.POSTED, Invoice.Status.PAID])

    def overdue(self, as_of):
        return self.filter(status=Invoice.Status.POSTED, due_on__lt=as_of)

    def with_paid(self):
        """Adds `paid`, the sum of the allocated payments."""
        return self.annotate(paid=models.Sum("allocations__amount", default=ZERO))

    def owed(self) -> Decimal:
        """What is still to be paid on all of these, after payments and credit notes."""
        paid = PaymentAllocation.objects.filter(invoice__in=self)
        credited = CreditNote.objects.filter(invoice__in=self)
        return sum_of(self, "gross_total") - sum_of(paid) - sum_of(credited)


class Invoice(TenantOwned):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        POSTED = "posted", "Posted"
        PAID = "paid", "Paid"
        CANCELLED = "cancelled", "Cancelled"

    number = models.CharField(max_length=20, blank=True, help_text="Given when the invoice is posted")
    customer = models.ForeignKey("parties.Customer", on_delete=models.PROTECT, related_name="invoices")
    branch = models.ForeignKey("tenants.Branch", on_delete=models.PROTECT, related_name="invoices")
    warehouse = models.ForeignKey(
        "inventory.Warehouse", on_delete=models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    issued_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    net_total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    tax_total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    gross_total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    journal_entry = models.OneToOneField(
        "accounting.JournalEntry", on_delete=models.PROTECT, null=True, blank=True, related_name="invoice"
    )
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="posted_invoices",
    )

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_on", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "number"], condition=~Q(number=""), name="invoice_number_unique_per_tenant"
            ),
            models.CheckConstraint(condition=Q(gross_total__gte=0), name="invoice_gross_not_negative"),
        ]
        indexes = [models.Index(fields=["tenant", "status", "due_on"], name="invoice_tenant_due")]

    def __str__(self) -> str:
        return self.number or f"draft {self.pk}"

    @property
    def balance(self) -> Decimal:
        """What is still to be paid after payments and credit notes."""
        return self.gross_total - sum_of(self.allocations) - sum_of(self.credit_notes)


class InvoiceLine(models.Model):
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    item = models.ForeignKey(
        "inventory.Item", on_delete=models.PROTECT, null=True, blank=True, related_name="invoice_lines"
    )
    description = models.CharField(max_length=200)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    unit_price = models.DecimalField(max_digits=12, decimal_places=4)
    discount_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    tax_rate = models.ForeignKey("accounting.TaxRate", on_delete=models.PROTECT, related_name="invoice_lines")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["invoice", "position"], name="line_position_once")]

    def __str__(self) -> str:
        return f"{self.position}. {self.description}"

    @property
    def net_amount(self) -> Decimal:
        return round_money(self.quantity * self.unit_price * (100 - self.discount_percent) / 100)

    @property
    def tax_amount(self) -> Decimal:
        """The tax that is printed on the line, in cents."""
        if self.tax_rate.reverse_charge:
            return ZERO
        return round_money(percent_of(self.net_amount, self.tax_rate.percent))


class Payment(TenantOwned):
    class Method(models.TextChoices):
        TRANSFER = "transfer", "Bank transfer"
        CARD = "card", "Card"
        CASH = "cash", "Cash"

    customer = models.ForeignKey("parties.Customer", on_delete=models.PROTECT, related_name="payments")
    received_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    method = models.CharField(max_length=10, choices=Method.choices, default=Method.TRANSFER)
    bank_reference = models.CharField(max_length=80, blank=True)
    invoices = models.ManyToManyField(Invoice, through="PaymentAllocation", related_name="payments")
    journal_entry = models.OneToOneField(
        "accounting.JournalEntry", on_delete=models.PROTECT, null=True, related_name="payment"
    )

    class Meta:
        ordering = ["-received_on", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive")]

    def __str__(self) -> str:
        return f"{self.amount} on {self.received_on}"

    @property
    def unallocated(self) -> Decimal:
        return self.amount - sum_of(self.allocations)


class PaymentAllocation(models.Model):
    """The part of a payment that settles an invoice."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "invoice"], name="one_allocation_per_invoice"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="allocation_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} for {self.invoice}"


class CreditNote(TenantOwned):
    number = models.CharField(max_length=20)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    amount = models.DecimalField(max_digits=14, decimal_places=2, help_text="Including tax")
    reason = models.CharField(max_length=200)
    issued_on = models.DateField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="credit_notes",
    )
    journal_entry = models.OneToOneField(
        "accounting.JournalEntry", on_delete=models.PROTECT, null=True, related_name="credit_note"
    )

    class Meta:
        ordering = ["-issued_on", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="credit_note_number_unique_per_tenant"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="credit_note_is_positive"),
        ]

    def __str__(self) -> str:
        return self.number
