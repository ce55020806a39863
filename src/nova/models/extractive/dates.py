"""When a request means: `last week`, `since October`, `the last two months` as a day. Takes today; reads no clock."""

from __future__ import annotations

import re
from datetime import date, timedelta

_UNITS = {"day": 1, "tag": 1, "dag": 1, "week": 7, "woche": 7, "month": 30, "monat": 30, "maand": 30, "year": 365,
          "jahr": 365, "jaar": 365, "fortnight": 14, "quarter": 91}  # fmt: skip
_NUMBERS = {"one": 1, "a": 1, "an": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
            "nine": 9, "ten": 10, "twelve": 12, "couple": 2, "few": 3, "ein": 1, "zwei": 2, "drei": 3, "vier": 4,
            "fünf": 5, "zehn": 10, "een": 1, "twee": 2, "drie": 3, "vijf": 5, "tien": 10}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNT = r"(?P<count>\d{1,4}|" + "|".join(_NUMBERS) + r")"
_UNIT = (
    r"(?P<unit>days?|weeks?|months?|years?|fortnights?|quarters?|tagen?|wochen?|monaten?|jahren?"
    r"|dagen|weken|maanden|jaar)"
)
_ISO = re.compile(r"\b(\d{4})-(\d{2})(?:-(\d{2}))?\b")
_SPAN = re.compile(
    rf"\b(?:last|past|previous|letzten?|laatste|in|for)\s+(?:the\s+)?(?:last\s+|past\s+)?(?:{_COUNT}\s+(?:of\s+)?)?{_UNIT}\b"
)
_AGO = re.compile(rf"\b(?:(?:for|since)\s+)?{_COUNT}\s+{_UNIT}(?:\s+ago)?\b")
_THIS = re.compile(r"\b(?:this|diese[nr]?|deze)\s+(week|woche|month|monat|maand|year|jahr)\b")
_MONTH = re.compile(r"\b(?:since|in|from|after|of|early|mid|late|seit|sinds)\s+(?:\d{1,2}\s+)?"
                    r"(january|february|march|april|may|june|july|august|september|october|november|december)"
                    r"(?:\s+(\d{4}))?\b")  # fmt: skip
_WEEKDAY = re.compile(r"\b(?:since|last|on|from|after)?\s*(" + "|".join(_DAYS) + r")\b")
_WORDS = {"today": 0, "heute": 0, "vandaag": 0, "yesterday": 1, "gestern": 1, "gisteren": 1}
_LIMIT = re.compile(
    rf"\b(?:last|latest|newest|recent|first|top|past|letzten?|laatste)\s+{_COUNT}\s+(?!{_UNIT}\b)|"
    rf"\b(?P<bare>\d{{1,3}}|{'|'.join(_NUMBERS)})\s+(?:latest|newest|most recent|last)\b"
)
_SINGLE = re.compile(
    r"\b(?:the|my|our|der|den|de)\s+(?:very\s+)?(?:last|latest|newest|letzten?|laatste)\s+(?:commit|change|release)\b"
)


def _number(word: str | None) -> int:
    if not word:
        return 1
    return int(word) if word.isdigit() else _NUMBERS.get(word, 1)


def _unit(word: str) -> int:
    if word == "weken":
        return 7
    return next((days for name, days in _UNITS.items() if word.startswith(name)), 7)


def _back(today: date, days: int) -> str:
    return (today - timedelta(days=min(days, 20_000))).isoformat()


def _iso(text: str) -> str:
    found = _ISO.search(text)
    return f"{found[1]}-{found[2]}-{found[3] or '01'}" if found and 1 <= int(found[2]) <= 12 else ""


def since(text: str, today: str) -> str:
    """The ISO day from which on a request asks, or empty. today: ISO; without it only dates written out are found."""
    lower = text[:4_000].casefold()
    if written := _iso(lower):
        return written
    try:
        now = date.fromisoformat(today[:10])
    except ValueError:
        return ""
    for word, days in _WORDS.items():
        if re.search(rf"\b{word}\b", lower):
            return _back(now, days)
    if found := _SPAN.search(lower) or _AGO.search(lower):
        return _back(now, _number(found["count"]) * _unit(found["unit"]))
    if found := _THIS.search(lower):
        week = found[1] in ("week", "woche")
        return _back(now, now.weekday()) if week else now.replace(day=1).isoformat()
    if found := _MONTH.search(lower):
        month = _MONTHS.index(found[1][:3]) + 1
        year = int(found[2]) if found[2] else now.year - (month > now.month)
        return date(max(1, min(year, 9999)), month, 1).isoformat()
    if found := _WEEKDAY.search(lower):
        return _back(now, (now.weekday() - _DAYS.index(found[1]) - 1) % 7 + 1)
    return ""


def limit(text: str) -> int:
    """How many a request asks for (`the last five commits`, `the last commit`), or 0."""
    lower = text[:4_000].casefold()
    if _SINGLE.search(lower):
        return 1
    found = _LIMIT.search(lower)
    return min(_number(found["count"] or found["bare"]), 200) if found else 0


def date_words(text: str) -> frozenset[str]:
    """The words of a request that only say when, or how many of the latest."""
    lower = text[:4_000].casefold()
    patterns = (_ISO, _SPAN, _AGO, _THIS, _MONTH, _WEEKDAY, _LIMIT)
    words = {word for pattern in patterns for found in pattern.finditer(lower) for word in re.findall(r"\w+", found[0])}
    return frozenset(words | {word for word in _WORDS if word in lower})


def until(text: str, today: str) -> str:
    """The last ISO day of what a request asks for, where it has an end: `in October`, `yesterday`; else empty."""
    lower = text[:4_000].casefold()
    begins = since(text, today)
    if begins and (found := _MONTH.search(lower)) and found[0].startswith(("in ", "of ")):
        first = date.fromisoformat(begins)
        next_month = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        return (next_month - timedelta(days=1)).isoformat()
    return begins if begins and re.search(r"\b(?:yesterday|gestern|gisteren)\b", lower) else ""
