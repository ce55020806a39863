"""What stands in the context from memory, and whether it answers: notes and earlier turns that the request speaks of.

Knows the form in which memory is put before a model; refuses to search. Only what holds most of the request's telling
words is said; a near miss from another conversation would mislead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nova.models.extractive.concepts import concept, concepts
from nova.models.extractive.ranking import Encode
from nova.models.extractive.reading import Reading
from nova.models.extractive.values import Line

HEAD = "# What Nova remembers"
SHARE_MIN = 0.66  # of the request's telling words that a piece must hold
COSINE_MIN = 0.5  # with at least one telling word; below it, two texts share a word and not a subject
SHOWN_MAX = 6
DAY = len("2026-11-20")
LOOKED_AT_MAX = 24  # of the pieces, best first; each costs a reading of a few milliseconds
_NOTE = re.compile(r"^- \[(?P<kind>\w+) (?P<id>n\w+), since (?P<day>[\d-]+)(?:, (?P<more>[^\]]*))?\] (?P<text>.*)$")
_SAID = re.compile(r"^- \[said (?P<day>[\d-]+) by (?P<who>[^,\]]+), (?P<place>\w+)\] (?P<text>.*)$")
# A question that was asked before is no answer, with or without its mark.
_ASKED = re.compile(
    r"\?\s*$|^[\d-]+ owner: (?:and |so |ok |hey )?"
    r"(?:which|what|where|when|who|whom|whose|why|how|is|are|do|does|did|can)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"^[\w./@+-]+$")


def remembered(instructions: str) -> list[Line]:
    """The pieces of memory in a context, each with the place it may be cited by."""
    _, found, rest = instructions.partition(HEAD)
    lines = rest.partition("\n# ")[0].splitlines() if found else []
    return [line for text in lines if (line := _line(text)) is not None]


def telling(reading: Reading, lines: Sequence[Line], encode: Encode | None) -> list[Line]:
    """Those that hold most of what the request asks about, or a part of it and its meaning; the newest first.

    None when the request asks about nothing in particular. A question that was asked before is no answer.
    """
    subject = {concept(word) for word in reading.subject}
    said = [line for line in lines[:LOOKED_AT_MAX] if not _ASKED.search(line.text) and _in_time(line, reading)]
    if not subject or not said:
        return []
    held = [len(concepts(line.text) & subject) for line in said]
    near = _cosines(reading.text, [line.text for line in said], encode)
    enough = max(min(2, len(subject)), SHARE_MIN * len(subject))
    good = [
        (count / len(subject) + cosine, line)
        for line, count, cosine in zip(said, held, near, strict=True)
        if count >= enough or (count and cosine >= COSINE_MIN)
    ]
    good.sort(key=lambda pair: -pair[0])
    return sorted((line for _, line in good[:SHOWN_MAX]), key=lambda line: line.text[:DAY], reverse=True)


def _in_time(line: Line, reading: Reading) -> bool:
    day = line.text[:DAY]
    return (not reading.since or day >= reading.since[:DAY]) and (not reading.until or day <= reading.until[:DAY])


def _cosines(request: str, texts: Sequence[str], encode: Encode | None) -> list[float]:
    if encode is None:
        return [0.0] * len(texts)
    vectors = encode([request, *(text.partition(": ")[2] for text in texts)])
    return [float(value) for value in vectors[1:] @ vectors[0]]


def _line(text: str) -> Line | None:
    if note := _NOTE.match(text):
        source, _, mark = (note["more"] or "").partition(", ")
        place = source.partition("@")[0] if _PLACE.match(source.partition(":")[0]) else note["id"]
        careful = f" ({mark})" if mark else ""
        return Line(place or note["id"], f"{note['day']} {note['kind']}{careful}: {note['text']}")
    if said := _SAID.match(text):
        return Line(said["place"], f"{said['day']} {said['who']}: {said['text']}")
    return None
