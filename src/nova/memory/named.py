"""Whom a request names, among those who spoke, and the request as they would say it. Knows words, not where they lie.

A turn by the person that is asked about is likelier the one; but the name itself misleads as a word, because it is the
others who say it ("Thanks, Caroline!"). So a name leaves the words that are searched and counts for who spoke, and for
the meaning `When did Caroline go?` becomes `When did I go?`, as she would have told it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nova.store.textindex import STOP_WORDS, query_words

_NAMES = r"(?<!\w)(?:{})(?P<own>['’]s)?(?!\w)"


def named(request: str, speakers: Iterable[str]) -> tuple[str, ...]:
    """The speakers that the request names, whole or by the first name, in any case.

    Only names that are written with a capital: an agent's name, or `owner`, is an ordinary word.
    """
    return tuple(name for name in speakers if name[:1].isupper() and _pattern([name]).search(request))


def told(request: str, names: Sequence[str]) -> str:
    """The request in the first person of those it names."""
    if not names:
        return request
    return _pattern(names).sub(lambda found: "my" if found["own"] else "I", request)


def words_of(request: str, names: Sequence[str]) -> list[str]:
    """The words worth searching, without the names; with them, where nothing else is asked."""
    bare = _pattern(names).sub(" ", request) if names else request
    telling = [word for word in query_words(bare) if word not in STOP_WORDS]
    return telling or query_words(request)


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Each name, or its first word alone. A name that is an everyday word (Will, May) counts with its capital only."""
    either = "|".join(_spelled(one) for name in names for one in dict.fromkeys((name, name.split()[0])))
    return re.compile(_NAMES.format(either))


def _spelled(name: str) -> str:
    folded = name.casefold()
    return re.escape(name) if folded in STOP_WORDS or folded in _EVERYDAY else f"(?i:{re.escape(name)})"


_EVERYDAY = frozenset(
    {"april", "art", "august", "bill", "drew", "faith", "frank", "grace", "guy", "hope", "jack", "joy", "june", "mark"}
    | {"may", "miles", "page", "pat", "penny", "ray", "rich", "rob", "robin", "rose", "ruby", "sandy", "skip", "sue"}
    | {"summer", "victor", "wade"}
)
