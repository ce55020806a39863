"""Files below a project's root: which there are, where a name leads, what they say. Never leaves the root.

Knows paths, encodings and git's ignore rules; refuses to know what a file means.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nova.core.errors import ToolFailed
from nova.core.text import nearest, shorten
from nova.policy.paths import Place, PlaceKind, git_internal, look, refusal, secret
from nova.tools.repository import listed_files
from nova.tools.spec import Reach

FILE_BYTES_MAX = 2_000_000
FILES_MAX = 20_000
_SKIPPED_FOLDERS = frozenset(
    {".git", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A file's text as lines without their ends. cut: the file goes on after FILE_BYTES_MAX bytes."""

    path: str
    lines: tuple[str, ...]
    cut: bool

    @property
    def text(self) -> str:
        """The lines joined again."""
        return "\n".join(self.lines)


def files(reach: Reach, folder: str = ".") -> list[str]:
    """The project's files below `folder`, sorted, without ignored, secret and git's own ones; at most FILES_MAX."""
    names = listed_files(reach.root)
    if names is None:
        names = sorted(_walk(reach.root))
    prefix = "" if folder == "." else f"{folder}/"
    return [name for name in names if name.startswith(prefix) and not secret(name) and not _skipped(name)]


def _skipped(name: str) -> bool:
    """Libraries and caches, even when somebody committed them."""
    return git_internal(name) or not _SKIPPED_FOLDERS.isdisjoint(name.split("/")[:-1])


def _walk(root: Path) -> Iterator[str]:
    count = 0
    for at, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS)
        below = Path(at).relative_to(root).as_posix()
        for name in names:
            yield name if below == "." else f"{below}/{name}"
            count += 1
            if count >= FILES_MAX:
                return


def locate(reach: Reach, asked: str, kind: PlaceKind | None = PlaceKind.FILE) -> Place:
    """The place that was meant, allowed to be read and of the given kind (None: file or folder).

    A name that is missing but is the end of exactly one file's path leads to that file.
    Raises ToolFailed for everything else, with the nearest names.
    """
    asked = asked.strip() or "."
    place = look(reach.root, asked)
    refused = refusal(place)
    if refused is None and place.kind is PlaceKind.MISSING:
        place = _meant(reach, place)
        refused = refusal(place)
    if refused is not None:
        raise ToolFailed(refused.why, "Name a file of the project by its path below the project's folder.")
    if kind is PlaceKind.FILE and place.kind is PlaceKind.FOLDER:
        raise ToolFailed(f"“{shorten(asked, 80)}” is a folder, not a file.", "files_list shows what is in it.")
    if kind is PlaceKind.FOLDER and place.kind is PlaceKind.FILE:
        raise ToolFailed(f"“{shorten(asked, 80)}” is a file, not a folder.", "files_read shows what is in it.")
    return place


def _meant(reach: Reach, place: Place) -> Place:
    wanted = PurePosixPath(place.asked).as_posix().casefold()
    known = files(reach)
    hits = [name for name in known if name.casefold() == wanted or name.casefold().endswith("/" + wanted)]
    if len(hits) == 1:
        return look(reach.root, hits[0])
    near = hits[:3] or nearest(wanted, known) or nearest(wanted, {PurePosixPath(name).name for name in known})
    mend = f"Did you mean {' or '.join(near)}?" if near else "files_list shows which files there are."
    raise ToolFailed(f"There is no file “{shorten(place.asked, 80)}” in the project.", mend)


def read(reach: Reach, place: Place) -> Content:
    """The text of a located file, at most FILE_BYTES_MAX of it. Raises ToolFailed for binary and unreadable files."""
    try:
        data = _bytes(reach.root, place.relative)
    except OSError as problem:
        why = problem.strerror or "it cannot be opened"
        raise ToolFailed(f"“{shorten(place.relative, 80)}” cannot be read: {why}.", "Check its permissions.") from None
    text = _decoded(data[:FILE_BYTES_MAX])
    if text is None:
        raise ToolFailed(f"“{shorten(place.relative, 80)}” is binary, not text.", "Name a text file.")
    lines = text.replace("\r\n", "\n").split("\n")
    return Content(
        path=place.relative,
        lines=tuple(lines[:-1] if lines[-1] == "" else lines),
        cut=len(data) > FILE_BYTES_MAX,
    )


def _bytes(root: Path, relative: str) -> bytes:
    """Open folder by folder without following links, so that a link swapped in after the look leads nowhere."""
    *folders, name = PurePosixPath(relative).parts
    with ExitStack() as opened:
        at = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        opened.callback(os.close, at)
        for folder in folders:
            at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            opened.callback(os.close, at)
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
        with os.fdopen(file, "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise OSError(0, "it is not a regular file")
            return stream.read(FILE_BYTES_MAX + 1)


def _decoded(data: bytes) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:8192]:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        if problem.start >= len(data) - 4:  # cut within a character
            return data[: problem.start].decode("utf-8-sig")
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in data[:8192])
    return None if control > len(data[:8192]) // 50 else data.decode("cp1252", "replace")


def trusted(reach: Reach, path: str) -> bool:
    """Whether a file is the owner's own word. Issues may be written by strangers."""
    return PurePosixPath(reach.issues) not in PurePosixPath(path).parents
