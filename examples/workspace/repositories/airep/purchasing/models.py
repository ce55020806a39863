"""Orders to suppliers and the goods that arrive for them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import TenantOwned, TenantQuerySet


class PurchaseOrderQuerySet(TenantQuerySet):
    def open(self):
        return self.filter(status__in=[PurchaseOrder.Status.APPROVED, PurchaseOrder.Status.PARTIAL])


class PurchaseOrder(TenantOwned):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        APPROVED = "approved", "Approved"
        PARTIAL = "partial", "Partly received"
        RECEIVED = "received", "Received"
        CANCELLED = "cancelled", "Cancelled"

    number = models.CharField(max_length=20)
    supplier = models.ForeignKey("parties.Supplier", on_delete=models.PROTECT, related_name="purchase_orders")
    branch = models.ForeignKey("tenants.Branch", on_delete=models.PROTECT, related_name="purchase_orders")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    ordered_on = models.DateField()
    expected_on = models.DateField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="approved_orders",
    )
    notes = models.TextField(blank=True)

    objects = PurchaseOrderQuerySet.as_manager()

    class Meta:
        ordering = ["-ordered_on", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="order_number_unique_per_tenant")
        ]
        indexes = [models.Index(fields=["tenant", "status"], name="order_tenant_status")]

    def __str__(self) -> str:
        return self.number


class PurchaseOrderLine(models.Model):
    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="lines")
    item = models.ForeignKey("inventory.Item", on_delete=models.PROTECT, related_name="purchase_lines")
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    unit_cost = models.DecimalField(max_digits=12, decimal_places=4)
    received_quantity = models.DecimalField(max_digits=12, decimal_places=3, default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_orders_something"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.item.sku}"

    @property
    def outstanding(self):
        return self.quantity - self.received_quantity


class GoodsReceipt(TenantOwned):
    """A delivery that was booked in; immutable once made."""

    number = models.CharField(max_length=20)
    order = models.ForeignKey(PurchaseOrder, on_delete=models.PROTECT, related_name="receipts")
    warehouse = models.ForeignKey("inventory.Warehouse", on_delete=models.PROTECT, related_name="receipts")
    received_on = models.DateField()
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="goods_receipts",
    )
    delivery_note = models.CharField(max_length=40, blank=True, help_text="The supplier's own number")
    journal_entry = models.OneToOneField(
        "accounting.JournalEntry", on_delete=models.PROTECT, null=True, related_name="goods_receipt"
    )

    class Meta:
        ordering = ["-received_on", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="receipt_number_unique_per_tenant")
        ]

    def __str__(self) -> str:
        return self.number


class GoodsReceiptLine(models.Model):
    receipt = models.ForeignKey(GoodsReceipt, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(PurchaseOrderLine, on_delete=models.PROTECT, related_name="receipt_lines")
    quantity = models.DecimalField(max_digits=12, decimal_places=3)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="receipt_line_receives_something")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.order_line.item.sku}"
