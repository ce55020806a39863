"""Puts timelines into a Nova store, event by event, as an assistant's tool would. Refuses to judge what comes out.

What of the data becomes what, and nothing that the data does not say:

- A timeline is a scope. A fact that is not `global` goes to a scope of its own below it, which no query reads.
- A fact (persistent_facts, the environment, a write) is one Note, brought to `nova.memory.notes.record` when it is
  written, the clock standing at that event: kind `fact`, whose text is the value (`Key words: value` where the value
  is no more than three words, so that it is a sentence out of context), valid_from its own time or the event's, and
  the source a run of the timeline's name.
- `key` is the note's key, underscores as spaces: all words but the last are the subject, the last is the attribute; a
  key of one word has `value` for its attribute. Notes of one key supersede each other at Nova's door by that alone;
  `deadline` and `deadline_v2` are two keys, and only the link ties them.
- `supersedes` names an earlier fact by id or key; the newest fact of that name is linked. Nothing is linked that the
  data does not link: neither likeness nor what a turn of the conversation says (`implicit_supersession`).
- `depends_on`, and `derived_facts` read the other way round, become `derived_from`. (In what is published both are
  empty.)
- `superseded_by`, or `is_valid` false, on an initial fact is a note that comes in as superseded.
- `working_set`, `identity_role`, `source.authority`, `is_constraint` become nothing: the first belongs to the
  conversation at hand, the others have no place in a note.
- With `turns`, a conversation turn is an episode of that scope, in one conversation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks.validity.data import Fact, Said, Timeline, Written
from nova.core.episodes import Episode
from nova.core.ids import id_of
from nova.core.labels import Label, Scope
from nova.core.notes import Note, NoteKind, NoteStatus, Source, SourceKind
from nova.memory.notes import record
from nova.memory.tiers import Memory
from nova.store import conversations, episodes

BY = "memory_keep"
NO_SENTENCE_WORDS = 3


@dataclass(slots=True)
class Clock:
    """Where the timeline stands; what Nova takes for now."""

    at: datetime = datetime(2025, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time of the event at hand."""
        return self.at


@dataclass(slots=True)
class Keeper:
    """One timeline being written. names: for each id and key, the newest note under it."""

    memory: Memory
    clock: Clock
    timeline: Timeline
    names: dict[str, str] = field(default_factory=dict[str, str])
    texts: list[str] = field(default_factory=list[str])
    turns: int = 0

    @property
    def scope(self) -> Scope:
        """The scope its queries are asked in."""
        return Scope.of(self.timeline.id)

    def begin(self) -> None:
        """The facts that are known before the first event, at the timeline's first moment."""
        self.clock.at, own = self.timeline.initial_state.now, self.timeline.id
        with self.memory.database.write() as connection:
            conversations.start(connection, self.scope, own, self.clock.at, project="", title=own)
        for fact in self.timeline.initial_state.known():
            self.keep(fact)

    def write(self, event: Written) -> None:
        """The facts of one event, in its order."""
        self.clock.at = event.ts
        for fact in event.writes:
            self.keep(fact)

    def keep(self, fact: Fact) -> None:
        """One fact through Nova's door; what the door kept is what its names mean from now on."""
        note = self._note(fact)
        [kept] = record(self.memory, Scope.of(note.scope), [note], by=BY)
        self.names |= {fact.id: kept.note.id, fact.key: kept.note.id}
        self.texts.append(fact.value)

    def hear(self, event: Said) -> None:
        """One turn of the conversation as an episode."""
        self.clock.at, own = event.ts, self.timeline.id
        self.turns += 1
        turn = Episode(
            id=id_of("e", own, str(self.turns)), scope=own, conversation=own, number=self.turns, at=event.ts,
            speaker="owner" if event.speaker == "user" else event.speaker, text=event.text, label=_label(own),
        )  # fmt: skip
        with self.memory.database.write() as connection:
            episodes.append(connection, self.scope, [turn], self.memory.vectors([turn.text]))

    def _note(self, fact: Fact) -> Note:
        own = self.timeline.id if fact.scope == "global" else f"{self.timeline.id}/{fact.scope}"
        at = self.clock.at
        subject, attribute = key_of(fact)
        over = not fact.is_valid or bool(fact.superseded_by)
        return Note(
            id=id_of("n", self.timeline.id, str(len(self.texts))),
            scope=own,
            kind=NoteKind.FACT,
            text=text_of(fact),
            subject=subject,
            attribute=attribute,
            value=fact.value,
            recorded_at=at,
            valid_from=fact.ts or at,
            valid_to=at if over else None,
            status=NoteStatus.SUPERSEDED if over else NoteStatus.ACTIVE,
            label=_label(own),
            sources=(Source(kind=SourceKind.RUN, ref=self.timeline.id, at=at, quote=fact.value),),
            supersedes=self._known(fact.supersedes) if fact.supersedes else (),
            derived_from=self._known(*fact.depends_on, *self._bases(fact)),
        )

    def _known(self, *names: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.names[name] for name in names if name in self.names))

    def _bases(self, fact: Fact) -> list[str]:
        """The initial facts that name this one among what is derived from them."""
        known = self.timeline.initial_state.persistent_facts
        return [one.id for one in known if {fact.id, fact.key} & set(one.derived_facts)]


def key_of(fact: Fact) -> tuple[str, str]:
    """Subject and attribute: `payment_terms` is the terms of the payment."""
    words = fact.key.replace("_", " ").split() or [fact.id]
    return (" ".join(words[:-1]), words[-1]) if len(words) > 1 else (words[0], "value")


def text_of(fact: Fact) -> str:
    """A sentence that is true out of context."""
    if len(fact.value.split()) > NO_SENTENCE_WORDS:
        return fact.value
    return f"{fact.key.replace('_', ' ').capitalize()}: {fact.value}"


def _label(own: str) -> Label:
    return Label(scopes=frozenset({own}))
