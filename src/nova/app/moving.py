"""A home moved from its SQLite file to PostgreSQL: who may not run meanwhile, the copy, and the line in nova.toml.

Knows that order, and that each step can be done again after a kill; refuses to know tables (store.moving).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from nova.app import textrepo
from nova.app.house import Nova
from nova.app.textfiles import rewrite
from nova.core.errors import BadFiles, BadInput, NotReady
from nova.pipelines.engine import Client, Ground
from nova.pipelines.lock import hold
from nova.settings.home import Home
from nova.settings.load import parse_settings
from nova.settings.secrets import SecretPlace, SecretReference, parse_reference, resolve_secret
from nova.settings.text import read_text
from nova.store import moving
from nova.store.database import Connection, Database, open_database_at
from nova.store.moving import Told

ALIVE = timedelta(seconds=60)
ADDRESS_FILE = "database-address"
_STORE = re.compile(r"^[ \t]*\[[ \t]*store[ \t]*\][ \t]*(?:#.*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A move that was made. place: the database without its password; reference: what stands in nova.toml now."""

    moved: moving.Moved
    place: str
    reference: str


def move(nova: Nova, to: str, told: Told, *, committed: Callable[[], None] = lambda: None) -> Move:
    """Moves the home. to: postgresql://..., or where such an address lies (env:NAME, keyring:.., file:..).

    Raises BadInput, NotReady, StoreError; then the home is as it was, and the command may be given again. committed:
    called when the copy stands and only nova.toml is left to change.
    """
    home = nova.home
    if nova.settings.database_url is not None:
        raise BadInput(
            f"This home's store is not a file: nova.toml says {nova.settings.database_url}.",
            "From PostgreSQL to PostgreSQL use its own tools: pg_dump and pg_restore.",
        )
    reference = parse_reference(to)
    address = resolve_secret(reference) if reference else to
    source = nova.database  # opened first: a new home has no folder for its lock
    lock = hold(home.database, "nova migrate-database")
    try:
        if busy := moving.going_on(source, nova.clock() - ALIVE):
            raise NotReady(f"Somebody uses this home: {busy}.", "Wait until it has ended, or: nova stop --all")
        target = open_database_at(address)
        try:
            moved = _copied(nova, target, address, told)
            committed()
            written = reference or _kept(home, address)
            _switch(nova, written)
        finally:
            target.close()
    finally:
        lock.release()
    return Move(moved=moved, place=target.place, reference=str(written))


def _copied(nova: Nova, target: Database, address: str, told: Told) -> moving.Moved:
    client = Client.open(Ground(address=address))

    def enqueue(connection: Connection, run: str, leg: int, queue: str, project: str) -> None:
        client.enqueue(connection, run, leg, queue, partition=project)

    try:
        return moving.move(nova.database, target, enqueue=enqueue, told=told, at=nova.clock())
    finally:
        client.close()


def _kept(home: Home, address: str) -> SecretReference:
    """The address in a file of its own that only the owner can read: nova.toml is committed, and it may hold a
    password."""
    file = home.data / ADDRESS_FILE
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        stream.write(address.strip() + "\n")
    file.chmod(0o600)
    return SecretReference(place=SecretPlace.FILE, name=str(file))


def _switch(nova: Nova, reference: SecretReference) -> None:
    """Writes the line into nova.toml and commits it. Raises NotReady with the line, where the file is too unusual."""
    home, file = nova.home, nova.home.settings_file
    line = f'database_url = "{reference}"'
    text = with_line(read_text(file), line, f"Before {nova.clock():%Y-%m-%d} the store was {home.database}.")
    try:
        understood = parse_settings(text, str(file)).database_url == reference
    except BadFiles:
        understood = False
    if not understood:
        raise NotReady(
            f"Everything is in {reference} now, but {file} could not be changed by itself.",
            f"Write into it, under [store]: {line}",
        )
    rewrite(file, text)
    textrepo.commit(home.root, [file], "The store is in PostgreSQL now: nova migrate-database")


def with_line(text: str, line: str, about: str) -> str:
    """The text of nova.toml with a line under [store], and above it what was before; the section is made if needed."""
    added = f"# {about} Without the next line it is that file again.\n{line}\n"
    found = _STORE.search(text)
    if found is None:
        return f"{text.rstrip()}\n\n[store]\n{added}"
    end = found.end() + 1 if text[found.end() : found.end() + 1] == "\n" else found.end()
    return f"{text[: found.end()]}\n{added}{text[end:]}"
