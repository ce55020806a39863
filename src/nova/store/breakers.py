"""Rows of circuit breakers: how often a provider or a tool failed in a row, and until when it is left alone.

Knows the rows, which all processes of a home share; refuses to know when a circuit opens (models.circuits decides).
They hold no text of any project but the words of an error, so they are the home's and not behind a wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from nova.core.labels import HOME, Label, write_label
from nova.store import times
from nova.store.tables import BREAKERS

_LABEL = write_label(Label(scopes=frozenset({HOME})))


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """One circuit. name: `provider:NAME` or `tool:NAME`; failures: in a row; open_until: None while it is closed."""

    name: str
    failures: int
    open_until: datetime | None
    last_error: str
    at: datetime


def every(connection: Connection) -> dict[str, Breaker]:
    """All circuits with a failure, by name; those that work have no row."""
    return {row["name"]: _breaker(row) for row in connection.execute(select(BREAKERS)).mappings()}


def count(connection: Connection, name: str, error: str, at: datetime) -> int:
    """One more failure in a row; how many there are now."""
    table = postgresql.insert(BREAKERS) if connection.dialect.name == "postgresql" else sqlite.insert(BREAKERS)
    fresh = {"name": name, "scope": HOME, "label": _LABEL, "failures": 0, "at": times.written(at)}
    connection.execute(table.values(**fresh).on_conflict_do_nothing())
    more = {"failures": BREAKERS.c.failures + 1, "last_error": error, "at": times.written(at)}
    counted = update(BREAKERS).where(BREAKERS.c.name == name).values(**more).returning(BREAKERS.c.failures)
    return int(connection.execute(counted).scalar_one())


def open_until(connection: Connection, name: str, until: datetime) -> None:
    """Nobody tries it before then; a later time that is there already stays."""
    written = times.written(until)
    mine = (BREAKERS.c.name == name) & (BREAKERS.c.open_until < written)
    connection.execute(update(BREAKERS).where(mine).values(open_until=written))


def take_probe(connection: Connection, breaker: Breaker, until: datetime) -> bool:
    """Whether this caller may try it once, now that its pause is over; all others wait until then.

    Of any number of processes that ask at the same moment, one is told True.
    """
    seen = times.written(breaker.open_until) if breaker.open_until else ""
    mine = (BREAKERS.c.name == breaker.name) & (BREAKERS.c.open_until == seen)
    taken = connection.execute(update(BREAKERS).where(mine).values(open_until=times.written(until)))
    return taken.rowcount == 1


def close(connection: Connection, name: str) -> None:
    """It works again."""
    connection.execute(delete(BREAKERS).where(BREAKERS.c.name == name))


def _breaker(row: RowMapping) -> Breaker:
    return Breaker(
        name=row["name"],
        failures=row["failures"],
        open_until=times.read(row["open_until"]),
        last_error=row["last_error"],
        at=times.read_set(row["at"]),
    )
