"""Decides a resume card from facts that are gathered. Pure: the same facts give the same card.

facts -> left off, uncommitted, next (said), signs (weaker), perhaps done, open, perhaps answered, answered, waiting,
         decisions, changed, superseded, needs you, at work, problems
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nova.briefing import ahead, lately, leftoff, work
from nova.briefing.about import that_name
from nova.briefing.card import Line, Part, ResumeCard, Section, section
from nova.briefing.facts import Facts, Trouble
from nova.briefing.lines import plain

# How many lines of a part a card holds; the others are counted.
LINES_MAX: Mapping[Part, int] = {
    Part.LEFT_OFF: 4,
    Part.UNCOMMITTED: 12,
    Part.NEXT: 8,
    Part.SIGNS: 8,
    Part.DONE: 5,
    Part.OPEN: 30,
    Part.PERHAPS_ANSWERED: 10,
    Part.ANSWERED: 50,
    Part.WAITING: 20,
    Part.DECISIONS: 30,
    Part.CHANGED: 60,
    Part.SUPERSEDED: 15,
    Part.NEEDS_YOU: 30,
    Part.AT_WORK: 10,
    Part.PROBLEMS: 10,
}


def resume(facts: Facts, about: str = "") -> ResumeCard:
    """Where a project stands. about: only lines with these words; problems are told in any case."""
    stopped, intended, asked = leftoff.left_off(facts), ahead.intended(facts), ahead.questions(facts)
    parts: dict[Part, Sequence[Line]] = {
        Part.LEFT_OFF: stopped,
        Part.UNCOMMITTED: leftoff.uncommitted(facts),
        Part.NEXT: intended.said,
        Part.SIGNS: ahead.signs(facts, intended.written),
        Part.DONE: intended.done,
        Part.OPEN: asked.open,
        Part.PERHAPS_ANSWERED: asked.perhaps,
        Part.ANSWERED: ahead.answered(facts),
        Part.WAITING: ahead.waiting(facts),
        Part.DECISIONS: lately.decisions(facts),
        Part.CHANGED: lately.changed(facts),
        Part.SUPERSEDED: lately.superseded(facts),
        Part.NEEDS_YOU: [
            *work.needs_owner(facts),
            *lately.needs_you(facts, frozenset(line.note for line in intended.done)),
        ],
        Part.AT_WORK: work.at_work(facts),
        Part.PROBLEMS: _problems(facts),
    }
    return ResumeCard(
        name=facts.place.name,
        kind=facts.place.kind,
        at=facts.now,
        touched_at=leftoff.touched_at(facts, stopped),
        visited_at=facts.visited_at,
        since=facts.since,
        decided_since=facts.decided_since,
        about=about,
        sections=tuple(_shown(part, lines, about) for part, lines in parts.items()),
    )


def _shown(part: Part, lines: Sequence[Line], about: str) -> Section:
    kept = lines if part is Part.PROBLEMS else that_name(lines, about)
    return section(part, kept, LINES_MAX[part])


def _problems(facts: Facts) -> list[Line]:
    troubles: list[Trouble] = [*facts.troubles, *facts.ground.troubles]
    if facts.ground.commits_cut:
        troubles.append(Trouble(what="There are more commits than were read.", mend="Ask for a shorter time."))
    return [Line(text=plain(one.what), what="problem", mark=plain(one.mend)) for one in dict.fromkeys(troubles)]
