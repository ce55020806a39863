"""What an import would change, decided before anything is written. Pure: files and notes in, a plan out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nova.core.errors import Problem
from nova.core.ids import id_of
from nova.core.labels import Label
from nova.core.notes import Note, NoteStatus
from nova.core.text import nearest, shorten
from nova.memory.files.circles import circle, newer_of
from nova.memory.files.form import digest
from nova.memory.files.incoming import Incoming, Reading
from nova.memory.files.merge import lost_link, merged
from nova.memory.files.reading import NoteFile
from nova.memory.files.transcripts import Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A note as it is in the home, and as its file wants it."""

    before: Note
    after: Note
    file: str


@dataclass(slots=True)
class Plan:
    """What comes in. own: notes from Nova's own files that the home does not have; foreign: from other tools' files.

    unchanged: how many the home has just so. older: files that were not edited, of notes that have changed since.
    problems: what cannot come in as it is; skipped: what is not taken, with why.
    """

    own: list[Note] = field(default_factory=list[Note])
    changed: list[Change] = field(default_factory=list[Change])
    foreign: list[Note] = field(default_factory=list[Note])
    transcripts: list[Transcript] = field(default_factory=list[Transcript])
    unchanged: int = 0
    older: list[str] = field(default_factory=list[str])
    problems: list[Problem] = field(default_factory=list[Problem])
    skipped: list[Problem] = field(default_factory=list[Problem])


def ids_named(incoming: Incoming) -> set[str]:
    """Every note that the files are or speak of: what `plan` wants to know from the home."""
    named = {one.id for one in incoming.foreign}
    for one in (file.note for file in incoming.own):
        named |= {one.id, *one.supersedes, *one.derived_from, one.superseded_by}
    return named - {""}


def plan(incoming: Incoming, reading: Reading, known: Mapping[str, Note], *, overwrite: bool = False) -> Plan:
    """The plan of an import. known: the home's notes by id, as far as `ids_named` asks for them.

    overwrite: where a note was changed both in its file and in the home, the file holds.
    """
    made = Plan(problems=list(incoming.problems), skipped=list(incoming.skipped))
    files = _moved(list(_once(made, incoming.own)), reading, known)
    files = list(_in_known_scopes(made, files, reading))
    files = list(_without_circles(made, files, known))
    there = {file.note.id for file in files} | set(known)
    for file in files:
        note = _linked(made, file, there)
        _sort(made, replace(file, note=note), known.get(note.id), overwrite=overwrite)
    made.foreign = [one for one in incoming.foreign if _is_news(made, one, known.get(one.id), reading)]
    made.transcripts = list(_transcripts(made, incoming.transcripts, reading))
    return made


def _once(made: Plan, files: Sequence[NoteFile]) -> Iterator[NoteFile]:
    """Each id once: the same note twice is one, two notes with one id are neither."""
    by_id: dict[str, list[NoteFile]] = {}
    for file in files:
        by_id.setdefault(file.note.id, []).append(file)
    for same in by_id.values():
        first, *more = same
        others = [one for one in more if digest(one.note) != digest(first.note)]
        for one in others:
            what = f"The note {one.note.id} stands in {first.file}:{first.line('id')} as well, and says something else."
            mend = "Delete one of the two files, or the line with the id to make it another note."
            made.problems.append(Problem(file=one.file, line=one.line("id"), what=what, mend=mend))
        if not others:
            yield first


def _moved(files: Sequence[NoteFile], reading: Reading, known: Mapping[str, Note]) -> list[NoteFile]:
    """All notes in the scope that the person named, with ids of their own where the home has them elsewhere."""
    if not reading.into:
        return list(files)
    moves = [file.note for file in files if file.note.scope != reading.into]
    taken = {one.id: id_of("n", one.id, reading.into) for one in moves if one.id in known}
    return [_move(file, reading, taken) for file in files]


def _move(file: NoteFile, reading: Reading, taken: Mapping[str, str]) -> NoteFile:
    note = file.note
    if note.scope == reading.into:
        return file
    scopes = frozenset({reading.into, *(note.label.scopes & reading.scopes.keys())})
    moved = replace(
        note,
        id=taken.get(note.id, note.id),
        scope=reading.into,
        project=reading.scopes.get(reading.into, ""),
        label=Label(scopes=scopes, trusted=note.label.trusted),
        supersedes=tuple(taken.get(one, one) for one in note.supersedes),
        derived_from=tuple(taken.get(one, one) for one in note.derived_from),
        superseded_by=taken.get(note.superseded_by, note.superseded_by),
    )
    return replace(file, note=moved)


def _in_known_scopes(made: Plan, files: Sequence[NoteFile], reading: Reading) -> Iterator[NoteFile]:
    for file in files:
        if file.note.scope in reading.scopes:
            yield file
        else:
            made.problems.append(_unknown_scope(file.note.scope, file.file, file.line("scope"), reading))


def _unknown_scope(scope: str, file: str, line: int, reading: Reading) -> Problem:
    near = nearest(scope, reading.scopes, 1)
    guess = f"Did you mean {near[0]}? " if near else ""
    mend = f"{guess}Add the project first, or say --project NAME to take it into another one on purpose."
    return Problem(
        file=file, line=line, what=f"No project of this home has the scope “{shorten(scope, 60)}”.", mend=mend
    )


def _without_circles(made: Plan, files: Sequence[NoteFile], known: Mapping[str, Note]) -> Iterator[NoteFile]:
    """All but the notes that supersede each other, directly or around a corner."""
    newer = newer_of([*(file.note for file in files), *known.values()])
    places = {file.note.id: file for file in files}
    for file in files:
        others = circle(file.note.id, newer)
        if not others:
            yield file
            continue
        key = "supersedes" if file.note.supersedes else "superseded_by"
        named = [
            f"{one} ({places[one].file}:{places[one].line('supersedes')})" if one in places else one for one in others
        ]
        what = f"{file.note.id} and {', '.join(named)} supersede each other."
        mend = "Say which one holds: delete the others' line."
        made.problems.append(Problem(file=file.file, line=file.line(key), what=what, mend=mend))


def _linked(made: Plan, file: NoteFile, there: set[str]) -> Note:
    """The note without links to notes that are nowhere; each of those is told."""
    note = file.note
    for key, ids in (
        ("supersedes", note.supersedes),
        ("superseded_by", (note.superseded_by,) if note.superseded_by else ()),
        ("derived_from", note.derived_from),
    ):
        for one in ids:
            if one not in there:
                what = f"“{key}” names {one}, which is neither among these files nor in this home."
                mend = "The note comes in without it; take the other file in as well, or delete the line."
                made.problems.append(Problem(file=file.file, line=file.line(key), what=what, mend=mend))
    return replace(
        note,
        supersedes=tuple(one for one in note.supersedes if one in there),
        derived_from=tuple(one for one in note.derived_from if one in there),
        superseded_by=note.superseded_by if note.superseded_by in there else "",
    )


def _sort(made: Plan, file: NoteFile, before: Note | None, *, overwrite: bool) -> None:
    if before is None:
        made.own.append(file.note)
        return
    if before.status is NoteStatus.FORGOTTEN:
        what = f"The note {before.id} was forgotten here; it is not brought back."
        made.skipped.append(Problem(file=file.file, line=file.line("id"), what=what, mend="Delete the file."))
        return
    if before.scope != file.note.scope:
        what = f"The note {before.id} lies in {before.scope} here, and the file says {file.note.scope}."
        mend = f"Write scope: {before.scope}; for a copy elsewhere: nova memory import {file.file} --project NAME."
        made.problems.append(Problem(file=file.file, line=file.line("scope"), what=what, mend=mend))
        return
    after, both = merged(before, file, overwrite=overwrite)
    if both:
        what = f"This note was changed here and in the home since; there it says: {shorten(before.text, 80)}"
        mend = "Say --overwrite for what the file says, or delete the file for what the home says."
        made.problems.append(Problem(file=file.file, line=file.line("text"), what=what, mend=mend))
    elif lost := lost_link(before, after):
        key, one = lost
        what = f"“{key}” no longer names {one}; a link that was made is not taken back by leaving it out."
        mend = "Put it back; to say that another note holds, add supersedes to that one."
        made.problems.append(Problem(file=file.file, line=file.line(key), what=what, mend=mend))
    elif after != before:
        made.changed.append(Change(before=before, after=after, file=file.file))
    elif digest(file.note) == digest(before):
        made.unchanged += 1
    else:
        made.older.append(file.file)


def _is_news(made: Plan, note: Note, before: Note | None, reading: Reading) -> bool:
    """Whether another tool's note brings something; what the home knows is left as the owner has made it."""
    if before is None:
        return True
    if before.status is NoteStatus.FORGOTTEN:
        source = note.sources[0]
        what = "This was forgotten here; it is not brought back."
        made.skipped.append(Problem(file=source.ref, line=source.line, what=what))
        return False
    if reading.trust and before.status is NoteStatus.UNCONFIRMED and note.status is NoteStatus.ACTIVE:
        return True
    made.unchanged += 1
    return False


def _transcripts(made: Plan, given: Sequence[Transcript], reading: Reading) -> Iterator[Transcript]:
    for one in given:
        if one.scope in reading.scopes:
            yield one
        else:
            made.problems.append(_unknown_scope(one.scope, one.file, one.line, reading))
