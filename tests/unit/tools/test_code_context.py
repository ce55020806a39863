"""code_context: what an issue is about, found in the code of the example project, where the true places are known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import cast

import pytest
from tests.house.tree import ROOT
from tests.unit.tools.places import reach, write

from nova.core.errors import ToolFailed
from nova.core.labels import Scope
from nova.tools import code_places
from nova.tools.builtin.context import Context
from nova.tools.builtin.issues import Issues, IssueWhole
from nova.tools.django_source.routes import views_named
from nova.tools.registry import call, toolbox
from nova.tools.spec import Reach

AIREP = ROOT / "examples" / "workspace" / "repositories" / "airep"
TRUE_PLACES = {
    4: ("reports/queries.py", "best_sellers"),
    5: ("invoicing/totals.py", "totals_of"),
    6: ("invoicing/views.py", "invoice_detail"),
    7: ("reports/queries.py", "vat_summary"),
    8: ("reports/queries.py", "open_purchase_orders"),
    9: ("invoicing/views.py", "credit_note_new"),
    10: ("inventory/migrations/0005_stockmovement_unit_cost.py", ""),
    11: ("invoicing/management/commands/import_bank_statement.py", ""),
}


@pytest.fixture(scope="module")
def airep(tmp_path_factory: pytest.TempPathFactory) -> Reach:
    """A copy of the example project, outside of any repository."""
    root = tmp_path_factory.mktemp("airep") / "airep"
    shutil.copytree(AIREP, root, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
    return Reach(root=root.resolve(), project="airep", scope=Scope.of("airep"))


async def issue(at: Reach, number: int) -> IssueWhole:
    """The typed fields of issues_read."""
    found = await call(toolbox()["issues_read"], json.dumps({"number": number}), at)
    return cast("IssueWhole", found.data)


async def context(at: Reach, text: str, limit: int = 8) -> Context:
    """The typed fields of code_context."""
    found = await call(toolbox()["code_context"], json.dumps({"text": text, "limit": limit}), at)
    return cast("Context", found.data)


@pytest.mark.parametrize("number", TRUE_PLACES)
async def test_the_true_place_is_among_the_first(airep: Reach, number: int) -> None:
    """For the planted bugs the code that is really at fault is among the first eight places."""
    told = await issue(airep, number)
    found = await context(airep, f"{told.title}\n{told.body}")
    path, symbol = TRUE_PLACES[number]
    assert any(place.path == path and symbol in place.symbol for place in found.places)


async def test_all_that_belongs_to_it_is_found(airep: Reach) -> None:
    """An issue on rounding comes with its models and their fields, its tests, and the decision that it names."""
    told = await issue(airep, 5)
    found = await context(airep, f"{told.title}\n{told.body}")
    models = {model.model: model for model in found.models}
    assert {"invoicing.Invoice", "invoicing.InvoiceLine"} <= models.keys()
    assert any(field.startswith("tax_total: DecimalField") for field in models["invoicing.Invoice"].fields)
    assert found.tests[0] == "invoicing/tests.py"
    assert found.documents[0].path == "docs/decisions/0002-decimal-half-even-per-line.md"
    assert not any(place.path.startswith("issues/") for place in found.places)
    for place in found.places:
        lines = (airep.root / place.path).read_text(encoding="utf-8").split("\n")
        assert "\n".join(lines[place.line - 1 : place.end_line]).rstrip("\n") == place.text.rstrip("\n")
    assert found.places[0].text in found.summary


async def test_what_the_text_spells_out_comes_first(tmp_path: Path) -> None:
    """A function named in the text, or a file by its path, goes before others that share its words."""
    body = "    # the price of the order\n    return order.price\n"
    names = [f"price_{number}" for number in range(6)]
    write(tmp_path, {"shop/prices.py": "".join(f"def {name}(order):\n{body}\n\n" for name in names)})
    write(tmp_path, {"shop/other.py": f"def anything(order):\n{body}"})
    at = reach(tmp_path)
    assert (await context(at, "The price of an order is wrong in price_4", 1)).places[0].symbol == "price_4"
    assert (await context(at, "The price of the order is wrong, see shop/other.py", 1)).places[0].symbol == "anything"


def test_an_address_leads_to_its_view(airep: Reach, tmp_path: Path) -> None:
    """An address in a text names the view that answers it, through includes; what is no address names none."""
    found = views_named(
        airep, "`/invoices/3/` opened, unlike /invoices/3/post/. See /reports/best-sellers and /etc/passwd"
    )
    assert found == {("invoicing", "invoice_detail"), ("invoicing", "invoice_post"), ("reports", "report")}
    assert (
        views_named(airep, "either/or, 3/4, <b>bold</b>, /invoices/x/, https://example.org/invoices/3/") == frozenset()
    )
    routes = "path('a/<slug:s>/', login_required(Page.as_view()))\npath('b/', include('urls'))\npath(broken"
    write(tmp_path, {"urls.py": routes})
    assert views_named(reach(tmp_path), "/a/x/") == frozenset()
    write(tmp_path, {"urls.py": routes.removesuffix("\npath(broken").replace("'urls'", "'gone'")})
    assert views_named(reach(tmp_path), "/a/x/ and /a/x/y/") == {(".", "Page")}


async def test_an_issue_in_typed_fields(airep: Reach) -> None:
    """issues_read and issues_list give number, title, status, labels and body as fields, as the file has them."""
    told = await issue(airep, 5)
    assert (told.number, told.status, told.open) == (5, "open", True)
    assert told.labels == ["bug", "rounding", "invoicing"]
    assert told.body.startswith("A customer of Signum added up")
    assert "severity" not in told.body
    found = await call(toolbox()["issues_list"], '{"status": "open"}', airep)
    listed = cast("Issues", found.data).issues
    assert [one.number for one in listed if one.number == 5] == [5]
    assert {one.status for one in listed} == {"open"}


async def test_broken_code_is_context_too(tmp_path: Path) -> None:
    """A file that does not parse, is binary or empty is shown as a whole or left out, never a failure."""
    write(tmp_path, {"broken.py": "def price(:\n    pass\n", "empty.py": "", "price.html": "<b>price</b>\n"})
    (tmp_path / "binary.py").write_bytes(b"price\0\xff")
    found = await context(reach(tmp_path), "the price is wrong")
    assert {place.path for place in found.places} == {"broken.py", "price.html"}
    assert (found.models, found.tests, found.documents) == ([], [], [])


async def test_nothing_found_is_nothing(tmp_path: Path) -> None:
    """An empty project gives empty lists; an empty text is refused."""
    found = await context(reach(tmp_path), "the price is wrong")
    assert (found.places, found.summary) == ([], "")
    with pytest.raises(ToolFailed, match="no text"):
        await context(reach(tmp_path), "  ")


def test_a_file_is_divided_where_its_code_is(tmp_path: Path) -> None:
    """Functions, classes and methods with their decorators; what calls lead to is lent a share."""
    code = "import x\n\n\n@wraps\ndef one():\n    return two()\n\n\nclass A:\n    def m(self):\n        return 1\n"
    write(tmp_path, {"a.py": code, "b.py": "def two():\n    return 2\n", "tests/test_b.py": "from b import two\n"})
    at = reach(tmp_path)
    assert [(part.symbol, part.line, part.end_line) for part in code_places.divided(at, "a.py")] == [
        ("", 1, 11), ("one", 4, 6), ("A", 9, 11), ("A.m", 10, 11),
    ]  # fmt: skip
    found = code_places.parts(at, "What does one say, and `one` again?")
    assert [part.symbol for part in found[:2]] == ["one", "two"]
    assert code_places.tests_about(at, found) == ["tests/test_b.py"]
