"""Which rows of a price list can be taken, and which a person must see first. Pure; writes no price anywhere."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from nova.tools.price_lists.amounts import Amount, amount_of, currency_of, to_cents
from nova.tools.price_lists.reading import Row, Table

_GARBLED = re.compile("Ã[\u0080-\u00bf¤¶¼Ÿœž]|â€|Â[\u00a0-\u00bf]|\N{REPLACEMENT CHARACTER}")
SLIPS = (10, 100)
SLIP_SHARE = Decimal("0.15")  # so near to a tenth or to ten times a price must be to look like a slip


class Severity(StrEnum):
    """What a finding asks for."""

    HELD = "held"  # the row must not be taken before a person has looked
    NEW = "new"  # a part that the catalogue does not have
    NOTE = "note"  # nothing to decide; good to know


class Kind(StrEnum):
    """What is unusual about a row."""

    DUPLICATE = "duplicate"
    NO_PRICE = "no-price"
    CURRENCY = "currency"
    UNIT = "unknown-unit"
    JUMP = "price-jump"
    UNKNOWN = "unknown-part"
    REPEATED = "repeated"
    ROUNDED = "rounding"
    NUMBER_FORMAT = "number-format"
    PRICE_FORMAT = "price-format"
    GARBLED = "garbled-name"
    NO_COLUMN = "missing-column"
    MISSING = "missing-part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding. path, line: where it stands; now, listed: the price we have and the one in the list, or empty."""

    kind: Kind
    severity: Severity
    path: str
    line: int
    number: str
    what: str
    now: str = ""
    listed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A price that can be taken: for one piece, in whole cents. line: of the list."""

    number: str
    line: int
    now: Decimal
    new: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Above and below what share of the price we have a row is held, in percent; currency: of the catalogue."""

    rise_percent: Decimal
    fall_percent: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What becomes of a list. accepted holds unchanged prices too; every held or new row has one finding."""

    accepted: tuple[Change, ...]
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> int:
        """How many findings of one severity."""
        return sum(one.severity is severity for one in self.findings)


@dataclass(frozen=True, slots=True)
class _Judge:
    """The list, the catalogue by number, and which numbers occur with different prices."""

    table: Table
    known: Mapping[str, tuple[Row, Decimal]]
    limits: Limits
    doubled: Mapping[str, Sequence[int]]

    def finding(self, row: Row, kind: Kind, severity: Severity, what: str) -> Finding:
        known = self.known.get(row.number)
        return Finding(
            kind=kind, severity=severity, path=self.table.path, line=row.line, number=row.number, what=what,
            now=f"{known[1]:.2f}" if known else "", listed=row.price,
        )  # fmt: skip

    def row(self, row: Row) -> Change | Finding:
        """The first reason to hold a row, in the order in which a reader would want to be told."""
        amount = amount_of(row.price)
        if row.number in self.doubled:
            others = ", ".join(str(line) for line in self.doubled[row.number] if line != row.line)
            what = f"{row.number} stands here with another price than in line {others}"
            return self.finding(row, Kind.DUPLICATE, Severity.HELD, what)
        if amount is None:
            said = f"“{row.price}” is no price" if row.price else "the price is empty"
            return self.finding(row, Kind.NO_PRICE, Severity.HELD, f"{said}; the price we have stays")
        if (currency := amount.currency or currency_of(self.table.price_heading)) not in ("", self.limits.currency):
            what = f"the price is in {currency}, the catalogue is in {self.limits.currency}"
            return self.finding(row, Kind.CURRENCY, Severity.HELD, what)
        if row.pieces is None:
            what = f"nobody knows how many pieces “{row.unit}” are"
            return self.finding(row, Kind.UNIT, Severity.HELD, what)
        return self._priced(row, to_cents(amount.value / row.pieces))

    def _priced(self, row: Row, price: Decimal) -> Change | Finding:
        if (known := self.known.get(row.number)) is None:
            name = f" ({row.name})" if row.name else ""
            return self.finding(row, Kind.UNKNOWN, Severity.NEW, f"{row.number}{name} is not in the catalogue")
        now = known[1]
        percent = (price / now - 1) * 100
        if -self.limits.fall_percent <= percent <= self.limits.rise_percent:
            return Change(number=row.number, line=row.line, now=now, new=price)
        what = f"{now:.2f} would become {price:.2f}, {percent:+.0f} %{_slip(price, now)}"
        return self.finding(row, Kind.JUMP, Severity.HELD, what)


def judge(table: Table, catalogue: Table, limits: Limits) -> Judged:
    """Every row accepted, held or new, and what is worth a note. Parts without a price in the catalogue are unknown."""
    prices = ((row, amount_of(row.price)) for row in catalogue.rows)
    known = {row.number: (row, to_cents(amount.value)) for row, amount in prices if amount is not None}
    judge_ = _Judge(table, known, limits, _doubled(table.rows))
    accepted: list[Change] = []
    findings: list[Finding] = []
    seen: set[str] = set()
    for row in table.rows:
        if row.number in seen and row.number not in judge_.doubled:
            what = f"{row.number} stands here again with the same price"
            findings.append(judge_.finding(row, Kind.REPEATED, Severity.NOTE, what))
            continue
        seen.add(row.number)
        judged = judge_.row(row)
        if isinstance(judged, Change):
            accepted.append(judged)
        else:
            findings.append(judged)
    order = list(Severity)
    findings += [*_notes(judge_), *_missing(judge_, catalogue, seen)]
    ordered = sorted(findings, key=lambda one: (order.index(one.severity), one.path != table.path, one.line))
    return Judged(accepted=tuple(accepted), findings=tuple(ordered))


def _doubled(rows: Sequence[Row]) -> Mapping[str, Sequence[int]]:
    """Numbers that occur with different prices, and their lines."""
    prices: dict[str, set[tuple[Decimal | None, str]]] = defaultdict(set)
    lines: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        amount = amount_of(row.price)
        prices[row.number].add((amount.value if amount else None, row.unit))
        lines[row.number].append(row.line)
    return {number: lines[number] for number, found in prices.items() if len(found) > 1}


def _slip(price: Decimal, now: Decimal) -> str:
    """What a change of about ten or a hundred times looks like."""
    for times in SLIPS:
        if abs(price * times / now - 1) <= SLIP_SHARE:
            return f": about 1/{times}, as if the decimal mark had slipped or the unit had changed"
        if abs(price / now / times - 1) <= SLIP_SHARE:
            return f": about {times} times, as if the price were for {times} pieces or the decimal mark had slipped"
    return ""


def _notes(judge_: _Judge) -> Iterator[Finding]:
    """What does not stop a row: one finding for each kind, with all its lines."""
    table = judge_.table
    for name in table.without:
        what = f"there is no column for the {name}" + ("; every price is taken for one piece" if name == "unit" else "")
        yield Finding(
            kind=Kind.NO_COLUMN, severity=Severity.NOTE, path=table.path, line=1, number="", what=what
        )  # fmt: skip
    amounts = [(row, amount) for row in table.rows if (amount := amount_of(row.price)) is not None]
    kinds: tuple[tuple[Kind, list[Row], str], ...] = (
        (Kind.ROUNDED, [row for row, one in amounts if _rounds(row, one)], "rounded to whole cents, half a cent up"),
        (
            Kind.NUMBER_FORMAT,
            [row for row in table.rows if row.written.strip() != row.number],
            "number written otherwise",
        ),
        (Kind.PRICE_FORMAT, _other_marks(amounts), "another decimal mark than in most rows"),
        (Kind.GARBLED, [row for row in table.rows if _GARBLED.search(row.name)], "name garbled before it was saved"),
    )
    for kind, rows, what in kinds:
        if rows:
            lines = ", ".join(str(row.line) for row in rows)
            said = f"{len(rows)} rows: {what} (lines {lines})" if len(rows) > 1 else f"one row: {what}"
            yield Finding(
                kind=kind, severity=Severity.NOTE, path=table.path, line=rows[0].line, number="", what=said
            )  # fmt: skip


def _rounds(row: Row, amount: Amount) -> bool:
    one = amount.value / (row.pieces or 1)
    return to_cents(one) != one


def _other_marks(amounts: Sequence[tuple[Row, Amount]]) -> list[Row]:
    marks = [amount.mark for _, amount in amounts if amount.mark]
    usual = max(sorted(set(marks)), key=marks.count, default="")
    return [row for row, amount in amounts if amount.mark not in ("", usual)]


def _missing(judge_: _Judge, catalogue: Table, listed: set[str]) -> Iterator[Finding]:
    """Parts of the makers of this list that it does not name; the first word of a number is its maker."""
    makers = {number.split("-")[0] for number in listed if number in judge_.known}
    for row in catalogue.rows:
        if row.number.split("-")[0] in makers and row.number not in listed and row.number in judge_.known:
            yield Finding(
                kind=Kind.MISSING, severity=Severity.NOTE, path=catalogue.path, line=row.line, number=row.number,
                what=f"{row.number} is not in the list; its price stays", now=f"{judge_.known[row.number][1]:.2f}",
            )  # fmt: skip
