"""Whether rows, text indexes, vectors and links agree: numbers and ids, never texts, so no function needs a Scope.

Knows what must hold between tables; refuses to mend more than one thing at a time.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, func, select, update

from nova.core.labels import Scope
from nova.core.notes import NoteStatus
from nova.store import episodes, notes
from nova.store.halves import size_of
from nova.store.indexes import leaf
from nova.store.tables import EPISODES, NOTE_LINKS, NOTES, RUNS
from nova.store.textindex import TextIndex

TABLES = (EPISODES, NOTES)


def rows_of(connection: Connection, index: TextIndex) -> set[int]:
    """The numbers of the rows that must be in a text index."""
    if index is TextIndex.NOTES:
        query = select(NOTES.c.seq).where(NOTES.c.status != NoteStatus.FORGOTTEN.value)
    else:
        query = select(EPISODES.c.seq)
    return {int(seq) for seq in connection.execute(query).scalars()}


def rebuild(connection: Connection, index: TextIndex) -> int:
    """Writes one text index anew from the rows of all scopes; how many rows are in it then."""
    leaf(connection).clear(connection, index)
    names = {str(name) for table in TABLES for name in connection.execute(select(table.c.scope).distinct()).scalars()}
    for name in sorted(names):
        if index is TextIndex.NOTES:
            notes.reindex(connection, Scope.of(name))
        else:
            episodes.refill(connection, Scope.of(name))
    return len(leaf(connection).numbers(connection, index))


def odd_vectors(connection: Connection, table: Table, encoder: str, size: int) -> int:
    """How many vectors say they are this encoder's and are not `size` bytes long."""
    query = select(func.count()).select_from(table).where(_odd(table, encoder, size))
    return int(connection.execute(query).scalar_one())


def drop_odd_vectors(connection: Connection, table: Table, encoder: str, size: int) -> None:
    """Takes them out, so that they are read again."""
    connection.execute(update(table).where(_odd(table, encoder, size)).values(encoder="", vector=None))


def loose_links(connection: Connection) -> int:
    """How many links between notes lead to a note that is not there."""
    known = select(NOTES.c.id)
    loose = NOTE_LINKS.c.source.not_in(known) | NOTE_LINKS.c.target.not_in(known)
    return int(connection.execute(select(func.count()).select_from(NOTE_LINKS).where(loose)).scalar_one())


def alive_though_superseded(connection: Connection) -> list[str]:
    """The ids of notes that another supersedes and that are active all the same."""
    replaced = select(NOTE_LINKS.c.target).where(NOTE_LINKS.c.kind == notes.LinkKind.SUPERSEDES.value)
    query = select(NOTES.c.id).where(NOTES.c.id.in_(replaced), NOTES.c.status == NoteStatus.ACTIVE.value)
    return [str(one) for one in connection.execute(query.order_by(NOTES.c.id)).scalars()]


def orphaned_turns(connection: Connection) -> int:
    """How many episodes name a run that is not there."""
    lost = (EPISODES.c.run != "") & EPISODES.c.run.not_in(select(RUNS.c.id))
    return int(connection.execute(select(func.count()).select_from(EPISODES).where(lost)).scalar_one())


def _odd(table: Table, encoder: str, size: int) -> ColumnElement[bool]:
    return (table.c.encoder == encoder) & (func.coalesce(size_of(table.c.vector), 0) != size)
