"""Where an engine of the contract lies: a SQLite file or a database of a PostgreSQL, store and engine tables made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
import sqlalchemy
from tests.support.places import opened

from nova.pipelines.engine import Client, Ground
from nova.pipelines.engine_ground import open_engine
from nova.store.database import Database


def ground_at(place: str) -> Ground:
    """The ground of a path or an address."""
    return Ground(address=place) if "://" in place else Ground(file=Path(place))


def place_of(ground: Ground) -> str:
    """The path or address of it."""
    return str(ground.file or ground.address)


def make(place: str) -> None:
    """The tables of the store and of the engine."""
    opened(place).close()
    Client.open(ground_at(place)).close()


def enqueue(database: Database, client: Client, runs: Iterable[str], queue: str, partition: str = "") -> None:
    """The first leg of each, in one transaction."""
    with database.write() as connection:
        for run in runs:
            client.enqueue(connection, run, 1, queue, partition=partition)


def cells(ground: Ground) -> dict[str, list[tuple[object, ...]]]:
    """Every cell of every table of the engine."""
    engine = open_engine(ground)
    try:
        with engine.connect() as connection:
            schema = None if ground.file else "dbos"
            names = _engine_tables(sqlalchemy.inspect(connection).get_table_names(schema=schema), ground)
            return {
                name: [
                    tuple(row)
                    for row in connection.exec_driver_sql(f"SELECT * FROM {'' if ground.file else 'dbos.'}{name}")
                ]
                for name in names
            }
    finally:
        engine.dispose()


def _engine_tables(names: list[str], ground: Ground) -> list[str]:
    from nova.store.tables import METADATA

    return [name for name in names if not ground.file or name not in METADATA.tables]


def change(ground: Ground, statement: str) -> None:
    """A statement in the engine's own tables; {dbos} stands for their schema."""
    engine = open_engine(ground)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement.format(dbos="" if ground.file else "dbos."))
    engine.dispose()


@dataclass(frozen=True, slots=True)
class Bases:
    """The databases of one PostgreSQL. address: with a place for the name of one."""

    address: str

    def execute(self, statement: LiteralString, name: str = "postgres") -> None:
        """A statement that cannot be in a transaction."""
        with psycopg.connect(self.address.format(name), autocommit=True) as connection:
            connection.execute(statement)
