"""Price lists against a catalogue: amounts, units, rounding, headings, odd files; what is held and what is not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.tools.places import ask, write

from nova.core.errors import ToolFailed
from nova.tools.builtin.prices import PricesChecked
from nova.tools.price_lists.amounts import amount_of, currency_of, to_cents
from nova.tools.price_lists.reading import our_number, pieces_of

CATALOGUE = """number,name,price_eur,stock
AB-10-0001,Belt,10.00,3
AB-10-0002,"Brush, 40 cm",20.00,1
AB-10-0003,Bolt,0.50,90
CD-10-0001,Of another maker,5.00,2
"""


async def checked(folder: Path, rows: str, catalogue: str = CATALOGUE) -> PricesChecked:
    """What prices_check gives for a list of these rows."""
    root = write(folder, {"catalogue/parts.csv": catalogue, "pricelists/ab-2026-11.csv": rows})
    found = (await ask(root, "prices_check")).data
    assert isinstance(found, PricesChecked)
    return found


def kinds(found: PricesChecked) -> list[tuple[str, str, str]]:
    """(severity, kind, place) of every finding."""
    return [(one.severity, one.kind, one.place.removeprefix("pricelists/")) for one in found.findings]


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1.249,00", "1249.00", ""), ("1,249.00", "1249.00", ""), ("€ 1 249,5", "1249.5", "EUR"), ("12", "12", ""),
        ("1.249", "1249", ""), ("$ 3.20", "3.20", "USD"), ("7,- EUR", "7", "EUR"), ("CHF 1'200.00", "1200.00", "CHF"),
    ],
)  # fmt: skip
def test_a_price_is_read_as_people_write_it(text: str, value: str, currency: str) -> None:
    """Decimal comma or point, marks between thousands, signs and codes: the same amount."""
    found = amount_of(text)
    assert found is not None
    assert (found.value, found.currency) == (Decimal(value), currency)


@pytest.mark.parametrize("text", ["", "on request", "0", "0,00", "-3.00", "3.00 per kg", "12a", "€"])
def test_what_is_no_price_is_none(text: str) -> None:
    """Words, nothing, nought and less than nothing are never guessed at."""
    assert amount_of(text) is None


@given(st.text(max_size=40))
def test_no_cell_breaks_the_reader(text: str) -> None:
    """Whatever stands in a cell, it is an amount above nought or none."""
    found = amount_of(text)
    assert found is None or found.value > 0
    assert isinstance(currency_of(text), str)
    assert our_number(our_number(text)) == our_number(text)


def test_units_are_pieces_or_unknown() -> None:
    """A number in the unit divides the price; a word without one is for a person."""
    assert [pieces_of(one) for one in ("", "1", "10", "per 10", "Satz 2", "set of 2", "each", "100 pcs")] == [
        1, 1, 10, 10, 2, 2, 1, 100,
    ]  # fmt: skip
    assert [pieces_of(one) for one in ("Rolle", "m", "0", "some")] == [None] * 4


def test_half_a_cent_goes_up() -> None:
    """Rounded once, at the end, half a cent upwards."""
    assert [to_cents(Decimal(one)) for one in ("2.125", "2.1249", "2.135")] == [
        Decimal("2.13"), Decimal("2.12"), Decimal("2.14"),
    ]  # fmt: skip


async def test_a_list_that_says_what_we_have_is_clean(tmp_path: Path) -> None:
    """Nothing held, nothing new, nothing changed."""
    found = await checked(
        tmp_path, "Part no.;Unit;Price EUR\nAB-10-0001;1;10,00\nAB-10-0002;1;20,00\nAB-10-0003;1;0,50\n"
    )
    assert (found.clean, found.changed, found.accepted) == (True, 0, 3)
    assert kinds(found) == [("note", "missing-column", "ab-2026-11.csv:1")]
    assert found.catalogue_text == CATALOGUE


async def test_each_kind_of_trouble_is_found_on_its_line(tmp_path: Path) -> None:
    """Jump, currency, unit, doubled, empty, new and rounded, each where it stands."""
    rows = [
        "Part no.;Description;Unit;Price", "AB-10-0001;Belt;1;100,00", "AB-10-0002;Brush;1;$ 21.00",
        "AB-10-0003;Bolt;bag;0,55", "AB-10-0009;New;10;33,33", "AB-10-0009;New;10;33,33", "cd 10.0001;Else;1;",
    ]  # fmt: skip
    found = await checked(tmp_path, "\n".join(rows))
    assert kinds(found) == [
        ("held", "price-jump", "ab-2026-11.csv:2"),
        ("held", "currency", "ab-2026-11.csv:3"),
        ("held", "unknown-unit", "ab-2026-11.csv:4"),
        ("held", "no-price", "ab-2026-11.csv:7"),
        ("new", "unknown-part", "ab-2026-11.csv:5"),
        ("note", "price-format", "ab-2026-11.csv:3"),
        ("note", "rounding", "ab-2026-11.csv:5"),
        ("note", "repeated", "ab-2026-11.csv:6"),
        ("note", "number-format", "ab-2026-11.csv:7"),
    ]
    assert "10 times" in found.findings[0].what
    assert not found.clean


async def test_doubled_numbers_hold_all_their_rows(tmp_path: Path) -> None:
    """Two prices for one number: neither is taken, and each row names the other's line."""
    found = await checked(tmp_path, "sku,name,unit,price\nAB-10-0001,Belt,1,10.50\nAB-10-0001,Belt,1,11.00\n")
    assert [(one.kind, one.what[-1]) for one in found.findings[:2]] == [("duplicate", "3"), ("duplicate", "2")]
    assert found.accepted == 0


async def test_a_new_price_changes_its_cell_and_nothing_else(tmp_path: Path) -> None:
    """The catalogue keeps its quotes, its order and its line ends; only the price is another."""
    root = tmp_path / "crlf"
    catalogue = CATALOGUE.replace("\n", "\r\n")
    rows = "Part no.;Price EUR\nAB-10-0002;21,90\n"
    write(root, {"pricelists/ab-2026-11.csv": rows})
    (root / "catalogue").mkdir()
    (root / "catalogue" / "parts.csv").write_bytes(catalogue.encode())
    found = (await ask(root, "prices_check")).data
    assert isinstance(found, PricesChecked)
    assert found.catalogue_text == catalogue.replace("20.00", "21.90")


async def test_what_cannot_be_read_says_what_would_help(tmp_path: Path) -> None:
    """No headings, no list, no catalogue: each is said with the next step."""
    root = write(tmp_path / "a", {"catalogue/parts.csv": CATALOGUE, "pricelists/x.csv": "AB-1;Belt;12\n"})
    with pytest.raises(ToolFailed, match="no column for the number and price"):
        await ask(root, "prices_check")
    with pytest.raises(ToolFailed, match="no folder with price lists"):
        await ask(write(tmp_path / "b", {"catalogue/parts.csv": CATALOGUE}), "prices_check")
    with pytest.raises(ToolFailed, match="no catalogue"):
        await ask(write(tmp_path / "c", {"pricelists/x.csv": "sku;price\nA;1\n"}), "prices_check")
    empty = write(tmp_path / "d", {"catalogue/parts.csv": CATALOGUE, "pricelists/x.csv": ""})
    with pytest.raises(ToolFailed, match="no column"):
        await ask(empty, "prices_check")


async def test_an_open_quote_over_a_whole_file_is_told_with_its_line(tmp_path: Path) -> None:
    """A cell without an end is a fault of the list, not of the tool."""
    rows = 'Part no.;Price EUR\nAB-10-0001;"10,00\n' + "x" * 140_000
    with pytest.raises(ToolFailed, match=r"x\.csv:\d+ cannot be read as a table"):
        await ask(write(tmp_path, {"catalogue/parts.csv": CATALOGUE, "pricelists/x.csv": rows}), "prices_check")
