"""Vectors of taught texts in one file: appended, never rewritten, safe to delete. Knows bytes; refuses to know texts.

Only what teaches the router is kept (agents' files, shipped questions), never a request: a vector tells of its text.
A record is the key (16 bytes), the length (4 bytes, little endian) and the value; a torn last record is passed over.
"""

from __future__ import annotations

import struct
from functools import cached_property
from pathlib import Path

KEY_BYTES = 16
VALUE_BYTES_MAX = 64_000
FILE_BYTES_MAX = 64_000_000
_HEAD = struct.Struct(f"<{KEY_BYTES}sI")


class VectorFile:
    """A VectorMemory on a file. Reads it once, when it is first asked; a full or read-only disk is no error."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _known(self) -> dict[bytes, bytes]:
        try:
            data = self._path.read_bytes()
        except OSError:
            return {}
        known: dict[bytes, bytes] = {}
        at = 0
        while at + _HEAD.size <= len(data):
            key, length = _HEAD.unpack_from(data, at)
            at += _HEAD.size
            if length > VALUE_BYTES_MAX or at + length > len(data):
                break
            known[key] = data[at : at + length]
            at += length
        return known

    def get(self, key: str, /) -> bytes | None:
        """What was put under the key (32 hexadecimal digits), or None."""
        return self._known.get(bytes.fromhex(key))

    def put(self, key: str, value: bytes, /) -> None:
        """Appends it, in one write, so that two processes do not mix; lets it go when there is no room."""
        short = bytes.fromhex(key)
        if short in self._known or len(value) > VALUE_BYTES_MAX:
            return
        self._known[short] = value
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab", buffering=0) as file:
                if file.tell() < FILE_BYTES_MAX:
                    file.write(_HEAD.pack(short, len(value)) + value)
        except OSError:
            return
