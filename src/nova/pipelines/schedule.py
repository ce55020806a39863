"""When a schedule is due: a cron line in a time zone, across clock changes. Pure; refuses to know the time by itself.

The line is read on the wall clock of its zone. A time that the clock jumps over is due at the moment after the jump,
once, however many there were; a time that comes twice is due the first time. So each day has each of its times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from nova.core.text import nearest

DUE_MAX = 200
"""How many slots are told one by one; a schedule of every minute passes half a million in a year."""
_FIELDS = 5
_OTHER_SIGNS = re.compile(r"[^0-9a-zA-Z*/,#\- ]")
_BY_CHANCE = re.compile(r"(?<![a-z])[rh](?![a-z])", re.IGNORECASE)  # `R` and `H`: another time at every reading
_LONGEST_JUMP = timedelta(hours=25)  # islands have crossed the date line
_EXACT = re.compile(r"\d{1,2}")
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Schedule:
    """cron: minute, hour, day of month, month, day of week. zone: its name in the tz database (`Europe/Berlin`)."""

    cron: str
    zone: str = "UTC"


def problem(schedule: Schedule) -> tuple[str, str]:
    """What is wrong with it and what to write instead; two empty texts when it is sound."""
    if not _known(schedule.zone):
        near = nearest(schedule.zone, sorted(available_timezones()), 1)
        guess = f"Did you mean {near[0]}?" if near else "Write it as Europe/Berlin, or UTC."
        return f"There is no time zone “{schedule.zone}”.", guess
    mend = 'Write minute, hour, day of month, month, day of week: "0 7 * * mon-fri" is 07:00 from Monday to Friday.'
    if len(schedule.cron.split()) != _FIELDS or _OTHER_SIGNS.search(schedule.cron):
        return f"“{schedule.cron}” is not a schedule of five fields.", mend
    if _BY_CHANCE.search(schedule.cron):
        return f"“{schedule.cron}” is not a schedule: it names a time by chance.", mend
    from croniter import CroniterBadDateError, croniter  # late: most commands ask for no schedule

    try:
        croniter.expand(schedule.cron)
        croniter(schedule.cron, datetime(2026, 1, 1)).get_next(datetime)  # noqa: DTZ001 - any wall clock will do
    except CroniterBadDateError:
        return f"“{schedule.cron}” is never due: there is no such day.", mend
    except (ValueError, KeyError, IndexError):
        return f"“{schedule.cron}” is not a schedule.", mend
    return "", ""


def due(schedule: Schedule, after: datetime, until: datetime, count_max: int = DUE_MAX) -> tuple[datetime, ...]:
    """The moments after `after` and up to `until` at which it was due, oldest first, in UTC; the newest count_max."""
    zone = ZoneInfo(schedule.zone)
    found: list[datetime] = []
    for wall in _back(schedule.cron, _wall(until, zone) + _fell_back(until, zone)):
        moment = _moment(wall, zone)
        if moment <= after or len(found) == count_max:
            break
        if moment <= until and (not found or moment < found[-1]):
            found.append(moment)
    return tuple(reversed(found))


def upcoming(schedule: Schedule, after: datetime, count: int = 1) -> tuple[datetime, ...]:
    """The next moments after `after` at which it will be due, in UTC."""
    zone = ZoneInfo(schedule.zone)
    found: list[datetime] = []
    for wall in _forth(schedule.cron, _wall(after, zone)):
        if len(found) == count:
            break
        moment = _moment(wall, zone)
        if moment > (found[-1] if found else after):
            found.append(moment)
    return tuple(found)


def words(schedule: Schedule) -> str:
    """For a person: `every weekday at 07:00 Europe/Berlin`; the line itself where it says more than that."""
    fields = schedule.cron.casefold().split()
    if len(fields) != _FIELDS:
        return f"{schedule.cron} {schedule.zone}"
    minute, hour, day, month, weekday = fields
    when, which = _time_words(minute, hour), _day_words(day, month, weekday)
    if not when or not which:
        return f"cron {schedule.cron} {schedule.zone}"
    often = when.startswith("every")
    said = (when if which == "every day" else f"{when}, {which}") if often else f"{which} {when}"
    return f"{said} {schedule.zone}"


@lru_cache(maxsize=64)
def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, KeyError):  # a folder of zones, a path, a name that is none
        return False
    return True


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows, to the second before or at it."""
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0)


def _fell_back(moment: datetime, zone: ZoneInfo) -> timedelta:
    """How far the wall clock was put back in the last day: so much later times may already be over."""
    before, now = ((moment - ago).astimezone(zone).utcoffset() for ago in (_LONGEST_JUMP, timedelta(0)))
    assert before is not None
    assert now is not None
    return max(before - now, timedelta(0))


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the wall shows it, the first of two; after the jump when it is jumped over."""
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    low, high = first - _LONGEST_JUMP, first  # the jump lies between: before it the old offset, after it another
    old = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == old else (low, middle)
    return high.replace(microsecond=0)


def _back(cron: str, wall: datetime) -> Iterator[datetime]:
    """The times of the line at or before this time on the wall, latest first."""
    from croniter import CroniterBadDateError, croniter

    times = croniter(cron, wall + timedelta(seconds=1))
    while True:
        try:
            yield times.get_prev(datetime)
        except (CroniterBadDateError, OverflowError):
            return


def _forth(cron: str, wall: datetime) -> Iterator[datetime]:
    """The times of the line after this time on the wall."""
    from croniter import CroniterBadDateError, croniter

    times = croniter(cron, wall)
    while True:
        try:
            yield times.get_next(datetime)
        except (CroniterBadDateError, OverflowError):
            return


def _time_words(minute: str, hour: str) -> str:
    if minute == hour == "*" or (minute == "*/1" and hour == "*"):
        return "every minute"
    if hour == "*" and (step := minute.removeprefix("*/")) != minute and step.isdigit():
        return f"every {step} minutes"
    if not _EXACT.fullmatch(minute):
        return ""
    if hour in ("*", "*/1"):
        return "every hour" if int(minute) == 0 else f"every hour at {int(minute)} past"
    if (step := hour.removeprefix("*/")) != hour and step.isdigit():
        return f"every {step} hours" + (f" at {int(minute)} past" if int(minute) else "")
    hours = hour.split(",")
    if not all(_EXACT.fullmatch(one) for one in hours):
        return ""
    return "at " + _joined([f"{int(one):02}:{int(minute):02}" for one in hours])


def _day_words(day: str, month: str, weekday: str) -> str:
    if month == "*" and day == "*":
        return _weekday_words(weekday)
    if weekday != "*" or not all(_EXACT.fullmatch(one) for one in day.split(",")):
        return ""
    days = _joined([_ordinal(int(one)) for one in day.split(",")])
    if month == "*":
        return f"on the {days} of every month"
    months = [_month(one) for one in month.split(",")]
    return f"on the {days} of {_joined(months)}" if all(months) else ""


def _weekday_words(weekday: str) -> str:
    if weekday == "*":
        return "every day"
    if weekday in ("mon-fri", "1-5"):
        return "every weekday"
    if weekday in ("sat,sun", "sun,sat", "6,0", "0,6", "6,7", "sat-sun", "6-7"):
        return "every Saturday and Sunday"
    ends = weekday.split("-")
    named = [_weekday(one) for one in (ends if len(ends) == 2 else weekday.split(","))]
    if not all(named):
        return ""
    return f"from {named[0]} to {named[1]}" if len(ends) == 2 else f"every {_joined(named)}"


def _weekday(text: str) -> str:
    if text.isdigit():
        return _DAYS[int(text) % 7] if int(text) <= 7 else ""
    return next((name for name in _DAYS if name.casefold()[:3] == text), "")


def _month(text: str) -> str:
    if text.isdigit():
        return _MONTHS[int(text) - 1] if 1 <= int(text) <= 12 else ""
    return next((name for name in _MONTHS if name.casefold()[:3] == text), "")


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
