"""The tool `decisions_since`: what was decided and taken back lately, with sources. Reads notes and records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pydantic import Field

from nova.briefing.card import Line, Part, ResumeCard
from nova.briefing.facts import Facts, Place
from nova.briefing.owners_view import Ground, facts_of, label_of, places_of
from nova.briefing.resume import resume
from nova.core.notes import NoteKind
from nova.core.text import shorten
from nova.policy.gate import Effect
from nova.projects.sources.decisions import decisions
from nova.tools.spec import Arguments, Data, Reach, ResultLine, Tool, ToolResult, reading, result

DECISIONS_MAX = 100


class DecisionsSince(Arguments):
    """Arguments of decisions_since."""

    days: int = Field(default=7, ge=1, le=366, description="How many days back.")
    project: str = Field(default="", description="Only this project; empty for all in reach.")


class Decided(Data):
    """One decision. places: every source, the first one first; instead: what was not chosen; mark: what it is now."""

    project: str
    text: str
    why: str
    day: str
    by: str
    instead: list[str]
    places: list[str]
    mark: str


class DecisionsFound(Data):
    """What was decided and what no longer holds, newest first. digest: the same as Markdown, by project."""

    since: str
    decided: list[Decided]
    superseded: list[Decided]
    digest: str


def decisions_tool(ground: Callable[[], Ground]) -> Tool:
    """The tool over the projects of a home; `ground` is asked when it is called."""
    tool = reading(
        "decisions_since",
        "What was decided in the last days and which decisions were taken back, by project, with why, instead of what, "
        "and every source. For pipelines of the owner.",
        DecisionsSince, lambda given, reach: _decided(given, reach, ground()), output=DecisionsFound,
    )  # fmt: skip
    return replace(tool, effect=Effect.RECALL)


def _decided(given: DecisionsSince, reach: Reach, ground: Ground) -> ToolResult:
    since = (reach.now() - timedelta(days=given.days)).replace(hour=0, minute=0, second=0, microsecond=0)
    places = places_of(reach, ground, given.project)
    found = [(facts, resume(facts)) for facts in facts_of(reach, ground, places, since)]
    told = [(card, line) for _, card in found for line in card.lines(Part.DECISIONS)]
    decided = [_of_line(card, line) for card, line in told]
    known = {place.partition(":")[0].partition("@")[0] for one in decided for place in one.places}
    decided += [one for place in places for one in _recorded(place, since, known)]
    gone = [(card, line) for facts, card in found for line in card.lines(Part.SUPERSEDED) if _was_decided(line, facts)]
    superseded = [_of_line(card, line) for card, line in gone]
    decided.sort(key=lambda one: one.day, reverse=True)
    headline = f"{len(decided)} decided and {len(superseded)} taken back since {since:%A %Y-%m-%d}."
    data = DecisionsFound(
        since=f"{since:%Y-%m-%d}", decided=decided[:DECISIONS_MAX], superseded=superseded[:DECISIONS_MAX],
        digest="\n".join(_digest(since, decided, superseded)) + "\n",
    )  # fmt: skip
    lines = [ResultLine(text=_said(one)) for one in decided]
    lines += [ResultLine(text=f"{_said(one)} — {one.mark}") for one in superseded]
    trusted = all(line.trusted for _, line in [*told, *gone])
    cut = max(len(decided), len(superseded)) > DECISIONS_MAX
    return replace(result(headline, lines, reach, cut=cut, data=data), label=label_of(places, trusted))


def _was_decided(line: Line, facts: Facts) -> bool:
    """Facts are superseded with every price; here only what somebody had decided counts."""
    return any(note.id == line.note and note.kind is NoteKind.DECISION for note in facts.memory.past)


def _of_line(card: ResumeCard, line: Line) -> Decided:
    return Decided(
        project=card.name,
        text=line.text,
        why=line.why,
        day=f"{line.at:%Y-%m-%d}" if line.at else "",
        by=line.by,
        instead=list(line.alternatives),
        places=[str(one) for one in line.sources],
        mark=line.mark,
    )


def _recorded(place: Place, since: datetime, known: set[str]) -> Iterator[Decided]:
    """Decision records of that time which no note has been made of yet."""
    if place.root is None:
        return
    for record in decisions(place.root).records:
        if record.day is None or record.path in known:
            continue
        if datetime(record.day.year, record.day.month, record.day.day, tzinfo=UTC) >= since:
            yield Decided(
                project=place.name, text=shorten(f"{record.title}: {record.decision}", 400), why="",
                day=record.day.isoformat(), by=record.by, instead=[one.name for one in record.alternatives],
                places=[f"{record.path}:{record.decision_line}"], mark=record.status.value,
            )  # fmt: skip


def _said(one: Decided) -> str:
    why = f" — {one.why}" if one.why else ""
    places = f" ({', '.join(one.places[:2])})" if one.places else ""
    return f"{one.project} {one.day}: {one.text}{why}{places}"


def _digest(since: datetime, decided: Sequence[Decided], superseded: Sequence[Decided]) -> Iterator[str]:
    yield f"# Decisions since {since:%Y-%m-%d}"
    projects = dict.fromkeys(one.project for one in [*decided, *superseded])
    if not projects:
        yield from ("", "Nothing was decided and nothing taken back.")
    for project in projects:
        yield from ("", f"## {project}", "")
        for one in (one for one in decided if one.project == project):
            why = f" Because: {one.why.rstrip('.')}." if one.why else ""
            instead = f" Instead of: {'; '.join(other.rstrip('. ') for other in one.instead)}." if one.instead else ""
            yield f"- {one.day}: {one.text}{why}{instead}{_places(one)}"
        for one in (one for one in superseded if one.project == project):
            yield f"- No longer: {one.text} ({one.mark}){_places(one)}"


def _places(one: Decided) -> str:
    return f" [{', '.join(one.places)}]" if one.places else ""
