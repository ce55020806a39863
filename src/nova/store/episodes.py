"""Rows of episodes: appended with their text indexes and vectors in one transaction. Every function takes a Scope.

Knows the rows and that a turn is also indexed with its neighbours; refuses to know how results are ranked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, bindparam, func, insert, or_, select, update

from nova.core.episodes import Episode
from nova.core.labels import Scope, read_label, write_label
from nova.store import generations, times
from nova.store.indexes import leaf
from nova.store.tables import EPISODES
from nova.store.textindex import TextIndex


@dataclass(frozen=True, slots=True)
class Vector:
    """What an encoder says of one text: float16, unit length, with the encoder's name."""

    encoder: str
    data: bytes


def append(connection: Connection, scope: Scope, episodes: Sequence[Episode], vectors: Sequence[Vector | None]) -> None:
    """New turns at the end of their conversations, with words and vectors. Raises ValueError outside the own scope.

    Turns of one conversation must come in their order, numbered on from `last_number`.
    """
    if outside := [episode.id for episode in episodes if episode.scope != scope.own]:
        raise ValueError(f"episodes {outside[:3]} do not belong to {scope.own}")
    if not episodes:
        return
    rows = [_row(episode, vector) for episode, vector in zip(episodes, vectors, strict=True)]
    made = connection.execute(insert(EPISODES).returning(EPISODES.c.seq, sort_by_parameter_order=True), rows)
    numbers = [int(seq) for seq in made.scalars()]
    spoken = [(seq, one.scope, one.spoken()) for seq, one in zip(numbers, episodes, strict=True)]
    leaf(connection).put(connection, TextIndex.TURNS, spoken)
    _index_around(connection, dict(zip(numbers, episodes, strict=True)))


def _index_around(connection: Connection, new: dict[int, Episode]) -> None:
    """The turn before, the turn, the turn after. The last turn of before now has one after it: its row changes."""
    by_conversation: dict[str, list[tuple[int, Episode]]] = {}
    for seq, episode in new.items():
        by_conversation.setdefault(episode.conversation, []).append((seq, episode))
    put: list[tuple[int, str, str]] = []
    changed: list[tuple[int, str, str]] = []
    for turns in by_conversation.values():
        first = turns[0][1]
        before = _last_two_before(connection, first) if first.number > 1 else []
        line = [*before, *turns]
        for place in range(max(0, len(before) - 1), len(line)):
            seq, episode = line[place]
            words = "\n".join(one.spoken() for _, one in line[max(0, place - 1) : place + 2])
            (put if seq in new else changed).append((seq, episode.scope, words))
    leaf(connection).put(connection, TextIndex.AROUND, put)
    leaf(connection).change(connection, TextIndex.AROUND, changed)


_LAST_TWO = (
    select(EPISODES)
    .where(
        EPISODES.c.conversation == bindparam("conversation"),
        EPISODES.c.scope == bindparam("own"),
        EPISODES.c.number < bindparam("before"),
    )
    .order_by(EPISODES.c.number.desc())
    .limit(2)
)


def _last_two_before(connection: Connection, episode: Episode) -> list[tuple[int, Episode]]:
    given = {"conversation": episode.conversation, "own": episode.scope, "before": episode.number}
    rows = connection.execute(_LAST_TWO, given).mappings().all()
    return [(int(row["seq"]), _value(row)) for row in reversed(rows)]


def reindex(connection: Connection, scope: Scope, conversations: Iterable[str]) -> None:
    """Writes the indexes of whole conversations anew, after turns were changed or taken out."""
    for conversation in conversations:
        turns = _numbered(connection, scope, EPISODES.c.conversation == conversation)
        for index in (TextIndex.TURNS, TextIndex.AROUND):
            leaf(connection).remove(connection, index, [seq for seq, _ in turns])
            leaf(connection).put(connection, index, _words(turns, index))


def refill(connection: Connection, scope: Scope, index: TextIndex) -> None:
    """Fills an emptied index from the rows of these scopes, one conversation after the other."""
    query = select(EPISODES.c.conversation).where(EPISODES.c.scope.in_(scope.names)).distinct()
    for conversation in connection.execute(query).scalars().all():
        turns = _numbered(connection, scope, EPISODES.c.conversation == conversation)
        leaf(connection).put(connection, index, _words(turns, index))


def _words(turns: Sequence[tuple[int, Episode]], index: TextIndex) -> list[tuple[int, str, str]]:
    """What is indexed of the turns of one conversation: each alone, or with the one before and after."""
    near = 1 if index is TextIndex.AROUND else 0
    return [
        (seq, one.scope, "\n".join(turn.spoken() for _, turn in turns[max(0, place - near) : place + near + 1]))
        for place, (seq, one) in enumerate(turns)
    ]


def last_number(connection: Connection, scope: Scope, conversation: str) -> int:
    """How many turns a conversation has within these scopes; the next one's number is one more."""
    query = select(func.max(EPISODES.c.number)).where(
        EPISODES.c.conversation == conversation, EPISODES.c.scope.in_(scope.names)
    )
    return int(connection.execute(query).scalar_one() or 0)


def by_seq(connection: Connection, scope: Scope, numbers: Iterable[int]) -> dict[int, Episode]:
    """The episodes of these row numbers, as far as these scopes may read them."""
    found = _numbered(connection, scope, EPISODES.c.seq.in_(list(numbers)))
    return dict(found)


def by_id(connection: Connection, scope: Scope, episode: str) -> Episode | None:
    """One episode."""
    found = _numbered(connection, scope, EPISODES.c.id == episode)
    return found[0][1] if found else None


def of_run(connection: Connection, scope: Scope, run: str) -> list[Episode]:
    """What was said in a run, in order."""
    return [episode for _, episode in _numbered(connection, scope, EPISODES.c.run == run)]


def of_conversation(connection: Connection, scope: Scope, conversation: str) -> list[Episode]:
    """All turns of a conversation within these scopes, in order."""
    return [episode for _, episode in _numbered(connection, scope, EPISODES.c.conversation == conversation)]


def neighbours(connection: Connection, scope: Scope, episodes: Iterable[Episode], count: int = 1) -> list[Episode]:
    """The turns up to `count` places before and after each, without those themselves, in order."""
    given = list(episodes)
    if not given:
        return []
    near = [
        and_(
            EPISODES.c.conversation == one.conversation,
            EPISODES.c.number.between(one.number - count, one.number + count),
        )
        for one in given
    ]
    known = {one.id for one in given}
    return [one for _, one in _numbered(connection, scope, or_(*near)) if one.id not in known]


def count(connection: Connection, scope: Scope) -> int:
    """How many episodes these scopes have."""
    return int(
        connection.execute(
            select(func.count()).select_from(EPISODES).where(EPISODES.c.scope.in_(scope.names))
        ).scalar_one()
    )


def latest(connection: Connection, scope: Scope, count_max: int, *, since: datetime | None = None) -> list[Episode]:
    """The last things said in these scopes, newest first."""
    query = select(EPISODES).where(EPISODES.c.scope.in_(scope.names))
    if since is not None:
        query = query.where(EPISODES.c.at >= times.written(since))
    rows = connection.execute(query.order_by(EPISODES.c.at.desc(), EPISODES.c.seq.desc()).limit(count_max))
    return [_value(row) for row in rows.mappings()]


def without_vector(connection: Connection, scope: Scope, encoder: str, count_max: int) -> list[tuple[int, str]]:
    """Rows that `encoder` has not read yet: (number, words to read), oldest first."""
    query = (
        select(EPISODES)
        .where(EPISODES.c.scope.in_(scope.names), EPISODES.c.encoder != encoder)
        .order_by(EPISODES.c.seq)
        .limit(count_max)
    )
    return [(int(row["seq"]), _value(row).spoken()) for row in connection.execute(query).mappings()]


def count_without_vector(connection: Connection, scope: Scope, encoder: str) -> int:
    """How many rows `encoder` has not read yet."""
    query = (
        select(func.count())
        .select_from(EPISODES)
        .where(EPISODES.c.scope.in_(scope.names), EPISODES.c.encoder != encoder)
    )
    return int(connection.execute(query).scalar_one())


def set_vectors(connection: Connection, scope: Scope, vectors: dict[int, Vector]) -> None:
    """Vectors for rows that are there; matrices in memory learn of it by the scope's generation."""
    if not vectors:
        return
    change = (
        update(EPISODES)
        .where(EPISODES.c.seq == bindparam("row"), EPISODES.c.scope.in_(bindparam("within", expanding=True)))
        .values(encoder=bindparam("by"), vector=bindparam("data"))
    )
    for seq, vector in vectors.items():
        connection.execute(change, {"row": seq, "within": list(scope.names), "by": vector.encoder, "data": vector.data})
    generations.step(connection, scope)


def _numbered(connection: Connection, scope: Scope, condition: ColumnElement[bool]) -> list[tuple[int, Episode]]:
    query = (
        select(EPISODES)
        .where(condition, EPISODES.c.scope.in_(scope.names))
        .order_by(EPISODES.c.conversation, EPISODES.c.number, EPISODES.c.seq)
    )
    return [(int(row["seq"]), _value(row)) for row in connection.execute(query).mappings()]


def _row(episode: Episode, vector: Vector | None) -> dict[str, object]:
    return {
        "id": episode.id,
        "scope": episode.scope,
        "label": write_label(episode.label),
        "conversation": episode.conversation,
        "number": episode.number,
        "run": episode.run,
        "project": episode.project,
        "speaker": episode.speaker,
        "at": times.written(episode.at),
        "text": episode.text,
        "encoder": vector.encoder if vector else "",
        "vector": vector.data if vector else None,
    }


def _value(row: RowMapping) -> Episode:
    return Episode(
        id=row["id"],
        scope=row["scope"],
        label=read_label(row["label"]),
        conversation=row["conversation"],
        number=int(row["number"]),
        run=row["run"],
        project=row["project"],
        speaker=row["speaker"],
        at=times.read_set(row["at"]),
        text=row["text"],
    )
