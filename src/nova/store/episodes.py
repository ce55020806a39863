"""Rows of episodes: appended with their text indexes and vectors in one transaction. Every function takes a Scope.

Knows the rows and that a turn is also indexed with its neighbours; refuses to know how results are ranked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, bindparam, func, insert, or_, select, text, update

from nova.core.episodes import Episode
from nova.core.labels import Scope, read_label, write_label
from nova.store import generations, times
from nova.store.indexes import leaf
from nova.store.tables import EPISODES
from nova.store.textindex import Row, TextIndex, Words

FAR = 2  # places; a turn is also found by the words of those one and FAR away
LEAD_CHARACTERS = 600  # of each of those; a long answer says at its beginning what it is about


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
    _index(connection, dict(zip(numbers, episodes, strict=True)))


def _index(connection: Connection, new: dict[int, Episode]) -> None:
    """A turn is found by what was said around it, too: the last turns of before now have new ones near them."""
    by_conversation: dict[str, list[tuple[int, Episode]]] = {}
    for seq, episode in new.items():
        by_conversation.setdefault(episode.conversation, []).append((seq, episode))
    rows: list[Row] = []
    for turns in by_conversation.values():
        first = turns[0][1]
        before = _last_before(connection, first) if first.number > 1 else []
        rows += _words([*before, *turns])[-len(turns) - FAR :]
    leaf(connection).put(connection, TextIndex.EPISODES, [row for row in rows if row[0] in new])
    leaf(connection).change(connection, TextIndex.EPISODES, [row for row in rows if row[0] not in new])


_LAST = (
    select(EPISODES)
    .where(
        EPISODES.c.conversation == bindparam("conversation"),
        EPISODES.c.scope == bindparam("own"),
        EPISODES.c.number < bindparam("before"),
    )
    .order_by(EPISODES.c.number.desc())
    .limit(2 * FAR)
)


def _last_before(connection: Connection, episode: Episode) -> list[tuple[int, Episode]]:
    given = {"conversation": episode.conversation, "own": episode.scope, "before": episode.number}
    rows = connection.execute(_LAST, given).mappings().all()
    return [(int(row["seq"]), _value(row)) for row in reversed(rows)]


def reindex(connection: Connection, scope: Scope, conversations: Iterable[str]) -> None:
    """Writes the indexes of whole conversations anew, after turns were changed or taken out.

    Each scope by itself: a conversation that has moved has turns of several, and none is found by another's words.
    """
    for conversation, name in product(conversations, sorted(scope.names)):
        turns = _numbered(connection, Scope.of(name), EPISODES.c.conversation == conversation)
        leaf(connection).remove(connection, TextIndex.EPISODES, [seq for seq, _ in turns])
        leaf(connection).put(connection, TextIndex.EPISODES, _words(turns))


def refill(connection: Connection, scope: Scope) -> None:
    """Fills the emptied index from the rows of these scopes, one conversation after the other."""
    query = select(EPISODES.c.conversation).where(EPISODES.c.scope.in_(scope.names)).distinct()
    for conversation in connection.execute(query).scalars().all():
        turns = _numbered(connection, scope, EPISODES.c.conversation == conversation)
        leaf(connection).put(connection, TextIndex.EPISODES, _words(turns))


def _words(turns: Sequence[tuple[int, Episode]]) -> list[Row]:
    """What the turns of one conversation are found by. Of those around only what they say: their names mislead."""
    leads = [turn.text[:LEAD_CHARACTERS] for _, turn in turns]

    def said(*places: int) -> str:
        return "\n".join(leads[place] for place in places if 0 <= place < len(leads))

    return [
        (
            seq,
            one.scope,
            Words(head=one.head(), said=one.text, near=said(place - 1, place + 1), far=said(place - FAR, place + FAR)),
        )
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
    rows = connection.execute(_BY_SEQ, {"numbers": list(numbers), "within": list(scope.names)})
    return {int(row["seq"]): _value(row) for row in rows.mappings()}


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


_SPEAKERS = text(
    "WITH RECURSIVE spoke(name) AS (SELECT min(speaker) FROM episodes WHERE scope = :own UNION ALL "
    "SELECT (SELECT min(speaker) FROM episodes WHERE scope = :own AND speaker > spoke.name) "
    "FROM spoke WHERE spoke.name IS NOT NULL) SELECT name FROM spoke WHERE name IS NOT NULL LIMIT :count"
)


def speakers(connection: Connection, scope: Scope, count_max: int = 200) -> list[str]:
    """Who has spoken in these scopes, in the order of their names; jumps from name to name in the index."""
    names: set[str] = set()
    for own in scope.names:
        names.update(connection.execute(_SPEAKERS, {"own": own, "count": count_max}).scalars())
    return sorted(names)


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


def latest_encoder(connection: Connection, scope: Scope) -> str:
    """The encoder that read the newest row that was read at all; empty when none was."""
    read = EPISODES.c.scope.in_(scope.names) & (EPISODES.c.encoder != "")
    found = connection.execute(select(EPISODES.c.encoder).where(read).order_by(EPISODES.c.seq.desc()).limit(1))
    return str(found.scalar_one_or_none() or "")


def without_vector(connection: Connection, scope: Scope, encoder: str, count_max: int) -> list[tuple[int, str]]:
    """Rows that `encoder` has not read yet: (number, words to read), oldest first."""
    query = (
        select(EPISODES.c.seq, EPISODES.c.text)
        .where(EPISODES.c.scope.in_(scope.names), EPISODES.c.encoder != encoder)
        .order_by(EPISODES.c.seq)
        .limit(count_max)
    )
    return [(int(row.seq), str(row.text)) for row in connection.execute(query)]


_WITHIN = EPISODES.c.scope.in_(bindparam("within", expanding=True))
_UNREAD = tuple(  # two jumps in an index; != would read all of it
    select(func.count()).select_from(EPISODES).where(_WITHIN, other)
    for other in (EPISODES.c.encoder < bindparam("encoder"), EPISODES.c.encoder > bindparam("encoder"))
)


def count_without_vector(connection: Connection, scope: Scope, encoder: str) -> int:
    """How many rows `encoder` has not read yet."""
    mine = {"within": list(scope.names), "encoder": encoder}
    return sum(int(connection.execute(query, mine).scalar_one()) for query in _UNREAD)


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


_SPOKEN = tuple(column for column in EPISODES.c if column.name not in ("encoder", "vector"))
_BY_SEQ = select(*_SPOKEN).where(
    EPISODES.c.seq.in_(bindparam("numbers", expanding=True)), EPISODES.c.scope.in_(bindparam("within", expanding=True))
)


def _numbered(connection: Connection, scope: Scope, condition: ColumnElement[bool]) -> list[tuple[int, Episode]]:
    query = (
        select(*_SPOKEN)
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
