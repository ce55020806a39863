"""The tool `project_brief`: an agent's way to a resume card, within the wall of its run. Only reads.

Words of quarantined notes never come this way: they are for the owner's eyes. Issue titles make the result untrusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import Field

from nova.briefing.asking import Wanted, wish_of
from nova.briefing.card import Line, Part, ResumeCard
from nova.briefing.facts import DAYS, EVER, Asked, Place
from nova.briefing.gather import gather
from nova.briefing.moments import moment
from nova.briefing.resume import resume
from nova.briefing.work import NEEDS
from nova.core.citations import Citation
from nova.core.errors import BadInput, ToolFailed
from nova.core.text import shorten
from nova.memory.asked_time import stretch_of
from nova.tools.spec import Arguments, Reach, ResultLine, Tool, ToolResult, reading, result

# The parts that answer, and how many lines of each.
_PARTS: Mapping[Wanted, Mapping[Part, int]] = {
    Wanted.ALL: {
        Part.LEFT_OFF: 4, Part.UNCOMMITTED: 4, Part.NEXT: 4, Part.SIGNS: 2, Part.DONE: 1, Part.OPEN: 3, Part.WAITING: 3,
        Part.NEEDS_YOU: 3, Part.AT_WORK: 2, Part.DECISIONS: 2, Part.CHANGED: 3, Part.PROBLEMS: 3,
    },
    Wanted.LEFT_OFF: {
        Part.LEFT_OFF: 4, Part.UNCOMMITTED: 8, Part.NEXT: 5, Part.NEEDS_YOU: 3, Part.AT_WORK: 2, Part.PROBLEMS: 3,
    },
    Wanted.NEXT: {Part.NEXT: 8, Part.UNCOMMITTED: 3, Part.SIGNS: 6, Part.DONE: 3, Part.PROBLEMS: 3},
    Wanted.OPEN: {Part.OPEN: 20},
    Wanted.DECISIONS: {Part.DECISIONS: 15, Part.SUPERSEDED: 5},
    Wanted.WAITING: {Part.WAITING: 20, Part.NEEDS_YOU: 10},
    Wanted.CHANGED: {Part.CHANGED: 20, Part.SUPERSEDED: 4, Part.PROBLEMS: 3},
}  # fmt: skip
_ASKED_ABOUT: Mapping[Wanted, Mapping[Part, int]] = {
    Wanted.OPEN: {Part.OPEN: 20, Part.PERHAPS_ANSWERED: 5, Part.ANSWERED: 10}
}
_SAID: Mapping[Part, str] = {
    Part.LEFT_OFF: "left off",
    Part.UNCOMMITTED: "not committed",
    Part.NEXT: "next",
    Part.SIGNS: "a sign of what is left",
    Part.DONE: "perhaps done",
    Part.OPEN: "open question",
    Part.PERHAPS_ANSWERED: "a question that seems answered",
    Part.ANSWERED: "answered question",
    Part.WAITING: "waiting",
    Part.DECISIONS: "decided",
    Part.CHANGED: "changed",
    Part.SUPERSEDED: "no longer",
    Part.NEEDS_YOU: "waits for the owner",
    Part.AT_WORK: "at work now",
    Part.PROBLEMS: "problem",
}


class ProjectBrief(Arguments):
    """Arguments of project_brief."""

    question: str = Field(
        default="", description="The question as it was asked; it says the part, the words and the time by itself."
    )
    part: Wanted = Field(
        default=Wanted.ALL,
        strict=False,
        description="Only this part: left-off, next, open questions, decisions, waiting for others, changed since.",
    )
    since: str = Field(
        default="", description="From when on: 2026-11-01, yesterday, last week, monday; empty: the last visit."
    )
    query: str = Field(default="", description="Only lines with these words, for instance what a question is about.")


def project_brief() -> Tool:
    """The tool. It works on git alone where a run has no memory."""
    return reading(
        "project_brief",
        "Reminds the owner where he left off or stopped in this project, what he was doing or working on, what next "
        "step he wanted to do, which questions are still open, unanswered or answered, what was decided lately, whom "
        "or what he is waiting for, who still has to send or tell something, what changed since his last visit, where "
        "things stand.",
        ProjectBrief,
        _brief,
    )


def _brief(given: ProjectBrief, reach: Reach) -> ToolResult:
    now = reach.now()
    given = _understood(given, now)
    try:
        since = moment(given.since, now)
    except BadInput as error:
        raise ToolFailed(error.what, error.mend) from None
    asked = Asked(since=since, days=None if given.query.strip() else DAYS, without_run=reach.run)
    place = Place(name=reach.project, kind="", scope=reach.scope.own, root=reach.root, issues=reach.issues)
    memory = reach.memory
    database = (lambda: memory.database) if memory is not None else None
    (facts,) = gather([place], reach.scope, database, now, asked)
    parts = (_ASKED_ABOUT if given.query.strip() else _PARTS).get(given.part, _PARTS[given.part])
    card, narrowed = resume(facts, given.query), True
    told = [part for part in parts if part not in (Part.PROBLEMS, Part.NEEDS_YOU)]
    if given.query.strip() and not any(card.count(part) for part in told):
        card, narrowed, parts = resume(facts), False, _PARTS[given.part]
    shown = list(_lines(card, parts))
    trusted = all(line.trusted for _, line in shown)
    cut = any(card.count(part) > most for part, most in parts.items() if part is not Part.NEEDS_YOU)
    head = _headline(card, given, narrowed, len(shown))
    return result(head, (_told(part, line) for part, line in shown), reach, cut=cut, trusted=trusted)


def _understood(given: ProjectBrief, now: datetime) -> ProjectBrief:
    """What the question says, where it was not said by the other arguments."""
    if not given.question.strip():
        return given
    wish = wish_of(given.question)
    stretch = stretch_of(given.question, now) if wish.part is Wanted.CHANGED else None
    return ProjectBrief(
        part=wish.part if given.part is Wanted.ALL else given.part,
        since=given.since or (stretch.start.isoformat() if stretch else ""),
        query=given.query or wish.query,
    )


def _lines(card: ResumeCard, parts: Mapping[Part, int]) -> Iterator[tuple[Part, Line]]:
    for part, most in parts.items():
        lines = card.lines(part)
        if part is Part.NEEDS_YOU:  # of notes that nobody vouches for an agent learns nothing
            lines = tuple(line for line in lines if line.what in NEEDS)
        yield from ((part, line) for line in lines[:most])


def _headline(card: ResumeCard, given: ProjectBrief, narrowed: bool, count: int) -> str:
    touched = f", last touched on {card.touched_at:%A %Y-%m-%d}" if card.touched_at else ""
    head = f"{card.name} on {card.at:%Y-%m-%d}{touched}: {_counted(card)}."
    match given.part:
        case Wanted.CHANGED:
            visit = "your last visit, " if card.visited_at == card.since else ""
            head += f" Changed since {visit}{card.since:%A %Y-%m-%d %H:%M}."
        case Wanted.DECISIONS:
            head += f" Decided since {card.decided_since:%Y-%m-%d}." if card.decided_since > EVER else ""
        case Wanted.LEFT_OFF | Wanted.NEXT | Wanted.OPEN | Wanted.WAITING | Wanted.ALL:
            pass
    if given.query.strip() and not narrowed:
        head += f" No line names “{shorten(given.query, 60)}”; this is all."
    return head if count else f"{head} There is nothing to tell of that."


def _counted(card: ResumeCard) -> str:
    counts = (
        (card.count(Part.UNCOMMITTED), "not committed"),
        (card.count(Part.NEXT), "next"),
        (card.count(Part.OPEN), "open"),
        (card.count(Part.PERHAPS_ANSWERED), "perhaps answered (nova brief)"),
        (card.count(Part.WAITING), "waiting"),
        (card.count(Part.NEEDS_YOU), "for the owner to settle (nova brief)"),
    )
    return ", ".join(f"{count} {said}" for count, said in counts if count) or "nothing open"


def _told(part: Part, line: Line) -> ResultLine:
    """`left off, 2026-11-18 17:02: ...`, cited by its first source; the others and the note are named in the text."""
    when = f", {line.at:%Y-%m-%d}" if line.at else ""
    aside = "; ".join(filter(None, [line.mark, f"said in “{line.talk}”" if line.talk else ""]))
    mark = f" ({aside})" if aside else ""
    why = f" — {line.why}" if line.why else ""
    others = "; ".join(one.rstrip(". ") for one in line.alternatives)
    instead = f" Instead of: {others}." if others else ""
    text = f"{_SAID[part]}{when}: {line.text}{mark}{why}{instead}{_also(line)}"
    return ResultLine(text=text, citation=line.source)


def _also(line: Line) -> str:
    others: Sequence[str] = [str(one) for one in line.sources[1:3] if one != Citation(path=line.note)]
    return f" [{', '.join(others)}]" if others else ""
