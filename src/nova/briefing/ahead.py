"""What lies ahead: what was said to come next, weaker signs, questions, whom one waits for. Pure; tells them apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from nova.briefing.card import Line
from nova.briefing.done import Deed, answered_by, answers_of, deeds_of, done_by
from nova.briefing.facts import Facts, noted_at
from nova.briefing.lines import age, due_mark, of_branch, of_issue, of_note, plain
from nova.core.citations import Citation
from nova.core.notes import Note, NoteKind, SourceKind
from nova.memory.standing import mark_of
from nova.projects.sources.issues import Issue

_WRITTEN = frozenset({SourceKind.FILE, SourceKind.COMMIT})
_BRANCH = re.compile(r"Branch \S+ is not merged\b")
ISSUES_AS_SIGNS_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """The open intentions of a project: said (the last said first), only written in files, perhaps done already."""

    said: tuple[Line, ...]
    written: tuple[Line, ...]
    done: tuple[Line, ...]


def intended(facts: Facts) -> Intended:
    """Sorts the open intentions that wait for nobody else."""
    said: list[Line] = []
    written: list[Line] = []
    done: list[Line] = []
    deeds = deeds_of(facts.ground.commits, facts.memory.runs)
    for note in facts.memory.standing:
        if note.kind is not NoteKind.INTENTION or not note.open or note.waits_for or seen_live(note, facts):
            continue
        if sign := _sign(note, facts, deeds):
            done.append(_line(note, facts, *sign))
        else:
            (written if _only_written(note) else said).append(_line(note, facts, _mark(note, facts)))
    return Intended(said=tuple(said), written=tuple(written), done=tuple(done))


def seen_live(note: Note, facts: Facts) -> bool:
    """Whether a note was read out of an issue's head or a branch that is looked at itself: it would be told twice."""
    if note.attribute == "status" and note.subject.startswith("issue "):
        paths = {issue.path for issue in facts.ground.issues}
        return any(source.ref in paths for source in note.sources)
    return bool(facts.ground.branches and _BRANCH.match(note.text) and _only_written(note))


def _sign(note: Note, facts: Facts, deeds: Sequence[Deed]) -> tuple[str, list[Citation]] | None:
    """What looks as if it was done: in words, and where."""
    for source in note.sources:
        if source.kind is SourceKind.FILE and (source.ref, source.quote) in facts.ground.gone:
            return f"perhaps done: {source.ref} does not say so any more", []
    deed = done_by(note, deeds)
    return (deed.said, [Citation(path=deed.source)]) if deed else None


def _only_written(note: Note) -> bool:
    """Whether it stands in files or commits only: a TODO is weaker than what one says comes next."""
    return bool(note.sources) and all(source.kind in _WRITTEN for source in note.sources)


def _mark(note: Note, facts: Facts) -> str:
    return "; ".join(filter(None, [due_mark(note.text, facts.now), mark_of(note, facts.now).why]))


def signs(facts: Facts, written: Sequence[Line]) -> list[Line]:
    """What only hints at a next step: unmerged branches, then what files say is left to do, then open issues."""
    branches = [of_branch(one) for one in facts.ground.branches if not one.main and not one.merged and one.ahead != 0]
    waiting = sorted((one for one in facts.ground.issues if one.open), key=_opened, reverse=True)
    issues = [of_issue(one, f"is {one.status}") for one in waiting[:ISSUES_AS_SIGNS_MAX]]
    return [*branches, *written, *issues]


def _opened(issue: Issue) -> date:
    return issue.opened or date.min


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """The open questions, the oldest first, each with its age; apart from them what seems to have its answer."""

    open: tuple[Line, ...]
    perhaps: tuple[Line, ...]


def questions(facts: Facts) -> Questions:
    """Sorts the questions that no note has answered."""
    still: list[Line] = []
    perhaps: list[Line] = []
    answers = answers_of(facts.memory.runs)
    found = [note for note in facts.memory.standing if note.kind is NoteKind.QUESTION and note.open]
    for note in sorted(found, key=noted_at):
        if deed := answered_by(note, answers):
            perhaps.append(_line(note, facts, deed.said, [Citation(path=deed.source)]))
        else:
            still.append(_line(note, facts, _asked(note, facts)))
    return Questions(open=tuple(still), perhaps=tuple(perhaps))


def _line(note: Note, facts: Facts, mark: str = "", extra: Sequence[Citation] = ()) -> Line:
    """A note, and where it was said: a short sentence may mean little outside of its conversation."""
    talks = (plain(facts.memory.talks.get(source.ref, ""), 80) for source in note.sources)
    line = of_note(note, mark, extra)
    return replace(
        line, talk=next((one for one in talks if one and one[:40].casefold() not in line.text.casefold()), "")
    )


def _asked(note: Note, facts: Facts) -> str:
    whom = f"waits for {note.waits_for}" if note.waits_for else ""
    return "; ".join(filter(None, [f"asked {age(noted_at(note), facts.now)}", whom, _mark(note, facts)]))


def answered(facts: Facts) -> list[Line]:
    """The questions that something has answered, the last answered first, each with its answer."""
    found = [note for note in facts.memory.standing if note.kind is NoteKind.QUESTION and note.answered_by]
    found.sort(key=lambda note: note.valid_to or noted_at(note), reverse=True)
    return [_answer(note, facts) for note in found]


def _answer(note: Note, facts: Facts) -> Line:
    """With its answer's source first: that is what is asked for."""
    answer = facts.memory.answers.get(note.answered_by)
    when = f" on {note.valid_to:%Y-%m-%d}" if note.valid_to else ""
    if answer is None:
        return of_note(note, f"answered{when} by {note.answered_by}", [Citation(path=note.answered_by)])
    line = of_note(note, f"answered{when}: {answer.text}")
    return replace(line, sources=tuple(dict.fromkeys([*answer.sources, *line.sources])))


def waiting(facts: Facts) -> list[Line]:
    """What others must do first: notes that wait for somebody, the oldest first, then issues that say so."""
    waits = (note for note in facts.memory.standing if note.open and note.waits_for)
    found = [note for note in waits if not seen_live(note, facts)]
    found.sort(key=noted_at)
    deeds = deeds_of(facts.ground.commits, facts.memory.runs)
    return [*(_waited(note, facts, deeds) for note in found), *_waiting_issues(facts)]


def _waited(note: Note, facts: Facts, deeds: Sequence[Deed]) -> Line:
    said, where = _sign(note, facts, deeds) or ("", [])
    return _line(note, facts, "; ".join(filter(None, [f"waits for {note.waits_for}", _mark(note, facts), said])), where)


def _waiting_issues(facts: Facts) -> Iterator[Line]:
    for issue in facts.ground.issues:
        if issue.open and issue.waits_for:
            yield of_issue(issue, f"waits for {issue.waits_for}")
