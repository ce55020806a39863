from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import TestCase

from accounting.chart import RECEIVABLES, VAT_PAYABLE, create_default_chart
from accounting.models import FiscalPeriod, JournalLine, TaxRate
from inventory.models import Item, StockLevel, StockMovement, Warehouse
from inventory.services import Movement, StockError, record
from invoicing import credit_notes
from invoicing.models import CreditNote, Invoice, InvoiceLine, Payment
from invoicing.payments import allocate_oldest_first, record_payment
from invoicing.services import InvoicingError, post_invoice
from parties.models import Customer
from tenants.models import Branch, Membership, Role, Tenant

TODAY = date(2026, 9, 24)


class InvoicingTestCase(TestCase):
    """A tenant with one customer, one item and ten pieces of it in stock."""

    def setUp(self):
        self.tenant = Tenant.objects.create(name="Brushline", slug="brushline", country="PT")
        create_default_chart(self.tenant)
        FiscalPeriod.objects.create(
            tenant=self.tenant, name="2026", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)
        )
        self.branch = Branch.objects.create(tenant=self.tenant, code="LIS", name="Lisbon")
        self.warehouse = Warehouse.objects.create(
            tenant=self.tenant, branch=self.branch, code="MAIN", name="Main"
        )
        self.rate = TaxRate.objects.create(
            tenant=self.tenant,
            code="STD",
            name="Standard",
            percent=Decimal("23"),
            valid_from=date(2026, 1, 1),
        )
        self.item = Item.objects.create(
            tenant=self.tenant, sku="BR-400", name="Main broom 400 mm", sale_price=84, tax_rate=self.rate
        )
        self.customer = Customer.objects.create(
            tenant=self.tenant, number="C-1", name="Limpa Ruas", country="PT", payment_days=30
        )
        record(
            Movement(
                warehouse=self.warehouse,
                item=self.item,
                kind=StockMovement.Kind.RECEIPT,
                quantity=Decimal("10"),
                unit_cost=Decimal("40"),
            )
        )

    def draft(self, quantity="2", rate=None):
        invoice = Invoice.objects.create(
            tenant=self.tenant, customer=self.customer, branch=self.branch, warehouse=self.warehouse
        )
        InvoiceLine.objects.create(
            invoice=invoice,
            position=1,
            item=self.item,
            description=self.item.name,
            quantity=Decimal(quantity),
            unit_price=Decimal("84"),
            tax_rate=rate or self.rate,
        )
        return invoice

    def posted(self, quantity="2"):
        return post_invoice(self.draft(quantity), issued_on=TODAY)


class PostingTests(InvoicingTestCase):
    def test_posting_moves_totals_stock_and_ledger(self):
        invoice = self.posted()
        self.assertEqual((invoice.number, invoice.status), ("INV-00001", Invoice.Status.POSTED))
        self.assertEqual(
            (invoice.net_total, invoice.tax_total, invoice.gross_total),
            (Decimal("168.00"), Decimal("38.64"), Decimal("206.64")),
        )
        self.assertEqual(StockLevel.objects.get().quantity, Decimal("8"))
        debits = JournalLine.objects.get(entry=invoice.journal_entry, account__code=RECEIVABLES)
        self.assertEqual(debits.debit, Decimal("206.64"))

    def test_an_invoice_is_posted_once(self):
        with self.assertRaisesMessage(InvoicingError, "is posted, not a draft"):
            post_invoice(self.posted(), issued_on=TODAY)

    def test_without_stock_nothing_is_posted(self):
        invoice = self.draft("11")
        with self.assertRaises(StockError):
            post_invoice(invoice, issued_on=TODAY)
        invoice.refresh_from_db()
        self.assertEqual((invoice.status, invoice.number), (Invoice.Status.DRAFT, ""))

    def test_the_credit_limit_counts_what_is_already_owed(self):
        self.customer.credit_limit = Decimal("300")
        self.customer.save()
        self.posted()
        with self.assertRaisesMessage(InvoicingError, "would owe 413.28, the limit is 300"):
            self.posted()

    def test_the_due_date_follows_the_customer(self):
        self.assertEqual(self.posted().due_on, date(2026, 10, 24))

    def test_reverse_charge_carries_no_tax(self):
        rate = TaxRate.objects.create(
            tenant=self.tenant,
            code="RC",
            name="EU",
            percent=23,
            reverse_charge=True,
            valid_from=date(2026, 1, 1),
        )
        invoice = post_invoice(self.draft(rate=rate), issued_on=TODAY)
        self.assertEqual((invoice.tax_total, invoice.gross_total), (Decimal("0.00"), Decimal("168.00")))
        self.assertFalse(JournalLine.objects.filter(account__code=VAT_PAYABLE).exists())


class PaymentTests(InvoicingTestCase):
    def test_the_oldest_invoice_is_settled_first(self):
        first, second = self.posted("1"), self.posted("2")
        payment = record_payment(self.customer, Decimal("150.00"), received_on=TODAY)
        allocate_oldest_first(payment)
        first.refresh_from_db()
        self.assertEqual(first.status, Invoice.Status.PAID)
        self.assertEqual(second.balance, Decimal("159.96"))
        self.assertEqual(payment.unallocated, Decimal("0.00"))

    def test_what_nobody_owes_stays_unallocated(self):
        self.posted("1")
        payment = record_payment(self.customer, Decimal("200.00"), received_on=TODAY)
        allocate_oldest_first(payment)
        self.assertEqual(payment.unallocated, Decimal("96.68"))

    def test_a_bank_statement_is_imported_once(self):
        self.posted()
        rows = [
            "date;customer;amount;reference",
            "2026-10-01;C-1;206.64;N26/77",
            "2026-10-01;C-9;5.00;N26/78",
        ]
        with TemporaryDirectory() as folder:
            file = Path(folder) / "statement.csv"
            file.write_text("\n".join(rows), encoding="utf-8")
            for _ in range(2):
                call_command("import_bank_statement", "brushline", str(file), verbosity=0, stderr=StringIO())
        self.assertEqual(Payment.objects.get().bank_reference, "N26/77")
        self.assertEqual(Invoice.objects.get().status, Invoice.Status.PAID)


class CreditNoteTests(InvoicingTestCase):
    def test_a_credit_note_lowers_the_balance_and_the_tax(self):
        invoice = self.posted()
        note = credit_notes.issue(invoice, Decimal("103.32"), reason="One broom came back", issued_on=TODAY)
        self.assertEqual((note.number, invoice.balance), ("CN-00001", Decimal("103.32")))
        tax = JournalLine.objects.get(entry=note.journal_entry, account__code=VAT_PAYABLE)
        self.assertEqual(tax.debit, Decimal("19.32"))

    def test_an_invoice_that_is_credited_in_full_is_settled(self):
        invoice = self.posted()
        credit_notes.issue(invoice, Decimal("206.64"), reason="Wrong customer", issued_on=TODAY)
        invoice.refresh_from_db()
        self.assertEqual(invoice.status, Invoice.Status.PAID)

    def test_no_more_is_credited_than_is_owed(self):
        with self.assertRaisesMessage(InvoicingError, "is too much"):
            credit_notes.issue(self.posted(), Decimal("206.65"), reason="Typing error", issued_on=TODAY)
        self.assertFalse(CreditNote.objects.exists())


class ViewTests(InvoicingTestCase):
    def setUp(self):
        super().setUp()
        user = get_user_model().objects.create_user("rita")
        Membership.objects.create(tenant=self.tenant, user=user, role=Role.CLERK)
        self.client.force_login(user)

    def test_a_clerk_posts_an_invoice_and_sees_it(self):
        invoice = self.draft()
        response = self.client.post(f"/invoices/{invoice.pk}/post/", follow=True)
        self.assertContains(response, "INV-00001")
        self.assertContains(self.client.get("/invoices/"), "Limpa Ruas")

    def test_a_payment_is_recorded_and_allocated(self):
        self.posted()
        form = {
            "customer": self.customer.pk,
            "amount": "206.64",
            "received_on": "2026-10-01",
            "method": "transfer",
        }
        self.assertRedirects(self.client.post("/invoices/payments/new/", form), "/invoices/")
        self.assertEqual(Invoice.objects.get().status, Invoice.Status.PAID)

    def test_a_credit_note_is_issued_from_the_invoice_page(self):
        invoice = self.posted()
        form = {"amount": "20.00", "reason": "Scratched", "issued_on": "2026-10-01"}
        response = self.client.post(f"/invoices/{invoice.pk}/credit/", form, follow=True)
        self.assertContains(response, "Issued CN-00001.")
