"""Pages of invoicing: invoices, posting, payments, credit notes."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounting.services import LedgerError
from inventory.services import StockError
from invoicing import credit_notes, payments
from invoicing.forms import CreditNoteForm, PaymentForm
from invoicing.models import Invoice
from invoicing.services import InvoicingError, post_invoice
from tenants.permissions import Permission, member_required, permission_required

PAGE_SIZE = 50


@member_required
def invoice_list(request: HttpRequest) -> HttpResponse:
    invoices = Invoice.objects.for_tenant(request.tenant).select_related("customer").with_paid()
    if request.GET.get("overdue"):
        invoices = invoices.overdue(timezone.localdate())
    page = Paginator(invoices.order_by("-issued_on", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "invoicing/invoice_list.html", {"page": page})


@member_required
def invoice_detail(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = get_object_or_404(Invoice.objects.select_related("customer", "branch"), pk=pk)
    context = {
        "invoice": invoice,
        "lines": invoice.lines.select_related("tax_rate"),
        "allocations": invoice.allocations.select_related("payment"),
        "credit_notes": invoice.credit_notes.all(),
    }
    return render(request, "invoicing/invoice_detail.html", context)


@require_POST
@permission_required(Permission.POST_INVOICES)
def invoice_post(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = get_object_or_404(Invoice.objects.for_tenant(request.tenant), pk=pk)
    try:
        post_invoice(invoice, issued_on=timezone.localdate(), by=request.user)
    except (InvoicingError, StockError, LedgerError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Posted as {invoice.number}.")
    return redirect("invoicing:invoice_detail", pk=pk)


@permission_required(Permission.RECORD_PAYMENTS)
def payment_new(request: HttpRequest) -> HttpResponse:
    form = PaymentForm(request.tenant, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            payment = payments.record_payment(**form.cleaned_data)
            payments.allocate_oldest_first(payment)
        except (InvoicingError, LedgerError) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Recorded {payment}, {payment.unallocated} is left to allocate.")
            return redirect("invoicing:invoice_list")
    return render(request, "invoicing/form.html", {"form": form, "title": "Record a payment"})


@member_required
def credit_note_new(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = get_object_or_404(Invoice.objects.for_tenant(request.tenant), pk=pk)
    form = CreditNoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            note = credit_notes.issue(invoice, by=request.user, **form.cleaned_data)
        except (InvoicingError, LedgerError) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Issued {note}.")
            return redirect("invoicing:invoice_detail", pk=pk)
    return render(request, "invoicing/form.html", {"form": form, "title": f"Credit {invoice}"})
