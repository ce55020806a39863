"""Conversations of the home as transcripts, and transcripts put back. Refuses to change one that is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from nova.core.labels import Scope
from nova.memory.files.leaves import leaf_of
from nova.memory.files.transcripts import Transcript
from nova.memory.tiers import Memory
from nova.store import conversations, episodes

COUNT_MAX = 1_000_000


def transcripts_of(memory: Memory, everything: Scope, within: frozenset[str]) -> Iterator[Transcript]:
    """One transcript for each conversation and scope of `within` that it has turns in, newest conversation first."""
    with memory.database.read() as connection:
        found = conversations.latest(connection, everything, COUNT_MAX)
    for one in found:
        with memory.database.read() as connection:
            said = episodes.of_conversation(connection, everything, one.id)
        for scope in sorted({episode.scope for episode in said} & within):
            turns = tuple(episode for episode in said if episode.scope == scope)
            shown = one if one.scope == scope else replace(one, title="", name="")
            yield Transcript(conversation=shown, scope=scope, episodes=turns)


def emptied(memory: Memory, everything: Scope) -> frozenset[str]:
    """Conversations whose turns were forgotten, as an export's list names their files."""
    with memory.database.read() as connection:
        found = conversations.latest(connection, everything, COUNT_MAX)
        return frozenset(
            leaf_of(one.id, scope)
            for one in found
            for scope in everything.names
            if not episodes.last_number(connection, Scope.of(scope), one.id)
        )


def put_back(memory: Memory, given: Sequence[Transcript], everything: Scope) -> tuple[int, int]:
    """Stores conversations that the home does not have, each as a whole: (how many, how many turns).

    Their vectors are read later (memory.embed). Raises StoreFull, StoreError.
    """
    by_id: dict[str, list[Transcript]] = {}
    for one in given:
        by_id.setdefault(one.conversation.id, []).append(one)
    count, turns = 0, 0
    for id_, parts in by_id.items():
        with memory.database.read() as connection:
            known = conversations.by_id(connection, everything, [id_])
            known_turns = episodes.of_conversation(connection, everything, id_)
        if not (known or known_turns):
            _put(memory, parts, everything)
            count, turns = count + 1, turns + sum(len(part.episodes) for part in parts)
    return count, turns


def _put(memory: Memory, parts: Sequence[Transcript], everything: Scope) -> None:
    main = next((part for part in parts if part.scope == part.conversation.scope), parts[0])
    one = main.conversation
    with memory.database.write() as connection:
        named = {other.name for other in conversations.latest(connection, everything, COUNT_MAX, named_only=True)}
        own = Scope.of(one.scope)
        conversations.start(
            connection,
            own,
            one.id,
            one.started_at,
            project=one.project,
            title=one.title,
            forked_from=one.forked_from,
            forked_at=one.forked_at,
        )
        conversations.touch(connection, one.id, one.last_at, project=one.project)
        if one.name and one.name not in named:
            conversations.rename(connection, own, one.id, one.name)
        if one.closed_at is not None:
            conversations.close(connection, own, one.id, one.closed_at)
        for part in parts:
            episodes.append(connection, Scope.of(part.scope), part.episodes, [None] * len(part.episodes))
