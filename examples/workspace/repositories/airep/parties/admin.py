from django.contrib import admin
from django.contrib.contenttypes.admin import GenericTabularInline

from parties.models import Contact, Customer, Supplier


class ContactInline(GenericTabularInline):
    model = Contact
    ct_field = "party_type"
    ct_fk_field = "party_id"
    extra = 0


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ["number", "name", "tenant", "payment_days", "credit_limit", "is_blocked"]
    list_filter = ["tenant", "is_blocked"]
    search_fields = ["number", "name", "vat_number"]
    inlines = [ContactInline]


@admin.register(Supplier)
class SupplierAdmin(admin.ModelAdmin):
    list_display = ["number", "name", "tenant", "lead_time_days", "is_blocked"]
    list_filter = ["tenant", "is_blocked"]
    search_fields = ["number", "name", "vat_number"]
    inlines = [ContactInline]
