"""Where the owner's projects stand: the home's Nova in, cards out. Glue; refuses to decide what a card says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from nova.app.house import Nova
from nova.briefing.card import Part, ResumeCard
from nova.briefing.facts import DAYS, THE_HOME, Asked, Place, place_of
from nova.briefing.gather import gather
from nova.briefing.moments import moment
from nova.briefing.overview import Overview, overview
from nova.briefing.resume import resume
from nova.coordinator.reach import choose_project
from nova.core.labels import HOME
from nova.store.database import Database


def brief(nova: Nova, name: str, *, since: str = "", days: int | None = None, about: str = "") -> ResumeCard:
    """The card of one project, by name or alias; `home` is what belongs to none. since: as a person says it.

    days: how far back decisions go; without, two weeks, or as far as there are any when they are `about` something.
    Raises Unknown for the project, BadInput for a day that is none.
    """
    now = nova.clock()
    asked = _asked(nova, now, since, days, about)
    (facts,) = gather([_place(nova, name)], nova.everything, _database(nova), now, asked)
    return resume(facts, about)


def briefs(nova: Nova, *, since: str = "", days: int | None = None, about: str = "") -> tuple[ResumeCard, ...]:
    """The cards of all projects and, where anything belongs to none, of the home."""
    now = nova.clock()
    asked = _asked(nova, now, since, days, about)
    places = [*map(place_of, nova.projects), THE_HOME]
    found = gather(places, nova.everything, _database(nova), now, asked)
    cards = [resume(facts, about) for facts in found]
    return tuple(card for card in cards if card.name != HOME or card.touched_at is not None or _has_work(card))


def overview_of(nova: Nova) -> Overview:
    """All projects, a line each."""
    return overview(briefs(nova), nova.clock())


def _has_work(card: ResumeCard) -> bool:
    return bool(card.lines(Part.NEEDS_YOU) or card.lines(Part.AT_WORK))


def _asked(nova: Nova, now: datetime, since: str, days: int | None, about: str) -> Asked:
    silence = nova.settings.limits.tree.silence_seconds_max
    return Asked(since=moment(since, now), days=days if days or about.strip() else DAYS, silence_seconds=silence)


def _place(nova: Nova, name: str) -> Place:
    if name == HOME and not any(name in project.names for project in nova.projects):
        return THE_HOME
    project = choose_project("", said=name, conversation="", folder="", projects=nova.projects).project
    assert project is not None  # it raises Unknown for a name that there is not
    return place_of(project)


def _database(nova: Nova) -> Callable[[], Database]:
    return lambda: nova.database
