"""The stretch of time a question speaks of: `last week`, `in september`, `since monday`. Pure; takes now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = re.compile(
    rf"\b(?P<how>in|since|during|from|last|early|late)\s+(?P<month>{'|'.join(_MONTHS)})\b(?!\s+\d)", re.I
)
_DAY = re.compile(rf"\b(?P<how>on|since|last)\s+(?P<day>{'|'.join(_DAYS)})\b", re.I)
_DATE = re.compile(r"\b(?P<how>on|since|after|from)?\s*(?P<date>\d{4}-\d{2}-\d{2})\b", re.I)
_AGO = re.compile(r"\b(?P<count>\d{1,3}|a|an|one|two|three|four|six)\s+(?P<unit>day|week|month)s?\s+ago\b", re.I)
_LAST_FEW = re.compile(
    r"\b(?:last|past)\s+(?P<count>\d{1,3}|two|three|four|six|few)\s+(?P<unit>day|week|month)s\b", re.I
)
_WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "few": 3, "four": 4, "six": 6}
_UNITS = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From `start` up to, and without, `end`; said: the words it was read from."""

    start: datetime
    end: datetime
    said: str

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.start <= at < self.end


def stretch_of(question: str, now: datetime) -> Stretch | None:
    """The time a question is about; None when it names none. A week begins on Monday; `last week` has some slack.

    People say `last week` on a Thursday and mean nine days ago as well as the days before: it is the last calendar
    week and the days of this one.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = today + timedelta(days=1)
    text = question.casefold()
    if re.search(r"\byesterday\b", text):
        return Stretch(start=today - timedelta(days=1), end=today, said="yesterday")
    if re.search(r"\b(?:today|this morning)\b", text):
        return Stretch(start=today, end=tomorrow, said="today")
    if re.search(r"\blast week\b", text):
        monday = today - timedelta(days=today.weekday() + 7)
        return Stretch(start=monday, end=tomorrow, said="last week")
    if re.search(r"\bthis week\b", text):
        return Stretch(start=today - timedelta(days=today.weekday()), end=tomorrow, said="this week")
    if re.search(r"\blast month\b", text):
        first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        return Stretch(start=first, end=tomorrow, said="last month")
    if found := _AGO.search(text) or _LAST_FEW.search(text):
        count = _WORDS.get(found["count"]) or int(found["count"])
        start = today - timedelta(days=count * _UNITS[found["unit"]] + (3 if found.re is _AGO else 0))
        return Stretch(start=start, end=tomorrow, said=found[0])
    return _named(text, today, tomorrow)


def _named(text: str, today: datetime, tomorrow: datetime) -> Stretch | None:
    if found := _DATE.search(text):
        try:
            day = datetime.fromisoformat(found["date"]).replace(tzinfo=today.tzinfo)
        except ValueError:
            return None
        on = (found["how"] or "on") == "on"
        return Stretch(start=day, end=day + timedelta(days=1) if on else max(tomorrow, day), said=found[0].strip())
    if found := _MONTH.search(text):
        month = _MONTHS.index(found["month"]) + 1
        first = today.replace(year=today.year - (month > today.month), month=month, day=1)
        after = (first + timedelta(days=32)).replace(day=1)
        return Stretch(start=first, end=tomorrow if found["how"] in ("since", "from") else after, said=found[0])
    if found := _DAY.search(text):
        day = today - timedelta(days=(today.weekday() - _DAYS.index(found["day"]) - 1) % 7 + 1)
        return Stretch(start=day, end=tomorrow if found["how"] == "since" else day + timedelta(days=1), said=found[0])
    return None
