"""Times as the database holds them: ISO 8601 in UTC with microseconds, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime


def written(at: datetime) -> str:
    """`2026-11-20T10:15:00.000000+00:00`. Raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def read(text: str) -> datetime | None:
    """The time, or None for the empty text."""
    return datetime.fromisoformat(text) if text else None


def read_set(text: str) -> datetime:
    """The time of a column that is never empty."""
    return datetime.fromisoformat(text)
