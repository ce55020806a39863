"""The profile under its budget: ranked by what the request is about, never cut silently. Pure text.

Knows paragraphs and headings; refuses to know where the profile is kept. Standing instructions come first: they bind
in every request, and a search by the request's words would miss half of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nova.core.text import shorten, tokens_of
from nova.store.textindex import query_words

_STANDING = re.compile(r"\b(?:standing|instruction|always|never|prefer|rule|how i (?:like|want))", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The profile as it is shown. left_out: the first words and the tokens of each part that is not."""

    text: str
    left_out: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A paragraph under its heading; a list is cut into its items, so that one long list does not stand or fall."""

    heading: str
    paragraph: int
    text: str
    place: int


def fit(profile: str, request: str, room_tokens: int) -> Fitted:
    """The whole profile if it fits; else its parts by rank, in their own order, and the list of what is left out."""
    text = profile.strip()
    if tokens_of(text) <= room_tokens:
        return Fitted(text=text)
    asked = set(query_words(request))
    parts = _parts(text)
    ranked = sorted(parts, key=lambda part: (*_rank(part, asked), part.place))
    kept: list[_Part] = []
    left: list[_Part] = []
    room, headings = room_tokens, {""}
    for part in ranked:
        tokens = tokens_of(part.text) + (0 if part.heading in headings else tokens_of(part.heading))
        if tokens <= room:
            kept.append(part)
            headings.add(part.heading)
            room -= tokens
        else:
            left.append(part)
    kept.sort(key=lambda part: part.place)
    left.sort(key=lambda part: part.place)
    return Fitted(text=_text_of(kept), left_out=tuple((shorten(part.text, 60), tokens_of(part.text)) for part in left))


def _rank(part: _Part, asked: set[str]) -> tuple[bool, float]:
    """Smaller is better: standing instructions first, then by the share of the request's words."""
    words = query_words(f"{part.heading} {part.text}")
    shared = len(asked & set(words)) / len(asked) if asked else 0.0
    return not _STANDING.search(f"{part.heading} {part.text}"), -shared


def _parts(text: str) -> list[_Part]:
    parts: list[_Part] = []
    heading = ""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text)):
        lines = paragraph.splitlines()
        if lines and lines[0].startswith("#"):
            heading, lines = lines[0], lines[1:]
        for item in _items(lines):
            parts.append(_Part(heading=heading, paragraph=number, text=item, place=len(parts)))
    return parts


def _items(lines: Sequence[str]) -> list[str]:
    items: list[list[str]] = []
    for line in lines:
        if not items or re.match(r"\s{0,3}(?:[-*+]|\d+[.)])\s", line):
            items.append([line])
        else:
            items[-1].append(line)
    return [text for item in items if (text := "\n".join(item).strip())]


def _text_of(parts: Sequence[_Part]) -> str:
    """The parts again under their headings, each heading once."""
    lines: list[str] = []
    heading, paragraph = "", -1
    for part in sorted(parts, key=lambda one: one.place):
        if part.heading != heading:
            heading = part.heading
            lines += ["", heading, ""]
        elif part.paragraph != paragraph:
            lines.append("")
        paragraph = part.paragraph
        lines.append(part.text)
    return "\n".join(lines).strip()
