"""What happened: decisions, changes since a day, what no longer holds, what only the owner can settle. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from nova.briefing.ahead import seen_live
from nova.briefing.card import Line
from nova.briefing.facts import Facts, noted_at
from nova.briefing.lines import day_start, of_commit, of_issue, of_note, plain
from nova.briefing.visits import only_asks, tells
from nova.core.citations import Citation
from nova.core.notes import Note, NoteKind, NoteStatus, SourceKind
from nova.core.runs import RunState
from nova.core.text import shorten
from nova.memory.standing import mark_of, overdue_days
from nova.projects.sources.issues import Issue

_TOLD = (NoteStatus.ACTIVE, NoteStatus.UNCONFIRMED)


def decisions(facts: Facts) -> list[Line]:
    """What was decided lately, the newest first, with why and instead of what."""
    found = (note for note in facts.memory.standing if note.kind is NoteKind.DECISION)
    lately = (note for note in found if note.status in _TOLD and noted_at(note) >= facts.decided_since)
    return [of_note(note, mark_of(note, facts.now).why) for note in lately]


def changed(facts: Facts) -> list[Line]:
    """Commits, issues and notes since the last visit or the day that was asked for, the newest first."""
    here = facts.ground.work.branch if facts.ground.work else ""
    made = [one for one in facts.ground.commits if facts.is_new(one.commit.at) and not one.commit.merge]
    lines = [of_commit(one.commit, one.branch if one.branch != here else "") for one in made]
    lines += [*_issues(facts), *_notes(facts), *_said(facts)]
    return sorted(lines, key=lambda line: line.at.timestamp() if line.at else 0.0, reverse=True)


def _issues(facts: Facts) -> Iterator[Line]:
    """Opened, closed or given another status: as commits say, else by the days that the file itself names."""
    told: set[str] = set()
    for change in facts.ground.issue_changes:
        told.add(change.issue.path)
        was = f"{change.issue.status}, was {change.was}" if change.was else f"opened, is {change.issue.status}"
        yield of_issue(change.issue, was, change.at, [Citation(path=change.commit)])
    for issue in facts.ground.issues:
        opened, closed = day_start(issue.opened), day_start(_closed(issue))
        if issue.path in told:
            continue
        if closed and not issue.open and facts.is_new(closed):
            yield of_issue(issue, issue.status, closed)
        elif opened and facts.is_new(opened):
            yield of_issue(issue, f"opened, is {issue.status}")


def _said(facts: Facts) -> Iterator[Line]:
    """Statements that no note keeps, when a day was asked for: somebody who was away wants to know those too."""
    kept = {source.ref for note in facts.memory.standing for source in note.sources}
    for run in facts.memory.runs if facts.asked.since else ():
        if facts.is_new(run.started_at) and run.id not in kept and not only_asks(run) and tells(run):
            yield Line(
                text=f"You said: “{plain(run.request, 160)}”",
                what="run",
                at=run.started_at,
                sources=(Citation(path=run.id),),
                trusted=run.label.trusted,
            )


def _closed(issue: Issue) -> date | None:
    try:
        return date.fromisoformat(dict(issue.front).get("closed", "")[:10])
    except ValueError:
        return None


def _notes(facts: Facts) -> Iterator[Line]:
    """What was said or written since then and is kept; of what replaced something, what it replaced."""
    past = {note.id: note for note in facts.memory.past}
    for note in facts.memory.standing:
        told_already = _of_a_commit(note) or seen_live(note, facts)
        if note.status in _TOLD and facts.is_new(noted_at(note)) and not told_already:
            yield of_note(note, _instead(note, past) or mark_of(note, facts.now).why)


def _of_a_commit(note: Note) -> bool:
    """Whether a commit of the list says it itself: it was read out of one, or is a rule in a file that one changed."""
    kinds = {source.kind for source in note.sources}
    return kinds == {SourceKind.COMMIT} or (note.kind is NoteKind.HOWTO and kinds == {SourceKind.FILE})


def _instead(note: Note, past: dict[str, Note]) -> str:
    olds = [past[id_].text for id_ in note.supersedes if id_ in past]
    return f"until then: {shorten(olds[0], 160)}" if olds else ""


def superseded(facts: Facts) -> list[Line]:
    """What stopped to hold lately, and what holds instead."""
    now = {note.id: note for note in facts.memory.standing}
    lately = (note for note in facts.memory.past if note.valid_to and note.valid_to >= facts.decided_since)
    return [of_note(note, _successor(note, now)) for note in sorted(lately, key=_ended, reverse=True)]


def _ended(note: Note) -> float:
    return (note.valid_to or noted_at(note)).timestamp()


def _successor(note: Note, now: dict[str, Note]) -> str:
    since = f"since {note.valid_to:%Y-%m-%d}" if note.valid_to else "now"
    newer = now.get(note.superseded_by)
    return f"{since}: {shorten(newer.text, 160)}" if newer else f"{since} no longer"


def needs_you(facts: Facts, told: frozenset[str]) -> list[Line]:
    """What waits for the owner himself: questions back, contradictions, what nobody vouches for, what may be stale.

    told: ids of notes whose doubt is said in another part.
    """
    return [*_asked_back(facts), *_contradictions(facts), *_unsettled(facts), *_stale(facts, told)]


def _asked_back(facts: Facts) -> Iterator[Line]:
    """The last run of a conversation asked back, and nothing came after it."""
    seen: set[str] = set()
    for run in facts.memory.runs:
        if run.conversation not in seen and run.state is RunState.NEEDS_INPUT and run.started_at >= facts.decided_since:
            yield Line(
                text=f"Nova asked back to “{plain(run.request, 120)}”",
                what="run",
                at=run.started_at,
                sources=(Citation(path=run.id),),
                mark=f"answer: nova ask --conversation {run.conversation}",
                trusted=run.label.trusted,
            )
        seen.add(run.conversation)


def _contradictions(facts: Facts) -> Iterator[Line]:
    for newer, older, _ in facts.memory.conflicts:
        yield of_note(newer, f"may contradict {older.id}: {shorten(older.text, 120)}")


def _unsettled(facts: Facts) -> Iterator[Line]:
    for note in facts.memory.standing:
        match note.status:
            case NoteStatus.UNCONFIRMED:
                yield of_note(note, f"unconfirmed{': ' if note.doubt else ''}{note.doubt}")
            case NoteStatus.QUARANTINED:
                yield of_note(note, "quarantined: nobody vouches for its source")
            case _:
                pass


def _stale(facts: Facts, told: frozenset[str]) -> Iterator[Line]:
    for note in facts.memory.standing:
        if note.id in told:
            continue
        if note.status is NoteStatus.ACTIVE and (
            note.doubt or (overdue_days(note, facts.now) and not _checkable(note))
        ):
            yield of_note(note, mark_of(note, facts.now).why)


def _checkable(note: Note) -> bool:
    """Whether its age needs nobody: what stands in a file or commit is looked up again, not asked of the owner."""
    return any(source.kind in (SourceKind.FILE, SourceKind.COMMIT) for source in note.sources)
