"""Conversations as things the owner handles: listed, shown, named, forked, closed, moved, searched.

Knows the owner's view over all scopes, which is never put before a model; refuses to know screens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nova.app.house import Nova
from nova.app.why import run_of
from nova.coordinator import conversation as talk
from nova.coordinator.intake import readable, wall_of
from nova.coordinator.reach import choose_project
from nova.core.conversations import Conversation
from nova.core.degradations import Degradation
from nova.core.episodes import Episode
from nova.core.errors import BadInput, Unknown
from nova.core.ids import new_id
from nova.core.labels import Scope
from nova.core.runs import Run
from nova.core.text import printable, shorten
from nova.memory.recall import Quota, recall
from nova.store import conversations

NAME_CHARACTERS_MAX = 60
SEARCH_TOKENS = 40_000
LOOKED_AT = 200
_LIKE_AN_ID = re.compile(r"^c(?=[0-9a-hjkmnp-tv-z]*\d)[0-9a-hjkmnp-tv-z]{4,10}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A conversation with what is known of it at a glance. shared: how many of its turns come from where it forked.

    title: the words it began with, over all scopes, so a moved one still has its own; projects: where it was asked.
    """

    conversation: Conversation
    title: str
    turns: int
    shared: int
    projects: tuple[str, ...]

    def __str__(self) -> str:
        where = f", {self.conversation.project}" if self.conversation.project else ""
        name = f"{self.conversation.name} " if self.conversation.name else ""
        return f"{name}{self.conversation.id} ({self.turns} turn{'' if self.turns == 1 else 's'}{where})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some turns of a conversation, oldest first. number: from 1, the newest turns; of: how many pages there are."""

    listed: Listed
    runs: tuple[Run, ...]
    number: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A conversation in which something was found, and the episodes that matched, best first, each with a reason.

    listed: None for what was imported, which has no conversation that could be asked in.
    """

    conversation: str
    listed: Listed | None
    episodes: tuple[tuple[Episode, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search found, the best conversation first, and what was less than it should be about it."""

    conversations: tuple[Found, ...]
    degradations: tuple[Degradation, ...]


def listed(nova: Nova, *, project: str | None, open_only: bool, count_max: int) -> tuple[Listed, ...]:
    """The conversations, the one spoken in last first. project: only those that stand in it now.

    Raises Unknown for a project that does not exist.
    """
    chosen = choose_project("", said=project, conversation="", folder="", projects=nova.projects).project
    with nova.database.read() as connection:
        found = conversations.latest(
            connection, nova.everything, count_max, project=chosen.name if chosen else "", open_only=open_only
        )
    return tuple(at_a_glance(nova, one) for one in found)


def at_a_glance(nova: Nova, conversation: Conversation) -> Listed:
    """What the list says of one conversation."""
    with nova.database.read() as connection:
        line = conversations.line(connection, nova.everything, conversation.id)
        lengths = [conversations.length(connection, nova.everything, stretch) for stretch in line]
        title = conversation.title or conversations.first_words(connection, nova.everything, line)
    return Listed(
        conversation=conversation,
        title=shorten(title, talk.TITLE_CHARACTERS),
        turns=sum(one.turns for one in lengths),
        shared=sum(one.turns for one in lengths[:-1]),
        projects=tuple(dict.fromkeys(project for one in lengths for project in one.projects)),
    )


def shown(nova: Nova, which: str, *, number: int, count: int) -> Page:
    """One page of turns; the first has the newest. Raises Unknown, or BadInput for a page that is not there."""
    glance = at_a_glance(nova, talk.find(nova.database, nova.everything, which))
    pages = max(1, -(-glance.turns // count))
    if number > pages:
        said = f"The conversation {glance} has {pages} page{'' if pages == 1 else 's'} of {count} turns."
        raise BadInput(said, f"The oldest turns: nova conversations show {glance.conversation.id} --page {pages}")
    with nova.database.read() as connection:
        line = conversations.line(connection, nova.everything, glance.conversation.id)
        found = conversations.runs_of(connection, nova.everything, line, number * count)
    end = len(found) - (number - 1) * count
    return Page(listed=glance, runs=tuple(found[max(0, end - count) : end]), number=number, of=pages)


def name(nova: Nova, which: str, given: str) -> Listed:
    """Gives it a name that is usable wherever an id is. Raises Unknown, or BadInput for a name that cannot be."""
    wanted = " ".join(printable(given).split())
    _refuse_bad_name(wanted)
    found = talk.find(nova.database, nova.everything, which)
    with nova.database.write() as connection:
        for other in conversations.latest(connection, nova.everything, talk.NAMES_MAX, named_only=True):
            if other.name.casefold() == wanted.casefold() and other.id != found.id:
                mend = f"Choose another, or rename that one: nova conversations name {other.id} NAME"
                raise BadInput(f"The conversation {other.id} is already called “{other.name}”.", mend)
        if conversations.beginning_with(connection, nova.everything, wanted):
            raise _like_an_id(wanted)
        conversations.rename(connection, nova.everything, found.id, wanted)
    return _again(nova, found.id)


def _refuse_bad_name(wanted: str) -> None:
    if not wanted or not wanted[0].isalnum():
        raise BadInput(
            "A name begins with a letter or a digit.", 'For instance: nova conversations name c12 "invoices"'
        )
    if len(wanted) > NAME_CHARACTERS_MAX:
        raise BadInput(f"This name has {len(wanted)} characters; {NAME_CHARACTERS_MAX} is the most.", "Shorten it.")
    if _LIKE_AN_ID.match(wanted.casefold()):
        raise _like_an_id(wanted)


def _like_an_id(wanted: str) -> BadInput:
    what = f"“{wanted}” looks like the id of a conversation, so it could mean two."
    return BadInput(what, "Choose a name that does not, for instance with a hyphen.")


def fork(nova: Nova, which: str, at: str = "") -> Listed:
    """A new conversation that begins with the turns of this one up to the run `at`, or all of them; nothing is copied.

    It belongs where that run was said; without `at`, where the conversation stands. Raises Unknown, BadInput.
    """
    found = talk.find(nova.database, nova.everything, which)
    with nova.database.read() as connection:
        line = conversations.line(connection, nova.everything, found.id)
        last = conversations.runs_of(connection, nova.everything, line, 1)
    if not last:
        raise BadInput(f"Nothing was said in {found.id} yet.", "Just ask in it, or begin a new conversation.")
    if len(line) > conversations.FORKS_MAX:
        what = f"{found.id} already rests on {conversations.FORKS_MAX} forks, one on the other."
        raise BadInput(what, "Fork an earlier one, or begin a new conversation.")
    point = _said_in(nova, found, line, at) if at else last[-1]
    scope, project = (point.scope, point.project) if at else (found.scope, found.project)
    made = new_id("c")
    with nova.database.write() as connection:
        conversations.start(
            connection,
            Scope.of(scope),
            made,
            nova.clock(),
            project=project,
            title=found.title if scope == found.scope else "",
            forked_from=found.id,
            forked_at=point.started_at,
        )
    return _again(nova, made)


def _said_in(nova: Nova, found: Conversation, line: Sequence[conversations.Stretch], at: str) -> Run:
    run = run_of(nova, at)
    for stretch in line:
        within = stretch.until is None or run.started_at <= stretch.until
        if run.conversation == stretch.conversation and within and not run.parent:
            return run
    if run.parent:
        raise BadInput(f"{run.id} is a part of {run.parent}.", f"Fork there: --at {run.parent}")
    what = f"{run.id} is no turn of {found.id}; it was said in {run.conversation}."
    raise BadInput(what, f"Its turns: nova conversations show {found.id}")


def close(nova: Nova, which: str) -> Listed:
    """It is not continued by itself any more. Raises Unknown, or BadInput when it is closed already."""
    found = talk.find(nova.database, nova.everything, which)
    talk.refuse_closed(found)
    with nova.database.write() as connection:
        conversations.close(connection, nova.everything, found.id, nova.clock())
    return _again(nova, found.id)


def reopen(nova: Nova, which: str) -> Listed:
    """It can be asked in again. Raises Unknown, or BadInput when it is open."""
    found = talk.find(nova.database, nova.everything, which)
    if found.closed_at is None:
        raise BadInput(
            f"The conversation {found.name or found.id} is open.", f"Ask: nova ask --conversation {found.id}"
        )
    with nova.database.write() as connection:
        conversations.close(connection, nova.everything, found.id, None)
    return _again(nova, found.id)


def move(nova: Nova, which: str, project: str) -> Listed:
    """Requests in it belong to that project from now on; what was said before stays behind its own wall.

    Raises Unknown for a conversation or project that does not exist, BadInput when it is there already.
    """
    found = talk.find(nova.database, nova.everything, which)
    to = choose_project("", said=project, conversation="", folder="", projects=nova.projects).project
    if to is None:
        raise Unknown("project", project, mend="See your projects: nova projects list")
    if (found.scope, found.project) == (to.scope, to.name):
        what = f"The conversation {found.name or found.id} is in {to.name} already."
        raise BadInput(what, f"Ask in it: nova ask --conversation {found.id}")
    with nova.database.write() as connection:
        conversations.move(connection, nova.everything, found, to.scope, to.name)
    return _again(nova, found.id)


def search(nova: Nova, words: str, *, project: str | None, count_max: int) -> Search:
    """Turns that match in words or meaning, grouped by conversation. project: only what was said in it.

    Raises BadInput for no words, Unknown for a project that does not exist.
    """
    text = readable(words)
    chosen = choose_project("", said=project, conversation="", folder="", projects=nova.projects).project
    recalled = recall(
        nova.memory,
        text,
        wall_of(chosen) if chosen else nova.everything,
        quota=Quota(notes=0, episodes=SEARCH_TOKENS),
        kinds=(),
        count_max=LOOKED_AT,
    )
    groups: dict[str, list[tuple[Episode, str]]] = {}
    hits = [(one.what, one.why) for one in recalled.pieces if isinstance(one.what, Episode)]
    for said, why in [hit for hit in hits if chosen is None or hit[0].scope == chosen.scope][:count_max]:
        groups.setdefault(said.conversation, []).append((said, why))
    with nova.database.read() as connection:
        known = conversations.by_id(connection, nova.everything, list(groups))
    found = tuple(
        Found(conversation=one, listed=at_a_glance(nova, known[one]) if one in known else None, episodes=tuple(said))
        for one, said in groups.items()
    )
    return Search(conversations=found, degradations=recalled.degradations)


def _again(nova: Nova, conversation: str) -> Listed:
    return at_a_glance(nova, talk.find(nova.database, nova.everything, conversation))
