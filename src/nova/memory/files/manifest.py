"""Which files of a folder an export wrote, and what was in them. Knows paths and hashes; refuses to know notes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, TypeAdapter, ValidationError

from nova.memory.files.disk import data_of, put
from nova.settings.check import FileModel

NAME = ".nova-export.json"
_BYTES_MAX = 200_000_000


class _Entry(FileModel):
    of: str
    sha256: list[str]


class _File(FileModel):
    written_by: str = Field(default="nova memory export")
    files: dict[str, _Entry]


_READER = TypeAdapter(_File)


@dataclass(slots=True)
class Manifest:
    """The files that were written, by their path below the folder. Guards: what is not listed here is not Nova's.

    While a file is being written, its old and its new hash are both listed, so that a crash leaves no stranger.
    broken: there was a list, and it cannot be read; every file that differs is then left alone.
    """

    folder: Path
    of: dict[str, str] = field(default_factory=dict[str, str])
    hashes: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    broken: bool = False

    def wrote(self, place: str, digest: str) -> bool:
        """Whether the file with this content is one that an export wrote."""
        return digest in self.hashes.get(place, ())

    def places(self) -> Mapping[str, list[str]]:
        """Id of a note or conversation -> its files, most often one."""
        found: dict[str, list[str]] = {}
        for place, of in self.of.items():
            found.setdefault(of, []).append(place)
        return found

    def announce(self, entries: Iterable[tuple[str, str, str]]) -> None:
        """Lists (path, id, new hash) beside what is there, on the disk, before the files are written."""
        for place, of, digest in entries:
            self.of[place] = of
            self.hashes[place] = tuple(dict.fromkeys((*self.hashes.get(place, ()), digest)))
        self.save()

    def settle(self, place: str, of: str, digest: str) -> None:
        """The file is written: one hash is left. `save` makes it last."""
        self.of[place] = of
        self.hashes[place] = (digest,)

    def drop(self, place: str) -> None:
        """The file is gone."""
        self.of.pop(place, None)
        self.hashes.pop(place, None)

    def save(self) -> None:
        """To the disk, in one step. Raises StoreFull, StoreError."""
        files = {place: {"of": self.of[place], "sha256": list(self.hashes[place])} for place in sorted(self.of)}
        value = {"written_by": "nova memory export", "files": files}
        put(self.folder / NAME, json.dumps(value, ensure_ascii=False, indent=0) + "\n")


def read(folder: Path) -> Manifest:
    """The list of a folder; an empty one where there is none. Raises OSError when it may not be read."""
    data = data_of(folder / NAME, _BYTES_MAX)
    if data is None:
        return Manifest(folder)
    try:
        found = _READER.validate_json(data)
    except ValidationError:
        return Manifest(folder, broken=True)
    return Manifest(
        folder,
        of={place: entry.of for place, entry in found.files.items()},
        hashes={place: tuple(entry.sha256) for place, entry in found.files.items()},
    )


def hash_of(data: bytes) -> str:
    """The SHA-256 of a file's bytes."""
    return hashlib.sha256(data).hexdigest()
