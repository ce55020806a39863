"""What of the owner's projects a call may look at, and in which order things are told. Gathers; writes no sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nova.briefing.facts import DAYS, Asked, Facts, Place
from nova.briefing.gather import gather
from nova.briefing.moments import moment
from nova.core.errors import BadInput, ToolFailed
from nova.core.labels import HOME, Label, Scope
from nova.core.text import nearest, shorten
from nova.store.values import Blobs
from nova.tools.spec import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """All projects of a home, and where big values of its store lie."""

    places: Sequence[Place]
    blobs: Blobs


def scope_of(reach: Reach, ground: Ground) -> Scope:
    """A call from the home is the owner's and sees all projects; one from a project stays behind its wall."""
    return Scope.owner(place.scope for place in ground.places) if reach.scope.own == HOME else reach.scope


def places_of(reach: Reach, ground: Ground, project: str = "") -> list[Place]:
    """The projects within the wall; one of them where a name is given. Raises ToolFailed for a name that is none."""
    own = reach.scope.own
    seen = [one for one in ground.places if own == HOME or (one.scope == own and one.name == reach.project)]
    if not project.strip():
        return seen
    if found := [one for one in seen if one.name.casefold() == project.strip().casefold()]:
        return found
    near = nearest(project, [one.name for one in seen])
    mend = f"Did you mean {' or '.join(near)}?" if near else "nova projects lists them."
    raise ToolFailed(f"There is no project “{shorten(project, 60)}” in reach.", mend)


def facts_of(reach: Reach, ground: Ground, places: Sequence[Place], since: datetime) -> tuple[Facts, ...]:
    """What is known of these projects, for cards whose changes and decisions begin at `since`."""
    memory = reach.memory
    database = (lambda: memory.database) if memory is not None else None
    asked = Asked(since=since, days=DAYS, without_run=reach.run)
    return gather(places, scope_of(reach, ground), database, reach.now(), asked)


def since_of(text: str, now: datetime) -> datetime:
    """The moment that is meant; for no words this time of the last working day. Raises ToolFailed."""
    try:
        asked = moment(text, now)
    except BadInput as error:
        raise ToolFailed(error.what, error.mend) from None
    days = {0: 3, 6: 2}.get(now.weekday(), 1)  # Monday looks back to Friday
    return asked or now - timedelta(days=days)


def label_of(places: Sequence[Place], trusted: bool) -> Label:
    """The label of a text made from these projects."""
    return Label(scopes=frozenset({HOME, *(place.scope for place in places)}), trusted=trusted)
