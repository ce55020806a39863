"""Notes, runs and commits for the tests of the briefing, as short as they can be said."""

from __future__ import annotations

from datetime import UTC, datetime

from nova.briefing.card import Part, ResumeCard
from nova.briefing.facts import Answered, Asked, Facts, Groundwork, Made, Place, Recollection
from nova.core.conversations import Conversation
from nova.core.ids import id_of
from nova.core.labels import Label
from nova.core.notes import Note, NoteKind, NoteStatus, Source, SourceKind
from nova.core.runs import Run, RunState
from nova.projects.sources.commits import Commit

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    """`11-18 17:02` of 2026."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def note(
    text: str,
    kind: NoteKind = NoteKind.INTENTION,
    when: str = "11-18 17:00",
    *,
    status: NoteStatus = NoteStatus.ACTIVE,
    source: Source | None = None,
    scope: str = "shop",
    waits_for: str = "",
    why: str = "",
    doubt: str = "",
    answered_by: str = "",
    valid_to: str = "",
    supersedes: tuple[str, ...] = (),
    superseded_by: str = "",
) -> Note:
    """A note that the owner said in a run of its own, unless another source is given."""
    said = Source(kind=SourceKind.RUN, ref=id_of("r", text), at=at(when), quote=text)
    return Note(
        id=id_of("n", text),
        scope=scope,
        kind=kind,
        text=text,
        recorded_at=at(when),
        valid_from=at(when),
        status=status,
        label=Label(scopes=frozenset({scope})),
        project=scope,
        sources=(source or said,),
        waits_for=waits_for,
        why=why,
        doubt=doubt,
        answered_by=answered_by,
        valid_to=at(valid_to) if valid_to else None,
        supersedes=supersedes,
        superseded_by=superseded_by,
    )


def in_file(path: str, line: int, quote: str, when: str = "11-18 17:00") -> Source:
    """A place in a file of the project."""
    return Source(kind=SourceKind.FILE, ref=path, at=at(when), line=line, quote=quote, project="shop")


def run(
    text: str,
    when: str,
    *,
    conversation: str = "c1",
    agents: tuple[str, ...] = ("erp-schema",),
    state: RunState = RunState.DONE,
) -> Run:
    """A request of the owner."""
    return Run(
        id=id_of("r", text, when),
        conversation=conversation,
        request=text,
        principal="owner",
        scope="shop",
        label=Label(scopes=frozenset({"shop"})),
        state=state,
        started_at=at(when),
        last_at=at(when),
        project="shop",
        agents=agents,
    )


def made(subject: str, when: str, body: str = "", branch: str = "main", files: tuple[str, ...] = ()) -> Made:
    """A commit on a branch."""
    hash_ = id_of("", subject, when).encode().hex()[:12]
    commit = Commit(id=hash_[:7], hash=hash_, at=at(when), author="Mara Lind", subject=subject, body=body, files=files)
    return Made(commit=commit, branch=branch)


def talk(title: str, id_: str = "c1") -> Conversation:
    """A conversation in the shop."""
    return Conversation(id=id_, scope="shop", project="shop", title=title, started_at=NOW, last_at=NOW)


def facts(
    *standing: Note,
    past: tuple[Note, ...] = (),
    runs: tuple[Run, ...] = (),
    talks: tuple[Conversation, ...] = (),
    ground: Groundwork | None = None,
    asked: Asked | None = None,
    visited_at: datetime | None = None,
    answers: dict[str, Answered] | None = None,
    talks_of: dict[str, str] | None = None,
    conflicts: tuple[tuple[Note, Note, str], ...] = (),
) -> Facts:
    """Facts about the shop, notes and runs the newest first."""
    memory = Recollection(
        runs=tuple(sorted(runs, key=lambda one: one.started_at, reverse=True)),
        conversations={one.id: one for one in talks},
        standing=tuple(sorted(standing, key=lambda one: one.valid_from, reverse=True)),
        past=past,
        conflicts=conflicts,
        answers=answers or {},
        talks=talks_of or {},
    )
    place = Place(name="shop", kind="general", scope="shop", root=None)
    return Facts(
        place=place, now=NOW, asked=asked or Asked(), visited_at=visited_at, memory=memory,
        ground=ground or Groundwork(),
    )  # fmt: skip


def texts(card: ResumeCard, part: Part) -> list[str]:
    """What the lines of a part say."""
    return [line.text for line in card.lines(part)]
