"""Where the runs that are killed lie: a SQLite file, or a database on PostgreSQL; and what stands there, read raw.

The reading is plain SQL on a connection of its own, so that what is judged is not asked of the code that is judged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

from benchmarks.faults.verdict import Key
from nova.pipelines.engine_ground import Ground
from nova.store.database import Database, open_database, open_database_at

if TYPE_CHECKING:
    from psycopg import Column
    from psycopg.sql import Composable

SETTLED = frozenset({"done", "degraded", "skipped"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One database and the folder beside it. address: of PostgreSQL, or empty for SQLite."""

    folder: Path
    address: str = ""

    @property
    def name(self) -> str:
        """As it stands in tables."""
        return "PostgreSQL" if self.address else "SQLite"

    @property
    def ground(self) -> Ground:
        """As the engine knows it."""
        return Ground(address=self.address) if self.address else Ground(file=self.folder / "nova.db")

    def open(self) -> Database:
        """As Nova opens it."""
        return open_database_at(self.address) if self.address else open_database(self.folder / "nova.db")

    def settled(self) -> Mapping[Key, str]:
        """Every finished step with its output."""
        rows = self._rows("SELECT run, path, output, state FROM steps")
        return {(run, path): output for run, path, output, state in rows if state in SETTLED}

    def states(self) -> Mapping[str, str]:
        """Every run with its state."""
        return {row[0]: row[1] for row in self._rows("SELECT id, state FROM runs")}

    def held(self) -> Mapping[str, str]:
        """Every run that is being walked, with its holder."""
        return {row[0]: row[1] for row in self._rows("SELECT run, holder FROM walks WHERE state = 'running'")}

    def workers(self) -> frozenset[str]:
        """The names of all workers that have started."""
        return frozenset(row[0] for row in self._rows("SELECT id FROM workers"))

    def open_reviews(self) -> list[str]:
        """The reviews that nobody has answered."""
        return [row[0] for row in self._rows("SELECT id FROM reviews WHERE answer = '' ORDER BY id")]

    def count(self, query: LiteralString) -> int:
        """One number."""
        return int(self._rows(query)[0][0])

    def multiply(self, run: str, count: int, tables: Mapping[str, str]) -> None:
        """Copies a finished run `count` times, as run-1, run-2, ...; then the planner is told. PostgreSQL only.

        tables: each with the column that names the run; wherever else its name stands in a text, it is changed too.
        """
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.ground.conninfo, autocommit=True) as connection:
            for table, key in tables.items():
                name = sql.Identifier(*table.split("."))
                found = connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(name)).description or []
                columns = [sql.Identifier(column.name) for column in found]
                values = [_changed(column, run) for column in found]
                insert = sql.SQL(
                    "INSERT INTO {table} ({columns}) SELECT {values} FROM {table}, "
                    "generate_series(1, {count}) AS copies(nth) WHERE {key} LIKE {like}"
                ).format(
                    table=name, columns=sql.SQL(", ").join(columns), values=sql.SQL(", ").join(values),
                    count=sql.Literal(count), key=sql.Identifier(key), like=sql.Literal(f"{run}%"),
                )  # fmt: skip
                connection.execute(insert)
            connection.execute("VACUUM ANALYZE")

    def _rows(self, query: LiteralString) -> list[tuple[str, ...]]:
        if self.address:
            import psycopg

            with psycopg.connect(self.ground.conninfo) as connection:
                return list(connection.execute(query))
        with closing(sqlite3.connect(self.folder / "nova.db", timeout=30)) as connection:
            return list(connection.execute(query))


def _changed(column: Column, run: str) -> Composable:
    """The value of a column in a copy."""
    from psycopg import sql

    own = sql.Identifier(column.name)
    if column.type_display not in ("text", "varchar"):
        return own
    return sql.SQL("replace({}, {}, {} || '-' || nth)").format(own, sql.Literal(run), sql.Literal(run))
