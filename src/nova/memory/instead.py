"""Which known note a new one replaces by naming it: `Quillpay instead of Harrow Pay`, `4 hours instead of 8`. Pure.

Knows words alone. One that holds the old value, and speaks of the same thing or is the only one with that name, is
replaced; where several might be meant, nothing is decided.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nova.core.notes import Note, NoteKind, NoteStatus, SourceKind, folded
from nova.store.textindex import query_words

OLD_WORDS_MAX = 5  # an alternative that is longer is an argument, not a value
_SAYS_SO = re.compile(
    r"\binstead of\b|\brather than\b|\bnot\b|\bno longer\b|\bany ?more\b|\bafter all\b|\btake back\b|\bno more\b"
    r"|\bchange"
    r"|\bscrap\b|\bforget the\b",
    re.IGNORECASE,
)
_WITHDRAWN = re.compile(r"\bafter all\b|\btake back\b|\bno more\b|\bany ?more\b", re.IGNORECASE)
_NAME = re.compile(r"\b[A-ZÀ-Þ][\w'-]+(?: [A-ZÀ-Þ][\w'-]+)+\b")
_WORD = re.compile(r"\w+")
_KINDS = (NoteKind.DECISION, NoteKind.FACT)
_HOLDS = (NoteStatus.ACTIVE, NoteStatus.UNCONFIRMED)
_UNTELLING_TEXT = """
    instead change take keep use leave will would from until now new old first one two go come hour day week month year
    minute percent euro pound again more still price cost
"""
_UNTELLING = frozenset(_UNTELLING_TEXT.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """replaces: the one note that is meant; perhaps: those among which it cannot be told."""

    replaces: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()


def stems(text: str) -> frozenset[str]:
    """The telling words of a text, endings off, so that `orders` meets `order`."""
    return frozenset(_stem(word) for word in query_words(text))


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def names_what_it_replaces(note: Note) -> bool:
    """Whether a note that was said, and that counts, names an old value."""
    said = bool(note.sources) and note.sources[0].kind is SourceKind.RUN
    return said and note.kind in _KINDS and note.status is NoteStatus.ACTIVE and bool(_olds(note))


def replaced_by(note: Note, known: Sequence[Note]) -> Replaced:
    """What a note replaces among the notes that are known, of the same project and not younger than itself."""
    if not names_what_it_replaces(note):
        return Replaced()
    older = [one for one in known if _may_be_meant(one, note)]
    found: dict[str, bool] = {}
    for old in _olds(note):
        holders = [one for one in older if _holds(one, old)]
        same = [one for one in holders if _about(note, old) & _about(one, old)]
        rare = bool(_NAME.fullmatch(old)) or (old[:1].isupper()) or _WITHDRAWN.search(note.text) is not None
        meant = same or (holders if rare and len(holders) == 1 else [])
        found |= {one.id: len(meant) == 1 for one in meant}
    sure = tuple(id_ for id_, alone in found.items() if alone)
    return Replaced(replaces=sure, perhaps=tuple(id_ for id_, alone in found.items() if not alone))


def _may_be_meant(one: Note, note: Note) -> bool:
    mine = one.project == note.project and one.scope == note.scope and one.id != note.id
    return mine and one.kind in _KINDS and one.status in _HOLDS and one.recorded_at <= note.recorded_at


def _olds(note: Note) -> list[str]:
    """The values that a note says no longer hold: what it is instead of, or whose place somebody took."""
    words = " ".join([note.text, *(source.quote for source in note.sources[:1])])
    if not _SAYS_SO.search(words):
        named = _NAME.findall(note.text) if note.value and note.attribute in ("contact", "successor") else []
        return [name for name in named if folded(name) not in (folded(note.value), folded(note.subject))]
    short = [one for one in note.alternatives if len(one.split()) <= OLD_WORDS_MAX and not re.search(r"\bwould\b", one)]
    return [re.sub(r"^(?:on|in|at|the|a|an|over) (?=\w)", "", one, flags=re.IGNORECASE) for one in short]


def _holds(one: Note, old: str) -> bool:
    """Whether a note says the old value itself, and not that it is instead of it."""
    text = f"{one.text} {one.value}"
    for other in one.alternatives:
        text = text.replace(f"not {other}", "").replace(f"of {other}", "").replace(f"than {other}", "")
    mine, wanted = _WORD.findall(text.casefold()), _WORD.findall(old.casefold())
    return any(mine[at : at + len(wanted)] == wanted for at in range(len(mine) - len(wanted) + 1)) if wanted else False


def _about(note: Note, old: str) -> frozenset[str]:
    """The telling words of a note besides the old value: no numbers, no units, no verbs of deciding."""
    words = stems(" ".join([note.text, note.subject, note.why])) - stems(old)
    return frozenset(word for word in words if word not in _UNTELLING and not word.isdigit())
