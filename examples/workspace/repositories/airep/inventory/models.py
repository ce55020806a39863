"""What a tenant sells and where it lies. Stock is a ledger of movements (docs/decisions/0003)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.models import TenantOwned, TenantQuerySet


class Warehouse(TenantOwned):
    branch = models.ForeignKey("tenants.Branch", on_delete=models.PROTECT, related_name="warehouses")
    code = models.CharField(max_length=8)
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="warehouse_code_unique_per_tenant")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ItemQuerySet(TenantQuerySet):
    def active(self):
        return self.filter(is_active=True)

    def with_stock(self):
        """Adds `on_hand`, the quantity in all warehouses of the item's tenant."""
        return self.annotate(on_hand=models.Sum("levels__quantity", default=0))

    def below_reorder_point(self):
        return self.active().with_stock().filter(on_hand__lt=F("reorder_point"))


class Item(TenantOwned):
    class Unit(models.TextChoices):
        PIECE = "pcs", "Piece"
        METRE = "m", "Metre"
        KILOGRAM = "kg", "Kilogram"
        SET = "set", "Set"

    sku = models.CharField(max_length=40)
    name = models.CharField(max_length=160)
    unit = models.CharField(max_length=4, choices=Unit.choices, default=Unit.PIECE)
    sale_price = models.DecimalField(max_digits=12, decimal_places=4)
    tax_rate = models.ForeignKey("accounting.TaxRate", on_delete=models.PROTECT, related_name="items")
    reorder_point = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replaces"
    )
    suppliers = models.ManyToManyField("parties.Supplier", through="SupplierItem", related_name="items")
    is_active = models.BooleanField(default=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["sku"]
        constraints = [models.UniqueConstraint(fields=["tenant", "sku"], name="item_sku_unique_per_tenant")]
        indexes = [models.Index(fields=["tenant", "name"], name="item_tenant_name")]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"


class SupplierItem(models.Model):
    """What a supplier calls an item and asks for it."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="supplier_items")
    supplier = models.ForeignKey("parties.Supplier", on_delete=models.CASCADE, related_name="supplier_items")
    supplier_sku = models.CharField(max_length=60, blank=True)
    cost = models.DecimalField(max_digits=12, decimal_places=4)
    is_preferred = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "supplier"], name="supplier_item_once"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(is_preferred=True), name="one_preferred_supplier_per_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.sku} from {self.supplier.name}"


class StockLevel(TenantOwned):
    """The sum of an item's movements in a warehouse, kept beside them for speed."""

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="levels")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="levels")
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    average_cost = models.DecimalField(max_digits=12, decimal_places=4, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "item"], name="one_level_per_warehouse_and_item"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="stock_level_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.item.sku} in {self.warehouse.code}: {self.quantity}"


class StockMovement(TenantOwned):
    """One change of stock. Rows are only ever added; a mistake is corrected by an opposite movement."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", "Goods receipt"
        SALE = "sale", "Sale"
        RETURN = "return", "Customer return"
        TRANSFER = "transfer", "Transfer"
        ADJUSTMENT = "adjustment", "Stock-taking adjustment"

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="movements")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, help_text="Negative when stock leaves")
    unit_cost = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    reference = models.CharField(max_length=60, blank=True)
    moved_at = models.DateTimeField(default=timezone.now)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="stock_movements",
    )

    class Meta:
        ordering = ["-moved_at", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(quantity=0), name="movement_moves_something")]
        indexes = [models.Index(fields=["item", "warehouse", "-moved_at"], name="movement_item_history")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.quantity} x {self.item.sku}"
