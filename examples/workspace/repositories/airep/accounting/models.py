"""The general ledger: accounts, periods, tax rates, and journal entries that balance."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q

from core.models import TenantOwned, TenantQuerySet


class Account(TenantOwned):
    class Kind(models.TextChoices):
        ASSET = "asset", "Asset"
        LIABILITY = "liability", "Liability"
        EQUITY = "equity", "Equity"
        INCOME = "income", "Income"
        EXPENSE = "expense", "Expense"

    code = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="account_code_unique_per_tenant")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class FiscalPeriodQuerySet(TenantQuerySet):
    def containing(self, day):
        return self.filter(starts_on__lte=day, ends_on__gte=day)


class FiscalPeriod(TenantOwned):
    """A month or quarter that can be closed; a closed period takes no more entries."""

    name = models.CharField(max_length=20)
    starts_on = models.DateField()
    ends_on = models.DateField()
    is_closed = models.BooleanField(default=False)

    objects = FiscalPeriodQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="period_name_unique_per_tenant"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="period_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.name


class TaxRate(TenantOwned):
    """A VAT rate as of a day. Rates are never edited: a new law is a new row."""

    code = models.CharField(max_length=10)
    name = models.CharField(max_length=60)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    reverse_charge = models.BooleanField(
        default=False, help_text="The customer owes the tax: it is printed on the invoice but not charged"
    )
    valid_from = models.DateField()

    class Meta:
        ordering = ["code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code", "valid_from"], name="tax_rate_once_per_day"),
            models.CheckConstraint(condition=Q(percent__gte=0) & Q(percent__lt=100), name="tax_percent_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.percent} %"


class JournalEntry(TenantOwned):
    """One balanced posting. Entries are corrected by a reversal, never edited or deleted."""

    period = models.ForeignKey(FiscalPeriod, on_delete=models.PROTECT, related_name="entries")
    posted_on = models.DateField()
    memo = models.CharField(max_length=200)
    source_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, null=True, blank=True)
    source_id = models.PositiveBigIntegerField(null=True, blank=True)
    source = GenericForeignKey("source_type", "source_id")
    reversal_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )

    class Meta:
        verbose_name_plural = "journal entries"
        ordering = ["posted_on", "pk"]
        indexes = [
            models.Index(fields=["tenant", "posted_on"], name="entry_tenant_day"),
            models.Index(fields=["source_type", "source_id"], name="entry_source"),
        ]

    def __str__(self) -> str:
        return f"{self.posted_on} {self.memo}"


class JournalLine(models.Model):
    """One side of an entry: either a debit or a credit, never both."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.CASCADE, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="journal_lines")
    debit = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    credit = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0), name="line_is_debit_or_credit"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account.code} {self.debit or -self.credit}"
