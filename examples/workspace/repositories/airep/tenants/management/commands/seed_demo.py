"""manage.py seed_demo: two tenants with a month of trade, to look at the pages with something on them."""

from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounting.chart import create_default_chart
from accounting.models import FiscalPeriod, TaxRate
from inventory.models import Item, SupplierItem, Warehouse
from invoicing.models import Invoice, InvoiceLine
from invoicing.payments import allocate_oldest_first, record_payment
from invoicing.services import post_invoice
from parties.models import Customer, Supplier
from purchasing.models import PurchaseOrder, PurchaseOrderLine
from purchasing.services import approve, receive_goods
from tenants.models import Branch, Membership, NumberSequence, Role, Tenant

PASSWORD = "brooms-and-signs"
START = date(2026, 10, 1)

DEMO = {
    "brushline": {
        "tenant": ("Brushline Peças", "PT", "23"),
        "branch": ("LIS", "Lisbon"),
        "supplier": ("S-100", "Kartex Bristle Works", "CZ"),
        "customers": [("C-100", "Limpa Ruas Lda", "PT"), ("C-101", "Câmara de Vale Fundo", "PT")],
        "items": [
            ("BR-400", "Main broom 400 mm, poly and steel", "84.50", "41.20"),
            ("BR-SIDE", "Side brush 600 mm, flat wire", "36.15", "17.90"),
            ("FL-HEPA", "Dust filter panel, washable", "129.00", "70.00"),
        ],
    },
    "signum": {
        "tenant": ("Signum Cedule", "CZ", "21"),
        "branch": ("ZLN", "Zlin"),
        "supplier": ("S-200", "Alucobond Trade", "CZ"),
        "customers": [("C-200", "Obec Lhota", "CZ"), ("C-201", "Pekarna U Mostu", "CZ")],
        "items": [
            ("PL-A3", "Aluminium plate A3, 2 mm", "10.03", "4.10"),
            ("LT-120", "Channel letter 120 mm", "47.35", "22.80"),
            ("VF-50", "Vinyl film 50 cm, outdoor", "6.99", "2.65"),
        ],
    },
}


class Command(BaseCommand):
    help = "Create two demo tenants with orders, deliveries, invoices and payments"

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        if Tenant.objects.filter(slug__in=DEMO).exists():
            raise CommandError("the demo tenants are there already; use a fresh database")
        for slug, data in DEMO.items():
            self.seed(slug, data)
            if options["verbosity"]:
                self.stdout.write(f"{slug}: log in as {slug}-owner with the password {PASSWORD}")

    def seed(self, slug: str, data) -> None:
        name, country, percent = data["tenant"]
        tenant = Tenant.objects.create(name=name, slug=slug, country=country)
        owner = get_user_model().objects.create_user(f"{slug}-owner", password=PASSWORD)
        Membership.objects.create(tenant=tenant, user=owner, role=Role.OWNER)
        create_default_chart(tenant)
        FiscalPeriod.objects.create(
            tenant=tenant, name="2026-Q4", starts_on=START, ends_on=date(2026, 12, 31)
        )
        code, city = data["branch"]
        branch = Branch.objects.create(tenant=tenant, code=code, name=city, is_head_office=True)
        warehouse = Warehouse.objects.create(tenant=tenant, branch=branch, code="MAIN", name=f"{city} main")
        rate = TaxRate.objects.create(
            tenant=tenant, code="STD", name="Standard", percent=Decimal(percent), valid_from=date(2026, 1, 1)
        )
        items = self.receive_stock(tenant, branch, warehouse, rate, data, owner)
        for days, (number, customer_name, where) in enumerate(data["customers"], start=9):
            customer = Customer.objects.create(
                tenant=tenant, branch=branch, number=number, name=customer_name, country=where
            )
            invoice = self.invoice(customer, branch, warehouse, items, START + timedelta(days=days), owner)
            paid = invoice.gross_total / 2 if days == 9 else invoice.gross_total
            payment = record_payment(
                customer, paid.quantize(Decimal("0.01")), received_on=START + timedelta(days=days + 20)
            )
            allocate_oldest_first(payment)

    def receive_stock(self, tenant, branch, warehouse, rate, data, owner) -> list[Item]:
        """Order forty of everything and book thirty in, so that one order stays open."""
        number, name, country = data["supplier"]
        supplier = Supplier.objects.create(tenant=tenant, number=number, name=name, country=country)
        order = PurchaseOrder.objects.create(
            tenant=tenant,
            number=NumberSequence.next_number(tenant, "purchase_order", "PO-"),
            supplier=supplier,
            branch=branch,
            ordered_on=START,
        )
        items: list[Item] = []
        for sku, item_name, price, cost in data["items"]:
            item = Item.objects.create(
                tenant=tenant,
                sku=sku,
                name=item_name,
                sale_price=Decimal(price),
                tax_rate=rate,
                reorder_point=28,
            )
            SupplierItem.objects.create(item=item, supplier=supplier, cost=Decimal(cost), is_preferred=True)
            PurchaseOrderLine.objects.create(order=order, item=item, quantity=40, unit_cost=Decimal(cost))
            items.append(item)
        approve(order, by=owner)
        arrived = {line.pk: Decimal("30") for line in order.lines.all()}
        receive_goods(
            order, arrived, warehouse_id=warehouse.pk, received_on=START + timedelta(days=6), by=owner
        )
        return items

    def invoice(self, customer, branch, warehouse, items, day, owner) -> Invoice:
        invoice = Invoice.objects.create(
            tenant=customer.tenant, customer=customer, branch=branch, warehouse=warehouse
        )
        for position, item in enumerate(items, start=1):
            InvoiceLine.objects.create(
                invoice=invoice,
                position=position,
                item=item,
                description=item.name,
                quantity=position,
                unit_price=item.sale_price,
                tax_rate=item.tax_rate,
            )
        return post_invoice(invoice, issued_on=day, by=owner)
