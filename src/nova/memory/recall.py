"""What of the memory belongs before a model for this request, within a budget, each piece with its source and reason.

    words of a turn and those around it + meaning + who is named + how much it tells  ->  one ranking  ->  what fits

Knows how results are ranked; refuses to know how they are shown. Age never lowers a score: an old fact that holds is
as good as a new one, and what no longer holds is marked or left out (memory.standing says which).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nova.core.degradations import Degradation, DegradationKind
from nova.core.episodes import Episode
from nova.core.errors import StoreError
from nova.core.labels import Scope
from nova.core.notes import Note, NoteKind, NoteStatus
from nova.core.text import tokens_of
from nova.memory import standing
from nova.memory.fusion import Fused, blend, fuse
from nova.memory.grounds import instead
from nova.memory.named import named, told, words_of
from nova.memory.verify import blind, heal
from nova.store import episodes, notes
from nova.store.database import Connection
from nova.store.indexes import leaf
from nova.store.tables import EPISODES, NOTES
from nova.store.textindex import STOP_WORDS, TextIndex, query_words

if TYPE_CHECKING:
    from nova.memory.tiers import Memory

EPISODE_TOKENS = 1_500
NOTE_TOKENS = 1_200
WHOLE_TOKENS = 600  # of notes that are given whole; a context has 8,000
WHOLE_MAX = 40  # notes; more are searched without being counted first
NOTE_ROWS = 200  # of each list of notes
LIST_ROWS = 100  # of each list of episodes; beyond them little is found
LEFT_OUT_MAX = 20
COUNT_MAX = 60
COSINE_MIN = 0.35  # below it, likeness in meaning alone is no reason to show a note
MEANING_ALONE_MAX = 10  # ranks; a turn that shares no word must be among the nearest to be shown
MEANING, WORDS = "meaning", "words"

# What counts beside the words, as shares of the best row's score by words. Measured in docs/log.md.
MEANING_SHARE = 0.6
NAMED_SHARE = 0.4  # said by whom the request names
TELLING_SHARE = 0.25  # says much: the words of what it states, up to TELLING_WORDS of them
TELLING_WORDS = 15
_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many tokens each tier may take; what notes leave over goes to episodes.

    whole: where all notes that hold take no more than this together, all of them are given, those that answer first:
    in a young project what belongs to a request often shares no word with it, and nothing is crowded out.
    """

    notes: int = NOTE_TOKENS
    episodes: int = EPISODE_TOKENS
    whole: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """One piece of memory. what: the note or the episode; mark: why to be careful with it, empty when all is well.

    score: fused; ranks: its place in each list; besides: what else counted; why: the same in words, for a person.
    """

    what: Note | Episode
    score: float
    ranks: Mapping[str, int]
    mark: str = ""
    besides: str = ""

    @property
    def id(self) -> str:
        """The note's or the episode's id."""
        return self.what.id

    @property
    def tier(self) -> str:
        """`note` or `episode`."""
        return "note" if isinstance(self.what, Note) else "episode"

    @property
    def why(self) -> str:
        """By what it was found: `1st by words, 4th by meaning, said by Ines`."""
        ranks = [f"{_ordinal(rank)} by {name}" for name, rank in self.ranks.items()]
        return ", ".join([*ranks, *([self.besides] if self.besides else [])])

    @property
    def text(self) -> str:
        """As a model sees it: what it is, its date, its source, its mark, its words."""
        return shown(self.what, self.mark)

    @property
    def tokens(self) -> int:
        """About how many tokens it takes."""
        return tokens_of(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A piece that was found and is not shown, and why."""

    tier: str
    id: str
    tokens: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What was recalled for one request: pieces best first, those left out, and what is less than it should be."""

    pieces: tuple[Recalled, ...] = ()
    left_out: tuple[Lost, ...] = ()
    degradations: tuple[Degradation, ...] = ()

    @property
    def tokens(self) -> int:
        """About how many tokens all pieces take."""
        return sum(piece.tokens for piece in self.pieces)


def recall(
    memory: Memory,
    request: str,
    scope: Scope,
    *,
    quota: Quota | None = None,
    kinds: Sequence[NoteKind] = tuple(NoteKind),
    without_runs: AbstractSet[str] = frozenset(),
    count_max: int = COUNT_MAX,
) -> Recall:
    """The pieces of both tiers that belong to this request. Raises StoreError.

    kinds: of notes; empty for episodes only. without_runs: what the conversation shows anyway. A quota of 0 leaves a
    tier out. count_max: of each tier, before the budget is looked at. A damaged index is rebuilt, and that is said.
    """

    def found() -> Recall:
        return _recalled(memory, request, scope, quota or Quota(), kinds, without_runs, count_max)

    return mended(memory, scope, found)


def _recalled(
    memory: Memory,
    request: str,
    scope: Scope,
    room: Quota,
    kinds: Sequence[NoteKind],
    without_runs: AbstractSet[str],
    count_max: int,
) -> Recall:
    with memory.database.read() as connection:
        noted = _notes(memory, connection, scope, request, kinds) if kinds and room.notes else []
        said = _said(memory, connection, scope, request, without_runs) if room.episodes else []
        degraded = _unread(memory, connection, scope)
        noted = _instead(memory, connection, scope, noted[:count_max], kinds)
        marked = standing.marks(connection, scope, [note for note, _ in noted], memory.now(), memory.grounds)
        beside = _beside(memory, connection, scope, {note.id for note, _ in noted}, kinds, room.whole)
    holding = [Recalled(what=note, score=one.score, ranks=one.ranks, mark=marked[note.id].why) for note, one in noted
               if note.id in marked and marked[note.id].shown]  # fmt: skip
    fallen = [_lost(note, marked[note.id].why) for note, _ in noted if note.id in marked and not marked[note.id].shown]
    kept, over = _fit([*_newest_first(holding), *beside], room.notes)
    left = max(0, room.notes - sum(piece.tokens for piece in kept))
    heard = [
        Recalled(what=episode, score=one.score, ranks=one.ranks, besides=one.besides)
        for episode, one in said[:count_max]
    ]
    kept_said, over_said = _fit(heard, room.episodes + left)
    return Recall(
        pieces=(*kept, *kept_said),
        left_out=(*fallen, *over, *over_said)[:LEFT_OUT_MAX],
        degradations=(*degraded, *_stale(kept)),
    )


def mended(memory: Memory, scope: Scope, look: Callable[[], Recall]) -> Recall:
    """What `look` recalls; where a text index is damaged, what it recalls after that was rebuilt, with a message."""
    try:
        found = look()
    except StoreError as error:
        done = heal(memory)
        if not done:
            raise error
    else:
        by_words = any(WORDS in piece.ranks for piece in found.pieces) or found.left_out
        done = () if by_words or not blind(memory, scope) else heal(memory)
        if not done:
            return found
    again = look()
    told = (Degradation(kind=DegradationKind.MENDED_MEMORY, what=one) for one in done)
    return replace(again, degradations=(*told, *again.degradations))


def rank_turns(memory: Memory, connection: Connection, scope: Scope, request: str) -> list[tuple[Episode, Fused[int]]]:
    """The episodes that answer to a request, best first; without an encoder by words, names and weight alone."""
    names = named(request, episodes.speakers(connection, scope))
    words = words_of(request, names)
    lists = {WORDS: leaf(connection).search(connection, scope, TextIndex.EPISODES, words, LIST_ROWS)}
    query = memory.query(told(request, names))
    if query is not None:
        near = memory.matrices.nearest(connection, scope, EPISODES, query, memory.encoder_name, LIST_ROWS)
        lists[MEANING] = near
    found = [one for one in blend(lists, {MEANING: MEANING_SHARE}, {MEANING: True}) if _reason(one)]
    known = episodes.by_seq(connection, scope, [one.row for one in found])
    weighed = [(known[one.row], _weighed(known[one.row], one, names)) for one in found if one.row in known]
    return sorted(weighed, key=lambda pair: -pair[1].score)


def _weighed(episode: Episode, one: Fused[int], names: Sequence[str]) -> Fused[int]:
    score = one.score + TELLING_SHARE * min(_telling(episode.text), TELLING_WORDS) / TELLING_WORDS
    if episode.speaker not in names:
        return replace(one, score=score)
    return replace(one, score=score + NAMED_SHARE, besides=f"said by {episode.speaker}")


def _telling(text: str) -> int:
    """How many different words a turn states; what it only asks is seldom what is looked for."""
    stated = text
    if "?" in text:
        stated = " ".join(one for one in _SENTENCE.findall(text) if not one.rstrip().endswith("?"))
    return len(set(_WORD.findall(stated.casefold())) - STOP_WORDS)


def rank_notes(
    memory: Memory, connection: Connection, scope: Scope, request: str, count_max: int = NOTE_ROWS
) -> list[Fused[int]]:
    """The notes' row numbers, best first: by words and by meaning."""
    found = leaf(connection).search(connection, scope, TextIndex.NOTES, query_words(request), count_max)
    lists = {WORDS: [seq for seq, _ in found]}
    query = memory.query(request)
    if query is not None:
        near = memory.matrices.nearest(connection, scope, NOTES, query, memory.encoder_name, count_max)
        lists[MEANING] = [seq for seq, cosine in near if cosine >= COSINE_MIN]
    return fuse(lists)[:count_max]


def _notes(
    memory: Memory, connection: Connection, scope: Scope, request: str, kinds: Sequence[NoteKind]
) -> list[tuple[Note, Fused[int]]]:
    ranked = rank_notes(memory, connection, scope, request)
    known = notes.by_seq(connection, scope, [one.row for one in ranked])
    return [(known[one.row], one) for one in ranked if one.row in known and known[one.row].kind in kinds]


def _instead(
    memory: Memory,
    connection: Connection,
    scope: Scope,
    found: Sequence[tuple[Note, Fused[int]]],
    kinds: Sequence[NoteKind],
) -> list[tuple[Note, Fused[int]]]:
    """What was found, and before each note that no longer holds what holds in its place, once each."""
    hidden = [note for note, _ in found if not standing.mark_of(note, memory.now()).shown]
    newer = instead(connection, scope, hidden)
    placed: dict[str, tuple[Note, Fused[int]]] = {}
    for note, one in found:
        ranks = {f"{name} of what it replaced": rank for name, rank in one.ranks.items()}
        for held in newer.get(note.id, []):
            if held.kind in kinds:
                placed.setdefault(held.id, (held, replace(one, ranks=ranks)))
        placed.setdefault(note.id, (note, one))
    return list(placed.values())


def _beside(
    memory: Memory,
    connection: Connection,
    scope: Scope,
    found: AbstractSet[str],
    kinds: Sequence[NoteKind],
    room_tokens: int,
) -> list[Recalled]:
    """The other notes that hold, newest first, when all that hold fit into this room; none else."""
    if not (room_tokens and kinds):
        return []
    active = (NoteStatus.ACTIVE,)
    held = notes.listed(connection, scope, kinds=kinds, statuses=active, count_max=WHOLE_MAX + 1)
    if len(held) > WHOLE_MAX or sum(tokens_of(shown(note)) for note in held) > room_tokens:
        return []
    others = [note for note in held if note.id not in found and note.label.trusted]
    marked = standing.marks(connection, scope, others, memory.now(), memory.grounds)
    sure = [note for note in others if marked[note.id].shown and not marked[note.id].why]
    return [Recalled(what=note, score=0.0, ranks={}, besides="one of few notes") for note in sure]


def _said(
    memory: Memory, connection: Connection, scope: Scope, request: str, without_runs: AbstractSet[str]
) -> list[tuple[Episode, Fused[int]]]:
    """An answer made from two projects lies in one scope and is labelled with both: it stays out of either."""
    return [
        (said, one)
        for said, one in rank_turns(memory, connection, scope, request)
        if said.run not in without_runs and said.label.scopes <= scope.names
    ]


def _reason(one: Fused[int]) -> bool:
    """Likeness in meaning alone, far down its list, is no reason to show a text."""
    return WORDS in one.ranks or one.ranks.get(MEANING, LIST_ROWS) <= MEANING_ALONE_MAX


def _newest_first(pieces: Sequence[Recalled]) -> list[Recalled]:
    """The same pieces; of those that may contradict each other the newest comes first, where the better one stood."""
    placed = list(pieces)
    rivals = [at for at, piece in enumerate(placed) if "may contradict" in piece.mark]
    for first in rivals:
        for second in rivals:
            a, b = placed[first].what, placed[second].what
            if first < second and isinstance(a, Note) and isinstance(b, Note):
                tied = b.id in placed[first].mark or a.id in placed[second].mark
                if tied and b.valid_from > a.valid_from:
                    placed[first], placed[second] = placed[second], placed[first]
    return placed


def _fit(pieces: Sequence[Recalled], room_tokens: int) -> tuple[list[Recalled], list[Lost]]:
    """The best that fit, in their order. A piece that does not fit leaves room for smaller ones after it."""
    kept: list[Recalled] = []
    lost: list[Lost] = []
    for piece in pieces:
        if piece.tokens <= room_tokens:
            kept.append(piece)
            room_tokens -= piece.tokens
        else:
            lost.append(Lost(tier=piece.tier, id=piece.id, tokens=piece.tokens, why="less telling than what fits"))
    return kept, lost


def _lost(note: Note, why: str) -> Lost:
    return Lost(tier="note", id=note.id, tokens=tokens_of(note.text), why=why)


def _unread(memory: Memory, connection: Connection, scope: Scope) -> tuple[Degradation, ...]:
    """What no vector says yet is found by its words only; that is said, with the number."""
    if memory.encoder is None:
        return ()
    counted = [table.count_without_vector(connection, scope, memory.encoder_name) for table in (episodes, notes)]
    if not sum(counted):
        return ()
    many = f"{counted[0]:,} episodes and {counted[1]:,} notes"
    what = f"{many} were searched by words alone: {memory.encoder_name} has not read them yet."
    return (Degradation(kind=DegradationKind.UNREAD_MEMORY, what=what, mend="Read them: nova memory embed"),)


def _stale(kept: Sequence[Recalled]) -> tuple[Degradation, ...]:
    """A note that is shown and may be out of date is said to be so, in the same breath as the answer."""
    return tuple(
        Degradation(
            kind=DegradationKind.STALE_MEMORY,
            what=f"The note {piece.id} may be out of date ({piece.mark}).",
            mend=f"Look at it: nova memory why {piece.id}",
        )
        for piece in kept
        if "stale" in piece.mark
    )


def shown(what: Note | Episode, mark: str = "") -> str:
    """One piece as a model sees it: tier, id, date, source, mark and words on a line or two."""
    if isinstance(what, Episode):
        return f"[said {what.at:%Y-%m-%d} by {what.speaker}, {what.run or what.conversation}] {what.text}"
    source = f", {what.sources[0]}" if what.sources else ""
    careful = f", {mark}" if mark else ""
    more = [f"Why: {what.why}"] if what.why else []
    more += [f"Instead of: {'; '.join(what.alternatives)}"] if what.alternatives else []
    line = f"[{what.kind.value} {what.id}, since {what.valid_from:%Y-%m-%d}{source}{careful}] {what.text}"
    return " ".join([line, *more])


def _ordinal(rank: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10 if rank % 100 not in (11, 12, 13) else 0, "th")
    return f"{rank}{ending}"
