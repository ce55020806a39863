"""Episodes: what was said comes back as it was, in order, with its words, neighbours and vectors, behind its wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from tests.support.places import Place

from nova.core.episodes import Episode
from nova.core.labels import Label, Scope
from nova.store import episodes, generations
from nova.store.database import Database
from nova.store.episodes import Vector
from nova.store.indexes import leaf
from nova.store.tables import EPISODES
from nova.store.textindex import TextIndex, query_words

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
AIREP, BLOG = Scope.of("airep"), Scope.of("blog")
SAID = ["Which tax rate do we use?", "Nineteen percent.", "And for books?", "Seven percent, said the adviser."]


def a_vector(number: int, encoder: str = "mini", width: int = 16) -> Vector:
    row = np.random.default_rng(number).normal(size=width)
    return Vector(encoder, (row / np.linalg.norm(row)).astype(np.float16).tobytes())


def a_turn(number: int, text: str, scope: str = "airep", conversation: str = "c1") -> Episode:
    return Episode(
        id=f"e{conversation}{number}",
        scope=scope,
        conversation=conversation,
        number=number,
        speaker="owner" if number % 2 else "general-chat",
        at=AT + timedelta(minutes=number),
        text=text,
        run=f"r{(number + 1) // 2}",
        project=scope,
        label=Label(scopes=frozenset({scope}), trusted=number % 2 == 1),
    )


def turns(count: int = 4, scope: str = "airep", conversation: str = "c1") -> list[Episode]:
    return [a_turn(number, SAID[(number - 1) % 4], scope, conversation) for number in range(1, count + 1)]


def store(database: Database, given: list[Episode], vectors: list[Vector | None] | None = None) -> None:
    with database.write() as connection:
        scope = Scope.of(given[0].scope)
        episodes.append(connection, scope, given, [None] * len(given) if vectors is None else vectors)


def found(database: Database, words: str, scope: Scope = AIREP) -> list[int]:
    """The places in their conversation of the turns that are found, best first."""
    with database.read() as connection:
        hits = leaf(connection).search(connection, scope, TextIndex.EPISODES, query_words(words), 10)
        known = episodes.by_seq(connection, scope, [seq for seq, _ in hits])
    return [known[seq].number for seq, _ in hits]


def test_turns_come_back_as_they_were_said(database: Database) -> None:
    """Every field of an episode survives the database, and the order is the order of the conversation."""
    given = turns()
    store(database, given)
    with database.read() as connection:
        assert episodes.of_conversation(connection, AIREP, "c1") == given
        assert episodes.of_run(connection, AIREP, "r2") == given[2:]
        assert episodes.by_id(connection, AIREP, "ec12") == given[1]
        assert episodes.latest(connection, AIREP, 2) == given[:1:-1]
        assert episodes.latest(connection, AIREP, 9, since=AT + timedelta(minutes=4)) == given[3:]
        assert (episodes.count(connection, AIREP), episodes.last_number(connection, AIREP, "c1")) == (4, 4)
        assert episodes.last_number(connection, AIREP, "c2") == 0


def test_many_turns_at_once_keep_their_order(database: Database) -> None:
    """A long conversation appended in one call is numbered in the order it was given."""
    given = turns(2_500)
    store(database, given)
    with database.read() as connection:
        query = EPISODES.select().order_by(EPISODES.c.seq)
        assert [row["number"] for row in connection.execute(query).mappings()] == list(range(1, 2_501))
        assert len(leaf(connection).numbers(connection, TextIndex.EPISODES)) == 2_500


def test_another_scope_hears_nothing(database: Database) -> None:
    """No function gives a turn to a scope it does not belong to, and none takes one."""
    given = turns()
    store(database, given)
    with database.read() as connection:
        assert episodes.of_conversation(connection, BLOG, "c1") == []
        assert episodes.of_run(connection, BLOG, "r1") == []
        assert episodes.by_id(connection, BLOG, "ec11") is None
        assert episodes.by_seq(connection, BLOG, range(100)) == {}
        assert episodes.latest(connection, BLOG, 9) == []
        assert episodes.neighbours(connection, BLOG, given[1:2]) == []
        assert episodes.count(connection, BLOG) == episodes.last_number(connection, BLOG, "c1") == 0
        assert episodes.without_vector(connection, BLOG, "mini", 9) == []
    assert found(database, "tax", BLOG) == []
    with pytest.raises(ValueError, match="do not belong to blog"), database.write() as connection:
        episodes.append(connection, BLOG, given, [None] * 4)


def test_a_turn_is_found_by_its_speaker_and_its_date(database: Database) -> None:
    """Who spoke and when are words of the turn itself, not of those around it."""
    store(database, turns())
    assert sorted(found(database, "owner")) == [1, 3]
    assert sorted(found(database, "20 November")) == [1, 2, 3, 4]


def test_a_turn_is_found_by_what_was_said_around_it(database: Database) -> None:
    """The turn itself, then those beside it, then those two away, also when they came in later calls; none further."""
    for turn in [*turns(), a_turn(5, "Nothing more."), a_turn(6, "A lantern."), a_turn(7, "On it.")]:
        store(database, [turn])
    places = found(database, "nineteen")
    assert (places[0], sorted(places[1:3]), places[3:]) == (2, [1, 3], [4])
    places = found(database, "adviser")
    assert (places[0], sorted(places[1:3]), sorted(places[3:])) == (4, [3, 5], [2, 6])
    assert sorted(found(database, "lantern")) == [4, 5, 6, 7]


def test_a_long_turn_lends_its_neighbours_only_its_beginning(database: Database) -> None:
    """The end of a long answer is found in the answer itself, and nowhere else."""
    store(database, [a_turn(1, "Why?"), a_turn(2, f"Lantern. {'And so on. ' * 200} Anchor."), a_turn(3, "I see.")])
    assert sorted(found(database, "lantern")) == [1, 2, 3]
    assert found(database, "anchor") == [2]


def test_who_spoke_is_known_by_scope(database: Database) -> None:
    """Every name once, in order; another scope's speakers are not among them."""
    store(database, turns())
    store(database, [a_turn(1, "Grüezi.", "blog", "c2")])
    with database.read() as connection:
        assert episodes.speakers(connection, AIREP) == ["general-chat", "owner"]
        assert episodes.speakers(connection, BLOG) == ["owner"]
        assert episodes.speakers(connection, Scope.of("home")) == []
        assert episodes.speakers(connection, AIREP, count_max=1) == ["general-chat"]


def test_neighbours_are_the_turns_beside(database: Database) -> None:
    """The turns up to `count` places away come in order, without those that were asked for."""
    given = turns(4)
    store(database, given)
    store(database, turns(4, conversation="c2"))
    with database.read() as connection:
        assert episodes.neighbours(connection, AIREP, given[1:2]) == [given[0], given[2]]
        assert episodes.neighbours(connection, AIREP, given[:2], count=2) == given[2:]
        assert episodes.neighbours(connection, AIREP, []) == []


def test_vectors_wait_and_are_set(database: Database) -> None:
    """Rows that an encoder has not read are listed oldest first; once they are set they are its own."""
    store(database, turns(), [a_vector(1), None, a_vector(3, "older"), None])
    with database.read() as connection:
        waiting = episodes.without_vector(connection, AIREP, "mini", 10)
        assert [words for _, words in waiting] == SAID[1:]
        assert episodes.without_vector(connection, AIREP, "mini", 1) == waiting[:1]
        assert episodes.count_without_vector(connection, AIREP, "mini") == 3
        before = generations.of(connection, AIREP)["airep"]
    with database.write() as connection:
        episodes.set_vectors(connection, AIREP, {seq: a_vector(seq) for seq, _ in waiting})
        episodes.set_vectors(connection, AIREP, {})
        episodes.set_vectors(connection, BLOG, {waiting[0][0]: a_vector(99)})
    with database.read() as connection:
        assert episodes.count_without_vector(connection, AIREP, "mini") == 0
        assert generations.of(connection, AIREP)["airep"] == before + 1
        stored = dict(connection.execute(EPISODES.select().with_only_columns(EPISODES.c.seq, EPISODES.c.vector)).all())
    assert {seq: stored[seq] for seq, _ in waiting} == {seq: a_vector(seq).data for seq, _ in waiting}


def test_a_reindexed_conversation_is_found_as_before(database: Database) -> None:
    """Written anew, the index finds what it found."""
    store(database, turns())
    with database.write() as connection:
        episodes.reindex(connection, AIREP, ["c1", "no such conversation"])
    assert sorted(found(database, "nineteen")) == [1, 2, 3, 4]


def test_numbers_of_rows_are_never_used_twice(database: Database, place: Place) -> None:
    """The number of a row that was deleted is not given to another: what is kept in memory would mix up two texts."""
    store(database, turns())
    with database.write() as connection:
        last = max(leaf(connection).numbers(connection, TextIndex.EPISODES))
        connection.execute(EPISODES.delete().where(EPISODES.c.seq == last))
        leaf(connection).remove(connection, TextIndex.EPISODES, [last])
    other = place.open()
    store(other, turns(1, conversation="c2"))
    with database.read() as connection:
        assert max(leaf(connection).numbers(connection, TextIndex.EPISODES)) > last
    other.close()
