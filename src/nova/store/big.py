"""Big values beside the database: which rows refer to one, and which files nobody needs any more.

Knows every column that may hold a reference; refuses to know what is in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import Column, Connection, select

from nova.core.labels import Scope
from nova.store.blanking import forms
from nova.store.database import Database
from nova.store.tables import EFFECTS, REVIEWS, STEPS, WALKS
from nova.store.values import Blobs, blob_in

COLUMNS: Sequence[Column[str]] = (
    WALKS.c.inputs, WALKS.c.output, STEPS.c.output, EFFECTS.c.result, REVIEWS.c.payload, REVIEWS.c.edit,
)  # fmt: skip
_REFERENCE = '{"$blob"'


def runs_holding(connection: Connection, scope: Scope, words: Iterable[str], blobs: Blobs) -> frozenset[str]:
    """The runs of these scopes with a big value in which one of the words stands, whatever its case."""
    needles = [form.casefold() for word in words for form in forms(word)]
    looked: dict[str, bool] = {}
    found: set[str] = set()
    for column in COLUMNS:
        table = column.table
        query = select(table.c.run, column).where(column.startswith(_REFERENCE), table.c.scope.in_(scope.names))
        for run, text in connection.execute(query):
            name = blob_in(str(text))
            if name not in looked:
                looked[name] = _holds(blobs.path(name), needles)
            found |= {str(run)} if looked[name] else set()
    return frozenset(found)


def _holds(file: Path, needles: Sequence[str]) -> bool:
    try:
        said = file.read_bytes().decode("utf-8", "replace").casefold()
    except OSError:
        return False  # it is not there: nothing of it can be forgotten
    return any(needle in said for needle in needles)


def drop(database: Database, blobs: Blobs) -> int:
    """Removes the values that no row refers to; how many. Raises StoreError.

    In a writing transaction, so that nobody writes a row that refers to one meanwhile: values are kept inside theirs.
    """
    if not blobs.folder.is_dir():
        return 0
    with database.read() as connection:
        used = _referred(connection)
    candidates = [file for file in blobs.folder.glob("*/*") if file.name not in used]  # half-written ones among them
    if not candidates:
        return 0
    with database.write() as connection:
        used = _referred(connection)
        gone = [file for file in candidates if file.name not in used]
        for file in gone:
            file.unlink(missing_ok=True)
    return len(gone)


def _referred(connection: Connection) -> set[str]:
    """Names only, of all scopes: a value that two projects gave is one file."""
    found: set[str] = set()
    for column in COLUMNS:
        rows = connection.execute(select(column).where(column.startswith(_REFERENCE))).scalars()
        found |= {blob_in(str(text)) for text in rows}
    return found
