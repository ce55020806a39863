"""manage.py import_bank_statement TENANT FILE: turns a bank's CSV into payments, once per bank reference."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from invoicing.models import Payment
from invoicing.payments import allocate_oldest_first, record_payment
from parties.models import Customer
from tenants.models import Tenant

COLUMNS = {"date", "customer", "amount", "reference"}


class Command(BaseCommand):
    help = "Import a bank statement; rows that were imported before are skipped"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="slug of the tenant")
        parser.add_argument("file", type=Path, help="CSV with the columns date, customer, amount, reference")

    def handle(self, *args, **options) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"there is no tenant {options['tenant']}")
        with options["file"].open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file, delimiter=";")
            if missing := COLUMNS - set(reader.fieldnames or []):
                raise CommandError(f"{options['file']} lacks the columns {', '.join(sorted(missing))}")
            results = [self.import_row(tenant, row) for row in reader]
        if options["verbosity"]:
            self.stdout.write(f"{sum(results)} payments imported, {len(results) - sum(results)} skipped.")

    def import_row(self, tenant: Tenant, row: dict[str, str]) -> bool:
        """Record one row; False when it is known already or its customer is not."""
        if Payment.objects.for_tenant(tenant).filter(bank_reference=row["reference"]).exists():
            return False
        customer = Customer.objects.for_tenant(tenant).filter(number=row["customer"]).first()
        if customer is None:
            self.stderr.write(f"{row['reference']}: no customer {row['customer']}")
            return False
        payment = record_payment(
            customer,
            Decimal(row["amount"]),
            received_on=date.fromisoformat(row["date"]),
            bank_reference=row["reference"],
        )
        allocate_oldest_first(payment)
        return True
