from django.contrib import admin

from purchasing.models import GoodsReceipt, GoodsReceiptLine, PurchaseOrder, PurchaseOrderLine


class PurchaseOrderLineInline(admin.TabularInline):
    model = PurchaseOrderLine
    extra = 0
    autocomplete_fields = ["item"]
    readonly_fields = ["received_quantity"]


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(admin.ModelAdmin):
    list_display = ["number", "supplier", "status", "ordered_on", "tenant"]
    list_filter = ["tenant", "status"]
    list_select_related = ["supplier", "tenant"]
    search_fields = ["number", "supplier__name"]
    inlines = [PurchaseOrderLineInline]


class GoodsReceiptLineInline(admin.TabularInline):
    model = GoodsReceiptLine
    extra = 0
    can_delete = False
    readonly_fields = ["order_line", "quantity"]


@admin.register(GoodsReceipt)
class GoodsReceiptAdmin(admin.ModelAdmin):
    list_display = ["number", "order", "warehouse", "received_on"]
    list_filter = ["tenant"]
    inlines = [GoodsReceiptLineInline]

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
