"""The small chart of accounts that every tenant starts with."""

from accounting.models import Account
from tenants.models import Tenant

BANK = "1000"
RECEIVABLES = "1200"
STOCK = "1300"
GOODS_NOT_INVOICED = "2110"
VAT_PAYABLE = "2200"
SALES = "4000"
SALES_RETURNS = "4100"
COST_OF_GOODS = "5000"

DEFAULT_CHART = (
    (BANK, "Bank", Account.Kind.ASSET),
    (RECEIVABLES, "Trade receivables", Account.Kind.ASSET),
    (STOCK, "Stock on hand", Account.Kind.ASSET),
    (GOODS_NOT_INVOICED, "Goods received, not invoiced", Account.Kind.LIABILITY),
    (VAT_PAYABLE, "VAT payable", Account.Kind.LIABILITY),
    (SALES, "Sales", Account.Kind.INCOME),
    (SALES_RETURNS, "Sales returns and credit notes", Account.Kind.INCOME),
    (COST_OF_GOODS, "Cost of goods sold", Account.Kind.EXPENSE),
)


def create_default_chart(tenant: Tenant) -> list[Account]:
    return Account.objects.bulk_create(
        Account(tenant=tenant, code=code, name=name, kind=kind) for code, name, kind in DEFAULT_CHART
    )
