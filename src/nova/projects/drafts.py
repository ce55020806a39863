"""New files in a project's folder for drafts. Never overwrites; files a draft once for each key, whatever dies when.

Knows how to put a whole file in place at one stroke; refuses to know what a draft is about, and where drafts belong.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from nova.core.errors import ToolFailed
from nova.core.text import shorten
from nova.policy.paths import PlaceKind, look, refusal

NAMES_MAX = 100
SUFFIXES = frozenset({".md", ".markdown", ".txt", ".html", ".rst"})


def file_draft(root: Path, notes: Path | None, *, folder: str, name: str, text: str, key: str) -> tuple[str, bool]:
    """Put `text` into a new file below `folder`; its path below `root`, and whether it is new.

    Where the name is taken by another text, a number is added. notes: folder in Nova's data where it is noted which
    file a key was filed as, before that is done; without it, or without a key, the same text is known by itself.
    Raises ToolFailed for a name that is none, and a folder that leads out of the project.
    """
    _check(folder, name)
    note = notes / f"{_digest(key)}.path" if notes is not None and key else None
    path = _noted(note)
    if path is not None and look(root, path).kind is PlaceKind.FILE:
        _beside(root / path, key).unlink(missing_ok=True)  # killed between the link and this
        return path, False
    content = _encoded(text)
    for candidate in [path] if path is not None else _names(folder, name):
        place = look(root, candidate)
        if (refused := refusal(place)) is not None:
            raise ToolFailed(refused.why, "Name a folder of the project.")
        if place.kind is PlaceKind.MISSING:
            _note(note, candidate)
            if _put(root, place.relative, content, key):
                return candidate, True
        elif _same(root / place.relative, content):
            _note(note, candidate)
            return candidate, False
    raise ToolFailed(f"{NAMES_MAX} drafts are already named like {name}.", "Choose another name.")


def _check(folder: str, name: str) -> None:
    plain = PurePosixPath(name)
    if plain.name != name or name.startswith(".") or plain.suffix.casefold() not in SUFFIXES or not name.isprintable():
        known = ", ".join(sorted(SUFFIXES))
        raise ToolFailed(f"“{shorten(name, 60)}” is no name for a draft.", f"A file name without a folder: {known}.")
    if not folder.strip("/ ."):
        raise ToolFailed("A draft needs a folder.", "Name one, for instance drafts.")


def _names(folder: str, name: str) -> Iterator[str]:
    """`drafts/on-call.md`, then `drafts/on-call-2.md` and on."""
    plain = PurePosixPath(name)
    yield f"{folder.rstrip('/')}/{name}"
    for number in range(2, NAMES_MAX + 1):
        yield f"{folder.rstrip('/')}/{plain.stem}-{number}{plain.suffix}"


def _put(root: Path, relative: str, content: bytes, key: str) -> bool:
    """The whole file or none: written beside it first, then linked, which fails where something is."""
    file = root / relative
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(file, key)
    beside.unlink(missing_ok=True)  # of an attempt that was killed
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(beside, file)
    except FileExistsError:
        return False
    finally:
        beside.unlink(missing_ok=True)
    return True


def _beside(file: Path, key: str) -> Path:
    return file.parent / f".{file.name}.{_digest(key)[:12]}.part"


def _noted(note: Path | None) -> str | None:
    try:
        return note.read_text(encoding="utf-8") if note is not None else None
    except OSError:  # nothing noted yet
        return None


def _note(note: Path | None, path: str) -> None:
    if note is None:
        return
    note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = note.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as stream:
        stream.write(path)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(note)


def _same(file: Path, content: bytes) -> bool:
    try:
        return file.stat().st_size == len(content) and file.read_bytes() == content
    except OSError:
        return False


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise ToolFailed("The draft holds characters that no file can hold.", "Leave out lone surrogates.") from None
