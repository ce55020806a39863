"""Where a note's or conversation's file lies below an export's folder. Pure names; looks at no disk."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from nova.core.notes import Note

CONVERSATIONS = "conversations"
WORDS_MAX = 7
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def place_of(note: Note) -> str:
    """`airep/decision/invoice-totals-are-rounded-half-even-n0123456789.md`"""
    return f"{_part(note.scope)}/{note.kind.value}/{slug(note.text)}-{_part(note.id)}.md"


def place_of_conversation(scope: str, conversation: str) -> str:
    """`airep/conversations/c0123456789.md`"""
    return f"{_part(scope)}/{CONVERSATIONS}/{_part(conversation)}.md"


def slug(text: str) -> str:
    """The first words of a text as a file's name: a-z, 0-9 and hyphens; `note` when none can be written so."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    name = ""
    for word in re.findall(r"[a-z0-9]+", folded)[:WORDS_MAX]:
        longer = f"{name}-{word}" if name else word[:40]
        if len(longer) > 50:
            break
        name = longer
    return name or "note"


def moved(place: str, note: Note) -> str:
    """Where a note whose file lies at `place` belongs now: the same name as long as scope and kind are the same."""
    wanted = PurePosixPath(place_of(note))
    old = PurePosixPath(place)
    return place if old.parent == wanted.parent and old.stem.endswith(f"-{_part(note.id)}") else str(wanted)


def _part(name: str) -> str:
    return _UNSAFE.sub("_", name)[:80] or "_"
