"""Which files lie in a folder that somebody gives, within limits. Follows no link, opens nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nova.core.errors import BadInput, LimitReached, Problem
from nova.memory.files.disk import FILE_BYTES_MAX

FILES_MAX = 50_000
BYTES_MAX = 200_000_000
_SKIPPED = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".mypy_cache", ".nova"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much an import looks at. files: entries of all folders together; bytes: of the text files that are read."""

    files_max: int = FILES_MAX
    bytes_max: int = BYTES_MAX
    file_bytes_max: int = FILE_BYTES_MAX


@dataclass(slots=True)
class Walked:
    """The text files of a folder by their path below it, and what was left out, each with why."""

    root: Path
    files: dict[str, os.stat_result] = field(default_factory=dict[str, os.stat_result])
    skipped: list[Problem] = field(default_factory=list[Problem])


def walk(
    place: Path, limits: Limits, wanted: Callable[[str], bool], seen: Callable[[int], None] | None = None
) -> Walked:
    """The plain files below `place` (or `place` itself) that are `wanted` by their path, sorted.

    seen: told how many entries were looked at. Raises BadInput when there is nothing, LimitReached when there is more
    than the limits allow; nothing was read then.
    """
    place = Path(os.path.realpath(place))  # whoever names a link means what it leads to
    if place.is_file():
        walked = Walked(place.parent)
        _take(walked, place.name, place.stat(), limits)
        return walked
    if not place.is_dir():
        raise BadInput(f"{place} does not exist.", "Give the folder or file that holds the memory to take in.")
    walked = Walked(place)
    looked = 0
    for entry, path in _entries(place, "", walked.skipped):
        looked += 1
        if looked > limits.files_max:
            raise _too_many(place, limits)
        if seen and looked % 1000 == 0:
            seen(looked)
        if not wanted(path):
            continue
        if entry.is_symlink():
            _linked(walked, entry, path)
        elif stat.S_ISREG((status := entry.stat(follow_symlinks=False)).st_mode):
            _take(walked, path, status, limits)
        else:
            _skip(walked, path, "This is no plain file; it was not opened.")
    total = sum(status.st_size for status in walked.files.values())
    if total > limits.bytes_max:
        evidence = f"{total:,} bytes of text lie in {place}, and {limits.bytes_max:,} are read at most"
        raise LimitReached(
            "bytes_max", evidence, "Take in a folder further down, or say --bytes-max; nothing was read."
        )
    walked.files = dict(sorted(walked.files.items()))
    return walked


def _too_many(place: Path, limits: Limits) -> LimitReached:
    evidence = f"more than {limits.files_max:,} files lie in {place}"
    return LimitReached("files_max", evidence, "Take in a folder further down, or say --files-max; nothing was read.")


def _entries(folder: Path, below: str, skipped: list[Problem]) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Every entry that is no folder, with its path; folders are walked without following links."""
    waiting = [(folder, below)]
    while waiting:
        at, path = waiting.pop()
        try:
            with os.scandir(at) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            reason = error.strerror or "it cannot be opened"
            skipped.append(Problem(file=path or str(folder), line=0, what=f"This folder was not read: {reason}."))
            continue
        for entry in entries:
            name = f"{path}/{entry.name}" if path else entry.name
            if not entry.is_dir(follow_symlinks=False):
                yield entry, name
            elif entry.name not in _SKIPPED:
                waiting.append((Path(entry.path), name))


def _linked(walked: Walked, entry: os.DirEntry[str], path: str) -> None:
    """A link to a file inside is no loss, the file is read itself; one to elsewhere is told and not followed."""
    target = Path(os.path.realpath(entry.path))
    if not target.is_relative_to(os.path.realpath(walked.root)):
        _skip(walked, path, "This link leads out of the folder; it was not followed.")


def _take(walked: Walked, path: str, status: os.stat_result, limits: Limits) -> None:
    if status.st_size > limits.file_bytes_max and "/conversations/" not in f"/{path}":
        size, most = f"{status.st_size:,}", f"{limits.file_bytes_max:,}"
        _skip(walked, path, f"This file has {size} bytes, and {most} are read at most; it was not opened.")
    else:
        walked.files[path] = status


def _skip(walked: Walked, path: str, what: str) -> None:
    walked.skipped.append(Problem(file=path, line=0, what=what))
