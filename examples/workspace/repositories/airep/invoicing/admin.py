from django.contrib import admin

from invoicing.models import CreditNote, Invoice, InvoiceLine, Payment, PaymentAllocation


class InvoiceLineInline(admin.TabularInline):
    model = InvoiceLine
    extra = 0
    autocomplete_fields = ["item"]


@admin.register(Invoice)
class InvoiceAdmin(admin.ModelAdmin):
    list_display = ["__str__", "customer", "status", "issued_on", "gross_total", "tenant"]
    list_filter = ["tenant", "status"]
    list_select_related = ["customer", "tenant"]
    search_fields = ["number", "customer__name"]
    readonly_fields = ["number", "net_total", "tax_total", "gross_total", "journal_entry", "posted_by"]
    inlines = [InvoiceLineInline]


class PaymentAllocationInline(admin.TabularInline):
    model = PaymentAllocation
    extra = 0
    raw_id_fields = ["invoice"]


@admin.register(Payment)
class PaymentAdmin(admin.ModelAdmin):
    list_display = ["received_on", "customer", "amount", "method", "bank_reference"]
    list_filter = ["tenant", "method"]
    list_select_related = ["customer"]
    inlines = [PaymentAllocationInline]


@admin.register(CreditNote)
class CreditNoteAdmin(admin.ModelAdmin):
    list_display = ["number", "invoice", "amount", "issued_on", "issued_by"]
    list_filter = ["tenant"]
    readonly_fields = ["journal_entry"]
