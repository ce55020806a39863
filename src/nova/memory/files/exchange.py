"""Memory out into files and in again: the whole way, for whoever has a memory open. Decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nova.core.errors import BadFiles, BadInput, Problem
from nova.core.labels import Scope
from nova.core.notes import Note, NoteStatus
from nova.memory.embed import CATCH_UP_ROWS, embed
from nova.memory.files.bring import Brought, bring, known_of
from nova.memory.files.conversations import emptied, put_back, transcripts_of
from nova.memory.files.edit import discard, opened
from nova.memory.files.export import Exported, export
from nova.memory.files.form import markdown
from nova.memory.files.incoming import Incoming, Reading, read_all
from nova.memory.files.leaves import conversations_as_leaves, notes_as_leaves
from nova.memory.files.places import slug
from nova.memory.files.plan import Plan, ids_named, plan
from nova.memory.files.reading import Ground, NoteFile, read_note
from nova.memory.files.texts import decoded
from nova.memory.tiers import Memory
from nova.store import notes

Seen = Callable[[int], None]
COUNT_MAX = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an import did, or would do. brought: None for a dry run; conversations, turns: that came in."""

    plan: Plan
    brought: Brought | None
    conversations: int = 0
    turns: int = 0


def write_out(
    memory: Memory, everything: Scope, within: Scope, folder: Path, *, conversations: bool, seen: Seen | None = None
) -> Exported:
    """Exports the notes of the scopes `within` and the turns that lie there. `export` says what stays."""
    with memory.database.read() as connection:
        found = notes.listed(connection, within, count_max=COUNT_MAX)
    forgotten = frozenset(one.id for one in found if one.status is NoteStatus.FORGOTTEN)
    done = export(
        folder, notes_as_leaves(one for one in found if one.id not in forgotten), forgotten=forgotten, seen=seen
    )
    if conversations:
        leaves = conversations_as_leaves(transcripts_of(memory, everything, within.names))
        more = export(folder, leaves, forgotten=emptied(memory, within), seen=seen)
        done.written += more.written
        done.unchanged += more.unchanged
        done.kept += more.kept
        done.removed += more.removed
    return done


def take_in(
    memory: Memory,
    everything: Scope,
    place: Path,
    reading: Reading,
    *,
    dry_run: bool = False,
    conversations: bool = False,
    overwrite: bool = False,
    seen: Seen | None = None,
) -> Taken:
    """Imports what lies at `place`; the plan says what could not come in, and why.

    Raises BadInput, LimitReached, StoreFull, StoreError; nothing has changed then.
    """
    incoming = read_all(place, reading, seen)
    made = plan(incoming, reading, known_of(memory, ids_named(incoming), everything), overwrite=overwrite)
    if dry_run:
        return Taken(plan=made, brought=None)
    brought = bring(memory, made, everything)
    count, turns = put_back(memory, made.transcripts, everything) if conversations else (0, 0)
    embed(memory, everything, rows_max=CATCH_UP_ROWS)
    return Taken(plan=made, brought=brought, conversations=count, turns=turns)


def edit(
    memory: Memory, everything: Scope, note: Note, reading: Reading, environment: Mapping[str, str]
) -> Taken | None:
    """The note as the person leaves it in the editor, stored; None when nothing was changed.

    Raises BadFiles for a text that is no note: the file with it stays, and every problem names it. Raises NotReady,
    BadInput when there is no editor or it failed.
    """
    if note.status is NoteStatus.FORGOTTEN:
        raise BadInput(f"The note {note.id} was forgotten; there is nothing left to edit.")
    written = markdown(note)
    file, text = opened(written, f"{slug(note.text)}-{note.id}.md", environment)
    if text == written:
        discard(file)
        return None
    incoming = Incoming(file.parent, own=[_read_back(text, file, note, reading)])
    made = plan(incoming, reading, known_of(memory, ids_named(incoming), everything))
    if made.problems:
        raise BadFiles([*made.problems, _left(file)])
    brought = bring(memory, made, everything)
    discard(file)
    return Taken(plan=made, brought=brought)


def _read_back(text: str, file: Path, note: Note, reading: Reading) -> NoteFile:
    ground = Ground(now=reading.now, scope=note.scope, kind=note.kind, project=note.project)
    try:
        edited = read_note(decoded(text.encode("utf-8", "surrogateescape"), str(file)), str(file), ground)
    except BadFiles as error:
        raise BadFiles([*error.problems, _left(file)]) from None
    if edited.note.id != note.id:
        what = f"This was the note {note.id}; the line with its id was changed or deleted."
        raise BadFiles(
            [Problem(file=str(file), line=edited.line("id"), what=what, mend=f"Write id: {note.id}."), _left(file)]
        )
    return edited


def _left(file: Path) -> Problem:
    what = "Nothing was changed, and what you wrote is kept in this file."
    return Problem(file=str(file), line=0, what=what, mend=f"Correct it and take it in: nova memory import {file}")
