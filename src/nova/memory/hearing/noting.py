"""From what a rule found to a note: its id, its times, its status and its source. Knows no rule and no wording."""

from __future__ import annotations

from collections.abc import Sequence

from nova.core.ids import id_of
from nova.core.labels import Label
from nova.core.notes import Note, NoteKind, NoteStatus, Source, SourceKind, folded
from nova.memory.hearing.days import period, resolve_days
from nova.memory.hearing.own_words import Sentence
from nova.memory.hearing.said import OWNER, Found, Said


def known(note: Note, notes: Sequence[Note]) -> bool:
    """Whether one of the notes says this already: the same words, or the same value under the same key."""
    return any(
        note.id == one.id or (note.key and note.key == one.key and folded(note.value) == folded(one.value))
        for one in notes
    )


def note_of(said: Said, found: Found, first: Sentence, last: Sentence) -> Note | None:
    """The note with its source, quoting from the first sentence to the last; None for less than two words."""
    text = found.text.strip(" ,;:–-")
    if len(text.split()) < 2:
        return None
    text = text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!", "…")) else ".")
    quote = said.text[first.start : last.end]
    times = period(resolve_days(first.text, said.at), said.at)
    waits = found.kind in (NoteKind.QUESTION, NoteKind.INTENTION)
    return Note(
        id=id_of("n", said.scope, said.run, found.kind.value, text),
        scope=said.scope, kind=found.kind, text=text, recorded_at=said.at, valid_from=times.begins or said.at,
        valid_to=None if waits else times.ends, status=_status(said, found), project=said.project,
        label=Label(scopes=frozenset({said.scope}), trusted=said.vouched), subject=found.subject,
        attribute=found.attribute, value=found.value, why=found.why, alternatives=found.alternatives,
        by=said.speaker if found.by in ("", OWNER) else found.by, waits_for=found.waits_for,
        sources=(Source(kind=SourceKind.RUN, ref=said.run, at=said.at, project=said.project, quote=quote),),
    )  # fmt: skip


def _status(said: Said, found: Found) -> NoteStatus:
    if not said.vouched:
        return NoteStatus.QUARANTINED
    return NoteStatus.UNCONFIRMED if found.passing else NoteStatus.ACTIVE
