"""A price list or a catalogue as rows, whatever its separator and its headings. Pure; judges nothing."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nova.core.errors import ToolFailed
from nova.core.text import shorten
from nova.projects.sources.files import Content

_HEADINGS: Mapping[str, re.Pattern[str]] = {
    "number": re.compile(
        r"(?:part|article|item|our)? ?(?:no\.?|number|nr\.?)|sku|artikel(?:-?nr\.?|nummer)?|teile(?:-?nr\.?|nummer)"
        r"|référence|reference|code"
    ),
    "price": re.compile(r".*(?:price|preis|prix|prezzo|precio|cena).*"),
    "unit": re.compile(r"unit|ve|pack(?:ing)?(?: unit)?|per|einheit|verpackungseinheit|me"),
    "name": re.compile(r"name|description|bezeichnung|text|désignation|title"),
}
_UNITS = re.compile(
    r"(?:per |pack of |set of |satz |je |à )?(?P<count>[1-9]\d{0,3})(?: ?(?:pcs?\.?|pieces|stk\.?|stück))?"
)
_ONE = frozenset({"", "each", "piece", "pc", "pcs", "st", "stk", "stück", "ea"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row. line: from 1, of the file; number: as we write it; written: as it stands there; pieces: None: unknown.

    price: the cell as it stands there.
    """

    line: int
    number: str
    written: str
    name: str
    unit: str
    pieces: int | None
    price: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of a file, the heading of its price column, and which of unit and name it has no column for."""

    path: str
    rows: tuple[Row, ...]
    price_heading: str
    without: tuple[str, ...]


def read_table(content: Content) -> Table:
    """The rows of a CSV. Raises ToolFailed when no heading can be the number's or the price's."""
    lines = list(content.lines)
    head = lines[0] if lines else ""
    separator = max(";\t,", key=head.count)
    reader = csv.reader(lines, delimiter=separator)
    header = [cell.strip() for cell in next(reader, list[str]())]
    at = {name: _column(header, pattern) for name, pattern in _HEADINGS.items()}
    if at["number"] is None or at["price"] is None:
        missing = " and ".join(name for name in ("number", "price") if at[name] is None)
        raise ToolFailed(
            f"{content.path} has no column for the {missing}; its headings are: {shorten(', '.join(header), 160)}.",
            "Name a file whose first line has the headings, or correct its first line.",
        )
    try:
        rows = [_row(reader.line_num, cells, at) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as problem:
        what = f"{content.path}:{reader.line_num} cannot be read as a table: {shorten(str(problem), 120)}."
        raise ToolFailed(what, "Look at that line: a quote may be open.") from None
    without = tuple(name for name in ("unit", "name") if at[name] is None)
    return Table(path=content.path, rows=tuple(rows), price_heading=header[at["price"]], without=without)


def our_number(text: str) -> str:
    """`bw 10.0412` and `BW/10/0412` are `BW-10-0412`."""
    return re.sub(r"[\s./_-]+", "-", text.strip()).strip("-").upper()


def pieces_of(unit: str) -> int | None:
    """For how many pieces a price is, by the words of its unit; None for a unit that says nothing of that."""
    asked = unit.strip().casefold()
    if asked in _ONE:
        return 1
    found = _UNITS.fullmatch(asked)
    return int(found["count"]) if found else None


def _column(header: Sequence[str], pattern: re.Pattern[str]) -> int | None:
    return next((at for at, cell in enumerate(header) if pattern.fullmatch(cell.casefold())), None)


def _row(line: int, cells: Sequence[str], at: Mapping[str, int | None]) -> Row:
    def cell(name: str) -> str:
        place = at[name]
        return cells[place] if place is not None and place < len(cells) else ""

    written = cell("number")
    return Row(
        line=line, number=our_number(written), written=written, name=cell("name").strip(),
        unit=cell("unit").strip(), pieces=pieces_of(cell("unit")), price=cell("price").strip(),
    )  # fmt: skip
