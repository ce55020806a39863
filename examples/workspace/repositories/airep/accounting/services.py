"""Posting to the ledger. Every other app writes journal entries through here and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import models, transaction

from accounting.models import Account, FiscalPeriod, JournalEntry, JournalLine
from core.money import ZERO, total
from tenants.models import Tenant


class LedgerError(Exception):
    """The ledger refuses an entry; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One line of an entry to be posted; amounts are positive, in the tenant's currency."""

    account: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO


def debit(account: str, amount: Decimal) -> Side:
    return Side(account=account, debit=amount)


def credit(account: str, amount: Decimal) -> Side:
    return Side(account=account, credit=amount)


def open_period(tenant: Tenant, day: date) -> FiscalPeriod:
    """The open period that contains the day; LedgerError when there is none or it is closed."""
    period = FiscalPeriod.objects.for_tenant(tenant).containing(day).first()
    if period is None:
        raise LedgerError(f"{tenant} has no fiscal period for {day}; create one first")
    if period.is_closed:
        raise LedgerError(f"the period {period} of {tenant} is closed; post on a later day")
    return period


@transaction.atomic
def post_entry(
    tenant: Tenant, *, posted_on: date, memo: str, sides: Iterable[Side], source: models.Model | None = None
) -> JournalEntry:
    """Write one balanced entry. Sides of zero are dropped; LedgerError when the rest does not balance."""
    kept = [side for side in sides if side.debit or side.credit]
    debits, credits = total(side.debit for side in kept), total(side.credit for side in kept)
    if not kept or debits != credits:
        raise LedgerError(f"entry {memo!r} does not balance: debit {debits}, credit {credits}")
    accounts = {account.code: account for account in Account.objects.for_tenant(tenant)}
    if missing := {side.account for side in kept} - accounts.keys():
        raise LedgerError(f"{tenant} has no account {', '.join(sorted(missing))}")
    entry = JournalEntry.objects.create(
        tenant=tenant, period=open_period(tenant, posted_on), posted_on=posted_on, memo=memo, source=source
    )
    JournalLine.objects.bulk_create(
        JournalLine(entry=entry, account=accounts[side.account], debit=side.debit, credit=side.credit)
        for side in kept
    )
    return entry


@transaction.atomic
def reverse_entry(entry: JournalEntry, *, posted_on: date, memo: str) -> JournalEntry:
    """Post the mirror image of an entry; LedgerError when it was reversed before."""
    if JournalEntry.objects.filter(reversal_of=entry).exists():
        raise LedgerError(f"entry {entry.pk} is already reversed")
    mirrored = [
        Side(account=line.account.code, debit=line.credit, credit=line.debit)
        for line in entry.lines.select_related("account")
    ]
    reversal = post_entry(entry.tenant, posted_on=posted_on, memo=memo, sides=mirrored, source=entry.source)
    reversal.reversal_of = entry
    reversal.save(update_fields=["reversal_of", "updated_at"])
    return reversal


def close_period(period: FiscalPeriod) -> None:
    """Close a period; LedgerError when an earlier one of the same tenant is still open."""
    earlier = FiscalPeriod.objects.for_tenant(period.tenant).filter(
        ends_on__lt=period.starts_on, is_closed=False
    )
    if first := earlier.first():
        raise LedgerError(f"close {first} before {period}")
    period.is_closed = True
    period.save(update_fields=["is_closed", "updated_at"])
