"""The tool `prices_check`: a supplier's price list against the catalogue. Reads both, writes neither."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import PurePosixPath

from pydantic import Field

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.projects.sources.files import Content
from nova.tools.beneath import files, locate, read
from nova.tools.price_lists.judging import Finding, Judged, Limits, Severity, judge
from nova.tools.price_lists.reading import read_table
from nova.tools.price_lists.taking import with_prices
from nova.tools.spec import Arguments, Data, Reach, ResultLine, ToolResult, reading, result

FINDINGS_MAX = 500
CHANGES_MAX = 2_000
_LISTS = re.compile(r"(?:price-?lists?|preislisten?|tarifs?|prices)/", re.IGNORECASE)
_CATALOGUE = re.compile(r"catalog(?:ue)?|katalog|products|parts|items", re.IGNORECASE)
_WHEN = re.compile(r"\d{4}[-_]?\d{2}(?:[-_]?\d{2})?")


class PricesCheck(Arguments):
    """Arguments of prices_check."""

    pricelist: str = Field(default="", description="The supplier's list (CSV); empty: the newest one of the project.")
    catalogue: str = Field(default="", description="The catalogue (CSV with number and price); empty: the project's.")
    rise_max_percent: int = Field(default=25, ge=0, le=1000, description="A price that rises by more is held.")
    fall_max_percent: int = Field(default=30, ge=0, le=100, description="A price that falls by more is held.")
    currency: str = Field(default="EUR", description="Currency of the catalogue, as a code of three letters.")


class PriceFinding(Data):
    """One finding. place: path:line; severity: held, new or note; now, listed: the prices, or empty."""

    kind: str
    severity: str
    place: str
    number: str
    what: str
    now: str
    listed: str


class PriceChange(Data):
    """A price that can be taken as it is, for one piece with two decimals."""

    number: str
    place: str
    now: str
    new: str


class PricesChecked(Data):
    """What becomes of a list. clean: nothing is held and nothing new; report: the same as Markdown, to be filed.

    changed: how many of the accepted rows have another price than now; name: of the list, without its ending.
    catalogue_text: the whole catalogue with the accepted prices in it.
    """

    pricelist: str
    catalogue: str
    name: str
    rows: int
    accepted: int
    changed: int
    held: int
    new: int
    notes: int
    clean: bool
    findings: list[PriceFinding]
    changes: list[PriceChange]
    report: str
    catalogue_text: str


def _check(given: PricesCheck, reach: Reach) -> ToolResult:
    prices = read(reach, locate(reach, given.pricelist or _newest(reach)))
    catalogue = read(reach, locate(reach, given.catalogue or _catalogue(reach)))
    limits = Limits(
        rise_percent=Decimal(given.rise_max_percent), fall_percent=Decimal(given.fall_max_percent),
        currency=given.currency.strip().upper(),
    )  # fmt: skip
    table = read_table(prices)
    known = read_table(catalogue)
    judged = judge(table, known, limits)
    counted = _counted(judged, len(table.rows))
    headline = f"{prices.path} against {catalogue.path}: {counted}."
    shown = judged.findings[:FINDINGS_MAX]
    lines = [ResultLine(text=_said(one), citation=Citation(path=one.path, line=one.line)) for one in shown]
    cut = prices.cut or catalogue.cut or len(judged.findings) > FINDINGS_MAX
    new_text = _joined(reach, catalogue, with_prices(catalogue.lines, known, judged.accepted))
    data = _data(prices, catalogue, judged, len(table.rows), headline, new_text)
    return result(headline, lines, reach, cut=cut, trusted=False, data=data)


def _data(
    prices: Content, catalogue: Content, judged: Judged, rows: int, headline: str, new_text: str
) -> PricesChecked:
    held, new = judged.count(Severity.HELD), judged.count(Severity.NEW)
    return PricesChecked(
        pricelist=prices.path,
        catalogue=catalogue.path,
        name=PurePosixPath(prices.path).stem,
        rows=rows,
        accepted=len(judged.accepted),
        changed=sum(one.now != one.new for one in judged.accepted),
        held=held,
        new=new,
        notes=judged.count(Severity.NOTE),
        clean=not held and not new,
        findings=[
            PriceFinding(
                kind=one.kind.value, severity=one.severity.value, place=f"{one.path}:{one.line}", number=one.number,
                what=one.what, now=one.now, listed=one.listed,
            )
            for one in judged.findings[:FINDINGS_MAX]
        ],
        changes=[
            PriceChange(
                number=one.number, place=f"{prices.path}:{one.line}", now=f"{one.now:.2f}", new=f"{one.new:.2f}"
            )
            for one in judged.accepted[:CHANGES_MAX]
            if one.now != one.new
        ],
        report="\n".join([f"# {PurePosixPath(prices.path).name}", "", headline, *_sections(judged)]) + "\n",
        catalogue_text=new_text,
    )  # fmt: skip


def _joined(reach: Reach, catalogue: Content, lines: list[str]) -> str:
    """The lines with the ends that the file has; one that was cut is not given back as if it were whole."""
    if catalogue.cut:
        raise ToolFailed(f"{catalogue.path} is too large to be changed whole.", "Name a smaller catalogue.")
    end = "\r\n" if b"\r\n" in (reach.root / catalogue.path).read_bytes() else "\n"
    return end.join(lines).rstrip("\r\n") + end


def _counted(judged: Judged, rows: int) -> str:
    held, new, notes = (judged.count(one) for one in Severity)
    noun = "note" if notes == 1 else "notes"
    return f"{rows} rows, {len(judged.accepted)} accepted, {held} held, {new} new, {notes} {noun}"


def _said(one: Finding) -> str:
    number = f"{one.number}: " if one.number and not one.what.startswith(one.number) else ""
    return f"{one.severity.value} ({one.kind.value}): {number}{one.what}"


def _sections(judged: Judged) -> Iterator[str]:
    for severity in Severity:
        chosen = [one for one in judged.findings if one.severity is severity]
        if chosen:
            yield from ("", f"## {severity.value.capitalize()}", "", "| Place | Number | Now | List | Why |")
            yield "|---|---|---|---|---|"
        for one in chosen:
            cells = (f"{one.path}:{one.line}", one.number, one.now, one.listed, one.what)
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def price_lists(reach: Reach) -> list[str]:
    """The project's price lists, the newest by the date in its name first."""
    found = [name for name in _tables(reach) if _LISTS.search(name)]
    return sorted(found, key=lambda name: (max(_WHEN.findall(name), default=""), name), reverse=True)


def _newest(reach: Reach) -> str:
    if found := price_lists(reach):
        return found[0]
    raise ToolFailed("The project has no folder with price lists.", "Name the list: pricelist=path/to/list.csv.")


def _catalogue(reach: Reach) -> str:
    found = [name for name in _tables(reach) if _CATALOGUE.search(name) and not _LISTS.search(name)]
    if found:
        return max(found, key=lambda name: (bool(re.search(r"parts|products|items", PurePosixPath(name).name)), name))
    raise ToolFailed("The project has no catalogue.", "Name it: catalogue=path/to/catalogue.csv.")


def _tables(reach: Reach) -> list[str]:
    return [name for name in files(reach) if name.casefold().endswith((".csv", ".tsv"))]


TOOLS = (
    reading(
        "prices_check",
        "Checks a supplier's price list against the catalogue: unknown parts, price jumps, other currencies, empty "
        "prices, doubled numbers, unknown units, rounding, garbled names, parts that are missing from the list.",
        PricesCheck, _check, paths=lambda given: tuple(filter(None, (given.pricelist, given.catalogue))),
        values={"pricelist": price_lists}, output=PricesChecked,
    ),
)  # fmt: skip
