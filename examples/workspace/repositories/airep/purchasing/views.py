"""Pages of purchasing: orders, approval, receiving."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounting.services import LedgerError
from purchasing.forms import ReceiptForm
from purchasing.models import PurchaseOrder
from purchasing.services import PurchasingError, approve, receive_goods
from tenants.permissions import Permission, member_required, permission_required


@member_required
def order_list(request: HttpRequest) -> HttpResponse:
    orders = PurchaseOrder.objects.for_tenant(request.tenant).select_related("supplier", "branch")
    if status := request.GET.get("status"):
        orders = orders.filter(status=status)
    return render(request, "purchasing/order_list.html", {"orders": orders[:100]})


@member_required
def order_detail(request: HttpRequest, number: str) -> HttpResponse:
    order = own_order(request, number)
    lines = order.lines.select_related("item")
    receipts = order.receipts.select_related("warehouse", "received_by")
    return render(
        request, "purchasing/order_detail.html", {"order": order, "lines": lines, "receipts": receipts}
    )


@require_POST
@permission_required(Permission.APPROVE_ORDERS)
def order_approve(request: HttpRequest, number: str) -> HttpResponse:
    order = own_order(request, number)
    try:
        approve(order, by=request.user)
    except PurchasingError as error:
        messages.error(request, str(error))
    return redirect("purchasing:order_detail", number=number)


@permission_required(Permission.RECEIVE_GOODS)
def order_receive(request: HttpRequest, number: str) -> HttpResponse:
    order = own_order(request, number)
    form = ReceiptForm(order, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            receipt = receive_goods(
                order,
                form.quantities(),
                warehouse_id=form.cleaned_data["warehouse"].pk,
                received_on=form.cleaned_data["received_on"],
                delivery_note=form.cleaned_data["delivery_note"],
                by=request.user,
            )
        except (PurchasingError, LedgerError) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Booked in as {receipt}.")
            return redirect("purchasing:order_detail", number=number)
    return render(request, "purchasing/order_receive.html", {"order": order, "form": form})


def own_order(request: HttpRequest, number: str) -> PurchaseOrder:
    return get_object_or_404(PurchaseOrder.objects.for_tenant(request.tenant), number=number)
