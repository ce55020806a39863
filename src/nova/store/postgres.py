"""The PostgreSQL leaf: how a connection is opened and what the database itself enforces.

Knows addresses, transactions and triggers; refuses to know tables' meaning, and to repeat a password. psycopg is
imported only when an address leads here: a file needs none of its 13 MB.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from nova.core.errors import NotReady, StoreError, StoreFull
from nova.store import textindex_postgres
from nova.store.tables import METADATA
from nova.store.textindex import TextIndex

if TYPE_CHECKING:
    import psycopg

BUSY_TIMEOUT_MS = 10_000
VERSION_MIN = 14
PGVECTOR_MIN = (0, 7)
_PATIENCE: Mapping[str, str] = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "tcp_user_timeout": "30000",
}  # s, s, ms

# One writer at a time, as on SQLite: numbers are then seen in the order they were given, and a reader that asks for
# what is newer than the last number it knows can miss nothing.
ONE_WRITER = "SELECT pg_advisory_xact_lock(hashtextextended('nova writes ' || current_schema(), 0))"

LOCK_NOT_AVAILABLE = "55P03"
OLD_SNAPSHOTS = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL"
)

# While an erasure is open, and only then, what was recorded may be rewritten (store.erase).
APPEND_ONLY = (
    """CREATE OR REPLACE FUNCTION nova_events_stand() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT
    AS $$ BEGIN
      IF NOT EXISTS (SELECT 1 FROM erasures WHERE state = 'open') THEN
        RAISE EXCEPTION 'events are append-only';
      END IF;
      RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$""",
    "CREATE OR REPLACE TRIGGER events_are_not_changed BEFORE UPDATE OR DELETE ON events "
    "FOR EACH ROW EXECUTE FUNCTION nova_events_stand()",
    "CREATE OR REPLACE TRIGGER events_are_not_emptied BEFORE TRUNCATE ON events "
    "FOR EACH STATEMENT EXECUTE FUNCTION nova_events_stand()",
)


def address_of(text: str) -> URL:
    """The address that `text` writes: postgresql://user:password@host:port/database. Raises StoreError."""
    mend = "Write postgresql://user:password@host:5432/database; @ in a password is written %40, / is written %2F."
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise StoreError("The address of the database cannot be read.", mend) from None
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise StoreError("The address of the database does not begin with postgresql://.", mend)
    if "@" in f"{url.host}{url.database}" or not url.database:
        raise StoreError("The address of the database names no database, or has an @ too many.", mend)
    hidden = url.query.get("password")
    if isinstance(hidden, str):
        url = url.difference_update_query(["password"]).set(password=hidden)
    return url.set(drivername="postgresql+psycopg")


def place_of(address: URL) -> str:
    """The address as it may be shown: where, and which database; neither who nor the password."""
    given = address.query.get("host", "")
    host = address.host or (given if isinstance(given, str) else ",".join(given)) or "localhost"
    return f"postgresql://{host}{f':{address.port}' if address.port else ''}/{address.database}"


def engine_of(address: URL) -> Engine:
    """An engine on one PostgreSQL database; a reader sees one moment, a writer is alone. Raises NotReady."""
    given: dict[str, object] = {name: value for name, value in _PATIENCE.items() if name not in address.query}
    given["prepare_threshold"] = None  # each statement is planned for its own values, and poolers may stand between
    try:
        engine = create_engine(address, connect_args=given, pool_pre_ping=True, use_native_hstore=False)
    except ImportError:
        raise NotReady(
            "PostgreSQL needs the package psycopg, which comes with Nova and is not installed here.",
            "Set Nova up again: delete the folder .venv beside ./nova, then ./nova doctor",
        ) from None

    @event.listens_for(engine, "connect")
    def _opened(connection: psycopg.Connection, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        from nova.store.postgres_wire import register

        register(connection)
        connection.execute("SELECT set_config('lock_timeout', %s, false)", [str(BUSY_TIMEOUT_MS)])
        connection.execute("SET client_min_messages = warning")
        connection.commit()

    @event.listens_for(engine, "begin")
    def _begins(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        from psycopg import IsolationLevel

        reads = bool(connection.get_execution_options().get("reads", False))
        wire = cast("psycopg.Connection", connection.connection.driver_connection)
        wire.read_only = reads
        wire.isolation_level = IsolationLevel.REPEATABLE_READ if reads else IsolationLevel.READ_COMMITTED
        if not reads:
            connection.exec_driver_sql(ONE_WRITER)

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _says(  # pyright: ignore[reportUnusedFunction]
        _connection: object, _cursor: object, statement: str, given: object, _context: object, _many: bool
    ) -> tuple[str, object]:
        return statement, storable(given)

    return engine


def storable(value: object) -> object:
    """A statement's parameters without NUL, the one character that PostgreSQL cannot hold; U+FFFD stands there."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if "\0" in value else value
    if isinstance(value, Mapping):
        return {name: storable(one) for name, one in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        return [storable(one) for one in cast("list[object]", value)]
    return tuple(storable(one) for one in cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value


def prepare(connection: Connection) -> None:
    """What must be there before the tables: a server that is new enough, UTF-8, pgvector. Raises StoreError."""
    number = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    if number < VERSION_MIN * 10_000:
        what = f"The server is PostgreSQL {number // 10_000}; Nova needs {VERSION_MIN} or newer."
        raise StoreError(what, "Nothing was changed.")
    if (encoding := connection.exec_driver_sql("SHOW server_encoding").scalar_one()) != "UTF8":
        mend = "Make one: CREATE DATABASE nova ENCODING 'UTF8' TEMPLATE template0"
        raise StoreError(f"The database holds text as {encoding}; Nova needs UTF8.", mend)
    _prepare_vectors(connection)


def _prepare_vectors(connection: Connection) -> None:
    query = "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
    found = connection.exec_driver_sql(query).scalar_one_or_none()
    if found is None:
        connection.exec_driver_sql("CREATE EXTENSION vector")
        found = str(connection.exec_driver_sql(query).scalar_one())
    if tuple(int(part) for part in str(found).split(".")[:2]) < PGVECTOR_MIN:
        least = ".".join(str(part) for part in PGVECTOR_MIN)
        raise StoreError(f"pgvector is {found}; Nova needs {least} or newer.", "Run: ALTER EXTENSION vector UPDATE")


def enforce(connection: Connection) -> None:
    """Puts into the database what no code path may break (events are append-only), and the text indexes."""
    for statement in APPEND_ONLY:
        connection.exec_driver_sql(statement)
    textindex_postgres.create(connection)
    for table, column in _spoken_columns():
        connection.exec_driver_sql(f'ALTER TABLE {table} ALTER COLUMN "{column}" SET STATISTICS 0')


def _spoken_columns() -> list[tuple[str, str]]:
    """Columns that may hold what somebody said. The planner takes no samples of them: those would outlive the rows."""
    return [
        (table.name, column.name)
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.name in ("key", "speaker")
        or not (column.primary_key or any(column.name in one.columns for one in table.indexes))
    ]


def empty_log(engine: Engine) -> bool:
    """Writes the tables and their indexes anew, without rows that are gone.

    False while somebody still reads: an old snapshot keeps what was deleted after it. What the server logged or copied
    elsewhere (WAL until it is recycled, archives, standbys, backups) is beyond any client.
    """
    tables = ", ".join([*METADATA.tables, *TextIndex])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.exec_driver_sql(OLD_SNAPSHOTS).scalar_one():
            return False
        try:
            connection.exec_driver_sql(f"VACUUM (FULL) {tables}")
        except DBAPIError as error:
            if _told(error)[0] == LOCK_NOT_AVAILABLE:
                return False
            raise
    return True


def spoken_error(error: DBAPIError, place: str) -> StoreError:
    """What went wrong, in a sentence. Only the server's main line is told: its details may hold what was written."""
    state, text = _told(error)
    if state == "53100":
        return StoreFull(f"The disk of {place} is full.", "Free some space; everything recorded so far is safe.")
    if state == LOCK_NOT_AVAILABLE:
        return StoreError(f"The database {place} is in use by another process.", "Try again in a moment.")
    if "extension" in text and ("vector" in text or state == "42501"):
        return StoreError(
            f"The database {place} has no pgvector ({text}).",
            "Install pgvector on the server, and let its superuser run in this database: CREATE EXTENSION vector",
        )
    if state in ("42501", "3F000", "25006"):
        return StoreError(
            f"The database {place} cannot be written ({text}).", "Let its owner grant this user CREATE on its schema."
        )
    if not state or state[:2] in ("08", "28", "53", "57", "3D"):
        return StoreError(f"The database {place} cannot be reached ({text}).", "Check the address and the server.")
    return StoreError(f"The database {place} refused: {text}.", "Run nova doctor.")


def _told(error: DBAPIError) -> tuple[str, str]:
    """The five signs of the SQL standard, empty when the server was not reached, and the first line of what it said."""
    from psycopg import Error

    said = error.orig
    text = (said.diag.message_primary if isinstance(said, Error) else None) or str(said)
    return (said.sqlstate if isinstance(said, Error) else None) or "", " ".join(text.split("\n", 1)[0].split())
