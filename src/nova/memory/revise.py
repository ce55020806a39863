"""What the owner changes about notes that are there: correct, supersede, promote, confirm, settle, finish, take back.

Knows which change is allowed on which note; every one is a line in the note's history and can be taken back, but for
forgetting, which is elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nova.core.errors import BadInput, Unknown
from nova.core.ids import new_id
from nova.core.labels import Label, Scope
from nova.core.notes import Note, NoteKind, NoteStatus, Source, SourceKind, folded
from nova.memory.notes import Recorded, record, retire
from nova.memory.recall import Quota, recall
from nova.store import notes

if TYPE_CHECKING:
    from nova.memory.hearing.corrections import Correction
    from nova.memory.tiers import Memory

BY = "you"
HOLDING = (NoteStatus.ACTIVE, NoteStatus.UNCONFIRMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """A note that was changed: as it was before, and what became of the new one."""

    before: Note
    taken: tuple[Recorded, ...]


def find(memory: Memory, scope: Scope, prefix: str) -> Note:
    """The note whose id begins so. Raises Unknown, or BadInput when there are two."""
    with memory.database.read() as connection:
        found = notes.beginning_with(connection, scope, prefix) if prefix else []
    if not found:
        raise Unknown("note", prefix, mend="List them: nova memory list; or search: nova memory search WORDS")
    if len(found) > 1:
        raise BadInput(f"Two notes begin with {prefix}.", "Type one letter more.")
    return found[0]


def supersede(memory: Memory, scope: Scope, old: Note, text: str, *, why: str = "", run: str = "") -> Recorded:
    """Another sentence in the place of a note's; the old one ends now and stays in the history.

    Raises BadInput for the same words, and for a note that no longer holds.
    """
    words = " ".join(text.split())
    if not words or words == old.text:
        raise BadInput("The new sentence is empty, or says the same.", "Give the sentence that holds now.")
    if old.status not in HOLDING:
        newer = f"; {old.superseded_by} holds instead" if old.superseded_by else ""
        raise BadInput(f"{old.id} is {old.status.value}{newer}.", "Supersede the note that holds.")
    now = memory.now()
    source = Source(kind=SourceKind.RUN if run else SourceKind.OWNER, ref=run, at=now, quote=words)
    value = words if old.key and not old.value else _value_in(words, old)
    new = replace(
        old, id=new_id("n"), text=words, value=value, why=why, alternatives=(), by=BY, sources=(source,),
        status=NoteStatus.ACTIVE, valid_from=now, recorded_at=now, valid_to=None, supersedes=(old.id,),
        superseded_by="", derived_from=(), checked_at=None, doubt="", doubted_at=None,
    )  # fmt: skip
    return record(memory, Scope(own=old.scope, names=scope.names), [new], by=BY, why=why)[0]


def corrected(memory: Memory, scope: Scope, asked: Correction, *, said: str, run: str, project: str) -> Revised | None:
    """The note that holds the wrong value, superseded by the right one; None when no note holds it."""
    before = _wrong(memory, scope, asked)
    if before is None:
        return None
    now = memory.now()
    source = Source(kind=SourceKind.RUN, ref=run, at=now, quote=said, project=project)
    text = _with_value(before, asked)
    right = replace(
        before, id=new_id("n"), text=text, value=asked.new if before.key else before.value, sources=(source,), by=BY,
        status=NoteStatus.ACTIVE, valid_from=now, recorded_at=now, supersedes=(before.id,), superseded_by="",
        checked_at=None, doubt="", doubted_at=None, why="",
    )  # fmt: skip
    taken = record(memory, Scope(own=before.scope, names=scope.names), [right], by=BY, why=said)
    return Revised(before=before, taken=taken)


def promote(memory: Memory, scope: Scope, note: Note) -> Recorded:
    """The owner vouches for a note that was proposed or quarantined; it holds from now on, and may supersede.

    Raises BadInput for a note that holds already or no longer.
    """
    if note.status not in (NoteStatus.UNCONFIRMED, NoteStatus.QUARANTINED):
        raise BadInput(f"{note.id} is {note.status.value}; there is nothing to confirm.", "")
    now = memory.now()
    label = Label(scopes=note.label.scopes, trusted=True)
    vouched = replace(note, status=NoteStatus.ACTIVE, label=label, checked_at=now, doubt="", doubted_at=None)
    own = Scope(own=note.scope, names=scope.names)
    doubted: list[str] = []
    with memory.database.write() as connection:
        holders = [one for one in notes.with_key(connection, own, note.key) if note.key]
        notes.save(connection, own, vouched)
        notes.note_changed(connection, own, note.id, now, "confirmed", by=BY)
        for old in holders:
            notes.link(connection, own, note.id, notes.LinkKind.SUPERSEDES, old.id, now)
            doubted += retire(connection, own, old, vouched, ends=now, now=now, by=BY)
    return Recorded(note=vouched, how="merged", superseded=tuple(one.id for one in holders), doubted=tuple(doubted))


def confirm(memory: Memory, scope: Scope, note: Note, why: str = "") -> Note:
    """Somebody looked: it still holds. Its doubt goes, and its age counts from now.

    Raises BadInput for a note that is in force no longer, or not yet.
    """
    if note.status not in HOLDING:
        quarantined = note.status is NoteStatus.QUARANTINED
        mend = f"Vouch for it: nova memory promote {note.id}" if quarantined else f"See: nova memory why {note.id}"
        raise BadInput(f"{note.id} is {note.status.value}, so it cannot be said to hold still.", mend)
    now = memory.now()
    fresh = replace(note, checked_at=now, doubt="", doubted_at=None)
    if note.status is NoteStatus.UNCONFIRMED:
        fresh = replace(fresh, status=NoteStatus.ACTIVE)
    with memory.database.write() as connection:
        notes.save(connection, scope, fresh)
        notes.note_changed(connection, Scope.of(note.scope), note.id, now, "confirmed", by=BY, why=why)
    return fresh


def doubt(memory: Memory, scope: Scope, note: Note, why: str, *, by: str = BY) -> Note:
    """Something speaks against it; it is shown with a mark from now on. The first doubt's date stays."""
    now = memory.now()
    marked = replace(note, doubt=why, doubted_at=note.doubted_at or now)
    with memory.database.write() as connection:
        notes.save(connection, scope, marked)
        notes.note_changed(connection, Scope.of(note.scope), note.id, now, "doubted", by=by, why=why)
    return marked


def settle(memory: Memory, scope: Scope, keep: Note, drop: Note) -> None:
    """Of two notes that may contradict each other this one holds; the other is superseded by it.

    Raises BadInput for one that no longer holds, and for notes of two projects: each of those holds behind its wall.
    """
    now = memory.now()
    for one in (keep, drop):
        if one.status not in HOLDING:
            raise BadInput(
                f"{one.id} is {one.status.value} already.", f"See what became of it: nova memory why {one.id}"
            )
    if keep.scope != drop.scope:
        what = f"{keep.id} is of {keep.scope} and {drop.id} of {drop.scope}; neither takes the other's place."
        raise BadInput(what, f"Both can hold: add --both. One is wrong: nova memory supersede {drop.id} …")
    own = Scope(own=keep.scope, names=scope.names)
    with memory.database.write() as connection:
        notes.link(connection, own, keep.id, notes.LinkKind.SUPERSEDES, drop.id, now, "the owner decided")
        retire(connection, own, drop, keep, ends=now, now=now, by=BY)


def both_hold(memory: Memory, scope: Scope, one: Note, other: Note) -> int:
    """Two notes do not contradict each other after all; how many open pairs that closes."""
    with memory.database.write() as connection:
        return notes.settle(connection, scope, one.id, other.id, memory.now())


def finish(memory: Memory, scope: Scope, note: Note, why: str = "") -> Note:
    """A step is done, or a question needs no answer any more. Raises BadInput for another kind, or a closed one."""
    if note.kind not in (NoteKind.INTENTION, NoteKind.QUESTION) or not note.open:
        raise BadInput(f"{note.id} is no open step or question.", "List those that are: nova brief")
    now = memory.now()
    done = replace(note, valid_to=max(now, note.valid_from))
    with memory.database.write() as connection:
        notes.save(connection, scope, done)
        notes.note_changed(connection, Scope.of(note.scope), note.id, now, "finished", by=BY, why=why)
    return done


def take_back(memory: Memory, scope: Scope, note: Note) -> tuple[Note, ...]:
    """A supersession was wrong: the newer note goes to the past, those it replaced hold again. Raises BadInput.

    What another note has replaced as well stays in the past.
    """
    if not note.supersedes:
        raise BadInput(f"{note.id} has superseded nothing.", "See its history: nova memory why " + note.id)
    if note.status not in HOLDING:
        newer = f"; {note.superseded_by} holds instead" if note.superseded_by else ""
        raise BadInput(f"{note.id} is {note.status.value}{newer}.", "Take back the note that holds.")
    now = memory.now()
    with memory.database.write() as connection:
        restored: list[Note] = []
        for old in notes.by_ids(connection, scope, note.supersedes).values():
            notes.unlink(connection, scope, note.id, notes.LinkKind.SUPERSEDES, old.id)
            left = notes.by_id(connection, scope, old.id)
            if left is None or left.superseded_by:
                continue  # another note holds in its place still
            back = replace(old, status=NoteStatus.ACTIVE, valid_to=None, retired_at=None)
            notes.save(connection, scope, back)
            why = f"instead of {note.id}"
            notes.note_changed(connection, Scope.of(old.scope), old.id, now, "restored", by=BY, why=why)
            restored.append(back)
        past = replace(note, status=NoteStatus.SUPERSEDED, valid_to=max(now, note.valid_from), retired_at=now)
        notes.save(connection, scope, past)
        notes.note_changed(connection, Scope.of(note.scope), note.id, now, "taken back", by=BY)
        for old in restored:
            both = Scope(own=note.scope, names=scope.names)
            notes.link(connection, both, old.id, notes.LinkKind.SUPERSEDES, note.id, now, "taken back")
    return tuple(restored)


def _wrong(memory: Memory, scope: Scope, asked: Correction) -> Note | None:
    """The note meant by a correction: by its key, else the nearest note that holds the old value or the subject."""
    with memory.database.read() as connection:
        holding = notes.listed(connection, scope, statuses=HOLDING)
    same = [
        note
        for note in holding
        if asked.subject and asked.attribute
        and (folded(note.subject), folded(note.attribute)) == (folded(asked.subject), folded(asked.attribute))
    ]  # fmt: skip
    if same:
        return same[0]
    words = " ".join(filter(None, [asked.subject, asked.attribute, asked.old]))
    near = recall(memory, words, scope, quota=Quota(episodes=0)).pieces
    found = [piece.what for piece in near if isinstance(piece.what, Note)]
    must = asked.old or asked.subject
    return next((note for note in found if must and must.casefold() in note.text.casefold()), None)


def _with_value(note: Note, asked: Correction) -> str:
    """The sentence with the new value where the old one stood; a plain sentence of key and value where it did not."""
    for old in (asked.old, note.value):
        if old and old.casefold() in note.text.casefold():
            return re.sub(re.escape(old), lambda _: asked.new, note.text, count=1, flags=re.IGNORECASE)
    subject = "My" if note.subject == "owner" else f"{note.subject}'s"
    return f"{subject} {note.attribute} is {asked.new}." if note.attribute else f"{note.text} Corrected: {asked.new}."


def _value_in(words: str, old: Note) -> str:
    """What the new sentence says where the old one said its value; the whole sentence when the frame is gone."""
    if not old.value or old.value not in old.text:
        return old.value and words
    before, _, after = old.text.partition(old.value)
    inside = words.removeprefix(before).removesuffix(after)
    return inside if words.startswith(before) and words.endswith(after) else words
