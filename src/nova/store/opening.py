"""Which database a home has: its SQLite file, or the PostgreSQL that its settings refer to.

Knows settings; refuses to know how either is opened. An address is resolved when it is needed, and kept nowhere.
What a killed process left of an erasure is finished here, before anybody reads.
"""

from __future__ import annotations

import contextlib

from nova.core.errors import StoreError
from nova.settings.definition import Settings
from nova.settings.home import Home
from nova.settings.secrets import resolve_secret
from nova.store import erase
from nova.store.database import Database, open_database, open_database_at
from nova.store.values import Blobs


def open_store(home: Home, settings: Settings) -> Database:
    """The database of this home, brought up to date. Raises NewerStore, NotReady, StoreFull, StoreError."""
    database = _opened(home, settings)
    with contextlib.suppress(StoreError):  # a file that cannot be written now is still read; verify says what is left
        erase.finish(database, Blobs(home.data / "blobs"))
    return database


def _opened(home: Home, settings: Settings) -> Database:
    if settings.database_url is None:
        return open_database(home.database, settings.store_synchronous)
    return open_database_at(resolve_secret(settings.database_url))
