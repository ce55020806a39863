"""Conversations as things the owner handles: listed, shown, searched, closed, moved.

Knows the owner's view over all scopes, which is never put before a model; refuses to know screens.
"""

from __future__ import annotations

from dataclasses import dataclass

from nova.app.house import Nova
from nova.coordinator import conversation as talk
from nova.coordinator.intake import readable, wall_of
from nova.coordinator.reach import choose_project
from nova.core.conversations import Conversation
from nova.core.degradations import Degradation
from nova.core.episodes import Episode
from nova.core.errors import BadInput, Unknown
from nova.core.json import Json
from nova.core.runs import Run
from nova.core.text import shorten
from nova.memory.recall import Quota, recall
from nova.store import conversations

SEARCH_TOKENS = 40_000
LOOKED_AT = 200


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


def listed_json(listed: Listed) -> dict[str, Json]:
    """A conversation for scripts."""
    one = listed.conversation
    return {
        "conversation": one.id,
        "name": one.name,
        "title": listed.title,
        "scope": one.scope,
        "project": one.project,
        "projects": list(listed.projects),
        "turns": listed.turns,
        "shared": listed.shared,
        "started_at": one.started_at.isoformat(),
        "last_at": one.last_at.isoformat(),
        "closed_at": one.closed_at.isoformat() if one.closed_at else None,
        "forked_from": one.forked_from,
        "forked_at": one.forked_at.isoformat() if one.forked_at else None,
    }


def found_json(found: Found) -> dict[str, Json]:
    """What was found in a conversation, for scripts."""
    hits: list[Json] = [
        {"run": said.run, "at": said.at.isoformat(), "speaker": said.speaker, "text": said.text, "why": why}
        for said, why in found.episodes
    ]
    known = listed_json(found.listed) if found.listed else {"conversation": found.conversation}
    return {**known, "found": hits}


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


def close(nova: Nova, which: str) -> Listed:
    """It is not continued by itself any more. Raises Unknown, or BadInput when it is closed already."""
    found = talk.find(nova.database, nova.everything, which)
    talk.refuse_closed(found)
    with nova.database.write() as connection:
        conversations.close(connection, nova.everything, found.id, nova.clock())
    return again(nova, found.id)


def reopen(nova: Nova, which: str) -> Listed:
    """It can be asked in again. Raises Unknown, or BadInput when it is open."""
    found = talk.find(nova.database, nova.everything, which)
    if found.closed_at is None:
        raise BadInput(
            f"The conversation {found.name or found.id} is open.", f"Ask: nova ask --conversation {found.id}"
        )
    with nova.database.write() as connection:
        conversations.close(connection, nova.everything, found.id, None)
    return again(nova, found.id)


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
    return again(nova, found.id)


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


def again(nova: Nova, conversation: str) -> Listed:
    """A conversation as it stands now, by its id."""
    return at_a_glance(nova, talk.find(nova.database, nova.everything, conversation))
