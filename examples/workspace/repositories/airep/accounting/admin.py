from django.contrib import admin

from accounting.models import Account, FiscalPeriod, JournalEntry, JournalLine, TaxRate


class JournalLineInline(admin.TabularInline):
    model = JournalLine
    extra = 0
    can_delete = False
    readonly_fields = ["account", "debit", "credit"]


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "kind", "tenant"]
    list_filter = ["tenant", "kind"]
    search_fields = ["code", "name"]


@admin.register(FiscalPeriod)
class FiscalPeriodAdmin(admin.ModelAdmin):
    list_display = ["name", "tenant", "starts_on", "ends_on", "is_closed"]
    list_filter = ["tenant", "is_closed"]


@admin.register(TaxRate)
class TaxRateAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "percent", "valid_from", "tenant"]
    list_filter = ["tenant"]


@admin.register(JournalEntry)
class JournalEntryAdmin(admin.ModelAdmin):
    list_display = ["posted_on", "memo", "period", "tenant"]
    list_filter = ["tenant", "period"]
    date_hierarchy = "posted_on"
    inlines = [JournalLineInline]

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
