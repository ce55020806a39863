from datetime import date
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.test import TestCase

from accounting.chart import GOODS_NOT_INVOICED, create_default_chart
from accounting.models import FiscalPeriod, JournalLine, TaxRate
from inventory.models import Item, StockLevel, Warehouse
from parties.models import Supplier
from purchasing.models import PurchaseOrder, PurchaseOrderLine
from purchasing.services import PurchasingError, approve, receive_goods
from tenants.models import Branch, Membership, Role, Tenant


class PurchasingTests(TestCase):
    def setUp(self):
        self.tenant = Tenant.objects.create(name="Brushline", slug="brushline", country="PT")
        create_default_chart(self.tenant)
        FiscalPeriod.objects.create(
            tenant=self.tenant, name="2026-09", starts_on=date(2026, 9, 1), ends_on=date(2026, 9, 30)
        )
        branch = Branch.objects.create(tenant=self.tenant, code="LIS", name="Lisbon")
        self.warehouse = Warehouse.objects.create(tenant=self.tenant, branch=branch, code="MAIN", name="Main")
        rate = TaxRate.objects.create(
            tenant=self.tenant, code="STD", name="Standard", percent=23, valid_from=date(2026, 1, 1)
        )
        item = Item.objects.create(
            tenant=self.tenant, sku="BR-400", name="Main broom 400 mm", sale_price=84, tax_rate=rate
        )
        supplier = Supplier.objects.create(tenant=self.tenant, number="S-1", name="Kartex", country="CZ")
        self.order = PurchaseOrder.objects.create(
            tenant=self.tenant, number="PO-1", supplier=supplier, branch=branch, ordered_on=date(2026, 9, 7)
        )
        self.line = PurchaseOrderLine.objects.create(
            order=self.order, item=item, quantity=10, unit_cost=Decimal("40.0050")
        )
        self.user = get_user_model().objects.create_user("rita")

    def receive(self, quantity, warehouse=None):
        return receive_goods(
            self.order,
            {self.line.pk: Decimal(quantity)},
            warehouse_id=(warehouse or self.warehouse).pk,
            received_on=date(2026, 9, 16),
            by=self.user,
        )

    def test_a_draft_takes_no_goods(self):
        with self.assertRaisesMessage(PurchasingError, "PO-1 is draft and takes no goods"):
            self.receive("1")

    def test_a_delivery_moves_stock_ledger_and_status(self):
        approve(self.order, by=self.user)
        receipt = self.receive("4")
        self.assertEqual(self.order.status, PurchaseOrder.Status.PARTIAL)
        self.assertEqual(StockLevel.objects.get().quantity, Decimal("4"))
        posted = JournalLine.objects.get(account__code=GOODS_NOT_INVOICED)
        self.assertEqual((posted.credit, posted.entry), (Decimal("160.02"), receipt.journal_entry))
        self.receive("6")
        self.assertEqual(self.order.status, PurchaseOrder.Status.RECEIVED)

    def test_more_than_was_ordered_is_refused(self):
        approve(self.order, by=self.user)
        with self.assertRaisesMessage(PurchasingError, "only 10"):
            self.receive("11")
        self.assertFalse(StockLevel.objects.exists())

    def test_goods_go_to_a_warehouse_of_the_same_tenant(self):
        approve(self.order, by=self.user)
        signum = Tenant.objects.create(name="Signum", slug="signum", country="CZ")
        branch = Branch.objects.create(tenant=signum, code="ZLN", name="Zlin")
        foreign = Warehouse.objects.create(tenant=signum, branch=branch, code="MAIN", name="Main")
        with self.assertRaisesMessage(PurchasingError, "has no active warehouse"):
            self.receive("1", foreign)

    def test_a_clerk_receives_but_does_not_approve(self):
        Membership.objects.create(tenant=self.tenant, user=self.user, role=Role.CLERK)
        self.client.force_login(self.user)
        self.assertEqual(self.client.post("/purchasing/PO-1/approve/").status_code, 403)
        approve(self.order, by=None)
        form = {"warehouse": self.warehouse.pk, "received_on": "2026-09-16", f"line_{self.line.pk}": "10"}
        self.assertRedirects(self.client.post("/purchasing/PO-1/receive/", form), "/purchasing/PO-1/")
        self.order.refresh_from_db()
        self.assertEqual(self.order.status, PurchaseOrder.Status.RECEIVED)
