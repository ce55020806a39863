"""What Nova writes down about each worktree, beside it: whose it is, what it was made from, what is being done to it.

Knows the file and its lock; refuses to know git. An entry is written whole or not at all (a rename), and only while
the lock is held, so a process that is killed leaves either the word that something was begun or that it was done.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from nova.core.errors import ToolFailed, ToolTransient
from nova.core.ids import id_of
from nova.core.text import nearest, shorten

LOCK_SECONDS_MAX = 20.0
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


class Doing(BaseModel):
    """Something begun and not known to be done. was: the tree of the index, or for a commit the branch's tip.

    paths: files below the project's folder that it may have half written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    verb: str
    was: str
    paths: tuple[str, ...] = ()


class Entry(BaseModel):
    """One worktree. state: making, ready or dropped. done: idempotency keys of what was done, with what came out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    run: str
    scope: str
    root: str
    prefix: str
    branch: str
    base: str
    state: str = "making"
    kept: bool = False
    doing: Doing | None = None
    done: dict[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Worktree:
    """A worktree that is there. folder: its top; root: the project's folder in it, links followed.

    base: the commit it was made from; branch: without `refs/heads/`.
    """

    entry: Entry
    folder: Path

    @property
    def id(self) -> str:
        """What the tools call it by."""
        return self.entry.id

    @property
    def root(self) -> Path:
        """The project's folder in it."""
        return self.folder / self.entry.prefix if self.entry.prefix else self.folder

    @property
    def branch(self) -> str:
        """Its branch."""
        return self.entry.branch

    @property
    def base(self) -> str:
        """The commit it was made from."""
        return self.entry.base

    def with_entry(self, entry: Entry) -> Worktree:
        """The same with another entry."""
        return replace(self, entry=entry)


def shelf(place: Path, scope: str) -> Path:
    """The folder of one scope's worktrees."""
    return place / (scope if _SAFE.fullmatch(scope) else id_of("s", scope))


def folder_of(place: Path, scope: str, id: str) -> Path:  # noqa: A002 the noun that worktrees carry everywhere
    """Where a worktree lies. Raises ToolFailed for what cannot be the id of one."""
    if not _SAFE.fullmatch(id):
        raise ToolFailed(f"“{shorten(id, 60)}” is no worktree.", "worktree_make gives the id.")
    return shelf(place, scope) / id


def read(place: Path, scope: str, id: str) -> Entry | None:  # noqa: A002 the same
    """What is written about it; None when nothing is. Raises ToolFailed for an entry that cannot be read."""
    file = _file(folder_of(place, scope, id))
    try:
        return Entry.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as problem:
        raise ToolFailed(f"{file} cannot be read: {shorten(str(problem), 120)}.", "Move it away.") from None


def write(place: Path, entry: Entry) -> Entry:
    """Put it down for good; the lock must be held."""
    file = _file(folder_of(place, entry.scope, entry.id))
    fresh = file.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as stream:
        stream.write(entry.model_dump_json(indent=1))
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
    return entry


def entries(place: Path, scope: str) -> list[Entry]:
    """Every worktree of a scope that was ever made and whose entry is still there, by id."""
    try:
        files = sorted(shelf(place, scope).glob("*.json"))
    except OSError:
        return []
    found = (read(place, scope, file.stem) for file in files if _SAFE.fullmatch(file.stem))
    return [entry for entry in found if entry is not None]


def meant(place: Path, scope: str, asked: str, run: str) -> str:
    """The id of the worktree that was meant: the one named, or the only one this run has. Raises ToolFailed."""
    if asked.strip():
        return asked.strip()
    own = [entry.id for entry in entries(place, scope) if entry.run == run and entry.state == "ready"]
    if len(own) == 1:
        return own[0]
    mend = f"Say which one: {', '.join(own[:5])}." if own else "worktree_make makes one."
    raise ToolFailed(f"This run has {len(own) or 'no'} worktrees of its own.", mend)


def unknown(place: Path, scope: str, id: str) -> ToolFailed:  # noqa: A002 the same
    """The failure for an id that names nothing, with the ids it may have been meant to be."""
    known = [entry.id for entry in entries(place, scope) if entry.state == "ready"]
    near = nearest(id, known)
    mend = f"Did you mean {' or '.join(near)}?" if near else "worktree_make makes one."
    return ToolFailed(f"There is no worktree “{shorten(id, 60)}”.", mend)


@contextmanager
def locked(place: Path, scope: str, id: str) -> Generator[None]:  # noqa: A002 the same
    """Hold the worktree alone, also against other processes; a killed one lets go. Raises ToolTransient when busy."""
    folder = folder_of(place, scope, id)
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder.parent / f"{id}.lock").open("a") as handle:
        ends = time.monotonic() + LOCK_SECONDS_MAX
        while not _taken(handle.fileno()):
            if time.monotonic() > ends:
                raise ToolTransient(f"The worktree {id} is being worked in by another step.", "Try again.")
            time.sleep(0.02)
        yield


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _file(folder: Path) -> Path:
    return folder.parent / f"{folder.name}.json"
