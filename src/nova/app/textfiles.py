"""Writing the home's text files: a file is there whole or not at all, and nothing that is there is lost."""

from __future__ import annotations

import errno
from pathlib import Path

from nova.core.errors import BadInput, NotReady, StoreFull


def write_new(file: Path, text: str) -> None:
    """Writes a file that must not be there yet, and its folder. Raises BadInput, StoreFull, NotReady."""
    if file.exists():
        raise BadInput(f"{file} is there already.", "Nothing was changed.")
    rewrite(file, text)


def rewrite(file: Path, text: str) -> None:
    """Puts `text` in place of the file in one step. Raises StoreFull, NotReady; the file is then as it was."""
    part = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(file)
    except OSError as error:
        _forget(part)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            mend = "Free some space and try again; nothing was changed."
            raise StoreFull(f"The disk with {file.parent} is full.", mend) from error
        what = f"{file} cannot be written: {error.strerror}."
        raise NotReady(what, "Check who owns the folder, or set NOVA_HOME to one of yours.") from error


def _forget(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return  # what hindered the writing hinders this too; the caller says so
