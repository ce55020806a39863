"""Cards and overviews as JSON, for scripts; the shape is told in docs/how-to/where-did-i-leave-off.md."""

from __future__ import annotations

from datetime import datetime

from nova.briefing.card import Line, ResumeCard
from nova.briefing.overview import CardLine, Overview
from nova.core.json import Json


def card_json(card: ResumeCard) -> dict[str, Json]:
    """A card: its times, and for each part by its name the lines and how many more there are."""
    return {
        "project": card.name,
        "kind": card.kind,
        "at": _time(card.at),
        "touched_at": _time(card.touched_at),
        "visited_at": _time(card.visited_at),
        "since": _time(card.since),
        "decided_since": _time(card.decided_since),
        "about": card.about,
        "parts": {
            section.part.value: {"lines": [line_json(line) for line in section.lines], "more": section.more}
            for section in card.sections
        },
    }


def line_json(line: Line) -> dict[str, Json]:
    """A line with its sources as they are cited."""
    return {
        "text": line.text,
        "what": line.what,
        "at": _time(line.at),
        "sources": [str(one) for one in line.sources],
        "note": line.note,
        "why": line.why,
        "alternatives": list(line.alternatives),
        "by": line.by,
        "conversation": line.talk,
        "mark": line.mark,
        "trusted": line.trusted,
    }


def overview_json(found: Overview) -> dict[str, Json]:
    """All projects, and how much needs the owner."""
    return {
        "at": _time(found.at),
        "needs_you": found.needs_you,
        "urgent": [{"project": name, **line_json(line)} for name, line in found.urgent],
        "at_work": [{"project": name, **line_json(line)} for name, line in found.at_work],
        "projects": [_project(line) for line in found.lines],
    }


def _project(line: CardLine) -> dict[str, Json]:
    return {
        "project": line.name,
        "kind": line.kind,
        "touched_at": _time(line.touched_at),
        "left_off": line_json(line.left_off) if line.left_off else None,
        "next": line_json(line.next) if line.next else None,
        "next_was_said": line.said,
        "uncommitted": line.uncommitted,
        "open": line.open,
        "waiting": line.waiting,
        "needs_you": line.needs_you,
        "problems": [line_json(one) for one in line.problems],
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
