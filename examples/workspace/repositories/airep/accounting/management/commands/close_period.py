"""manage.py close_period TENANT PERIOD: closes a fiscal period so that nothing more is posted in it."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounting.models import FiscalPeriod
from accounting.services import LedgerError, close_period


class Command(BaseCommand):
    help = "Close a fiscal period of a tenant"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="slug of the tenant")
        parser.add_argument("period", help="name of the period, such as 2026-09")

    def handle(self, *args, **options) -> None:
        try:
            period = FiscalPeriod.objects.get(tenant__slug=options["tenant"], name=options["period"])
            close_period(period)
        except FiscalPeriod.DoesNotExist:
            raise CommandError(f"{options['tenant']} has no period {options['period']}") from None
        except LedgerError as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            self.stdout.write(f"Closed {period} of {period.tenant}.")
