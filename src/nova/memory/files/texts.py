"""The text of a file from elsewhere, or why it is none. Knows encodings and control characters; refuses to guess."""

from __future__ import annotations

from pathlib import Path

from nova.memory.files.disk import data_of
from nova.settings.text import plain, refusal


def text_of(file: Path, shown: str, bytes_max: int) -> str:
    """The text of a file, line ends as line feeds. shown: its name in problems. Raises BadFiles.

    As `settings.text` reads files, with a limit of its own: a transcript may be long.
    """
    try:
        data = data_of(file, bytes_max)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise refusal(shown, 0, f"This file cannot be read: {reason}.", "Check its permissions.") from error
    if data is None:
        raise refusal(shown, 0, "There is no plain file here.", "Import again when it is back.")
    if len(data) > bytes_max:
        raise refusal(shown, 0, f"This file is larger than the {bytes_max:,} bytes that are read.", "Cut it in two.")
    return decoded(data, shown)


def decoded(data: bytes, shown: str) -> str:
    """The text of these bytes. Raises BadFiles with the line of the first byte that is none."""
    if (zero := data.find(b"\0", 0, 8192)) >= 0:
        line = data.count(b"\n", 0, zero) + 1
        raise refusal(shown, line, "This file is binary, not text.", "Move it out of the folder.")
    return plain(data, shown)
