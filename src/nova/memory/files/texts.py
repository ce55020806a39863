"""The text of a file from elsewhere, or why it is none. Knows encodings and control characters; refuses to guess."""

from __future__ import annotations

import re
from pathlib import Path

from nova.memory.files.disk import data_of
from nova.settings.text import refusal

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


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
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"This file is not UTF-8 text: byte 0x{data[error.start]:02x} does not belong here."
        raise refusal(shown, line, what, "Save the file with the encoding UTF-8.") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        what = f"There is a control character here (U+{ord(found.group()):04X})."
        raise refusal(shown, line, what, "Delete it; an editor shows it as a box, or not at all.")
    return text
