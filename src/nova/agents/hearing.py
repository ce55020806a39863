"""Which turns of a conversation are heard word for word, which as lines that cite them, and what is said of the rest.

Pure. Knows turns and tokens; refuses to know the other pieces of a context.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nova.core.conversations import Turn
from nova.core.labels import Scope
from nova.core.text import tokens_of
from nova.memory.compaction import Compaction, compact

EARLIER = "earlier turns"
TURNS_VERBATIM_MAX = 12
LISTED_MAX = 12  # turns without a line that are listed one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The newest turns word for word, the older ones, and the lines that stand for these."""

    turns: tuple[Turn, ...]
    older: tuple[Turn, ...] = ()
    earlier: Compaction = field(default_factory=Compaction)

    @property
    def beyond(self) -> int:
        """How many turns there are before the oldest that was read."""
        return max(0, self.older[0].number - 1) if self.older else 0

    def unheard(self, conversation: str) -> Iterator[tuple[str, int, str]]:
        """What is not there word for word: a name, its tokens, and why or where. conversation: its id, or empty."""
        if not self.older:
            return
        show = f"in full: nova conversations show {conversation}".rstrip()
        rest = ""
        if self.earlier.lines:
            lines = _count(len(self.earlier.lines), "line")
            older = len(self.older) + self.beyond
            are = "is" if older == 1 else "are"
            yield EARLIER, _tokens(self.older), f"{_count(older, 'older turn')} {are} here as {lines}, {show}"
            rest = ", and says less than what has a line"
        missing = [turn for turn in self.older if turn.run not in self.earlier.covers]
        unlisted, listed = missing[:-LISTED_MAX], missing[-LISTED_MAX:]
        if count := len(unlisted) + self.beyond:
            yield "oldest turns", _tokens(unlisted), f"{_count(count, 'older turn')} without a line, {show}"
        for turn in listed:
            yield turn.run, _tokens([turn]), f"older than what fits{rest}"


def hear(turns: Sequence[Turn], scope: Scope, room_tokens: int, *, earlier_tokens_max: int) -> Heard:
    """The newest turns that fit, and the older ones as lines, for which some of the newest make room.

    A turn whose label names a scope outside is not heard at all.
    """
    inside = tuple(turn for turn in turns if turn.label.scopes <= scope.names)
    newest = _newest(inside, room_tokens)
    if len(newest) == len(inside):
        return Heard(turns=newest)
    newest = _newest(inside, room_tokens - earlier_tokens_max) or newest
    older = inside[: len(inside) - len(newest)]
    left = room_tokens - _tokens(newest)
    return Heard(turns=newest, older=older, earlier=compact(older, scope, min(left, earlier_tokens_max)))


def wanted(turns: Sequence[Turn], scope: Scope, tokens_max: int) -> int:
    """What should stay free for turns: the newest whole, because a follow-up hangs on it, and more up to a limit."""
    inside = [turn for turn in turns if turn.label.scopes <= scope.names]
    total = 0
    for turn in reversed(inside[-TURNS_VERBATIM_MAX:]):
        more = total + _tokens([turn])
        if total and more > tokens_max:
            break
        total = more
    return total


def spoken(turn: Turn) -> str:
    """A turn as it is counted."""
    return f"{turn.request}\n{turn.answer}"


def _newest(turns: Sequence[Turn], room_tokens: int) -> tuple[Turn, ...]:
    kept: list[Turn] = []
    for turn in reversed(turns[-TURNS_VERBATIM_MAX:]):
        room_tokens -= _tokens([turn])
        if room_tokens < 0:
            break  # an older turn without the newer one would mislead
        kept.append(turn)
    return tuple(reversed(kept))


def _tokens(turns: Sequence[Turn]) -> int:
    return sum(tokens_of(spoken(turn)) for turn in turns)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
