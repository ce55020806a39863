"""What only repeats a question or the memory itself: the same question asked before, and answers that quoted notes.

Pure. Knows words; refuses to rank. Such turns are kept and can be found again, but they answer nothing.
"""

from __future__ import annotations

from nova.core.episodes import Episode
from nova.store.textindex import query_words

SAME_SHARE = 0.8  # of the telling words of two questions; above it they are the same question
OWNER = "owner"
QUOTING = "**"  # how an answer by extraction begins: it quotes files, which are there by themselves
LOOKING_BACK = frozenset({"orientation", "decisions", "memory-keeper", "nova"})  # agents whose answers quote the memory


def echoes(said: Episode, question: str) -> bool:
    """Whether a turn is the question once more, or an answer that only looks back or only quotes."""
    if said.speaker in LOOKING_BACK or (said.speaker != OWNER and said.text.startswith(QUOTING)):
        return True
    mine, theirs = set(query_words(question)), set(query_words(said.text))
    return bool(mine) and len(mine & theirs) >= SAME_SHARE * len(mine | theirs)


def coverage(question: str, text: str) -> float:
    """The share of the question's telling words that a text holds, compared by their first letters."""
    asked = {_root(word) for word in query_words(question)}
    return len(asked & {_root(word) for word in query_words(text)}) / len(asked) if asked else 0.0


def _root(word: str) -> str:
    """`prices` and `price`, `decided` and `decide` are one; crude on purpose, and the same on both sides."""
    for ending in ("ing", "ies", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
