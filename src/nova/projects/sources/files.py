"""Text files below a folder: which there are, what they say, and what a quoted line is known by later.

Knows encodings, git's ignore rules and links; refuses to know what a file means.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nova.core.errors import ToolFailed
from nova.core.text import shorten
from nova.policy.paths import git_internal, look, refusal, secret
from nova.projects.sources.repository import listed_files

FILE_BYTES_MAX = 2_000_000
FILES_MAX = 20_000
QUOTE_CHARACTERS_MAX = 2_000
SKIPPED_FOLDERS = frozenset(
    {".git", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
)

_SIDE_FOLDERS = frozenset(
    {"examples", "example", "fixtures", "testdata", "test_data", "vendor", "vendored", "third_party", "third-party"}
    | {"site-packages", "dist", "build", "_data", "snapshots"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A file's text as lines without their ends. cut: the file goes on after the bytes that were read."""

    path: str
    lines: tuple[str, ...]
    cut: bool

    @property
    def text(self) -> str:
        """The lines joined again."""
        return "\n".join(self.lines)

    def quote(self, first: int, last: int) -> Quote:
        """The lines `first` to `last`, counted from 1, both within; whole lines, as many as fit."""
        return quote(self.lines[first - 1 : last], first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words as they stood in a file. line: the first one, from 1; fingerprint: `fingerprint(text)`."""

    text: str
    line: int
    fingerprint: str


def quote(lines: Sequence[str], first: int) -> Quote:
    """A quote of these lines, without empty ones at its end; whole lines, up to QUOTE_CHARACTERS_MAX in all."""
    kept: list[str] = []
    left = QUOTE_CHARACTERS_MAX
    for line in lines:
        left -= len(line) + 1
        if kept and left < 0:
            break
        kept.append(line[:QUOTE_CHARACTERS_MAX])
    text = "\n".join(kept).strip("\n")
    return Quote(text=text, line=first, fingerprint=fingerprint(text))


def fingerprint(text: str) -> str:
    """sha256 in hex of the words with every run of white space as one blank: a new line break is not a new text."""
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()


def files_of(root: Path, suffixes: frozenset[str] = frozenset()) -> list[str]:
    """The files below a folder, sorted, without ignored, secret and git's own ones.

    In a repository all that git lists, elsewhere at most FILES_MAX found by walking. suffixes: only files that end so,
    in lower case with the point, "" for none; all when it is empty.
    """
    names = listed_files(root)
    if names is None:
        names = sorted(_walk(root))
    if suffixes:
        names = [name for name in names if posixpath.splitext(name)[1].casefold() in suffixes]
    return [name for name in names if not secret(name) and not _skipped(name)]


def own(name: str) -> bool:
    """Whether a file is the project's own word: not an example, a fixture, or something taken over from elsewhere."""
    return _SIDE_FOLDERS.isdisjoint(part.casefold() for part in name.split("/")[:-1])


def _skipped(name: str) -> bool:
    """Libraries and caches, even when somebody committed them."""
    return git_internal(name) or not SKIPPED_FOLDERS.isdisjoint(name.split("/")[:-1])


def _walk(root: Path) -> Iterator[str]:
    count = 0
    for at, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        below = Path(at).relative_to(root).as_posix()
        for name in names:
            yield name if below == "." else f"{below}/{name}"
            count += 1
            if count >= FILES_MAX:
                return


def read_text(root: Path, relative: str, bytes_max: int = FILE_BYTES_MAX) -> Content:
    """The text of a file, at most `bytes_max` of it. relative: without links and `..` (see `nova.policy.paths.look`).

    Raises ToolFailed for binary and unreadable files, and where a link stands on the way.
    """
    try:
        data = _bytes(root, relative, bytes_max)
    except OSError as problem:
        why = problem.strerror or "it cannot be opened"
        raise ToolFailed(f"“{shorten(relative, 80)}” cannot be read: {why}.", "Check its permissions.") from None
    text = _decoded(data[:bytes_max])
    if text is None:
        raise ToolFailed(f"“{shorten(relative, 80)}” is binary, not text.", "Name a text file.")
    lines = text.replace("\r\n", "\n").split("\n")
    return Content(path=relative, lines=tuple(lines[:-1] if lines[-1] == "" else lines), cut=len(data) > bytes_max)


def read_named(root: Path, name: str, bytes_max: int = FILE_BYTES_MAX) -> Content:
    """The text of a file by a name that may hold links, as long as it stays below `root`. Raises ToolFailed."""
    place = look(root, name)
    if (refused := refusal(place)) is not None:
        raise ToolFailed(refused.why, "Name a file of the project by its path below the project's folder.")
    return read_text(root, place.relative, bytes_max)


def _bytes(root: Path, relative: str, bytes_max: int) -> bytes:
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
            return stream.read(bytes_max + 1)


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
