"""Files of an export or import on a disk: written whole or not at all, never read through a link. Knows no contents."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from nova.core.errors import BadInput, StoreError, StoreFull

FILE_BYTES_MAX = 2_000_000
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def put(file: Path, text: str) -> None:
    """The text in place of the file in one step, on the disk when this returns. Makes its folder.

    Raises StoreFull, StoreError; the file is then as it was. A process that is killed leaves at most a `.NAME.new`.
    """
    part = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_LINK, 0o600)
        with os.fdopen(opened, "wb") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    except OSError as error:
        _drop(part)
        raise refused(file, error) from error
    except KeyboardInterrupt:
        _drop(part)
        raise


def refused(file: Path, error: OSError) -> StoreError:
    """What a person hears when the disk takes no more."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        what = f"The disk with {file.parent} is full."
        return StoreFull(what, "Free some space and run it again; what was written so far is whole.")
    reason = error.strerror or type(error).__name__
    return StoreError(f"{file} cannot be written: {reason}.", "Check who owns the folder; what is there is whole.")


def _drop(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return  # what hindered the writing hinders this too; the caller says so


def settle(folder: Path) -> None:
    """Makes the names in a folder as lasting as the files; nothing where the system knows no such thing."""
    try:
        opened = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:
        return
    try:
        os.fsync(opened)
    except OSError:
        return  # some file systems cannot; the files themselves were synced
    finally:
        os.close(opened)


def data_of(file: Path, bytes_max: int = FILE_BYTES_MAX) -> bytes | None:
    """The bytes of a plain file, at most one more than `bytes_max`; None when there is no plain file there.

    A symbolic link is no plain file. Raises OSError when it may not be read.
    """
    try:
        opened = os.open(file, os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            return None
        raise
    with os.fdopen(opened, "rb") as stream:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            return None
        return stream.read(bytes_max + 1)


def inside(folder: Path, file: Path) -> bool:
    """Whether the folder of `file`, with every link followed, is `folder` or lies below it."""
    return Path(os.path.realpath(file.parent)).is_relative_to(os.path.realpath(folder))


def the_folder(place: Path) -> Path:
    """The folder to write into, made when it is not there. Raises BadInput for a file, StoreFull, StoreError."""
    if place.exists() and not place.is_dir():
        raise BadInput(f"{place} is a file, and a folder is needed here.", "Name another one, or a new one.")
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refused(place, error) from error
    return place
