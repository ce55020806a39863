"""Nearest in meaning: every row of the scopes is compared, none of another, and as many come as were asked for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import Table
from tests.unit.store.contract.test_episodes import a_turn, a_vector, store, turns

from nova.core.labels import Scope
from nova.store import episodes
from nova.store.database import Database
from nova.store.episodes import Vector
from nova.store.matrices import Matrices
from nova.store.tables import EPISODES, NOTES

Floats = NDArray[np.float32]
AIREP, BLOG = Scope.of("airep"), Scope.of("blog")
WIDTH = 384


def unit(generator: np.random.Generator, count: int) -> Floats:
    """Rows of length 1, as an encoder makes them."""
    rows = generator.normal(size=(count, WIDTH)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def fill(database: Database, by_scope: Mapping[str, Floats], encoder: str = "mini") -> dict[str, list[int]]:
    """A turn for each vector; the numbers of the rows, by scope."""
    numbers: dict[str, list[int]] = {}
    for scope, rows in by_scope.items():
        given = [a_turn(number, "x", scope, f"c-{scope}") for number in range(1, len(rows) + 1)]
        store(database, given, [Vector(encoder, row.astype(np.float16).tobytes()) for row in rows])
        with database.read() as connection:
            query = EPISODES.select().where(EPISODES.c.scope == scope).order_by(EPISODES.c.number)
            numbers[scope] = [int(row["seq"]) for row in connection.execute(query).mappings()]
    return numbers


def nearest(
    database: Database,
    query: Floats,
    scope: Scope = AIREP,
    count: int = 10,
    encoder: str = "mini",
    table: Table = EPISODES,
) -> list[tuple[int, float]]:
    with database.read() as connection:
        return Matrices().nearest(connection, scope, table, query, encoder, count)


def test_recall_against_exact_search(database: Database) -> None:
    """Over five scopes, as many rows come as were asked for and at least 98 in 100 are the exact ones."""
    generator = np.random.default_rng(7)
    by_scope = {f"scope{number}": unit(generator, 40 * 2**number) for number in range(5)}
    numbers = fill(database, by_scope)
    right = asked = 0
    for query in unit(generator, 12):
        for scope, rows in by_scope.items():
            best: list[int] = np.argsort(-(rows @ query))[:10].tolist()
            exact = [numbers[scope][at] for at in best]
            got = nearest(database, query, Scope.of(scope))
            assert len(got) == 10
            right += len({seq for seq, _ in got} & set(exact))
            asked += 10
    assert right / asked >= 0.98


def test_scores_are_cosines_best_first(database: Database) -> None:
    """The score is the cosine, as exact as half precision allows, and it only falls."""
    generator = np.random.default_rng(8)
    rows = unit(generator, 60)
    (numbers,) = fill(database, {"airep": rows}).values()
    got = nearest(database, rows[17], count=60)
    assert got[0][0] == numbers[17]
    assert [score for _, score in got] == sorted((score for _, score in got), reverse=True)
    exact = dict(zip(numbers, rows @ rows[17], strict=True))
    assert all(abs(score - exact[seq]) < 2e-3 for seq, score in got)


def test_no_row_of_another_scope_comes_near(database: Database) -> None:
    """The nearest row of all is not given to a scope it does not belong to; several scopes are searched as one."""
    generator = np.random.default_rng(9)
    query = unit(generator, 1)[0]
    close = np.stack([query, query, query])
    numbers = fill(database, {"blog": close, "airep": unit(generator, 4)})
    assert {seq for seq, _ in nearest(database, query)} == set(numbers["airep"])
    both = nearest(database, query, Scope.owner(["airep", "blog"]), count=3)
    assert {seq for seq, _ in both} == set(numbers["blog"])
    assert nearest(database, query, Scope.of("home")) == []


def test_equal_rows_come_in_their_order(database: Database) -> None:
    """Rows that are equally near come oldest first, so that an answer is the same each time."""
    query = unit(np.random.default_rng(10), 1)[0]
    (numbers,) = fill(database, {"airep": np.stack([query] * 8)}).values()
    assert [seq for seq, _ in nearest(database, query, count=5)] == numbers[:5]


def test_vectors_of_another_encoder_or_size_are_not_compared(database: Database) -> None:
    """Only this encoder's vectors of this width count; the others are told as odd, and break nothing."""
    generator = np.random.default_rng(11)
    rows = unit(generator, 3)
    store(
        database,
        turns(4),
        [Vector("mini", rows[0].astype(np.float16).tobytes()), a_vector(1), None, a_vector(2, "old")],
    )
    assert len(nearest(database, rows[0])) == 1
    assert len(nearest(database, np.ones(16, np.float32), encoder="old")) == 1
    with database.read() as connection:
        assert Matrices().odd(connection, AIREP, EPISODES, "mini", WIDTH) == 1
        assert Matrices().odd(connection, AIREP, EPISODES, "old", 16) == 0
        assert Matrices().odd(connection, BLOG, EPISODES, "mini", WIDTH) == 0


@pytest.mark.parametrize("table", [EPISODES, NOTES], ids=["episodes", "notes"])
def test_nothing_is_near_where_nothing_is(database: Database, table: Table) -> None:
    """An empty table, and a request for no rows, give no rows."""
    query = unit(np.random.default_rng(12), 1)[0]
    assert nearest(database, query, table=table) == []
    fill(database, {"airep": query[None]})
    assert nearest(database, query, count=0) == []


def test_a_search_sees_what_another_handle_changed(database: Database) -> None:
    """Rows that were added, read anew or deleted since the last search are seen by the same matrices."""
    generator = np.random.default_rng(13)
    rows, matrices = unit(generator, 6), Matrices()
    (numbers,) = fill(database, {"airep": rows[:3]}).values()

    def near(query: Floats) -> list[int]:
        with database.read() as connection:
            hits = matrices.nearest(connection, AIREP, EPISODES, query, "mini", 1)
            return [seq for seq, score in hits if score > 0.9]

    assert near(rows[1]) == [numbers[1]]
    with database.write() as connection:
        episodes.set_vectors(connection, AIREP, {numbers[1]: Vector("mini", rows[4].astype(np.float16).tobytes())})
    assert near(rows[4]) == [numbers[1]]
    assert near(rows[1]) == []
    store(database, [a_turn(4, "x", "airep", "c-airep")], [Vector("mini", rows[5].astype(np.float16).tobytes())])
    assert near(rows[5])[0] > numbers[-1]
