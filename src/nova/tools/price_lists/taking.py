"""The catalogue with accepted prices in it, every other character as it was. Pure; writes no file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from nova.core.errors import ToolFailed
from nova.tools.price_lists.judging import Change
from nova.tools.price_lists.reading import Table


def with_prices(lines: Sequence[str], catalogue: Table, accepted: Sequence[Change]) -> list[str]:
    """The catalogue's lines with the new prices. Raises ToolFailed for a row that goes over several lines."""
    wanted: Mapping[str, Change] = {one.number: one for one in accepted if one.new != one.now}
    changed = list(lines)
    for row in catalogue.rows:
        if (change := wanted.get(row.number)) is None:
            continue
        price = f"{change.new:.2f}"
        if "," in row.price and "." not in row.price:
            price = price.replace(".", ",")
        changed[row.line - 1] = _replaced(changed[row.line - 1], row.price, price, catalogue.path, row.line)
    return changed


def _replaced(line: str, old: str, new: str, path: str, number: int) -> str:
    separator = max(";\t,", key=line.count)
    cells = next(csv.reader([line], delimiter=separator), list[str]())
    places = [at for at, cell in enumerate(cells) if cell.strip() == old]
    if len(places) != 1:
        what = f"{path}:{number} does not hold the price {old} exactly once on its line."
        raise ToolFailed(what, "Correct that line by hand, then check again.")
    if line.count(old) == 1:
        return line.replace(old, new)
    cells[places[0]] = new
    written = io.StringIO()
    csv.writer(written, delimiter=separator, lineterminator="").writerow(cells)
    return written.getvalue()
