"""Small truths about text: what is safe to show, how long it is, which name was meant.

Knows characters; refuses to know where they came from.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence

TEXT_BYTES_MAX = 200_000
_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|.)?", re.DOTALL
)
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def printable(text: str) -> str:
    """`text` without terminal control sequences, control characters, direction overrides and lone surrogates.

    Line feeds and tabs stay. Lone surrogates become U+FFFD, so the result always encodes as UTF-8.
    """
    plain = _ESCAPE.sub("", text).translate(_BIDI)
    return "".join(_shown(character) for character in plain)


def _shown(character: str) -> str:
    if character in "\n\t":
        return character
    category = unicodedata.category(character)
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return "" if category == "Cc" else character


def shorten(text: str, length_max: int) -> str:
    """`text` on one line, cut with an ellipsis at `length_max` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length_max else line[: length_max - 1] + "…"


def tokens_of(text: str) -> int:
    """About how many tokens a model counts: one for four characters, but never fewer than the words."""
    return max(len(text) // 4 + 1, len(text.split())) if text else 0


def nearest(name: str, known: Iterable[str], count_max: int = 3) -> Sequence[str]:
    """The known names that `name` was probably meant to be, best first; empty when none is close."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    hits = difflib.get_close_matches(name[:80].casefold(), by_folded, n=count_max, cutoff=0.6)
    return [by_folded[hit] for hit in hits]
