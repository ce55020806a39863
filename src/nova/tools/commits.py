"""Commits ranked by words and told on a line, times as people write them. Pure; runs nothing."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.core.text import shorten
from nova.models.words import words
from nova.projects.sources.commits import Commit
from nova.tools.spec import ResultLine

BODY_CHARACTERS_MAX = 500
_AGO = re.compile(r"(?:(?P<count>\d{1,4}) ?|last |a |one )?(?P<unit>day|week|month|year)s?(?: ago)?")
_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}


def share(commit: Commit, wanted: frozenset[str]) -> float:
    """How much of the wanted words the message holds: the subject counts whole, the body 0.6."""
    subject, body = frozenset(words(commit.subject)), frozenset(words(commit.body))
    return (len(wanted & subject) + 0.6 * len((wanted & body) - subject)) / max(1, len(wanted))


def told(commit: Commit) -> ResultLine:
    """A commit as a line: when, who, what and why, cited by its short id."""
    body = f" — {shorten(commit.reason, BODY_CHARACTERS_MAX)}" if commit.body else ""
    text = f"{commit.day} {commit.author}: {commit.subject}{body}"
    return ResultLine(text=text, citation=Citation(path=commit.id))


def since(text: str, now: datetime) -> str:
    """The moment a person means, as ISO text for git; empty for none. Raises ToolFailed for what is no date."""
    asked = text.strip().casefold()
    if not asked:
        return ""
    if asked in {"today", "yesterday"}:
        return (now.date() - timedelta(days=asked == "yesterday")).isoformat() + "T00:00:00"
    if match := _AGO.fullmatch(asked):
        days = int(match["count"] or 1) * _DAYS[match["unit"]]
        return (now - timedelta(days=min(days, 40_000))).isoformat(timespec="seconds")
    try:
        moment = datetime.fromisoformat(asked)
    except ValueError:
        mend = "Write it like 2026-11-01, today, yesterday or 2 weeks ago."
        raise ToolFailed(f"“{shorten(text, 40)}” is not a date.", mend) from None
    return moment.isoformat(timespec="seconds")
