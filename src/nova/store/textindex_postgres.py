"""Full text on PostgreSQL: the twin of store.textindex, with tsvector tables beside the rows.

Knows tsvector; refuses to know what an episode or a note is. Words are cut and folded here, exactly as SQLite's index
does it, and only stemmed by the server: its own parser would take `models.py` for a host. No word is dropped from the
index, so that a request of function words alone still finds something. The scope is a word of each row here too: one
search of the GIN index for scope and words costs a tenth of two that are then intersected.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from sqlalchemy import Connection, TextClause, text

from nova.core.labels import Scope
from nova.store.textindex import WEIGHTS, WORDS_MAX, Row, TextIndex, Words, token_of

WORD_LENGTH_MAX = 120  # signs; longer ones are hashes and base64
ROW_BYTES_MAX = 600_000  # a tsvector holds 1 MB
ROW_WORDS_MAX = 60_000
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_CONFIGURATION = "nova_words"
_KINDS_OF_WORDS = "asciiword, word, numword, int, uint, float, sfloat, version"

# BM25 as SQLite's FTS5 computes it (k1 = 1.2, b = 0.75) from how often a word is there, each time by its weight. That
# sum is ts_rank's, nearly: the heaviest place of a word counts whole, its n-th place by 1 / n². ts_rank takes weights
# up to 1, in the order D, C, B, A, and divides by 1.645, the sum of all 1 / n².
_LETTERS = {"head": "A", "said": "B", "near": "C", "far": "D"}
_SHARES = "{" + ", ".join(str(weight / max(WEIGHTS)) for weight in reversed(WEIGHTS)) + "}"
_OFTEN = 1.64493406685 * max(WEIGHTS)
_LENGTH = "1.2::float8 * (0.25::float8 + 0.75::float8 * found.length / greatest(whole.mean, 1))"


def create(connection: Connection) -> None:
    """The dictionary and the tables, if they are not there."""
    known = text("SELECT 1 FROM pg_ts_config WHERE cfgname = :name AND pg_ts_config_is_visible(oid)")
    if connection.execute(known, {"name": _CONFIGURATION}).first() is None:
        for statement in (
            "CREATE TEXT SEARCH DICTIONARY nova_stem (TEMPLATE = snowball, Language = english)",
            f'CREATE TEXT SEARCH CONFIGURATION {_CONFIGURATION} (PARSER = "default")',
            f"ALTER TEXT SEARCH CONFIGURATION {_CONFIGURATION} ADD MAPPING FOR {_KINDS_OF_WORDS} WITH nova_stem",
        ):
            connection.exec_driver_sql(statement)
    for index in TextIndex:
        for statement in (
            f"CREATE TABLE IF NOT EXISTS {index} "
            "(seq bigint PRIMARY KEY, scope text NOT NULL, length integer NOT NULL, words tsvector NOT NULL)",
            f"CREATE INDEX IF NOT EXISTS ix_{index}_scope ON {index} (scope) INCLUDE (length)",
            f"CREATE INDEX IF NOT EXISTS ix_{index}_words ON {index} USING gin (words)",
            f"ALTER TABLE {index} ALTER COLUMN words SET STATISTICS 0",  # samples would outlive forgotten rows
        ):
            connection.exec_driver_sql(statement)


def put(connection: Connection, index: TextIndex, rows: Iterable[Row], /) -> None:
    """New rows. The number must not be there yet."""
    if values := [_row(seq, scope, words) for seq, scope, words in rows]:
        connection.execute(_PUT[index], values)


def change(connection: Connection, index: TextIndex, rows: Iterable[Row], /) -> None:
    """Other words, or another scope, for rows that are there."""
    if values := [_row(seq, scope, words) for seq, scope, words in rows]:
        connection.execute(_CHANGE[index], values)


def remove(connection: Connection, index: TextIndex, numbers: Iterable[int], /) -> None:
    """Takes rows out; what they said stays in the server's files until they are written anew."""
    if gone := list(numbers):
        connection.execute(_REMOVE[index], {"gone": gone})


def search(
    connection: Connection, scope: Scope, index: TextIndex, words: Sequence[str], count_max: int, /
) -> list[tuple[int, float]]:
    """The rows of these scopes with any of the words, best first: (number, score, higher is better)."""
    wanted = list(dict.fromkeys(_folded(" ".join(words))))[:WORDS_MAX]
    if not wanted or count_max < 1:
        return []
    given: dict[str, object] = {f"w{place}": f"'{word}'" for place, word in enumerate(wanted)}
    names = sorted(scope.names)
    given |= {"within": " | ".join(token_of(name) for name in names), "any": " | ".join(f"'{one}'" for one in wanted)}
    given |= {"scopes": names, "count": count_max}
    return [(int(row[0]), float(row[1])) for row in connection.execute(_search(index, len(wanted)), given)]


def sound(connection: Connection, index: TextIndex, /) -> bool:
    """Whether the table and its indexes are there and valid; the pages themselves are the server's to check."""
    query = text(
        "SELECT count(*) FROM pg_index WHERE indisvalid AND indisready AND indrelid = to_regclass(:name) "
        "AND indexrelid = ANY(ARRAY[to_regclass(:scope), to_regclass(:words)]::oid[])"
    )
    given = {"name": index.value, "scope": f"ix_{index}_scope", "words": f"ix_{index}_words"}
    return int(connection.execute(query, given).scalar_one()) == 2


def numbers(connection: Connection, index: TextIndex, /) -> set[int]:
    """The numbers of all rows in it, for a check against the tables."""
    return {int(row[0]) for row in connection.exec_driver_sql(f"SELECT seq FROM {index}")}  # noqa: S608


def clear(connection: Connection, index: TextIndex, /) -> None:
    """Makes it anew and empty, whatever state it was in; whoever calls fills it again from the rows."""
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {index}")
    create(connection)


def scrub(connection: Connection, /) -> None:
    """Nothing to do in a transaction: the indexes are written anew with their rows (store.postgres.empty_log)."""


def _row(seq: int, scope: str, words: Words) -> dict[str, object]:
    """As much as a tsvector holds: what was said first, what was said far away last."""
    row: dict[str, object] = {"seq": seq, "scope": scope, "token": token_of(scope)}
    bytes_left, words_left = ROW_BYTES_MAX, ROW_WORDS_MAX
    for part, given in (("said", words.said), ("head", words.head), ("near", words.near), ("far", words.far)):
        plain = _folded(given, bytes_left)[:words_left]
        row[part] = kept = " ".join(plain)
        bytes_left, words_left = max(0, bytes_left - len(kept.encode())), words_left - len(plain)
    return {**row, "length": ROW_WORDS_MAX - words_left}


def _folded(words: str, bytes_max: int = ROW_BYTES_MAX) -> list[str]:
    """The words, lower case and without accents, as SQLite's unicode61 sees them."""
    if words.isascii():
        plain = words[:bytes_max].lower()
    else:
        held = words.encode("utf-8", "replace")[:bytes_max].decode("utf-8", "ignore")
        bare = "".join(sign for sign in unicodedata.normalize("NFD", held) if not unicodedata.combining(sign))
        plain = unicodedata.normalize("NFC", bare).casefold()
    return [word[:WORD_LENGTH_MAX] for word in _WORD.findall(plain)]


_TO_WORDS = "array_to_tsvector(ARRAY[:token]) || " + " || ".join(
    f"setweight(to_tsvector('{_CONFIGURATION}', :{part}), '{letter}')" for part, letter in _LETTERS.items()
)
_PUT = {
    one: text(f"INSERT INTO {one}(seq, scope, length, words) VALUES (:seq, :scope, :length, {_TO_WORDS})")  # noqa: S608
    for one in TextIndex
}
_CHANGE = {
    one: text(f"UPDATE {one} SET scope = :scope, length = :length, words = {_TO_WORDS} WHERE seq = :seq")  # noqa: S608
    for one in TextIndex
}
_REMOVE = {one: text(f"DELETE FROM {one} WHERE seq = ANY(:gone)") for one in TextIndex}  # noqa: S608


@lru_cache
def _search(index: TextIndex, count: int) -> TextClause:
    """One statement for `count` words: rows with any of them, then how rare each word is, then the best rows."""
    places = range(count)
    often = f"{_OFTEN} * ts_rank('{_SHARES}', words, to_tsquery('{_CONFIGURATION}', :w"
    ranks = ", ".join(f"{often}{one})) AS r{one}" for one in places)
    seen = [f"count(*) FILTER (WHERE r{one} > 0)" for one in places]
    rare = ", ".join(f"ln(1 + (max(whole.rows) - {n} + 0.5) / ({n} + 0.5)) AS i{one}" for one, n in enumerate(seen))
    score = " + ".join(f"i{one} * r{one} / (r{one} + k)" for one in places)
    return text(
        f"WITH found AS MATERIALIZED (SELECT seq, length, {ranks} FROM {index} "  # noqa: S608
        f"WHERE words @@ (to_tsquery('simple', :within) && to_tsquery('{_CONFIGURATION}', :any))), "
        f"whole AS MATERIALIZED (SELECT count(*) AS rows, sum(length)::float8 / count(*) AS mean FROM {index} "
        "WHERE scope = ANY(:scopes)), "
        f"rare AS (SELECT {rare} FROM found, whole) "
        f"SELECT seq, {score} AS score FROM found, whole, rare, LATERAL (SELECT {_LENGTH} AS k) AS lengths "
        "ORDER BY score DESC, seq LIMIT :count"
    )
