"""Days that are named from where the speaker stands."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from nova.memory.hearing.days import period, resolve_days

FRIDAY = datetime(2026, 11, 20, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("by next Friday", "by 2026-11-27"),
        ("send it on Monday", "send it on 2026-11-23"),
        ("On Monday I'll call", "On 2026-11-23 I'll call"),
        ("tomorrow I call", "On 2026-11-21 I call"),
        ("I'll go tomorrow morning", "I'll go on 2026-11-21"),
        ("the day after tomorrow we ship", "On 2026-11-22 we ship"),
        ("we met last Tuesday", "we met on 2026-11-17"),
        ("since Monday", "since 2026-11-16"),
        ("next week I write", "In the week of 2026-11-23 I write"),
        ("by the end of the month", "by 2026-11-30"),
        ("by the end of next month", "by 2026-12-31"),
        ("until the end of March", "until 2027-03-31"),
        ("until 4 December", "until 2026-12-04"),
        ("on March 3rd", "on 2027-03-03"),
        ("on 3 March 2028", "on 2028-03-03"),
        ("in two weeks we ship", "On 2026-12-04 we ship"),
        ("three days ago we shipped", "On 2026-11-17 we shipped"),
        ("I moved to Graz in March", "I moved to Graz in March 2026"),
        ("it is closed in August", "it is closed in August 2027"),
        ("before December", "before December 2026"),
        ("from next year on", "from 2027 on"),
        ("deploys run on Tuesdays", "deploys run on Tuesdays"),
        ("from Monday to Thursday", "from Monday to Thursday"),
        ("lists come on the first tuesday", "lists come on the first tuesday"),
        ("my birthday is 4 May", "my birthday is 4 May"),
        ("every year on 3 January", "every year on 3 January"),
        ("the 31 February", "the 31 February"),
        ("it may rain", "it may rain"),
        ("may I march on", "may I march on"),
    ],
)
def test_days_become_dates(text: str, resolved: str) -> None:
    """What depends on today is written as a date; what comes back is left alone."""
    assert resolve_days(text, FRIDAY) == resolved


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("until 2026-12-04", None, date(2026, 12, 5)),
        ("until February 2027", None, date(2027, 2, 1)),
        ("through February 2027", None, date(2027, 3, 1)),
        ("from January 2027 on", date(2027, 1, 1), None),
        ("from 2027 on", date(2027, 1, 1), None),
        ("from 2026-12-01 until 2026-12-24", date(2026, 12, 1), date(2026, 12, 25)),
        ("by 2026-12-04", None, None),
        ("until it works", None, None),
    ],
)
def test_a_period_ends_when_it_no_longer_holds(text: str, begins: date | None, ends: date | None) -> None:
    """The end is the first day on which it no longer holds; a deadline is no period."""
    found = period(text, FRIDAY)
    assert (found.begins.date() if found.begins else None) == begins
    assert (found.ends.date() if found.ends else None) == ends


def test_around_the_turn_of_the_year() -> None:
    """In December, January is the next year's; in January, December is behind when it is spoken of in the past."""
    december = datetime(2026, 12, 30, 9, tzinfo=UTC)
    january = datetime(2027, 1, 2, 9, tzinfo=UTC)
    assert resolve_days("by 3 January", december) == "by 2027-01-03"
    assert resolve_days("next month we ship", december) == "In January 2027 we ship"
    assert resolve_days("we shipped in December", january) == "we shipped in December 2026"
    assert resolve_days("last month we shipped", january) == "In December 2026 we shipped"
