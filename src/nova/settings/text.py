"""Bytes of a text file, made sure to be text. Knows encodings and line ends; refuses to know what the text says."""

from __future__ import annotations

import re
from pathlib import Path

from nova.core.errors import BadFiles, Problem
from nova.core.text import TEXT_BYTES_MAX

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def read_text(file: Path) -> str:
    """The text of a file, line ends as line feeds and without a byte order mark. Raises BadFiles."""
    return decode(read_bytes(file), str(file))


def read_bytes(file: Path) -> bytes:
    """The bytes of a file, at most one more than `decode` takes. Raises BadFiles."""
    try:
        with file.open("rb") as stream:
            data = stream.read(TEXT_BYTES_MAX + 1)
    except FileNotFoundError:
        raise refusal(str(file), 0, "This file does not exist.") from None
    except IsADirectoryError:
        raise refusal(str(file), 0, "This is a folder, and a file is expected here.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise refusal(str(file), 0, f"This file cannot be read: {reason}.", "Check its permissions.") from error
    return data


def markdown_files(folder: Path) -> tuple[Path, ...]:
    """The Markdown files of a folder by name, hidden ones (locks of editors) left out. Raises BadFiles.

    A folder that does not exist holds none.
    """
    try:
        return tuple(sorted(file for file in folder.iterdir() if file.suffix == ".md" and file.name[0] != "."))
    except FileNotFoundError:
        return ()
    except NotADirectoryError:
        raise refusal(str(folder), 0, "This is a file, and a folder is expected here.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise refusal(str(folder), 0, f"This folder cannot be read: {reason}.", "Check its permissions.") from error


def decode(data: bytes, file: str) -> str:
    """The text of `data`; `file` is only named in problems. Raises BadFiles with the line of the first bad byte."""
    if len(data) > TEXT_BYTES_MAX:
        what = f"This file is larger than the {TEXT_BYTES_MAX:,} bytes that Nova reads of such a file."
        raise refusal(file, 0, what, "Keep notes of that size in the project, and name their path here.")
    return plain(data, file)


def plain(data: bytes, file: str) -> str:
    """The same for bytes of any length: UTF-8, line ends as line feeds, no control characters. Raises BadFiles."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"This file is not UTF-8 text: byte 0x{data[error.start]:02x} does not belong here."
        raise refusal(file, line, what, "Save the file with the encoding UTF-8.") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        what = f"There is a control character here (U+{ord(found.group()):04X})."
        raise refusal(file, line, what, "Delete it; an editor shows it as a box, or not at all.")
    return text


def refusal(file: str, line: int, what: str, mend: str = "") -> BadFiles:
    """The error for one problem in one file."""
    return BadFiles([Problem(file=file, line=line, what=what, mend=mend)])
