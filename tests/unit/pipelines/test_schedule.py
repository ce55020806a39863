"""Schedules: due once each day that has their time, whatever the clocks of a country do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nova.pipelines.schedule import Schedule, due, problem, upcoming, words

# Half an hour in Lord Howe, at midnight in Havana and Santiago, back and forth around Ramadan in Casablanca.
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "America/Santiago",
         "Africa/Casablanca", "Asia/Kathmandu", "UTC")  # fmt: skip
YEARS = range(2024, 2028)


def changes(zone: str) -> list[datetime]:
    """The moments, to the minute, at which the clocks of a zone were changed."""
    found: list[datetime] = []
    place, at = ZoneInfo(zone), datetime(YEARS.start, 1, 1, tzinfo=UTC)
    while at.year < YEARS.stop:
        after = at + timedelta(hours=6)
        if at.astimezone(place).utcoffset() != after.astimezone(place).utcoffset():
            minutes = (at + timedelta(minutes=one) for one in range(361))
            old = at.astimezone(place).utcoffset()
            found.append(next(one for one in minutes if one.astimezone(place).utcoffset() != old))
        at = after
    return found


CHANGES = [(zone, change) for zone in ZONES for change in changes(zone)]


def test_the_changes_are_found() -> None:
    """The zones of these tests have clock changes by half an hour, by an hour, at midnight and at night, or none."""
    by_zone = {zone: sum(1 for one, _ in CHANGES if one == zone) for zone in ZONES}
    assert by_zone["Europe/Berlin"] == by_zone["America/New_York"] == by_zone["Australia/Lord_Howe"] == 8
    assert by_zone["Africa/Casablanca"] >= 8
    assert by_zone["UTC"] == by_zone["Asia/Kathmandu"] == 0


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_every_day_has_each_of_its_times_once_around_a_clock_change(zone: str, change: datetime) -> None:
    """A daily schedule at any quarter of the hours around the change fires once a day: at its time, or at the jump."""
    place = ZoneInfo(zone)
    begin = (change.astimezone(place).replace(hour=12, minute=0) - timedelta(days=2)).astimezone(UTC)
    end = (change.astimezone(place).replace(hour=12, minute=0) + timedelta(days=2)).astimezone(UTC)
    for hour in (22, 23, 0, 1, 2, 3, 4):
        for minute in (0, 15, 45):
            found = due(Schedule(f"{minute} {hour} * * *", zone), begin, end)
            walls = [moment.astimezone(place) for moment in found]
            assert len({wall.date() for wall in walls}) == len(walls) == 4
            for moment, wall in zip(found, walls, strict=True):
                assert moment == change or (wall.hour, wall.minute, wall.fold) == (hour, minute, 0)


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_looking_often_finds_what_looking_once_finds(zone: str, change: datetime) -> None:
    """However the time around a change is cut into pieces, the same slots are due, each in one piece."""
    schedule = Schedule("*/7 * * * *", zone)
    begin, end = change - timedelta(hours=5), change + timedelta(hours=5)
    whole = due(schedule, begin, end)
    pieces = [due(schedule, begin + timedelta(minutes=m), begin + timedelta(minutes=m + 3)) for m in range(0, 600, 3)]
    assert tuple(moment for piece in pieces for moment in piece) == whole
    assert upcoming(schedule, begin, len(whole)) == whole
    assert list(whole) == sorted(set(whole))


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 1)),  # noqa: DTZ001 - of no zone yet
    minute=st.sampled_from(["0", "30", "*/20", "7,52"]),
    hour=st.sampled_from(["*", "2", "0-3", "*/5"]),
    days=st.sampled_from(["* * *", "1 * *", "* * mon-fri", "13 * fri", "* mar,oct sun"]),
    width=st.integers(1, 60 * 24 * 9),
)
def test_what_is_due_is_what_would_come_next(
    zone: str, start: datetime, minute: str, hour: str, days: str, width: int
) -> None:
    """Looking back over a stretch of time tells the same slots as looking forward from its beginning."""
    schedule, after = Schedule(f"{minute} {hour} {days}", zone), start.replace(tzinfo=UTC)
    until = after + timedelta(minutes=width)
    found = due(schedule, after, until, 100_000)
    ahead = upcoming(schedule, after, len(found) + 1)
    assert ahead[:-1] == found
    assert ahead[-1] > until


def test_the_hour_that_does_not_exist_fires_once_right_after_the_gap() -> None:
    """Berlin, 29 March 2026: 02:15, 02:30 and 02:45 are one slot at 03:00; 02:30 alone is one as well."""
    jump = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    day = (jump - timedelta(hours=3), jump + timedelta(hours=3))
    assert due(Schedule("30 2 * * *", "Europe/Berlin"), *day) == (jump,)
    assert due(Schedule("15,30,45 2 * * *", "Europe/Berlin"), *day) == (jump,)
    assert due(Schedule("0 3 * * *", "Europe/Berlin"), *day) == (jump,)


def test_the_doubled_hour_fires_once() -> None:
    """Berlin, 25 October 2026: 02:30 comes at 00:30 and at 01:30 UTC, and the first of them counts."""
    day = (datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 20, tzinfo=UTC))
    assert due(Schedule("30 2 * * *", "Europe/Berlin"), *day) == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC),)
    again = (datetime(2026, 10, 25, 0, 40, tzinfo=UTC), datetime(2026, 10, 25, 1, 45, tzinfo=UTC))
    assert due(Schedule("30 2 * * *", "Europe/Berlin"), *again) == ()


def test_a_long_sleep_is_told_by_its_newest_slots() -> None:
    """A minutely schedule after a year: the newest count_max slots, in bounded time."""
    until = datetime(2026, 11, 20, 10, 0, 30, tzinfo=UTC)
    found = due(Schedule("* * * * *"), until - timedelta(days=365), until, 200)
    assert len(found) == 200
    assert found[-1] == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert found[0] == found[-1] - timedelta(minutes=199)


@pytest.mark.parametrize(
    ("cron", "zone", "what"),
    [
        ("0 7 * * mon-fri", "Europe/Berlino", "no time zone"),
        ("0 7 * * mon-fri", "", "no time zone"),
        ("0 7 * * mon-fri", "Europe", "no time zone"),
        ("0 7 * * mon-fri", "../etc/passwd", "no time zone"),
        ("0 7 * *", "UTC", "five fields"),
        ("0 0 7 * * *", "UTC", "five fields"),
        ("@daily", "UTC", "five fields"),
        ("", "UTC", "five fields"),
        ("61 7 * * *", "UTC", "not a schedule"),
        ("R 7 * * *", "UTC", "not a schedule"),
        ("H 7 * * *", "UTC", "not a schedule"),
        ("0 7 * * someday", "UTC", "not a schedule"),
        ("0 0 31 4 *", "UTC", "never due"),
    ],
)
def test_what_cannot_be_a_schedule_says_why(cron: str, zone: str, what: str) -> None:
    """Each wrong line or zone is told in a sentence, with what to write."""
    said, mend = problem(Schedule(cron, zone))
    assert what in said
    assert mend


@settings(max_examples=200, deadline=None)
@given(cron=st.text(alphabet="0123456789*/,-# monfriLRH@\n\t.", max_size=30))
def test_no_line_breaks_the_check(cron: str) -> None:
    """Any text is sound or told to be wrong; what is sound has a next time and words."""
    schedule = Schedule(cron, "Europe/Berlin")
    if problem(schedule) == ("", ""):
        assert upcoming(schedule, datetime(2026, 11, 20, tzinfo=UTC))
        assert words(schedule).endswith("Europe/Berlin")


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 7 * * mon-fri", "every weekday at 07:00 Europe/Berlin"),
        ("0 7 * * *", "every day at 07:00 Europe/Berlin"),
        ("30 8,17 * * *", "every day at 08:30 and 17:30 Europe/Berlin"),
        ("0 9 * * mon,thu", "every Monday and Thursday at 09:00 Europe/Berlin"),
        ("0 9 * * tue-thu", "from Tuesday to Thursday at 09:00 Europe/Berlin"),
        ("0 9 * * sat,sun", "every Saturday and Sunday at 09:00 Europe/Berlin"),
        ("*/15 * * * *", "every 15 minutes Europe/Berlin"),
        ("*/15 * * * 1-5", "every 15 minutes, every weekday Europe/Berlin"),
        ("5 * * * *", "every hour at 5 past Europe/Berlin"),
        ("0 6 1 * *", "on the 1st of every month at 06:00 Europe/Berlin"),
        ("0 6 2,22 jan,7 *", "on the 2nd and 22nd of January and July at 06:00 Europe/Berlin"),
        ("0 6 13 * fri", "cron 0 6 13 * fri Europe/Berlin"),
        ("0 6 * * sun#2", "cron 0 6 * * sun#2 Europe/Berlin"),
    ],
)
def test_a_schedule_is_told_in_words(cron: str, said: str) -> None:
    """Common lines in plain words; what has no short words is shown as it is written."""
    assert words(Schedule(cron, "Europe/Berlin")) == said
