from django.contrib import admin

from tenants.models import Branch, Membership, NumberSequence, Tenant


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Tenant)
class TenantAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "country", "currency", "is_active"]
    list_filter = ["is_active", "country"]
    search_fields = ["name", "slug", "vat_number"]
    inlines = [MembershipInline]


@admin.register(Branch)
class BranchAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "tenant", "is_head_office"]
    list_filter = ["tenant"]
    search_fields = ["code", "name"]


@admin.register(NumberSequence)
class NumberSequenceAdmin(admin.ModelAdmin):
    list_display = ["tenant", "kind", "prefix", "last_number"]
    readonly_fields = ["last_number"]
