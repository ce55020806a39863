"""JSON as a type, and one canonical way to write it. Refuses to know what the values mean."""

from __future__ import annotations

import hashlib
import json
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"


def dump(value: Json) -> str:
    """Compact JSON text with sorted keys: the same value is always the same text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def load(text: str) -> Json:
    """The value of a JSON text. Raises ValueError with the position when it is none."""
    return json.loads(text)


def digest(value: Json) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the canonical text."""
    return hashlib.sha256(dump(value).encode("utf-8", "surrogatepass")).hexdigest()[:16]
