"""Runs the example project airep with real Django, and knows which of its bugs are planted; mends none of them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TypedDict

import pytest

AIREP = Path(__file__).parents[2] / "examples" / "workspace" / "repositories" / "airep"
COMMAND_SECONDS = 120

PROBE = """
import json, django
django.setup()
from datetime import date
from decimal import Decimal
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from accounting.models import TaxRate
from core.money import total
from invoicing.models import CreditNote, Invoice, InvoiceLine, Payment
from invoicing.payments import allocate, record_payment
from invoicing.services import post_invoice
from purchasing.models import PurchaseOrder
from reports import queries
from tenants.models import Membership, Tenant

START, END = date(2026, 10, 1), date(2026, 12, 31)
ours, theirs = Tenant.objects.get(slug="brushline"), Tenant.objects.get(slug="signum")
foreign = Invoice.objects.for_tenant(theirs).filter(status="posted").first()
found = {}

def invoice(tenant, percent, prices):
    # post an invoice with one line per net price
    rate = TaxRate.objects.create(
        tenant=tenant, code=f"T{percent}", name="Test", percent=Decimal(percent), valid_from=START)
    old = Invoice.objects.for_tenant(tenant).first()
    new = Invoice.objects.create(tenant=tenant, customer=old.customer, branch=old.branch)
    for position, price in enumerate(prices, start=1):
        InvoiceLine.objects.create(invoice=new, position=position, description="Work", quantity=1,
                                   unit_price=Decimal(price), tax_rate=rate)
    new = Invoice.objects.get(pk=new.pk)
    return post_invoice(new, issued_on=date(2026, 11, 3))

found["best_sellers"] = [row.label.split()[0] for row in queries.best_sellers(theirs, START, END)]

client = Client()
client.force_login(get_user_model().objects.get(username="brushline-owner"))
page = client.get(f"/invoices/{foreign.pk}/")
found["foreign_page"] = [page.status_code, foreign.customer.name in page.content.decode()]

payment = record_payment(ours.parties_customer_set.first(), Decimal("5.00"), received_on=date(2026, 11, 3))
allocate(payment, {foreign.pk: Decimal("5.00")})
found["foreign_allocation"] = payment.allocations.get().invoice.tenant.slug

plates = invoice(theirs, "21", ["10.03"] * 3)
lines = total(line.tax_amount for line in plates.lines.all())
found["invoice_tax"] = [str(plates.tax_total), str(lines)]

odd = invoice(ours, "10", ["50.25"])
[row] = [row for row in queries.vat_summary(ours, START, END) if row.label.startswith("T10 ")]
found["vat_tax"] = [str(row.figures[1]), str(odd.lines.get().tax_amount)]

viewer = get_user_model().objects.create_user("visiting-accountant")
Membership.objects.create(tenant=theirs, user=viewer, role="viewer")
client.force_login(viewer)
form = {"amount": "1.00", "reason": "No reason", "issued_on": "2026-11-03"}
client.post(f"/invoices/{foreign.pk}/credit/", form)
found["viewer_credits"] = CreditNote.objects.count()

def queries_for_open_orders():
    with CaptureQueriesContext(connection) as captured:
        queries.open_purchase_orders(ours, END)
    return len(captured)

order = PurchaseOrder.objects.for_tenant(ours).get()
found["queries"] = [queries_for_open_orders()]
for number in range(9):
    order.pk, order.number, order._state.adding = None, f"PO-{number}", True
    order.save()
found["queries"].append(queries_for_open_orders())

with connection.cursor() as cursor:
    constraints = connection.introspection.get_constraints(cursor, Payment._meta.db_table)
found["indexed_columns"] = [name for c in constraints.values() if c["index"] for name in c["columns"]]
print(json.dumps(found))
"""


class Found(TypedDict):
    """What the probe prints. Amounts are texts in the tenant's currency; pairs are (what is said, what is right)."""

    best_sellers: list[str]  # SKUs in Signum's report
    foreign_page: list[int | bool]  # HTTP status of Signum's invoice for Brushline, and whether the customer is named
    foreign_allocation: str  # slug of the tenant whose invoice a payment of Brushline settled
    invoice_tax: list[str]
    vat_tax: list[str]
    viewer_credits: int  # credit notes after a viewer asked for one
    queries: list[int]  # of the open orders report with one order, and with ten
    indexed_columns: list[str]  # of the payments' table


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project's copy with its own database; output is text."""
    environment = {
        **os.environ,
        "AIREP_HOSTS": "testserver",
        "DATABASE_URL": f"sqlite:///{folder / 'trial.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "airep.settings",
        "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]),
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


def manage(folder: Path, *arguments: str) -> str:
    """Run manage.py and return what it said; a failure shows both streams."""
    done = run(folder, "manage.py", *arguments)
    assert done.returncode == 0, f"manage.py {arguments}: {done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of airep, so that no database and no bytecode lands in the example."""
    folder = tmp_path_factory.mktemp("airep") / "project"
    shutil.copytree(AIREP, folder, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
    return folder


@pytest.fixture(scope="module")
def found(project: Path) -> Found:
    """What the probe sees in a database filled by the project's own demo command, by the name of the bug."""
    manage(project, "migrate", "--verbosity=0")
    manage(project, "seed_demo", "--verbosity=0")
    done = run(project, "-c", PROBE)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_project_passes_its_own_checks(project: Path) -> None:
    """airep is a sound Django project: checks pass and its migrations say what its models say."""
    assert "no issues" in manage(project, "check")
    assert "No changes detected" in manage(project, "makemigrations", "--check", "--dry-run")


def test_the_project_passes_its_own_tests(project: Path) -> None:
    """airep's own test suite passes, and there is one."""
    said = manage(project, "test")
    assert "\nOK" in said
    assert "Ran 0 tests" not in said


def test_one_tenant_sees_rows_of_another(found: Found) -> None:
    """Issues 4 and 6 are true: a report, a page and a payment reach another company's rows."""
    assert "BR-SIDE" in found["best_sellers"]
    assert found["foreign_page"] == [200, True]
    assert found["foreign_allocation"] == "signum"


def test_a_cent_gets_lost(found: Found) -> None:
    """Issues 5 and 7 are true: invoice and VAT summary each differ by a cent from the rounded lines."""
    assert found["invoice_tax"] == ["6.32", "6.33"]
    assert found["vat_tax"] == ["5.03", "5.02"]


def test_the_other_open_issues_are_true(found: Found, project: Path) -> None:
    """Issues 8 to 11 are true: queries per order, no permission asked, a blocking migration, no index."""
    assert found["queries"] == [7, 7 + 3 * 9], "three more for each of nine more orders, without lines"
    assert found["viewer_credits"] == 1
    assert "tenant_id" in found["indexed_columns"]
    assert "bank_reference" not in found["indexed_columns"]
    migration = (project / "inventory/migrations/0005_stockmovement_unit_cost.py").read_text(encoding="utf-8")
    assert "default=0" in migration
    assert "RunPython" in migration
    assert "atomic = False" not in migration
