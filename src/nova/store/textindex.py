"""Full text on SQLite: FTS5 tables beside the rows, in the same transaction, each row carrying its scope as a word.

Knows FTS5; refuses to know what an episode or a note is. The scope is a token inside the indexed row, because a join
on the scope costs seven times as much. PostgreSQL has a twin of these functions (store.textindex_postgres).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from nova.core.labels import Scope


class TextIndex(StrEnum):
    """What is indexed: what was said, and what was noted."""

    EPISODES = "episodes_words"
    NOTES = "notes_words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one row, by what they weigh (WEIGHTS). head: when and who; near, far: what was said around it."""

    said: str
    head: str = ""
    near: str = ""
    far: str = ""


Row = tuple[int, str, Words]  # a row's number, its scope, its words

# How much a word weighs in `head`, `said`, `near`, `far`. FTS5's k1 is fixed: weights that are twice as large halve it,
# and that many different words of a request are there counts more than one of them often. Measured in docs/log.md.
WEIGHTS = (4.0, 2.0, 1.0, 0.4)

WORDS_MAX = 64  # of one query; more would only make it slower
ROWS_MAX = 25_000  # that one query weighs; where there would be more, its commonest words are left out
_WORD = re.compile(r"[^\W_]+", re.UNICODE)

# English function words, and what every question has in common; they are in nearly every row, and tell nothing.
_FUNCTION_WORDS = """
    a about above after again all am an and any are as at be because been before being below between both but by
    can could did do does doing down during each few for from further had has have having he her here hers him his
    how i if in into is it its itself just me more most my myself no nor not now of off on once only or other our
    ours out over own same she should so some such than that the their theirs them then there these they this
    those through to too under until up very was we were what when where which while who whom why will with would
    you your yours s t d ll m re ve don didn doesn isn wasn
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())


def create(connection: Connection) -> None:
    """The three tables, if they are not there."""
    for index in TextIndex:
        connection.exec_driver_sql(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {index.value} "
            "USING fts5(scope, head, said, near, far, tokenize='porter unicode61 remove_diacritics 2')"
        )


def put(connection: Connection, index: TextIndex, rows: Iterable[Row]) -> None:
    """New rows. The number must not be there yet."""
    if values := [_values(*row) for row in rows]:
        connection.execute(_PUT[index], values)


def change(connection: Connection, index: TextIndex, rows: Iterable[Row]) -> None:
    """Other words, or another scope, for rows that are there."""
    if values := [_values(*row) for row in rows]:
        connection.execute(_CHANGE[index], values)


def remove(connection: Connection, index: TextIndex, numbers: Iterable[int]) -> None:
    """Takes rows out; what they said stays in the file until `scrub`."""
    values = [{"seq": seq} for seq in numbers]
    if values:
        connection.execute(_REMOVE[index], values)


def search(
    connection: Connection, scope: Scope, index: TextIndex, words: Sequence[str], count_max: int
) -> list[tuple[int, float]]:
    """The rows of these scopes with any of the words, best first: (number, BM25, higher is better)."""
    wanted = list(dict.fromkeys(words))[:WORDS_MAX]
    if not wanted or count_max < 1:
        return []
    within = " OR ".join(f'"{token_of(name)}"' for name in sorted(scope.names))
    match = _match(within, _bearable(connection, index, within, wanted))
    found = connection.execute(_SEARCH[index], {"match": match, "count": count_max})
    return [(int(row[0]), -float(row[1])) for row in found]


def _match(within: str, words: Sequence[str]) -> str:
    either = " OR ".join(f'"{word}"' for word in words)
    return f"scope : ({within}) AND {{head said near far}} : ({either})"


def _bearable(connection: Connection, index: TextIndex, within: str, words: Sequence[str]) -> Sequence[str]:
    """The words, in large scopes without the commonest: to weigh a row takes a microsecond, to count it a tenth."""
    count = _COUNT[index]
    if len(words) == 1 or connection.execute(count, {"match": f"scope : ({within})"}).scalar_one() <= ROWS_MAX:
        return words
    rows = {word: int(connection.execute(count, {"match": _match(within, [word])}).scalar_one()) for word in words}
    kept: list[str] = []
    weighed = 0
    for word in sorted(words, key=rows.__getitem__):
        weighed += rows[word]
        if kept and rows[kept[-1]] and weighed > ROWS_MAX:
            break
        kept.append(word)
    return kept


def query_words(request: str) -> list[str]:
    """The words of a request that are worth searching: lower case, function words dropped; all if nothing is left."""
    words = [word.casefold() for word in _WORD.findall(request)]
    telling = [word for word in words if word not in STOP_WORDS]
    return (telling or words)[:WORDS_MAX]


def token_of(scope: str) -> str:
    """The scope as one word that no text contains, ending in a digit so that no stemmer touches it."""
    return f"sc{hashlib.blake2b(scope.encode(), digest_size=8).hexdigest()}0"


def sound(connection: Connection, index: TextIndex) -> bool:
    """Whether the index agrees with itself, by FTS5's own check."""
    try:
        connection.exec_driver_sql(f"INSERT INTO {index.value}({index.value}) VALUES('integrity-check')")
    except DatabaseError:
        return False
    return True


def numbers(connection: Connection, index: TextIndex) -> set[int]:
    """The numbers of all rows in it, for a check against the tables."""
    return {int(row[0]) for row in connection.exec_driver_sql(f"SELECT rowid FROM {index.value}_docsize")}  # noqa: S608


def clear(connection: Connection, index: TextIndex) -> None:
    """Makes it anew and empty, whatever state it was in; whoever calls fills it again from the rows."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {index.value}")
    except DatabaseError:  # so damaged that it cannot even be opened
        for statement in _EMPTY:
            connection.exec_driver_sql(statement.format(index.value))
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {index.value}")
    create(connection)


def scrub(connection: Connection) -> None:
    """Merges each index into one segment, so that words of removed rows are no longer in it."""
    for index in TextIndex:
        connection.exec_driver_sql(f"INSERT INTO {index.value}({index.value}) VALUES('optimize')")


def _values(seq: int, scope: str, words: Words) -> dict[str, object]:
    return {
        "seq": seq,
        "scope": token_of(scope),
        "head": words.head,
        "said": words.said,
        "near": words.near,
        "far": words.far,
    }


# What FTS5 keeps beside an index, as it is for an empty one: with it, any index can be opened and so be dropped.
_EMPTY = (
    "CREATE TABLE IF NOT EXISTS {0}_data(id INTEGER PRIMARY KEY, block BLOB)",
    "CREATE TABLE IF NOT EXISTS {0}_idx(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS {0}_content(id INTEGER PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS {0}_docsize(id INTEGER PRIMARY KEY, sz BLOB)",
    "CREATE TABLE IF NOT EXISTS {0}_config(k PRIMARY KEY, v) WITHOUT ROWID",
    "INSERT OR REPLACE INTO {0}_data VALUES(1, x'')",
    "INSERT OR REPLACE INTO {0}_data VALUES(10, x'00000000000000')",
    "INSERT OR REPLACE INTO {0}_config VALUES('version', 4)",
)
_PUT = {
    one: text(
        f"INSERT INTO {one.value}(rowid, scope, head, said, near, far) VALUES(:seq, :scope, :head, :said, :near, :far)"
    )
    for one in TextIndex
}
_CHANGE = {
    one: text(
        f"UPDATE {one.value} SET scope = :scope, head = :head, said = :said, near = :near, far = :far "  # noqa: S608
        "WHERE rowid = :seq"
    )
    for one in TextIndex
}
_REMOVE = {one: text(f"DELETE FROM {one.value} WHERE rowid = :seq") for one in TextIndex}  # noqa: S608
_COUNT = {one: text(f"SELECT count(*) FROM {one.value} WHERE {one.value} MATCH :match") for one in TextIndex}  # noqa: S608
_SEARCH = {
    one: text(
        f"SELECT rowid, bm25({one.value}, 0.0, {', '.join(map(str, WEIGHTS))}) AS score FROM {one.value} "  # noqa: S608
        f"WHERE {one.value} MATCH :match ORDER BY score LIMIT :count"
    )
    for one in TextIndex
}
