"""Pages of stock: the list of items and the history of one."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from inventory.models import Item
from tenants.permissions import member_required

PAGE_SIZE = 50


@member_required
def item_list(request: HttpRequest) -> HttpResponse:
    items = Item.objects.for_tenant(request.tenant).active().with_stock()
    if text := request.GET.get("q", "").strip():
        items = items.filter(name__icontains=text) | items.filter(sku__istartswith=text)
    page = Paginator(items.order_by("sku"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "inventory/item_list.html", {"page": page, "text": text})


@member_required
def item_detail(request: HttpRequest, sku: str) -> HttpResponse:
    item = get_object_or_404(Item.objects.for_tenant(request.tenant), sku=sku)
    movements = item.movements.select_related("warehouse", "moved_by")[:PAGE_SIZE]
    levels = item.levels.select_related("warehouse")
    return render(
        request, "inventory/item_detail.html", {"item": item, "levels": levels, "movements": movements}
    )
