"""One page per report, and the same figures as CSV."""

import csv
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date

from inventory.valuation import stock_value
from reports import queries
from tenants.permissions import Permission, member_required, permission_required


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    title: str
    columns: tuple[str, ...]
    rows: list[queries.Row]


TITLES = {
    "ageing": "Receivables",
    "best-sellers": "Best sellers",
    "vat": "VAT summary",
    "open-orders": "Open purchase orders",
    "reorder": "To reorder",
    "trial-balance": "Trial balance",
}


def build(name: str, request: HttpRequest) -> Report:
    """The named report over the days in the query string, by default the year so far."""
    tenant, until = request.tenant, asked_day(request, "until") or timezone.localdate()
    since = asked_day(request, "since") or date(until.year, 1, 1)
    match name:
        case "ageing":
            columns = ("Customer", "Not due", "1 to 30", "31 to 60", "61 to 90", "Older")
            rows = queries.receivables_ageing(tenant, until)
        case "best-sellers":
            columns = ("Item", "Quantity", "Lines")
            rows = queries.best_sellers(tenant, since, until)
        case "vat":
            columns = ("Rate", "Net", "VAT")
            rows = queries.vat_summary(tenant, since, until)
        case "open-orders":
            columns = ("Order", "Supplier", "Expected", "Days late", "Outstanding", "Items")
            rows = queries.open_purchase_orders(tenant, until)
        case "reorder":
            columns = ("Item", "On hand", "Reorder point", "Supplier")
            rows = queries.reorder_list(tenant)
        case "trial-balance":
            columns = ("Account", "Debit", "Credit")
            rows = queries.trial_balance(tenant, until)
        case _:
            raise Http404(f"There is no report {name}.")
    return Report(title=TITLES[name], columns=columns, rows=rows)


def asked_day(request: HttpRequest, key: str) -> date | None:
    try:
        return parse_date(request.GET.get(key, ""))
    except ValueError:
        raise Http404(f"{key} is not a day.") from None


@member_required
def index(request: HttpRequest) -> HttpResponse:
    context = {"titles": TITLES, "stock_value": stock_value(request.tenant)}
    return render(request, "reports/index.html", context)


@member_required
def report(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "reports/report.html", {"report": build(name, request), "name": name})


@permission_required(Permission.EXPORT_REPORTS)
def report_csv(request: HttpRequest, name: str) -> HttpResponse:
    built = build(name, request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(response, delimiter=";")
    writer.writerow(built.columns)
    writer.writerows((row.label, *row.figures) for row in built.rows)
    return response
