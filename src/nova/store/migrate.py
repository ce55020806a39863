"""Brings a database to this Nova's shape, in one transaction: a kill leaves the old shape or the new, never between.

Knows versions; refuses to know what a migration does (migrations/versions). Alembic is imported only when there is
something to do, because its import costs more than a whole request.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from nova.core.errors import NewerStore
from nova.store import postgres, sqlite

HEAD = "0003"
VERSIONS = ("0001", "0002", "0003")
"""All versions in order; a test keeps both in step with the migration files."""


def bring_up(engine: Engine, place: str) -> None:
    """Upgrades the database behind `engine` if it must be. Raises NewerStore when it is from a later Nova."""
    with engine.connect().execution_options(reads=True) as connection:
        found = version_of(connection)
    if found == HEAD:
        return
    if found and found not in VERSIONS:
        raise NewerStore(
            f"The database {place} was written by a newer Nova (its version is {found}, this Nova knows {HEAD}).",
            "Update Nova, or use another database. Nothing was changed.",
        )
    with engine.begin() as connection:  # alone: of two processes one waits here and then finds nothing to do
        if version_of(connection) != HEAD:
            leaf = postgres if engine.dialect.name == "postgresql" else sqlite
            leaf.prepare(connection)
            upgrade(connection, HEAD)
            leaf.enforce(connection)


def version_of(connection: Connection) -> str:
    """The version the database says it has; empty for a new file."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or ""


def upgrade(connection: Connection, version: str) -> None:
    """Runs the migrations up to `version` on this connection, inside its transaction."""
    from alembic import command  # imported late: 0.1 s
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, version)
