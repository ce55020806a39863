"""Values as lines of YAML that `settings.yaml_lines` reads back as they were. Knows quoting; refuses to know keys."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from nova.settings.yaml_lines import plain

Scalar: TypeAlias = "str | int | bool"
Value: TypeAlias = (
    "Scalar | Sequence[Scalar] | Sequence[Mapping[str, Scalar]] | Mapping[str, Scalar | Sequence[Scalar]]"
)

# What a text file does not hold, or no YAML reader takes, even in quotes; the rest is written as it is.
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_BARE = re.compile(r"[A-Za-z0-9À-ɏ][\wÀ-ɏ /.@+()-]*(?<! )")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.+-]+")


def front_matter(keys: Mapping[str, Value]) -> str:
    """The keys in order, one or more lines each, between fences."""
    return "---\n" + "".join(_entry(key, value) for key, value in keys.items()) + "---\n"


def _entry(key: str, value: Value) -> str:
    if isinstance(value, Mapping):
        return f"{key}: {_flow(value)}\n"
    if isinstance(value, str | int):
        return f"{key}: {scalar(value)}\n"
    if not value:
        return f"{key}: []\n"
    return f"{key}:\n" + "".join(_item(item) for item in value)


def _item(item: Scalar | Mapping[str, Scalar]) -> str:
    if not isinstance(item, Mapping):
        return f"  - {scalar(item)}\n"
    lines = [f"{key}: {scalar(value)}\n" for key, value in item.items()]
    return "  - " + "    ".join(lines)


def _flow(value: Mapping[str, Scalar | Sequence[Scalar]]) -> str:
    return "{" + ", ".join(f"{key}: {_inner(part)}" for key, part in value.items()) + "}"


def _inner(part: Scalar | Sequence[Scalar]) -> str:
    if isinstance(part, str | int):
        return scalar(part)
    return "[" + ", ".join(scalar(item) for item in part) + "]"


def scalar(value: Scalar) -> str:
    """One value on one line: bare where that reads the same, else in double quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if (_BARE.fullmatch(value) or _TIME.fullmatch(value)) and plain(value) == value and len(value) < 200:
        return value
    return UNWRITABLE.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
