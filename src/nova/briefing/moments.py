"""The moment that a person means with `since`: a day, `last week`, `monday`, `september`. Takes now; reads no clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from nova.core.errors import BadInput, ToolFailed
from nova.core.text import shorten
from nova.tools.commits import since as since_words

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_LEADING = ("since ", "last ", "in ", "on ", "from ")


def moment(text: str, now: datetime) -> datetime | None:
    """Midnight of the day that is meant, or the time that is written; None for no words. Raises BadInput.

    A weekday is the last one before today, a month's name the first of the last one that has begun.
    """
    asked = text.strip().casefold()
    if not asked:
        return None
    if (named := _named(asked, now)) is not None:
        return named
    try:
        found = datetime.fromisoformat(since_words(asked.removeprefix("since "), now))
    except ToolFailed:
        mend = "Write it like 2026-11-01, yesterday, last week, monday, september or 3 weeks ago."
        raise BadInput(f"“{shorten(text, 40)}” is no day.", mend) from None
    written = any(character.isdigit() for character in asked) and ":" in asked
    at = found if found.tzinfo else found.replace(tzinfo=now.tzinfo)
    return at if written else _midnight(at)


def _named(asked: str, now: datetime) -> datetime | None:
    for word in _LEADING:
        asked = asked.removeprefix(word)
    if asked in _DAYS:
        return _midnight(now - timedelta(days=(now.weekday() - _DAYS.index(asked) - 1) % 7 + 1))
    if asked in _MONTHS:
        month = _MONTHS.index(asked) + 1
        return _midnight(now.replace(year=now.year - (month > now.month), month=month, day=1))
    return None


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
