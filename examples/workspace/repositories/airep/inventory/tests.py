from datetime import date
from decimal import Decimal

from django.test import TestCase

from accounting.models import TaxRate
from inventory.models import Item, StockLevel, StockMovement, Warehouse
from inventory.services import Movement, StockError, record, transfer
from inventory.valuation import stock_value
from tenants.models import Branch, Tenant


class StockTests(TestCase):
    def setUp(self):
        self.tenant = Tenant.objects.create(name="Brushline", slug="brushline", country="PT")
        self.branch = Branch.objects.create(tenant=self.tenant, code="LIS", name="Lisbon")
        self.main, self.van = (
            Warehouse.objects.create(tenant=self.tenant, branch=self.branch, code=code, name=code)
            for code in ("MAIN", "VAN")
        )
        rate = TaxRate.objects.create(
            tenant=self.tenant, code="STD", name="Standard", percent=23, valid_from=date(2026, 1, 1)
        )
        self.broom = Item.objects.create(
            tenant=self.tenant,
            sku="BR-400",
            name="Main broom 400 mm",
            sale_price=84,
            tax_rate=rate,
            reorder_point=5,
        )

    def move(self, quantity, kind=StockMovement.Kind.RECEIPT, cost="40"):
        return record(
            Movement(
                warehouse=self.main,
                item=self.broom,
                kind=kind,
                quantity=Decimal(quantity),
                unit_cost=Decimal(cost),
            )
        )

    def test_the_level_is_the_sum_of_the_movements(self):
        self.move("10")
        self.move("-4", StockMovement.Kind.SALE)
        self.assertEqual(StockLevel.objects.get().quantity, Decimal("6"))
        self.assertEqual(StockMovement.objects.count(), 2)

    def test_stock_never_falls_below_zero(self):
        self.move("3")
        with self.assertRaisesMessage(StockError, "only 3.000 of BR-400 in MAIN"):
            self.move("-4", StockMovement.Kind.SALE)
        self.assertEqual(StockMovement.objects.count(), 1)

    def test_goods_of_another_tenant_are_refused(self):
        other = Tenant.objects.create(name="Signum", slug="signum", country="CZ")
        self.main.tenant = other
        with self.assertRaisesMessage(StockError, "different tenants"):
            self.move("1")

    def test_a_receipt_moves_the_average_cost(self):
        self.move("10", cost="40")
        self.move("5", cost="46")
        self.assertEqual(StockLevel.objects.get().average_cost, Decimal("42.0000"))
        self.assertEqual(stock_value(self.tenant), Decimal("630.00"))

    def test_a_transfer_keeps_the_worth(self):
        self.move("10")
        transfer(self.broom, self.main, self.van, Decimal("4"))
        self.assertEqual(StockLevel.objects.get(warehouse=self.van).quantity, Decimal("4"))
        self.assertEqual(stock_value(self.tenant), Decimal("400.00"))

    def test_items_below_their_reorder_point_are_found(self):
        self.move("4")
        self.assertEqual(Item.objects.for_tenant(self.tenant).below_reorder_point().get(), self.broom)
        self.move("1")
        self.assertFalse(Item.objects.for_tenant(self.tenant).below_reorder_point().exists())
