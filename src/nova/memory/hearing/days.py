"""Days that are named from where the speaker stands, made absolute; from when on and until when something holds. Pure.

A weekday without more is the next one; a month without a year the next one, or after a verb in the past the last one.
What comes back (Tuesdays, every March, a birthday) is left as it is.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
            "nine": 9, "ten": 10, "twelve": 12}  # fmt: skip
_WEEKDAY, _MONTH = "|".join(_DAYS), "|".join(_MONTHS)
_PREPOSITION = r"(?:(?P<before>\b(?:by|until|till|before|from|since|after|for|as\s+of|starting)\s+)|\b(?:on|in|at)\s+)?"
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)})"
_COMES_BACK = re.compile(
    rf"\b(?:birthday|anniversary|yearly|annually|usually|always|never)\b|\b(?:every|each)\s+(?:second\s+|other\s+"
    rf"|\d\S*\s+)?"
    rf"(?:day|week|month|quarter|year|spring|summer|autumn|winter|{_WEEKDAY}|{_MONTH})\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:was|were|had|did|went|came|left|said|took"
    r"|(?<!\bis )(?<!\bare )(?<!\bbe )(?<!\bbeing )(?<!\bthe )(?<!\bour )(?<!\ball )[a-z]{2,}ed)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From when on and until when (exclusive) a text says that it holds; None where it does not say."""

    begins: datetime | None = None
    ends: datetime | None = None


def resolve_days(text: str, at: datetime) -> str:
    """`by next Friday` becomes `by 2026-11-27`, `until March` becomes `until March 2027`."""
    today, comes_back = at.date(), _COMES_BACK.search(text) is not None
    text = _OF_THIS_MONTH.sub(lambda found: _day_of_month(found, today), _BESIDE_DATE.sub("", text))
    for pattern, day in _RULES[1:] if comes_back else _RULES:
        text = pattern.sub(lambda found, day=day: _written(found, day(found, today)), text)
    return text if comes_back else _with_years(text, today)


def period(text: str, at: datetime) -> Period:
    """When a text holds whose days are resolved already. Midnights are those of at's time zone."""
    begins, ends = _FROM.search(text), _UNTIL.search(text)
    end = _end_of(ends["day"], closed=bool(ends["whole"])) if ends else None
    return Period(begins=_midnight(_start_of(begins["day"]), at) if begins else None, ends=_midnight(end, at))


def _day_of_month(found: re.Match[str], today: date) -> str:
    """`friday the 20th`: the next day of that number."""
    day = int(found["day"] or found["bare"])
    month = today if day >= today.day else _month_after(today, 1)
    if not 1 <= day <= monthrange(month.year, month.month)[1]:
        return found[0]
    return f"{found['before'] or 'on '}{date(month.year, month.month, day).isoformat()}"


def _written(found: re.Match[str], said: str) -> str:
    """The words that take the place of found: with `on` or `in`, or after the preposition that is there."""
    before = found["before"] or ""
    if not said:
        return found[0]
    if before:
        return before + said
    little = "on" if said[0].isdigit() and len(said) == 10 else "in"
    capital = found.start() == 0 and found.string[:1].isupper()
    opens = found.start() == 0 or found.string[: found.start()].rstrip().endswith((".", ":"))
    little = little.capitalize() if capital or opens else little
    return f"{little} {said}"


def _weekday(found: re.Match[str], today: date) -> str:
    wanted = _DAYS.index(found["weekday"].casefold())
    which = (found["which"] or "").casefold()
    if which == "last":
        return (today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1)).isoformat()
    if which == "next":
        return (today + timedelta(days=7 - today.weekday() + wanted)).isoformat()
    back = bool(found["before"]) and found["before"].casefold().startswith("since")
    away = -((today.weekday() - wanted - 1) % 7 + 1) if back else (wanted - today.weekday() - 1) % 7 + 1
    return (today + timedelta(days=away)).isoformat()


def _span(found: re.Match[str], today: date) -> str:
    step = {"this": 0, "next": 1, "last": -1, "the": 0}[found["which"].casefold()]
    end = bool(found["end"])
    match found["unit"].casefold():
        case "week":
            monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
            return (monday + timedelta(days=4)).isoformat() if end else f"the week of {monday.isoformat()}"
        case "month":
            month = _month_after(today, step)
            last = month.replace(day=monthrange(month.year, month.month)[1])
            return last.isoformat() if end else f"{month:%B %Y}"
        case _:
            return f"{today.year + step}-12-31" if end else str(today.year + step)


def _in_a_while(found: re.Match[str], today: date) -> str:
    written = found["count"].casefold()
    count = _NUMBERS[written] if written in _NUMBERS else int(written)
    days = count * {"d": 1, "w": 7, "m": 30}[found["unit"][0].casefold()]
    return (today + timedelta(days=-days if found["ago"] else days)).isoformat()


def _near(found: re.Match[str], today: date) -> str:
    said = found["near"].casefold()
    steps = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}
    return (today + timedelta(days=2 if said.startswith("the day") else steps[said.split()[0]])).isoformat()


def _month_after(today: date, step: int) -> date:
    month = today.month - 1 + step
    return date(today.year + month // 12, month % 12 + 1, 1)


def _with_years(text: str, today: date) -> str:
    past = _PAST.search(text) is not None

    def dated(found: re.Match[str]) -> str:
        month = _MONTHS.index((found["m1"] or found["m2"]).casefold()) + 1
        day = int(found["d1"] or found["d2"])
        back = past or (found["before"] or "").casefold().startswith("since")
        year = int(found["year"] or _year(month, day, today, back=back))
        if day > monthrange(year, month)[1]:
            return found[0]
        return f"{found['lead']}{date(year, month, day).isoformat()}"

    def in_month(found: re.Match[str]) -> str:
        month = _MONTHS.index(found["month"].casefold()) + 1
        back = (past and not found["before"]) or (found["before"] or "").casefold().startswith("since")
        year = _year(month, 28, today, back=bool(back))
        if found["end"]:
            return f"{found['lead']}{date(year, month, monthrange(year, month)[1]).isoformat()}"
        return f"{found['lead']}{found['part'] or ''}{found['month'].capitalize()} {year}"

    return _IN_MONTH.sub(in_month, _DATED.sub(dated, text))


def _year(month: int, day: int, today: date, *, back: bool) -> int:
    passed = (month, day) < (today.month, today.day)
    return today.year + (passed and not back) - (back and not passed and month != today.month)


def _start_of(written: str) -> date:
    words = written.split()
    if len(words) == 2 and words[0].casefold() in _MONTHS:
        return date(int(words[1]), _MONTHS.index(words[0].casefold()) + 1, 1)
    return date(int(written), 1, 1) if len(written) == 4 else date.fromisoformat(written)


def _end_of(written: str, *, closed: bool) -> date:
    """The first day on which it no longer holds. Until March is until it begins, through March until it ends."""
    begins = _start_of(written)
    if len(written) == 10 and written[4] == "-":
        return begins + timedelta(days=1)
    if not closed:
        return begins
    return date(begins.year + 1, 1, 1) if len(written) == 4 else _month_after(begins, 1)


def _midnight(day: date | None, at: datetime) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=at.tzinfo) if day else None


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(_PREPOSITION + pattern, re.IGNORECASE)


_DATE = rf"(?P<day>\d{{4}}-\d{{2}}-\d{{2}}|(?:{_MONTH}) \d{{4}}|\d{{4}})\b"
_FROM = re.compile(rf"\b(?:from|as of|starting|since|beginning)\s+(?:in\s+|on\s+)?{_DATE}", re.IGNORECASE)
_UNTIL = re.compile(rf"\b(?:until|till|up to|(?P<whole>through))\s+(?:and including\s+)?{_DATE}", re.IGNORECASE)
_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], str]], ...] = (
    (_rule(rf"(?:(?P<which>next|this|last)\s+|(?<=\bon\s)|(?<=\bby\s)|(?<=\btill\s)|(?<=\bfrom\s)|(?<=\buntil\s)"
    rf"|(?<=\bsince\s)|(?<=\bbefore\s)|(?<=\bafter\s)|(?<=\bfor\s))(?P<weekday>{_WEEKDAY})\b"
           rf"(?!\s*(?:to|and|or|through|[-–,])\s*(?:{_WEEKDAY})|\s+to\b)"), _weekday),
    (_rule(r"\b(?P<near>the\s+day\s+after\s+tomorrow|today|tonight|tomorrow|yesterday)"
           r"(?:\s+(?:morning|afternoon|evening|night))?\b"), _near),
    (_rule(r"(?P<end>(?:the\s+)?end\s+of\s+)?\b(?P<which>this|next|last)\s+(?P<unit>week|month|year)\b"), _span),
    (_rule(r"(?P<end>(?:the\s+)?end\s+of\s+)(?P<which>the)\s+(?P<unit>week|month|year)\b"), _span),
    (_rule(rf"(?:(?<=\bin\s)|(?=\b\w+\s+\w+\s+ago\b)|(?<=\bwithin\s)){_COUNT}\s+(?P<unit>days?|weeks?|months?)\b"
           r"(?P<ago>\s+ago\b)?"), _in_a_while),
)  # fmt: skip
_ORDINAL = r"(?:st|nd|rd|th)?"
_BESIDE_DATE = re.compile(
    rf"\b(?:{_WEEKDAY}),?\s+(?:the\s+)?(?=(?:[0-3]?\d{_ORDINAL}\s+(?:of\s+)?(?:{_MONTH})|(?:{_MONTH})\s+[0-3]?\d)\b)",
    re.IGNORECASE,
)
_OF_THIS_MONTH = re.compile(
    rf"(?P<before>\b(?:by|until|till|before|on|from)\s+)?\b(?:{_WEEKDAY}),?\s+(?:(?:the\s+)?(?P<day>[0-3]?\d)(?:st|nd"
    rf"|rd|th)\b|(?P<bare>[12]?\d|3[01])(?=\s*(?:[.,;]|$)))",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"(?P<lead>(?P<before>\b(?:by|until|till|before|from|since|after|on|for|as\s+of|is|at)\s+)?(?:the\s+)?)"
    rf"\b(?:(?P<d1>[0-3]?\d){_ORDINAL}\s+(?:of\s+)?(?P<m1>{_MONTH})|(?P<m2>{_MONTH})\s+(?P<d2>[0-3]?\d){_ORDINAL})\b"
    r"(?:,?\s+(?P<year>20\d\d)\b)?", re.IGNORECASE,
)  # fmt: skip
_IN_MONTH = re.compile(
    r"\b(?P<lead>(?:(?P<before>by|until|till|before|from|since|after|as\s+of|starting\s+in|through)|in)\s+)"
    rf"(?P<end>(?:the\s+)?end\s+of\s+)?(?P<part>(?:early|mid|late)[ -])?(?P<month>{_MONTH})\b(?!\s+(?:20\d\d"
    rf"|\d{{1,2}}\b))",
    re.IGNORECASE,
)
