"""Values as every database can hold them: without NUL and lone surrogates, in names of fields as in texts.

Knows values; refuses to know where they come from.
"""

from __future__ import annotations

from nova.core import json
from nova.core.json import Json

_REPLACED = "\N{REPLACEMENT CHARACTER}"


def plain_text(text: str) -> str:
    """The text; NUL and each lone surrogate become U+FFFD."""
    if "\x00" not in text and text.isascii():
        return text
    return text.replace("\x00", _REPLACED).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def plain(value: Json) -> Json:
    """The same value when nothing in it is odd, which is nearly always; else a copy with plain texts."""
    written = json.dump(value)
    if "\\u0000" not in written and (written.isascii() or _encodes(written)):
        return value
    return _plain(value)


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _plain(value: Json) -> Json:
    match value:
        case str():
            return plain_text(value)
        case list():
            return [_plain(one) for one in value]
        case dict():
            return {plain_text(name): _plain(one) for name, one in value.items()}
        case _:
            return value
