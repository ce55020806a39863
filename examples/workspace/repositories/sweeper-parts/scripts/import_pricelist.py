"""Knows how a maker's price list is read (docs/import-rules.md); refuses to know customers, discounts and the shop."""

import argparse
import csv
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "catalogue" / "parts.csv"
NUMBER_HEADINGS = ("part no.", "artikelnummer", "part number")
PRICE_HEADINGS = ("net price eur", "net price", "preis eur")
UNIT_HEADINGS = ("unit", "ve")
NAME_HEADINGS = ("description", "bezeichnung")
UNITS = {"": 1, "1": 1, "10": 10, "satz 2": 2, "set of 2": 2}
RISE_MAX = Decimal("1.25")
FALL_MIN = Decimal("0.70")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a list: the line it stands on (header is 1), our number, the words for unit and price as found."""

    line: int
    number: str
    name: str
    unit: str
    price: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a row: `kind` is accepted, held, new or repeated; `cents` is the price for one piece."""

    row: Row
    kind: str
    reason: str
    cents: int | None = None


def decode(data: bytes) -> tuple[str, str]:
    """Text and the name of its encoding (rule I2)."""
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig"), "UTF-8 with a byte order mark"
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return data.decode("cp1252"), "Windows-1252"


def our_number(text: str) -> str:
    """`bw 10.0412` and `BW/10/0412` become `BW-10-0412` (rules N6 and I11)."""
    return re.sub(r"[\s./]+", "-", text.strip()).upper()


def column(header: list[str], names: tuple[str, ...]) -> int | None:
    cleaned = [cell.strip().lower() for cell in header]
    return next((cleaned.index(name) for name in names if name in cleaned), None)


def read_rows(text: str) -> tuple[list[Row], list[str]]:
    """Rows and remarks. Raises ValueError when the number or the price has no column (rule I10)."""
    first = text.splitlines()[0]
    separator = max(";\t,", key=first.count)
    table = list(csv.reader(text.splitlines(), delimiter=separator))
    header = table[0]
    at_number, at_price = column(header, NUMBER_HEADINGS), column(header, PRICE_HEADINGS)
    if at_number is None or at_price is None:
        raise ValueError(f"no column for number or price in: {', '.join(header)}; add its heading to the script")
    at_unit, at_name = column(header, UNIT_HEADINGS), column(header, NAME_HEADINGS)
    remarks = [f"no column for the {what}" for what, at in (("unit", at_unit), ("name", at_name)) if at is None]
    rows = [
        Row(
            line=line,
            number=our_number(cells[at_number]),
            name="" if at_name is None else cells[at_name].strip(),
            unit="" if at_unit is None else cells[at_unit].strip(),
            price=cells[at_price].strip(),
        )
        for line, cells in enumerate(table[1:], 2)
        if cells
    ]
    return rows, remarks


def parse_price(text: str) -> Decimal | None:
    """Euros, or None when there is no price in euros (rules I4 and I9). `1.249,00` and `1249.00` are the same."""
    bare = text.upper().replace("€", "").replace("EUR", "").replace(" ", "").replace("\u00a0", "")
    if not re.fullmatch(r"\d[\d.,]*", bare):
        return None
    last = max(bare.rfind(","), bare.rfind("."))
    if last >= 0 and len(bare) - last - 1 == 3:
        last = -1
    whole = re.sub(r"[.,]", "", bare if last < 0 else bare[:last])
    amount = Decimal(whole if last < 0 else f"{whole}.{bare[last + 1 :]}")
    return amount or None


def to_cents(amount: Decimal) -> int:
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def judge(row: Row, known: dict[str, int], doubled: set[str]) -> Verdict:
    """The rules I4 to I9 in the order of the page; `known` maps our number to cents."""
    amount, pieces = parse_price(row.price), UNITS.get(row.unit.lower())
    if row.number in doubled:
        return Verdict(row=row, kind="held", reason="number occurs twice with different prices (I7)")
    if amount is None:
        return Verdict(row=row, kind="held", reason=f"no price in euros: «{row.price}» (I4, I9)")
    if pieces is None:
        return Verdict(row=row, kind="held", reason=f"unknown unit «{row.unit}» (I5)")
    cents = to_cents(amount / pieces)
    if row.number not in known:
        return Verdict(row=row, kind="new", reason="not in the catalogue (I8)", cents=cents)
    ratio = Decimal(cents) / known[row.number]
    if ratio > RISE_MAX or ratio < FALL_MIN:
        change = f"{(ratio - 1) * 100:+.0f} %"
        return Verdict(row=row, kind="held", reason=f"price changes by {change} (I6)", cents=cents)
    return Verdict(row=row, kind="accepted", reason="", cents=cents)


def judge_all(rows: list[Row], known: dict[str, int]) -> list[Verdict]:
    prices: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        prices[row.number].add(f"{parse_price(row.price)} {row.unit}")
    doubled = {number for number, found in prices.items() if len(found) > 1}
    verdicts: list[Verdict] = []
    seen: set[str] = set()
    for row in rows:
        again = row.number in seen and row.number not in doubled
        seen.add(row.number)
        same = Verdict(row=row, kind="repeated", reason="same number, same price (I7)")
        verdicts.append(same if again else judge(row, known, doubled))
    return verdicts


def euros(cents: int | None) -> str:
    return "" if cents is None else f"{cents / 100:.2f}"


def report(source: Path, encoding: str, remarks: list[str], verdicts: list[Verdict], known: dict[str, int]) -> str:
    """The report in Markdown: counts, then every row that a person must look at, with its line in the list."""
    kinds = ("accepted", "held", "new", "repeated")
    counts = ", ".join(f"{sum(v.kind == kind for v in verdicts)} {kind}" for kind in kinds)
    listed = {verdict.row.number for verdict in verdicts}
    makers = {number[:2] for number in listed}
    missing = sorted(number for number in known if number[:2] in makers and number not in listed)
    lines = [f"# {source.name}", "", f"- Encoding: {encoding}", f"- Rows: {len(verdicts)} ({counts})"]
    lines += [f"- Remark: {remark} (I10)" for remark in remarks]
    lines += [f"- Not in the list, price kept: {number} (I12)" for number in missing]
    for kind in ("held", "new"):
        chosen = [verdict for verdict in verdicts if verdict.kind == kind]
        if chosen:
            lines += ["", f"## {kind.capitalize()}", ""]
            lines += ["| Line | Number | Now | List | Reason |", "|---|---|---|---|---|"]
        lines += [
            f"| {v.row.line} | {v.row.number} | {euros(known.get(v.row.number))} | {v.row.price} | {v.reason} |"
            for v in chosen
        ]
    return "\n".join(lines) + "\n"


def read_catalogue() -> tuple[list[str], list[dict[str, str]]]:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return list(reader.fieldnames or []), list(reader)


def write_catalogue(fields: list[str], parts: list[dict[str, str]], verdicts: list[Verdict]) -> None:
    accepted = {v.row.number: euros(v.cents) for v in verdicts if v.kind == "accepted"}
    with CATALOGUE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(part | {"price_eur": accepted.get(part["number"], part["price_eur"])} for part in parts)


def main() -> int:
    parser = argparse.ArgumentParser(description="Read a maker's price list and report what may be taken from it.")
    parser.add_argument("pricelist", type=Path)
    parser.add_argument("--report", type=Path, help="write the report to this file instead of the screen")
    parser.add_argument("--write", action="store_true", help="write accepted prices into the catalogue")
    options = parser.parse_args()
    try:
        text, encoding = decode(options.pricelist.read_bytes())
        rows, remarks = read_rows(text)
    except (OSError, ValueError) as problem:
        print(f"{options.pricelist}: {problem}", file=sys.stderr)
        return 1
    fields, parts = read_catalogue()
    known = {part["number"]: to_cents(Decimal(part["price_eur"])) for part in parts}
    verdicts = judge_all(rows, known)
    page = report(options.pricelist, encoding, remarks, verdicts, known)
    if options.report:
        options.report.write_text(page, encoding="utf-8")
    else:
        print(page, end="")
    if options.write:
        write_catalogue(fields, parts, verdicts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
