from datetime import date
from decimal import Decimal

from django.core.management import CommandError, call_command
from django.test import TestCase

from accounting.chart import RECEIVABLES, SALES, create_default_chart
from accounting.models import FiscalPeriod
from accounting.services import LedgerError, credit, debit, post_entry, reverse_entry
from tenants.models import Tenant

HUNDRED = Decimal("100.00")


class LedgerTests(TestCase):
    def setUp(self):
        self.tenant = Tenant.objects.create(name="Brushline", slug="brushline", country="PT")
        create_default_chart(self.tenant)
        self.september, self.october = (
            FiscalPeriod.objects.create(
                tenant=self.tenant, name=name, starts_on=date(2026, month, 1), ends_on=date(2026, month, 30)
            )
            for name, month in (("2026-09", 9), ("2026-10", 10))
        )

    def post(self, day=date(2026, 9, 14), amount=HUNDRED):
        sides = [debit(RECEIVABLES, HUNDRED), credit(SALES, amount)]
        return post_entry(self.tenant, posted_on=day, memo="Brooms", sides=sides)

    def test_an_entry_lands_in_the_period_of_its_day(self):
        self.assertEqual(self.post().period, self.september)

    def test_what_does_not_balance_is_refused(self):
        with self.assertRaisesMessage(LedgerError, "does not balance: debit 100.00, credit 99.99"):
            self.post(amount=Decimal("99.99"))

    def test_a_closed_period_takes_no_entries(self):
        call_command("close_period", "brushline", "2026-09", verbosity=0)
        with self.assertRaisesMessage(LedgerError, "is closed"):
            self.post()

    def test_periods_close_in_order(self):
        with self.assertRaisesMessage(CommandError, "close 2026-09 before 2026-10"):
            call_command("close_period", "brushline", "2026-10", verbosity=0)

    def test_an_entry_is_reversed_once(self):
        entry = self.post()
        reversal = reverse_entry(entry, posted_on=date(2026, 10, 2), memo="Wrong customer")
        self.assertEqual(reversal.lines.get(account__code=SALES).debit, HUNDRED)
        self.assertEqual(entry.reversed_by, reversal)
        with self.assertRaisesMessage(LedgerError, "already reversed"):
            reverse_entry(entry, posted_on=date(2026, 10, 3), memo="Again")
