"""A note's Markdown file read back, every problem at its line. Knows form and front matter; refuses to store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from nova.core.errors import BadFiles, Problem
from nova.core.ids import id_of
from nova.core.labels import HOME, Label
from nova.core.notes import Note, NoteKind, NoteStatus, Source, SourceKind
from nova.memory.files.body import Body, read
from nova.memory.files.front import NoteFront, parsed_time
from nova.settings.check import check
from nova.settings.frontmatter import Document, read_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What holds where a file says nothing: now, and the scope and kind of the folder it lies in."""

    now: datetime
    scope: str = HOME
    kind: NoteKind = NoteKind.FACT
    project: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFile:
    """A note and where each of its keys stands. base: its digest when Nova wrote the file; empty for one by hand."""

    note: Note
    file: str
    lines: Mapping[str, int]
    base: str = ""

    def line(self, key: str) -> int:
        """The line of a key, or of the front matter as a whole."""
        return self.lines.get(key, 1)


def read_note(text: str, file: str, ground: Ground) -> NoteFile:
    """The note that a file's text describes. Raises BadFiles with every problem, each with file, line and mend."""
    document = read_document(text, file)
    front = check(NoteFront, document.front)
    body = read(document.body, _first_line(document, text))
    if problems := list(_contradictions(front, body, document, file)):
        raise BadFiles(problems)
    lines = {key: document.front.line((key,)) for key in document.front.value} | body.lines
    return NoteFile(note=_note(front, body, file, ground), file=file, lines=lines, base=front.exported_as)


def _first_line(document: Document, text: str) -> int:
    """The line on which the body's first word stands; blank lines above it were cut off."""
    above = text.split("\n")[document.body_line - 1 :]
    return document.body_line + next((number for number, line in enumerate(above) if line.strip()), 0)


def _contradictions(front: NoteFront, body: Body, document: Document, file: str) -> Iterator[Problem]:
    for key, in_front, in_body in (
        ("text", front.text, body.text),
        ("why", front.why, body.why),
        ("alternatives", front.alternatives, body.alternatives),
    ):
        if in_front and in_body:
            line = document.front.line((key,))
            what = f"“{key}” stands here and again in line {body.lines[key]}."
            yield Problem(file=file, line=line, what=what, mend="Keep one of the two.")
    if not (front.text or body.text) and front.status != NoteStatus.FORGOTTEN:
        what = "This note says nothing: there is no text below the front matter."
        mend = "Write its sentence there, or delete the file (nova memory forget forgets the note)."
        yield Problem(file=file, line=document.body_line, what=what, mend=mend)
    if front.id and front.id in (*front.supersedes, front.superseded_by, *front.derived_from):
        keys = [key for key in ("supersedes", "superseded_by", "derived_from") if front.id in _ids(front, key)]
        line = document.front.line((keys[0],))
        yield Problem(file=file, line=line, what=f"The note names itself under “{keys[0]}”.", mend="Delete it there.")
    if front.id is None and (front.subject == "") != (front.attribute == "") and front.value:
        given, missing = ("subject", "attribute") if front.subject else ("attribute", "subject")
        what = f"There is a {given}, but no {missing}: together they say what the value is of."
        yield Problem(file=file, line=document.front.line((given,)), what=what, mend=f"Add {missing}: ...")


def _ids(front: NoteFront, key: str) -> list[str]:
    return {"supersedes": front.supersedes, "superseded_by": [front.superseded_by], "derived_from": front.derived_from}[
        key
    ]


def _note(front: NoteFront, body: Body, file: str, ground: Ground) -> Note:
    text = front.text or body.text
    scope = front.scope or ground.scope
    kind = NoteKind(front.kind) if front.kind else ground.kind
    recorded_at = _time(front.recorded_at) or ground.now
    by_hand = front.id is None and not front.sources
    written_here = Source(kind=SourceKind.OWNER, ref=file, at=ground.now)
    return Note(
        id=front.id or id_of("n", scope, kind.value, text),
        scope=scope,
        kind=kind,
        text=text,
        recorded_at=recorded_at,
        valid_from=_time(front.valid_from) or recorded_at,
        status=NoteStatus(front.status),
        label=front.label.label() if front.label else Label(scopes=frozenset({scope})),
        project=ground.project if front.project is None and by_hand else front.project or "",
        subject=front.subject,
        attribute=front.attribute,
        value=front.value,
        why=front.why or body.why,
        alternatives=tuple(front.alternatives) or body.alternatives,
        by=front.by,
        sources=(written_here,) if by_hand else tuple(one.source() for one in front.sources),
        valid_to=_time(front.valid_to),
        retired_at=_time(front.retired_at),
        supersedes=tuple(front.supersedes),
        superseded_by=front.superseded_by,
        derived_from=tuple(front.derived_from),
        answered_by=front.answered_by,
        waits_for=front.waits_for,
        checked_at=_time(front.checked_at),
        doubt=front.doubt,
        doubted_at=_time(front.doubted_at),
        recheck=front.recheck,
    )


def _time(written: str | None) -> datetime | None:
    return parsed_time(written) if written else None
