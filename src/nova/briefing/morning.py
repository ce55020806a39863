"""The tools `projects_brief` and `projects_news`: where all projects stand, and whether anything is new. Only read.

They are for pipelines that the owner runs or schedules from his home. No agent is given them: they see every project.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import Field

from nova.briefing.card import Line, Part, ResumeCard
from nova.briefing.overview import card_line
from nova.briefing.owners_view import Ground, facts_of, label_of, places_of, scope_of, since_of
from nova.briefing.resume import resume
from nova.briefing.work import NEEDS, REVIEW
from nova.core.errors import ToolFailed
from nova.core.text import printable, shorten
from nova.policy.gate import Effect
from nova.store import reviews, slots
from nova.store.slots import SlotState
from nova.tools.spec import Arguments, Data, Reach, ResultLine, Tool, ToolResult, reading, result

NEWS_MAX = 60
STALE_MAX = 20
SLOTS_READ_MAX = 200
SLOTS_SHOWN_MAX = 20


class ProjectsBrief(Arguments):
    """Arguments of projects_brief."""

    since: str = Field(
        default="", description="What counts as new: yesterday, 2026-11-18; empty: the last working day."
    )


class ProjectsNews(Arguments):
    """Arguments of projects_news."""

    since: str = Field(
        default="", description="What counts as new: yesterday, 2026-11-18; empty: the last working day."
    )


class Told(Data):
    """One line about one project. place: its first source, or empty; mark: what must be said before it is believed."""

    project: str
    text: str
    place: str
    mark: str


class ProjectStands(Data):
    """One project in a line. next_said: somebody said that it comes next; else it is only a sign."""

    project: str
    touched: str
    left_off: str
    left_off_place: str
    next: str
    next_place: str
    next_said: bool
    uncommitted: int
    open: int
    waiting: int
    new: int
    problems: list[str]


class ReviewWaits(Data):
    """A question that waits for the owner. review: its id, for `nova reviews`."""

    review: str
    project: str
    question: str
    asked: str


class SlotMissed(Data):
    """A schedule that was due while nothing ran, or that could not start."""

    pipeline: str
    due: str
    why: str


class Morning(Data):
    """Where everything stands. news: how much is new since then; briefing: all of it as Markdown, to be read."""

    day: str
    since: str
    projects: list[ProjectStands]
    changed: list[Told]
    reviews: list[ReviewWaits]
    stale: list[Told]
    failed: list[Told]
    missed: list[SlotMissed]
    news: int
    briefing: str


class News(Data):
    """How much is new since then, and of what."""

    since: str
    news: int
    projects: list[str]


def morning_tools(ground: Callable[[], Ground]) -> tuple[Tool, ...]:
    """The two tools over the projects of a home; `ground` is asked when one is called."""
    brief = reading(
        "projects_brief",
        "Where all projects stand this morning: what was left off and comes next, what is new, which reviews wait, "
        "which notes are stale, which schedules were missed. For pipelines of the owner.",
        ProjectsBrief, lambda given, reach: _brief(given, reach, ground()), output=Morning,
    )  # fmt: skip
    news = reading(
        "projects_news",
        "Whether anything is new in any project since the last working day: commits, issues, notes, reviews, missed "
        "schedules. For the check of a schedule.",
        ProjectsNews, lambda given, reach: _news(given, reach, ground()), output=News,
    )  # fmt: skip
    return replace(brief, effect=Effect.RECALL), replace(news, effect=Effect.RECALL)


def _brief(given: ProjectsBrief, reach: Reach, ground: Ground) -> ToolResult:
    since, now = since_of(given.since, reach.now()), reach.now()
    places = places_of(reach, ground)
    if not places:
        raise ToolFailed("There is no project yet.", "Add one: nova projects add PATH")
    found = tuple(map(resume, facts_of(reach, ground, places, since)))
    changed = list(_lines(found, Part.CHANGED))
    needs = list(_lines(found, Part.NEEDS_YOU))
    stale = [(card, line) for card, line in needs if line.what not in NEEDS]
    failed = [(card, line) for card, line in needs if line.what in NEEDS - {REVIEW}]
    waiting, missed = _reviews(reach, ground), _missed(reach, ground, since)
    morning = Morning(
        day=f"{now:%A %Y-%m-%d}",
        since=since.isoformat(timespec="minutes"),
        projects=[_stands(card) for card in found],
        changed=[_told(card, line) for card, line in changed[:NEWS_MAX]],
        reviews=waiting,
        stale=[_told(card, line) for card, line in stale[:STALE_MAX]],
        failed=[_told(card, line) for card, line in failed],
        missed=missed,
        news=len(changed) + len(waiting) + len(failed) + len(missed),
        briefing="",
    )
    text = "\n".join(_written(morning)) + "\n"
    lines = [_line(card, line) for card, line in changed[:NEWS_MAX]]
    headline = (
        f"{len(found)} projects on {now:%A %Y-%m-%d}: {len(changed)} new since {since:%Y-%m-%d %H:%M}, "
        f"{len(waiting)} reviews wait, {len(failed)} runs failed or stand, {len(stale)} notes to settle, "
        f"{len(missed)} schedules missed."
    )
    trusted = all(line.trusted for _, line in [*changed, *needs])
    cut = len(changed) > NEWS_MAX
    said = result(headline, lines, reach, cut=cut, data=morning.model_copy(update={"briefing": text}))
    return replace(said, label=label_of(places, trusted))


def _news(given: ProjectsNews, reach: Reach, ground: Ground) -> ToolResult:
    since = since_of(given.since, reach.now())
    places = places_of(reach, ground)
    found = tuple(map(resume, facts_of(reach, ground, places, since)))
    changed = list(_lines(found, Part.CHANGED))
    waiting = [one for one in _reviews(reach, ground) if one.asked >= since.isoformat(timespec="minutes")]
    missed = _missed(reach, ground, since)
    lines = [
        *(_line(card, line) for card, line in changed),
        *(ResultLine(text=f"{one.project}: review {one.review} waits: {one.question}") for one in waiting),
        *(ResultLine(text=f"{one.pipeline} was not run at {one.due}: {one.why}") for one in missed),
    ]
    names = list(dict.fromkeys(card.name for card, _ in changed))
    headline = f"{len(lines)} new since {since:%A %Y-%m-%d %H:%M}" + (f", in {', '.join(names)}." if names else ".")
    data = News(since=since.isoformat(timespec="minutes"), news=len(lines), projects=names)
    return replace(
        result(headline, lines, reach, data=data),
        label=label_of(places, all(line.trusted for _, line in changed)),
    )


def _lines(found: Sequence[ResumeCard], part: Part) -> Iterator[tuple[ResumeCard, Line]]:
    for card in found:
        yield from ((card, line) for line in card.lines(part))


def _line(card: ResumeCard, line: Line) -> ResultLine:
    when = f" {line.at:%Y-%m-%d}" if line.at else ""
    place = f" ({line.source})" if line.source else ""  # paths of several projects: no citation of this run's own
    return ResultLine(text=f"{card.name}{when}: {line.text}{place}")


def _told(card: ResumeCard, line: Line) -> Told:
    return Told(project=card.name, text=line.text, place=str(line.source or ""), mark=line.mark)


def _stands(card: ResumeCard) -> ProjectStands:
    one = card_line(card)
    return ProjectStands(
        project=card.name,
        touched=f"{one.touched_at:%Y-%m-%d}" if one.touched_at else "",
        left_off=one.left_off.text if one.left_off else "",
        left_off_place=str(one.left_off.source or "") if one.left_off else "",
        next=one.next.text if one.next else "",
        next_place=str(one.next.source or "") if one.next else "",
        next_said=one.said,
        uncommitted=one.uncommitted,
        open=one.open,
        waiting=one.waiting,
        new=card.count(Part.CHANGED),
        problems=[line.text for line in one.problems],
    )


def _reviews(reach: Reach, ground: Ground) -> list[ReviewWaits]:
    if reach.memory is None:
        return []
    with reach.memory.database.read() as connection:
        found = reviews.waiting(connection, scope_of(reach, ground), ground.blobs)
    return [
        ReviewWaits(
            review=one.id, project=one.project, question=shorten(printable(one.question), 200),
            asked=one.asked_at.isoformat(timespec="minutes"),
        )
        for one in found
    ]  # fmt: skip


def _missed(reach: Reach, ground: Ground, since: datetime) -> list[SlotMissed]:
    """Schedules that passed unserved or could not start since then."""
    if reach.memory is None:
        return []
    with reach.memory.database.read() as connection:
        found = slots.latest(connection, scope_of(reach, ground), count_max=SLOTS_READ_MAX)
    bad = [one for one in found if one.state in (SlotState.MISSED, SlotState.FAILED) and one.due_at >= since]
    return [
        SlotMissed(pipeline=one.pipeline, due=one.due_at.isoformat(timespec="minutes"), why=printable(one.why))
        for one in bad[:SLOTS_SHOWN_MAX]
    ]


def _written(morning: Morning) -> Iterator[str]:
    """The briefing as Markdown: what needs the owner first, then the projects, those with news first."""
    yield f"# {morning.day}"
    if morning.reviews or morning.failed or morning.missed:
        yield from ("", "## Waits for you", "")
    yield from (f"- review {one.review} ({one.project or 'home'}): {one.question}" for one in morning.reviews)
    yield from (f"- {one.project}: {one.text}{_aside(one.mark, one.place)}" for one in morning.failed)
    yield from (f"- {one.pipeline} was due {one.due}: {one.why}" for one in morning.missed)
    for one in sorted(morning.projects, key=lambda one: -one.new):
        yield from _project(one, [told for told in morning.changed if told.project == one.project])
    if morning.stale:
        yield from ("", "## To settle", "")
        yield from (f"- {one.project}: {one.text}{_aside(one.mark, one.place)}" for one in morning.stale)


def _project(one: ProjectStands, new: Sequence[Told]) -> Iterator[str]:
    counts = ((one.uncommitted, "not committed"), (one.open, "open"), (one.waiting, "waiting"))
    counted = ", ".join(f"{count} {what}" for count, what in counts if count)
    yield from ("", f"## {one.project}" + (f" ({counted})" if counted else ""), "")
    if one.left_off:
        yield f"- Left off: {one.left_off}{_aside('', one.left_off_place)}"
    if one.next:
        said = one.next.removeprefix("Next: ")
        yield f"- {'Next' if one.next_said else 'Perhaps next'}: {said}{_aside('', one.next_place)}"
    yield from (f"- New: {told.text}{_aside(told.mark, told.place)}" for told in new if told.text != one.next)
    yield from (f"- Problem: {what}" for what in one.problems)
    if not (one.left_off or one.next or new or one.problems):
        yield "- Nothing new." if one.touched else "- Nothing yet."


def _aside(mark: str, place: str) -> str:
    told = "; ".join(filter(None, [mark, f"`{place}`" if place else ""]))
    return f" ({told})" if told else ""
