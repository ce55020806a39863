"""The memory as the owner looks at it: a note with its whole chain, what waits for him, shares and hit rates, a copy.

Knows the owner's view over all scopes, which is never put before a model; refuses to know screens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nova.app import textrepo
from nova.app.house import Nova
from nova.app.projects import named
from nova.core.errors import BadInput
from nova.core.events import ContextAssembled
from nova.core.ids import new_id
from nova.core.labels import HOME, Label, Scope
from nova.core.notes import Note, NoteChange, NoteKind, NoteStatus, Source, SourceKind
from nova.core.outcomes import Done
from nova.memory import standing
from nova.memory.embed import CATCH_UP_ROWS, embed
from nova.memory.hearing.hear import heard
from nova.memory.hearing.said import Said
from nova.memory.looking import Checked, look
from nova.memory.notes import Recorded, record
from nova.memory.recall import Quota, Recall, recall
from nova.memory.standing import Mark
from nova.memory.tiers import Memory, memory_of
from nova.store import episodes, events, notes, runs
from nova.store.database import Connection
from nova.store.notes import LinkKind

RUNS_COUNTED = 300
SEARCH = Quota(notes=6_000, episodes=6_000)
BY = "you"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A note with everything it hangs on. said: for each source that is a run, what was asked there.

    older, newer: what it replaced, and what replaced it, all the way; rests: what was derived from it.
    """

    note: Note
    mark: Mark
    changes: tuple[NoteChange, ...]
    said: Mapping[str, str]
    older: tuple[Note, ...]
    newer: tuple[Note, ...]
    bases: tuple[Note, ...]
    rests: tuple[Note, ...]
    rivals: tuple[Note, ...]
    looked: Checked | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits for the owner: pairs that may contradict each other, and notes that nobody has confirmed."""

    pairs: tuple[tuple[Note, Note, str], ...]
    unconfirmed: tuple[Note, ...]
    quarantined: tuple[Note, ...]
    stale: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Counts and shares. shares: of the tokens of the last runs' contexts, by tier; runs: how many were counted.

    shown: recalled pieces that stood in a context; used: those that the answer cited; unread: rows without a vector.
    """

    notes: Mapping[tuple[NoteKind, NoteStatus], int]
    episodes: int
    unread: int
    runs: int
    shares: Mapping[str, float]
    shown: int
    used: int


def wordless(nova: Nova) -> Memory:
    """The memory without its encoder, which takes a second to load: for looking and for changing, not for searching."""
    return memory_of(nova.database, None, nova.clock, nova.grounds)


def scope_for(nova: Nova, project: str | None) -> Scope:
    """One project's scope, or everything the owner may list. Raises Unknown."""
    return Scope.of(named(nova.projects, project).scope) if project else nova.everything


def add(
    nova: Nova, text: str, *, project: str | None, kind: NoteKind | None, why: str = "", subject: str = "",
    attribute: str = "", value: str = "",
) -> tuple[Recorded, ...]:  # fmt: skip
    """A note by the owner's own hand. Without a kind the rules say what it is; with one it is taken as it stands.

    Raises BadInput when the rules find nothing to keep, or a secret.
    """
    chosen = named(nova.projects, project) if project else None
    scope = Scope.of(chosen.scope if chosen else HOME)
    name, now, words = chosen.name if chosen else "", nova.clock(), " ".join(text.split())
    source = Source(kind=SourceKind.OWNER, ref="", at=now, quote=words)
    found = heard(Said(text=f"Remember: {words}", at=now, run="", scope=scope.own, project=name))
    if found.refused:
        raise BadInput(found.refused[0].sentence, "Keep a reference to the place where it is safe instead.")
    if kind is None and not found.notes:
        raise BadInput(f"“{words}” has no fact, decision, question or step in it.", "Say what it is: --kind fact")
    made = [
        Note(
            id=new_id("n"), scope=scope.own, kind=kind, text=words, recorded_at=now, valid_from=now, project=name,
            label=Label(scopes=frozenset({scope.own})), subject=subject, attribute=attribute, value=value, why=why,
            by=BY, sources=(source,),
        )
    ] if kind else [_by_hand(note, source, why) for note in found.notes]  # fmt: skip
    return record(nova.memory, scope, made, by=BY, why=why)


def _by_hand(note: Note, source: Source, why: str) -> Note:
    return replace(note, id=new_id("n"), sources=(source,), why=why or note.why, status=NoteStatus.ACTIVE)


def search(nova: Nova, words: str, scope: Scope, count_max: int) -> Recall:
    """Notes and turns that are about these words, best first, those that no longer hold left out."""
    embed(nova.memory, scope, rows_max=CATCH_UP_ROWS)
    return recall(nova.memory, words, scope, quota=SEARCH, count_max=count_max)


def chain(nova: Nova, scope: Scope, note: Note) -> Chain:
    """Everything a note hangs on."""
    with nova.database.read() as connection:
        said = {
            source.ref: run.request
            for source in note.sources
            if source.kind is SourceKind.RUN
            for run in runs.beginning_with(connection, scope, source.ref)
        }
        pairs = [pair[:2] for pair in notes.conflicts(connection, scope) if note.id in pair[:2]]
        rivals = notes.by_ids(connection, scope, {one for pair in pairs for one in pair} - {note.id})
        rests = notes.by_ids(connection, scope, notes.derived_from(connection, scope, [note.id]))
        bases = notes.by_ids(connection, scope, note.derived_from)
        older = notes.chain(connection, scope, note.id, LinkKind.SUPERSEDES, forward=True)
        newer = notes.chain(connection, scope, note.id, LinkKind.SUPERSEDES, forward=False)
        mark = standing.marks(connection, scope, [note], nova.clock(), nova.grounds)[note.id]
        changes = notes.changes_of(connection, scope, note.id)
    return Chain(
        note=note, mark=mark, changes=tuple(changes), said=said, older=tuple(older), newer=tuple(newer),
        bases=tuple(bases.values()), rests=tuple(rests.values()), rivals=tuple(rivals.values()),
        looked=look(note, nova.grounds),
    )  # fmt: skip


def queue(nova: Nova, scope: Scope) -> Queue:
    """What waits for the owner's word."""
    with nova.database.read() as connection:
        pairs = notes.conflicts(connection, scope)
        known = notes.by_ids(connection, scope, {one for pair in pairs for one in pair[:2]})
        held = notes.listed(connection, scope, statuses=(NoteStatus.ACTIVE,))
        doubtful = notes.listed(connection, scope, statuses=(NoteStatus.UNCONFIRMED,))
        strangers = notes.listed(connection, scope, statuses=(NoteStatus.QUARANTINED,))
    waiting = [(known[one], known[other], why) for one, other, why in pairs if one in known and other in known]
    return Queue(
        pairs=tuple(pair for pair in waiting if all(one.status is NoteStatus.ACTIVE for one in pair[:2])),
        unconfirmed=tuple(doubtful),
        quarantined=tuple(strangers),
        stale=tuple(note for note in held if note.doubt),
    )


def stats(nova: Nova, scope: Scope) -> Stats:
    """Counts over all notes, shares and hit rates over the last runs."""
    tokens: Counter[str] = Counter()
    shown = used = counted = 0
    with nova.database.read() as connection:
        for run in runs.latest(connection, scope, RUNS_COUNTED, top=False):
            for event in events.of_run(connection, scope, run.id):
                if isinstance(event.happening, ContextAssembled):
                    counted += 1
                    pieces = _pieces(event.happening)
                    for kind, _, size in pieces:
                        tokens[kind] += size
                    recalled = [name for kind, name, _ in pieces if kind in ("note", "episode")]
                    shown += len(recalled)
                    used += _used(connection, scope, recalled, run.outcome) if isinstance(run.outcome, Done) else 0
        total = sum(tokens.values()) or 1
        return Stats(
            notes=notes.count(connection, scope),
            episodes=episodes.count(connection, scope),
            unread=_unread(connection, scope),
            runs=counted,
            shares={kind: tokens[kind] / total for kind in sorted(tokens)},
            shown=shown,
            used=used,
        )


def to_profile(nova: Nova, note: Note) -> Path:
    """Writes a note into the profile, from where every agent is told it always; the note itself ends. The file."""
    file = nova.home.profile_file
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    line = f"- {note.text}\n"
    if note.text in before:
        raise BadInput(f"{file} says it already.", "Nothing was changed.")
    file.write_text(f"{before.rstrip()}\n{line}" if before.strip() else line, encoding="utf-8")
    textrepo.commit(nova.home.root, [file], f"Profile: {note.text}")
    now = nova.clock()
    with nova.database.write() as connection:
        notes.save(connection, nova.everything, replace(note, valid_to=max(now, note.valid_from)))
        notes.note_changed(connection, Scope.of(note.scope), note.id, now, "moved", by=BY, why=f"to {file.name}")
    return file


def back_up(nova: Nova, target: Path) -> int:
    """A copy of the database as it is now, whole while others go on writing; its size in bytes.

    Raises BadInput when the file is there already, StoreError when it cannot be written.
    """
    if target.exists():
        raise BadInput(f"{target} is there already.", "Give a new name; a copy never replaces another.")
    return nova.database.copy_to(target)


def _pieces(assembled: ContextAssembled) -> list[tuple[str, str, int]]:
    """Kind, name and tokens of what stood in a context."""
    found: list[tuple[str, str, int]] = []
    for piece in assembled.pieces:
        if isinstance(piece, dict):
            size = piece.get("tokens")
            found.append((str(piece.get("kind")), str(piece.get("name")), size if isinstance(size, int) else 0))
    return found


def _used(connection: Connection, scope: Scope, recalled: Sequence[str], outcome: Done) -> int:
    """How many of the recalled pieces the answer cites: by their own id, or by the place they rest on."""
    cited = {str(citation) for citation in outcome.citations} | {citation.path for citation in outcome.citations}
    known = notes.by_ids(connection, scope, recalled)
    count = 0
    for one in recalled:
        note = known.get(one)
        sources = note.sources if note else ()
        places = {f"{source.ref}:{source.line}" if source.line else source.ref for source in sources}
        count += bool(({one, one.partition(".")[0]} | places) & cited)
    return count


def _unread(connection: Connection, scope: Scope) -> int:
    """Rows without a vector of the encoder that the last rows were read by; 0 when nothing was read yet."""
    name = episodes.latest_encoder(connection, scope)
    if not name:
        return 0
    return sum(table.count_without_vector(connection, scope, name) for table in (episodes, notes))
