from datetime import date
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from invoicing.payments import allocate_oldest_first, record_payment
from invoicing.tests import TODAY, InvoicingTestCase
from reports import queries
from tenants.models import Membership, Role


class ReportTests(InvoicingTestCase):
    def test_ageing_counts_the_days_since_the_due_date(self):
        self.posted()
        [row] = queries.receivables_ageing(self.tenant, date(2026, 12, 1))
        self.assertEqual((row.label, row.figures[2]), ("Limpa Ruas", Decimal("206.64")))

    def test_ageing_subtracts_payments(self):
        self.posted()
        allocate_oldest_first(record_payment(self.customer, Decimal("200.00"), received_on=TODAY))
        [row] = queries.receivables_ageing(self.tenant, TODAY)
        self.assertEqual(row.figures[0], Decimal("6.64"))

    def test_ageing_takes_the_same_queries_for_more_invoices(self):
        self.posted("1")
        with CaptureQueriesContext(connection) as first:
            queries.receivables_ageing(self.tenant, TODAY)
        self.posted("1")
        with self.assertNumQueries(len(first)):
            queries.receivables_ageing(self.tenant, TODAY)

    def test_best_sellers_add_up_the_lines_of_an_item(self):
        self.posted("3")
        self.posted("1")
        [row] = queries.best_sellers(self.tenant, TODAY, TODAY)
        self.assertEqual((row.label, row.figures[0]), ("BR-400 Main broom 400 mm", Decimal("4")))

    def test_the_trial_balance_balances(self):
        self.posted()
        total = queries.trial_balance(self.tenant, TODAY)[-1]
        self.assertEqual(total.figures[0], total.figures[1])
        self.assertGreater(total.figures[0], 0)

    def test_every_report_has_a_page_and_a_csv(self):
        self.posted()
        user = get_user_model().objects.create_user("rita")
        Membership.objects.create(tenant=self.tenant, user=user, role=Role.VIEWER)
        self.client.force_login(user)
        self.assertContains(self.client.get("/reports/"), "Trial balance", html=False)
        for name in ("ageing", "best-sellers", "vat", "open-orders", "reorder", "trial-balance"):
            self.assertEqual(self.client.get(f"/reports/{name}/?until=2026-12-31").status_code, 200, name)
        response = self.client.get("/reports/vat.csv?since=2026-09-01&until=2026-09-30")
        self.assertContains(response, "STD 23.00 %;168.0;38.64")
        self.assertEqual(self.client.get("/reports/weather/").status_code, 404)
