"""What stands in the context from memory, and whether it answers: notes and earlier turns that the request speaks of.

Knows the form in which memory is put before a model; refuses to search. Only what holds most of the request's telling
words is said; a near miss from another conversation would mislead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nova.models.extractive.concepts import concept
from nova.models.extractive.ranking import Encode, rank
from nova.models.extractive.reading import Reading
from nova.models.extractive.values import Line

HEAD = "# What Nova remembers"
SHARE_MIN = 0.66  # of the request's telling words that a piece must hold
SHOWN_MAX = 4
_NOTE = re.compile(r"^- \[(?P<kind>\w+) (?P<id>n\w+), since (?P<day>[\d-]+)(?:, (?P<more>[^\]]*))?\] (?P<text>.*)$")
_SAID = re.compile(r"^- \[said (?P<day>[\d-]+) by (?P<who>[^,\]]+), (?P<place>\w+)\] (?P<text>.*)$")
_PLACE = re.compile(r"^[\w./@+-]+$")


def remembered(instructions: str) -> list[Line]:
    """The pieces of memory in a context, each with the place it may be cited by."""
    _, found, rest = instructions.partition(HEAD)
    lines = rest.partition("\n# ")[0].splitlines() if found else []
    return [line for text in lines if (line := _line(text)) is not None]


def telling(reading: Reading, lines: Sequence[Line], encode: Encode | None) -> list[Line]:
    """Those that hold most of what the request asks about, best first; none when it asks about too little."""
    subject = {concept(word) for word in reading.subject}
    if len(subject) < 2 or not lines:
        return []
    hits = rank(reading, lines, encode)
    good = [hit for hit in hits if len(hit.found & subject) >= max(2, SHARE_MIN * len(subject))]
    return [hit.line for hit in good[:SHOWN_MAX]]


def _line(text: str) -> Line | None:
    if note := _NOTE.match(text):
        source, _, mark = (note["more"] or "").partition(", ")
        place = source.partition("@")[0] if _PLACE.match(source.partition(":")[0]) else note["id"]
        careful = f" ({mark})" if mark else ""
        return Line(place or note["id"], f"{note['day']} {note['kind']}{careful}: {note['text']}")
    if said := _SAID.match(text):
        return Line(said["place"], f"{said['day']} {said['who']}: {said['text']}")
    return None
