"""What the memory took from a run, as a person is told: a line for each note, and for each secret that was not kept."""

from __future__ import annotations

from collections.abc import Iterator

from nova.core.events import Remembered
from nova.core.json import Json
from nova.core.text import shorten

_NEW = ("added", "changed", "merged", "outdated")


def lines(remembered: Remembered) -> Iterator[str]:
    """The lines, the notes first. A note that was known already says nothing new and is left out."""
    for note in remembered.notes:
        if isinstance(note, dict) and note.get("how") in _NEW:
            yield _line(note)
    for refused in remembered.refused:
        yield f"not kept: {refused}"


def _line(note: dict[str, Json]) -> str:
    kind, status = str(note["kind"]), str(note["status"])
    careful = "" if status == "active" else f" ({status})"
    became = [
        f"{said} {', '.join(map(str, ids))}"
        for said, ids in (
            ("supersedes", note["superseded"]),
            ("may contradict", note["conflicts"]),
            ("answers", note["answered"]),
        )
        if isinstance(ids, list) and ids
    ]
    more = f"; {'; '.join(became)}" if became else ""
    return f"noted: {kind}{careful} “{shorten(str(note['text']), 120)}” {note['id']}{more}"
