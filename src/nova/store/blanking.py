"""How words are looked for in what is stored, and how they are blanked there. Knows texts and JSON; refuses tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy import ColumnElement, func, or_

from nova.core import json
from nova.core.json import Json

FORGOTTEN = "[forgotten]"
_STRUCTURE = frozenset({"kind", "state", "zone", "agent", "tool", "call", "model", "purpose", "verdict", "rule", "id"})


def holds(column: ColumnElement[str], needle: str) -> ColumnElement[bool]:
    """Whatever its case: as it is, and as it stands inside JSON, where quotes and line ends are written differently."""
    return or_(*(func.lower(column).contains(form.lower(), autoescape=True) for form in forms(needle)))


def forms(needle: str) -> frozenset[str]:
    """A text as it stands by itself and inside JSON."""
    return frozenset({needle, json.dump(needle)[1:-1]})


def folded(words: Iterable[str]) -> list[str]:
    """What `blank` compares with: the words that are any, without their case."""
    return [word.casefold() for word in words if word.strip()]


def blank_event(kind: str, data: dict[str, Json], needles: Sequence[str]) -> Json:
    """A text that came in pieces is blanked whatever a piece says: the word may stand across two of them."""
    if kind == "TextContent":
        return {key: "" if isinstance(value, str) and key not in _STRUCTURE else value for key, value in data.items()}
    return blank(data, needles)


def blank_text(text: str, needles: Sequence[str]) -> str:
    """The text of a column that holds JSON, or nothing, or words."""
    if not text:
        return text
    try:
        value = json.load(text)
    except ValueError:
        return FORGOTTEN
    return json.dump(blank(value, needles))


def blank(value: Json, needles: Sequence[str], key: str = "") -> Json:
    """Every string with more than one word, and every string with a needle; names and ids stay."""
    match value:
        case str():
            spoken = any(character.isspace() for character in value) and key not in _STRUCTURE
            return FORGOTTEN if spoken or any(needle in value.casefold() for needle in needles) else value
        case list():
            return [blank(one, needles, key) for one in value]
        case dict():
            return {
                _name(name, needles): blank(one, needles, name) for name, one in cast("dict[str, Json]", value).items()
            }
        case _:
            return value


def _name(name: str, needles: Sequence[str]) -> str:
    return FORGOTTEN if any(needle in name.casefold() for needle in needles) else name
