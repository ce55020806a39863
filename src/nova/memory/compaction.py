"""Older turns of a conversation as a few lines, each with the run it comes from.

Pure: the same turns give the same text, nothing is stored, the record keeps every word. Knows which sentences tell
most (what the owner decided, wants and asks before small talk); refuses to put anything in its own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nova.core.conversations import Turn
from nova.core.labels import Scope
from nova.core.text import shorten, tokens_of
from nova.memory.hearing.own_words import own_sentences
from nova.memory.telling import chats, worth
from nova.models.sentences import Sentence, best, rank, split
from nova.models.words import words

OWNER_CHARACTERS_MAX = 220
ANSWER_CHARACTERS_MAX = 180
READ_CHARACTERS_MAX = 1_200  # of one request or answer: what a line is chosen from
SENTENCES_MAX = 8
LINE_CHARACTERS_MIN = 60  # with less room than this no line says anything
NEWER_BY = 0.4  # how much more the newest of two equal turns weighs than the oldest
REPEATS_FROM = 0.7  # share of its words that a newer turn says again


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactLine:
    """What one turn said, in its own words: a sentence of the owner's, and one of the answer's where it tells more."""

    run: str
    text: str

    def __str__(self) -> str:
        return f"- [{self.run}] {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """Turns as lines, oldest first. covers: the runs that have a line; turns: how many turns were to be covered."""

    lines: tuple[CompactLine, ...] = ()
    turns: int = 0

    @property
    def covers(self) -> tuple[str, ...]:
        """The runs that the lines cite."""
        return tuple(line.run for line in self.lines)

    @property
    def text(self) -> str:
        """The lines as they are shown."""
        return "\n".join(str(line) for line in self.lines)

    @property
    def tokens(self) -> int:
        """About how many tokens the text takes."""
        return tokens_of(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A turn that says something. bag: the content words of `owner`, the owner's sentence that tells most."""

    place: int
    turn: Turn
    owner: str
    bag: frozenset[str]
    weight: float

    def lines(self) -> tuple[CompactLine, ...]:
        """The line with the answer, and the shorter one without where the owner's words stand alone."""
        alone = CompactLine(run=self.turn.run, text=f"owner: {self.owner}")
        answer = _answers(self.turn, self.owner)
        if not answer:
            return (alone,)
        whole = CompactLine(run=self.turn.run, text=f"{alone.text} | {answer}")
        return (whole, alone) if len(self.bag) > 1 else (whole,)


def compact(turns: Sequence[Turn], scope: Scope, tokens_max: int) -> Compaction:
    """The turns as at most `tokens_max` tokens of lines, oldest first; at most one line for each turn.

    A turn whose label names a scope outside stays out. A turn of small talk, and what does not fit, has no line.
    """
    inside = [turn for turn in turns if turn.label.scopes <= scope.names]
    kept: list[tuple[int, CompactLine]] = []
    room = tokens_max * 4 - 4  # characters; what tokens_of counts, with the rounding on the safe side
    spoken = tokens_max  # words: tokens_of never counts fewer
    for draft in sorted(_drafts(inside), key=lambda one: (-one.weight, -one.place)):
        if room < LINE_CHARACTERS_MIN:
            break
        for line in draft.lines():
            length, count = len(str(line)) + 1, len(str(line).split())
            if length <= room and count <= spoken:
                kept.append((draft.place, line))
                room, spoken = room - length, spoken - count
                break
    return Compaction(lines=tuple(line for _, line in sorted(kept, key=lambda one: one[0])), turns=len(inside))


def _drafts(turns: Sequence[Turn]) -> list[_Draft]:
    """One draft for each turn that says something, with its weight among the others."""
    owners = [_owners(turn) for turn in turns]
    scores = rank([Sentence(text=text, line=place) for place, text in enumerate(owners, 1)])
    bags = [frozenset(words(text)) for text in owners]
    found: list[_Draft] = []
    for place, (turn, owner, bag) in enumerate(zip(turns, owners, bags, strict=True)):
        if not owner or chats(owner, bag):
            continue
        weight = _weight(owner, bag, turn) + min(scores[place], 1.0) + NEWER_BY * (place + 1) / len(turns)
        if any(_repeats(bag, later) for later in bags[place + 1 :]):
            weight /= 4
        found.append(_Draft(place=place, turn=turn, owner=owner, bag=bag, weight=weight))
    return found


def _owners(turn: Turn) -> str:
    """The owner's sentence that tells most; the first of several that tell as much."""
    text = turn.request[:READ_CHARACTERS_MAX]
    sentences = [Sentence(text=one.text, line=at) for at, one in enumerate(own_sentences(text)[:SENTENCES_MAX], 1)]
    if not sentences:
        return shorten(text, OWNER_CHARACTERS_MAX)
    scores = rank(sentences) if len(sentences) > 1 else (0.0,)
    top = max(range(len(sentences)), key=lambda at: (worth(sentences[at].text) + scores[at], -at))
    return shorten(sentences[top].text, OWNER_CHARACTERS_MAX)


def _answers(turn: Turn, owner: str) -> str:
    """Who answered, and the sentence of the answer nearest to what was said.

    Empty for a question back, and for an answer made from text that nobody vouches for: the lines stand beside the
    instructions, and a stranger's words must not.
    """
    if turn.options or not turn.label.trusted or not turn.answer.strip():
        return ""
    sentences = split(turn.answer[:READ_CHARACTERS_MAX])[:SENTENCES_MAX]
    if not sentences:
        return ""
    [said] = best(sentences, 1, owner)
    who = " + ".join(turn.agents) or "Nova"
    return f"{who}: {shorten(said.text, ANSWER_CHARACTERS_MAX)}" if len(words(said.text)) > 1 else ""


def _weight(owner: str, bag: frozenset[str], turn: Turn) -> float:
    """The worth of a turn. A fragment (“why?”) is worth what its answer is; a question without an answer is open."""
    answered = bool(turn.answer.strip()) and not turn.options
    if len(bag) <= 1:
        return 0.6 if answered else 0.1
    told = worth(owner)
    return told if answered or told > 1.0 else told + 0.8


def _repeats(bag: frozenset[str], later: frozenset[str]) -> bool:
    return len(bag) > 1 and len(bag & later) >= REPEATS_FROM * len(bag)
