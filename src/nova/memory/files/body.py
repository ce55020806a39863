"""The body of a note's file: its text, then `## Why` and `## Alternatives`. Knows Markdown lines; refuses front matter.

What the body cannot hold word for word (control characters, blanks at an end, nothing at all) goes into the front
matter instead: `fits` and `item_fits` tell which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nova.memory.files.yaml_text import UNWRITABLE

WHY = "## Why"
ALTERNATIVES = "## Alternatives"
_HEADING = re.compile(r"##[ \t]+(why|alternatives)[ \t]*", re.IGNORECASE)
_ESCAPED = re.compile(r"\\+##[ \t]+(why|alternatives)[ \t]*", re.IGNORECASE)
_BULLET = re.compile(r"[-*+][ \t]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a body says; lines: which line of the file each part begins on, under `text`, `why`, `alternatives`."""

    text: str
    why: str
    alternatives: tuple[str, ...]
    lines: dict[str, int]


def fits(text: str) -> bool:
    """Whether the body holds this word for word."""
    return bool(text) and text == text.strip() and "\r" not in text and not UNWRITABLE.search(text)


def item_fits(text: str) -> bool:
    """Whether a list item holds this word for word: as `fits`, and no line within ends or consists of blanks."""
    return fits(text) and all(line == line.rstrip() for line in text.split("\n"))


def written(text: str, why: str, alternatives: Sequence[str]) -> str:
    """The body; an empty part is left out."""
    parts: list[str] = []
    if text:
        parts.append(_guarded(text))
    if why:
        parts.append(f"{WHY}\n\n{_guarded(why)}")
    if alternatives:
        parts.append(f"{ALTERNATIVES}\n\n" + "\n".join(_item(one) for one in alternatives))
    return "\n\n".join(parts) + "\n" if parts else ""


def _guarded(text: str) -> str:
    """A line that would read as one of the headings gets a backslash, which Markdown shows as none."""
    return "\n".join(f"\\{line}" if _is_heading(line) else line for line in text.split("\n"))


def _is_heading(line: str) -> bool:
    return bool(_HEADING.fullmatch(line) or _ESCAPED.fullmatch(line))


def _item(text: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join([f"- {first}", *(f"  {line}" if line else "" for line in rest)])


def read(body: str, first_line: int) -> Body:
    """The parts of a body. first_line: its first line in the file."""
    texts: dict[str, list[str]] = {"text": []}
    lines: dict[str, int] = {"text": first_line}
    part = "text"
    for number, line in enumerate(body.split("\n"), first_line):
        heading = _HEADING.fullmatch(line)
        if heading and heading.group(1).lower() not in texts:
            part = heading.group(1).lower()
            texts[part], lines[part] = [], number
        else:
            texts[part].append(line[1:] if _ESCAPED.fullmatch(line) else line)
    return Body(
        text="\n".join(texts["text"]).strip(),
        why="\n".join(texts.get("why", [])).strip(),
        alternatives=tuple(_items(texts.get("alternatives", []))),
        lines=lines,
    )


def _items(lines: Sequence[str]) -> Iterator[str]:
    """Bullets with their indented lines; a paragraph without a bullet is an item as well."""
    item: list[str] = []
    for line in lines:
        bullet = _BULLET.match(line)
        if bullet:
            yield from _whole(item)
            item = [line[bullet.end() :]]
        elif line and not line[0].isspace() and item and not item[-1]:
            yield from _whole(item)
            item = [line]
        else:
            item.append(line[2:] if line.startswith("  ") else line.lstrip())
    yield from _whole(item)


def _whole(item: Sequence[str]) -> Iterator[str]:
    if text := "\n".join(item).strip():
        yield text
