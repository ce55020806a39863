from django.contrib import admin

from inventory.models import Item, StockLevel, StockMovement, SupplierItem, Warehouse


class SupplierItemInline(admin.TabularInline):
    model = SupplierItem
    extra = 0
    autocomplete_fields = ["supplier"]


@admin.register(Warehouse)
class WarehouseAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "branch", "tenant", "is_active"]
    list_filter = ["tenant"]


@admin.register(Item)
class ItemAdmin(admin.ModelAdmin):
    list_display = ["sku", "name", "unit", "sale_price", "tax_rate", "is_active"]
    list_filter = ["tenant", "is_active", "unit"]
    search_fields = ["sku", "name"]
    list_select_related = ["tax_rate"]
    inlines = [SupplierItemInline]


@admin.register(StockLevel)
class StockLevelAdmin(admin.ModelAdmin):
    list_display = ["item", "warehouse", "quantity"]
    list_filter = ["tenant", "warehouse"]
    list_select_related = ["item", "warehouse"]

    def has_change_permission(self, request, obj=None) -> bool:
        return False


@admin.register(StockMovement)
class StockMovementAdmin(admin.ModelAdmin):
    list_display = ["moved_at", "kind", "item", "warehouse", "quantity", "reference"]
    list_filter = ["tenant", "kind"]
    list_select_related = ["item", "warehouse"]
    date_hierarchy = "moved_at"

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
