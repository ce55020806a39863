"""Bytes that are no text are refused where they are; harmless differences between editors are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from nova.core.errors import BadFiles
from nova.core.text import TEXT_BYTES_MAX
from nova.settings.text import decode, read_text


def refused(data: bytes) -> str:
    with pytest.raises(BadFiles) as caught:
        decode(data, "a.md")
    return str(caught.value.problems[0])


def test_line_ends_and_byte_order_mark() -> None:
    """A file saved on Windows reads like any other."""
    assert decode(b"\xef\xbb\xbfone\r\ntwo\rthree\n", "a.md") == "one\ntwo\nthree\n"


def test_bad_bytes_have_a_line() -> None:
    """A byte that is not UTF-8 is named with its line."""
    assert refused(b"one\ntwo\nf\xe9e\n").startswith("a.md:3: This file is not UTF-8 text: byte 0xe9")


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x7f", "\x85", "\u2028"])
def test_control_characters_have_a_line(sign: str) -> None:
    """A control character is refused at its line, because it would reach terminals and prompts."""
    assert refused(f"one\r\ntwo{sign}\n".encode()).startswith(
        f"a.md:2: There is a control character here (U+{ord(sign):04X})"
    )


def test_size(tmp_path: Path) -> None:
    """A file of 10 MB is refused by its size, and only its first part is read."""
    file = tmp_path / "big.md"
    file.write_bytes(b"---\n" + b"x" * 10_000_000)
    with pytest.raises(BadFiles, match=f"larger than the {TEXT_BYTES_MAX:,} bytes"):
        read_text(file)


def test_what_is_no_file(tmp_path: Path) -> None:
    """A missing file and a folder in its place are two different sentences."""
    with pytest.raises(BadFiles, match=r"missing\.md: This file does not exist"):
        read_text(tmp_path / "missing.md")
    with pytest.raises(BadFiles, match="This is a folder"):
        read_text(tmp_path)
