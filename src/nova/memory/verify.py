"""Whether the tiers agree with each other: rows, words, vectors, links, erasures. Looks first, mends when asked.

Knows what a person is told of it; refuses to look at what the notes say (memory.check does).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from nova.core.errors import StoreError
from nova.core.labels import Scope
from nova.core.notes import NoteStatus
from nova.store import agreement, episodes, erase, notes
from nova.store.indexes import leaf
from nova.store.textindex import TextIndex, query_words

if TYPE_CHECKING:
    from nova.memory.tiers import Memory

T = TypeVar("T")
MEND = "Mend it: nova memory verify --mend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not agree. mended: whether it was put right; mend: what to do where it was not."""

    what: str
    mended: bool = False
    mend: str = ""


def verify(memory: Memory, *, mend: bool = False) -> tuple[Finding, ...]:
    """Everything that does not agree in this database, all scopes together; names and numbers only, no texts.

    mend: rebuilds text indexes from the rows, drops vectors of a wrong size (they are read again), finishes erasures.
    Raises StoreError.
    """
    found = [finding for index in TextIndex for finding in _index(memory, index, mend=mend)]
    return (*found, *_vectors(memory, mend=mend), *_rows(memory), *_erasures(memory, mend=mend))


def heal(memory: Memory) -> tuple[str, ...]:
    """Rebuilds the text indexes that are damaged, and nothing else; what was done, in words. Raises StoreError."""
    damaged = [index for index in TextIndex if not _sound(memory, index)]
    done = "The text index {} was damaged; it was rebuilt from {:,} rows."
    return tuple(done.format(index.value, _rebuild(memory, index)) for index in damaged)


def on_sound_indexes(memory: Memory, write: Callable[[], T]) -> T:
    """What `write` gives; where a damaged text index refuses it, once more after that was rebuilt. Raises StoreError.

    write: one whole transaction, of which nothing is left when it raises.
    """
    try:
        return write()
    except StoreError:
        if not heal(memory):
            raise
        return write()


def blind(memory: Memory, scope: Scope) -> bool:
    """Whether a text index does not find the newest row of these scopes by its own words. Raises StoreError."""
    with memory.database.read() as connection:
        said = [one.text for one in episodes.latest(connection, scope, 1)]
        noted = [one.text for one in notes.listed(connection, scope, statuses=(NoteStatus.ACTIVE,), count_max=1)]
        return any(
            words and not leaf(connection).search(connection, scope, index, words, 1)
            for index, texts in ((TextIndex.EPISODES, said), (TextIndex.NOTES, noted))
            for words in map(query_words, texts)
        )


def _index(memory: Memory, index: TextIndex, *, mend: bool) -> list[Finding]:
    sound = _sound(memory, index)
    with memory.database.read() as connection:
        rows = agreement.rows_of(connection, index)
        known = leaf(connection).numbers(connection, index) if sound else set[int]()
    if sound and known == rows:
        return []
    lacks = f"lacks {len(rows - known)} rows and has {len(known - rows)} too many."
    what = f"The text index {index.value} {lacks if sound else 'is damaged.'}"
    if mend:
        what = f"{what} It was rebuilt from {_rebuild(memory, index):,} rows."
    return [Finding(what=what, mended=mend, mend=MEND)]


def _sound(memory: Memory, index: TextIndex) -> bool:
    """By the index's own check, which is written as an insert and so needs a transaction that may write."""
    with memory.database.write() as connection:
        return leaf(connection).sound(connection, index)


def _rebuild(memory: Memory, index: TextIndex) -> int:
    with memory.database.write() as connection:
        return agreement.rebuild(connection, index)


def _vectors(memory: Memory, *, mend: bool) -> list[Finding]:
    if memory.encoder is None:
        return []
    name, size = memory.encoder_name, 2 * memory.encoder.blocks[0]
    found: list[Finding] = []
    for table in agreement.TABLES:
        with memory.database.read() as connection:
            count = agreement.odd_vectors(connection, table, name, size)
        if count and mend:
            with memory.database.write() as connection:
                agreement.drop_odd_vectors(connection, table, name, size)
            memory.matrices.clear()
        if count:
            what = f"{count} vectors of {table.name} are not of the size that {name} makes."
            after = " They will be read again: nova memory embed" if mend else ""
            found.append(Finding(what=what + after, mended=mend, mend=MEND))
    return found


def _rows(memory: Memory) -> list[Finding]:
    with memory.database.read() as connection:
        loose, lost = agreement.loose_links(connection), agreement.orphaned_turns(connection)
        alive = agreement.alive_though_superseded(connection)
    found = [Finding(what=f"{loose} links between notes lead nowhere.", mend="This is a bug in Nova.")] if loose else []
    found += [Finding(what=f"{lost} turns belong to no run.", mend="This is a bug in Nova.")] if lost else []
    decide = "Decide which one holds: nova memory why {}"
    return [
        *found,
        *(Finding(what=f"The note {one} is superseded and still active.", mend=decide.format(one)) for one in alive),
    ]


def _erasures(memory: Memory, *, mend: bool) -> list[Finding]:
    with memory.database.read() as connection:
        left = erase.unfinished(connection)
    if not left:
        return []
    done = mend and erase.scrub(memory.database, memory.blobs)
    return [Finding(what=f"{left} erasures were cut off before the file was scrubbed.", mended=done, mend=MEND)]
