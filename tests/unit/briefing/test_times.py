"""Visits, moments that people name, days that are due."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.briefing.things import NOW, at, run

from nova.briefing.lines import age, due_mark
from nova.briefing.moments import moment
from nova.briefing.visits import last_visit
from nova.core.errors import BadInput


def test_the_visit_that_is_going_on_is_not_the_last_one() -> None:
    """Runs less than three hours apart are one visit; the last visit is the one before the present one."""
    past = [run("b", "11-18 11:00"), run("a", "11-18 10:00")]
    now = [run("d", "11-20 09:30"), run("c", "11-20 08:00")]
    assert last_visit([*now, *past], NOW) == at("11-18 11:00")
    assert last_visit(past, NOW) == at("11-18 11:00")
    assert last_visit(now, NOW) is None
    assert last_visit([], NOW) is None


def test_a_clock_that_went_backwards_breaks_no_visit() -> None:
    """A run dated after now belongs to the present visit."""
    assert last_visit([run("later", "11-25 10:00"), run("a", "11-18 10:00")], NOW) == at("11-18 10:00")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-11-16", "2026-11-16 00:00"),
        ("2026-11-16 14:30", "2026-11-16 14:30"),
        ("yesterday", "2026-11-19 00:00"),
        ("last week", "2026-11-13 00:00"),
        ("3 weeks ago", "2026-10-30 00:00"),
        ("monday", "2026-11-16 00:00"),
        ("since friday", "2026-11-13 00:00"),
        ("september", "2026-09-01 00:00"),
        ("December", "2025-12-01 00:00"),
    ],
)
def test_days_are_meant_as_people_say_them(said: str, meant: str) -> None:
    """A date, a weekday, a month, a span back from today: the beginning of that day."""
    assert moment(said, NOW) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


def test_what_is_no_day_is_refused_with_examples() -> None:
    """Words that name no day raise BadInput and say how days are written; no words are no day."""
    with pytest.raises(BadInput, match="yesterday"):
        moment("when the cows come home", NOW)
    assert moment("  ", NOW) is None


@given(st.text(max_size=20))
def test_any_words_are_a_moment_or_refused(text: str) -> None:
    """Whatever is typed, a moment with a zone comes back, or nothing, or a sentence."""
    try:
        found = moment(text, NOW)
    except BadInput:
        return
    assert found is None or found.tzinfo is not None


def test_a_day_that_is_due_is_told() -> None:
    """`by DAY` is overdue, due today or due within a week; later days and no days say nothing."""
    said = [due_mark(f"It comes by {day}.", NOW) for day in ("2026-11-18", "2026-11-20", "2026-11-21", "2026-12-24")]
    assert said == ["overdue for 2 days", "due today", "due in 1 day", ""]
    assert due_mark("It comes by 2026-13-40.", NOW) == due_mark("It comes.", NOW) == ""


def test_ages_are_said_as_people_do() -> None:
    """Today, yesterday, days, weeks, months; a time after now is today."""
    days = ("11-20 09:00", "11-19 23:00", "11-08 10:00", "10-20 10:00", "07-01 10:00", "11-25 10:00")
    assert [age(at(day), NOW) for day in days] == [
        "today", "yesterday", "12 days ago", "4 weeks ago", "4 months ago", "today",
    ]  # fmt: skip
