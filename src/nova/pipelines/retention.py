"""Traces of pipelines that ended long ago go, a few at a time. Knows when; refuses to know which rows (store)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from nova.core.labels import HOME, Scope
from nova.store import big, collecting, cursors, slots
from nova.store.collecting import Gone
from nova.store.database import Database
from nova.store.values import Blobs

BATCH = 100  # trees in one transaction: others write in between
PAUSE_SECONDS = 0.02
EVERY = timedelta(days=1)
QUIET = timedelta(minutes=15)
_CURSOR = "collected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What went. runs: trees whose steps went; records: those of them whose events went too; blobs: big values."""

    runs: int = 0
    records: int = 0
    blobs: int = 0
    slots: int = 0
    occurrences: int = 0


async def collect(database: Database, scope: Scope, blobs: Blobs, *, keep_days: int, now: datetime) -> Collected:
    """Takes out what ended more than `keep_days` ago, in batches. Raises StoreError; what is gone by then is gone."""
    before, gone = now - timedelta(days=keep_days), Gone()
    with database.read() as connection:
        kept = collecting.quoted(connection, scope)
    while True:
        with database.read() as connection:
            found = collecting.ended(connection, scope, before, BATCH + len(gone.stay))
        roots = [run for run in found if run not in gone.stay][:BATCH]
        if not roots:
            break
        with database.write() as connection:
            gone += collecting.collect(connection, scope, roots, kept, now)
        await asyncio.sleep(PAUSE_SECONDS)
    with database.write() as connection:
        old_slots = slots.prune(connection, scope, before)
        old_occurrences = collecting.forget_occurrences(connection, scope, before)
    dropped = big.drop(database, blobs)
    return Collected(runs=gone.runs, records=gone.records, blobs=dropped, slots=old_slots, occurrences=old_occurrences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """The worker's daily clearing. legs: takes out what the engine keeps of legs that ended so long ago.

    scope: the home and all projects, asked each time.
    """

    database: Database
    scope: Callable[[], Scope]
    blobs: Blobs
    keep_days: int
    legs: Callable[[timedelta], int]
    clock: Callable[[], datetime]

    async def tick(self) -> Collected | None:
        """Clears once a day, while nothing else goes on; None when it is not the time. Raises StoreError."""
        now, scope = self.clock(), self.scope()
        with self.database.read() as connection:
            last = cursors.value(connection, scope, _CURSOR)
            if (last and now - datetime.fromisoformat(last) < EVERY) or not collecting.quiet(connection, now - QUIET):
                return None
        with self.database.write() as connection:
            if cursors.value(connection, scope, _CURSOR) != last:
                return None  # another worker was first
            cursors.put(connection, Scope(own=HOME, names=scope.names), _CURSOR, now.isoformat(), now)
        done = await collect(self.database, scope, self.blobs, keep_days=self.keep_days, now=now)
        self.legs(timedelta(days=self.keep_days))
        await asyncio.to_thread(collecting.vacuum, self.database)
        return done
