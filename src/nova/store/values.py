"""Values as they stand in a row: JSON with tagged types, and beside the database when they are big. No pickle, ever.

A value over `INLINE_BYTES_MAX` becomes a file named by its SHA-256 under the home's data; the row keeps the reference.
Knows encodings; refuses to know what the values mean.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import cast
from uuid import UUID

from nova.core import json
from nova.core.errors import StoreError, StoreFull, WrongShape
from nova.core.json import Json

INLINE_BYTES_MAX = 64_000
VALUE_BYTES_MAX = 16_000_000
_TYPE, _BLOB = "$type", "$blob"


@dataclass(frozen=True, slots=True)
class Codec:
    """How one type is written as JSON and read back; `name` stands in the row, so it is never changed."""

    name: str
    type: type
    write: Callable[[object], Json]
    read: Callable[[Json], object]


def _listed(value: object) -> Json:
    return [encode(one) for one in cast("tuple[object, ...]", value)]


def _read_list(value: Json) -> list[object]:
    return [decode(one) for one in cast("list[Json]", value)]


def _base64(value: object) -> Json:
    return base64.b64encode(cast("bytes", value)).decode("ascii")


_CODECS = (
    Codec("datetime", datetime, lambda value: cast("datetime", value).isoformat(),
          lambda value: datetime.fromisoformat(str(value))),
    Codec("date", date, lambda value: cast("date", value).isoformat(), lambda value: date.fromisoformat(str(value))),
    Codec("decimal", Decimal, str, lambda value: Decimal(str(value))),
    Codec("uuid", UUID, str, lambda value: UUID(str(value))),
    Codec("path", PurePosixPath, str, lambda value: PurePosixPath(str(value))),
    Codec("bytes", bytes, _base64, lambda value: base64.b64decode(str(value))),
    Codec("tuple", tuple, _listed, lambda value: tuple(_read_list(value))),
    Codec("set", frozenset, lambda value: _listed(tuple(sorted(cast("frozenset[str]", value), key=repr))),
          lambda value: frozenset(_read_list(value))),
)  # fmt: skip
_BY_NAME: Mapping[str, Codec] = {codec.name: codec for codec in _CODECS}


def encode(value: object) -> Json:
    """The value as JSON; types that JSON lacks are tagged. Raises WrongShape for a type nobody registered."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            if value != value or value in (float("inf"), float("-inf")):
                raise WrongShape(f"A step gave {value}, which no JSON can hold.", "Give a number, or null.")
            return value
        case list():
            return [encode(one) for one in cast("list[object]", value)]
        case dict():
            fields = {str(key): encode(one) for key, one in cast("dict[object, object]", value).items()}
            return {_TYPE: "dict", "value": fields} if fields.keys() & {_TYPE, _BLOB} else cast("Json", fields)
        case _:
            return _tagged(value)


def _tagged(value: object) -> Json:
    for codec in _CODECS:
        if isinstance(value, codec.type):
            return {_TYPE: codec.name, "value": codec.write(value)}
    raise WrongShape(
        f"A step gave a {type(value).__name__}, which cannot be kept.", "Give text, numbers, lists or objects of these."
    )


def decode(value: Json) -> object:
    """The value written by `encode`. Raises WrongShape for a tag that this Nova does not know."""
    if isinstance(value, list):
        return [decode(one) for one in value]
    if not isinstance(value, dict):
        return value
    if _TYPE not in value:
        return {key: decode(one) for key, one in value.items()}
    name, inner = value[_TYPE], value.get("value")
    if name == "dict":
        return {key: decode(one) for key, one in cast("dict[str, Json]", inner).items()}
    if name not in _BY_NAME:
        raise WrongShape(f"A kept value is of the type {name}, which this Nova does not know.", "Update Nova.")
    return _BY_NAME[str(name)].read(inner)


@dataclass(frozen=True, slots=True)
class Blobs:
    """Big values as files, by content. folder: below the home's data; made when it is first needed."""

    folder: Path

    def write(self, value: object) -> str:
        """The text for a row. Raises WrongShape over 16 MB, StoreFull, StoreError."""
        text = json.dump(encode(value))
        if len(text) <= INLINE_BYTES_MAX // 4:
            return text
        data = text.encode("utf-8", "surrogatepass")
        if len(data) <= INLINE_BYTES_MAX:
            return text
        if len(data) > VALUE_BYTES_MAX:
            what = f"A step gave {len(data):,} bytes; {VALUE_BYTES_MAX:,} are the most that is kept."
            raise WrongShape(what, "Write it to a file and give its path.")
        name = hashlib.sha256(data).hexdigest()
        self._keep(name, data)
        return json.dump({_BLOB: name, "bytes": len(data)})

    def read(self, text: str) -> Json:
        """The value of a row's text. Raises StoreError when its file is gone or is not what it was."""
        if not text:
            return None
        value = json.load(text)
        if isinstance(value, dict) and _BLOB in value:
            value = json.load(self._kept(str(value[_BLOB])).decode("utf-8", "surrogatepass"))
        return cast("Json", decode(value))

    def path(self, name: str) -> Path:
        """Where the value with this SHA-256 stands."""
        return self.folder / name[:2] / name

    def _keep(self, name: str, data: bytes) -> None:
        """Whole or not at all; the same content is written once."""
        target = self.path(name)
        if target.exists():
            return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(target)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StoreFull(
                    f"The disk with {self.folder} is full.", "Free some space; nothing was lost."
                ) from error
            raise StoreError(f"A big value cannot be written below {self.folder}: {error.strerror}.") from error

    def _kept(self, name: str) -> bytes:
        try:
            data = self.path(name).read_bytes()
        except OSError as error:
            what = f"The value {name[:12]} of a step is not in {self.folder} any more."
            raise StoreError(what, "Restore it from a backup, or: nova runs retry RUN --from STEP") from error
        if hashlib.sha256(data).hexdigest() != name:
            raise StoreError(f"The value {name[:12]} of a step was changed on the disk.", "Restore it from a backup.")
        return data


def blob_in(text: str) -> str:
    """The name of the file a row refers to, or empty."""
    if not text.startswith('{"$blob"'):
        return ""
    value = json.load(text)
    return str(value[_BLOB]) if isinstance(value, dict) else ""
