"""A finished run becomes episodes and proposed notes, in the same transaction that ends it: all there, or nothing.

    prepare   outside the transaction: words into vectors, rules over the owner's words; reads only
    keep      inside it: rows, text indexes, vectors, notes

Knows what of a run is kept; refuses to know how a sentence becomes a note (memory.hearing). Nothing is taken from
answers, which repeat what was recalled: a fact recalled a hundred times stays one fact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nova.core.episodes import Episode
from nova.core.errors import NovaError
from nova.core.labels import Label, Scope
from nova.core.notes import Note
from nova.core.requests import Principal
from nova.core.runs import Run
from nova.memory.hearing.hear import heard
from nova.memory.hearing.said import Refused, Said
from nova.memory.likeness import Likeness, likeness_of
from nova.memory.notes import Recorded, take
from nova.memory.tiers import Memory
from nova.store import episodes, notes, runs
from nova.store.database import Connection
from nova.store.episodes import Vector

EPISODE_CHARACTERS_MAX = 20_000  # of one turn in the memory; the record keeps all of it
BY = "what you said"
_HEARD = (Principal.OWNER.value, Principal.VISITOR.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a run leaves behind. label: of everything that went into the answer; noted: notes its tools have written.

    recalled: texts that stood in the context from memory; nothing is taken from them again.
    """

    run: Run
    answer: str
    speaker: str
    label: Label
    recalled: tuple[str, ...] = ()
    noted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A turn made ready: what `keep` will write."""

    scope: Scope
    spoken: tuple[tuple[Episode, Vector | None], ...]
    notes: tuple[tuple[Note, Vector | None, Likeness], ...] = ()
    refused: tuple[Refused, ...] = ()


def prepare(memory: Memory, turn: Turn) -> Ready:
    """What this turn leaves behind, read into vectors. An encoder that fails costs the vectors, not the turn.

    A message that holds a secret is not kept as it was said; the run's own record has it until it is forgotten.
    """
    run = turn.run
    scope = Scope.of(run.scope)
    if run.principal == Principal.SCHEDULE.value:
        return Ready(scope=scope, spoken=())
    heard_at_all = run.principal in _HEARD and not turn.noted
    found, refused = _heard(turn, _before(memory, scope, run)) if heard_at_all else ((), ())
    request = run.request if not refused else f"({refused[0].what} was said here; it is not kept)"
    answer = "" if refused else turn.answer  # it may repeat the secret
    said = [(run.principal, request, run.label), (turn.speaker, answer, turn.label)]
    spoken = [
        Episode(
            id=f"{run.id}.{place}",
            scope=run.scope,
            conversation=run.conversation,
            number=place,  # its place in the run; `keep` numbers on from the conversation's last turn
            speaker=speaker,
            at=run.started_at,
            text=words[:EPISODE_CHARACTERS_MAX],
            run=run.id,
            project=run.project,
            label=label,
        )
        for place, (speaker, words, label) in enumerate(said, start=1)
        if words.strip()
    ]
    words = [*(episode.text for episode in spoken), *(notes.indexed(note) for note in found)]
    vectors = _vectors(memory, words)
    alike = likeness_of(memory, scope, found)
    return Ready(
        scope=scope,
        spoken=tuple(zip(spoken, vectors[: len(spoken)], strict=True)),
        notes=tuple(zip(found, vectors[len(spoken) :], alike, strict=True)),
        refused=refused,
    )


def keep(connection: Connection, memory: Memory, ready: Ready) -> tuple[Recorded, ...]:
    """Writes it all within the transaction that is open. Raises StoreError."""
    if ready.spoken:
        conversation = ready.spoken[0][0].conversation
        last = episodes.last_number(connection, ready.scope, conversation)
        numbered = [replace(episode, number=last + place) for place, (episode, _) in enumerate(ready.spoken, start=1)]
        episodes.append(connection, ready.scope, numbered, [vector for _, vector in ready.spoken])
    return tuple(
        take(connection, ready.scope, note, vector, near, now=memory.now(), by=BY, why="")
        for note, vector, near in ready.notes
    )


def remember(memory: Memory, turn: Turn) -> tuple[Recorded, ...]:
    """Both steps at once, for a run that has ended already. Raises StoreError."""
    ready = prepare(memory, turn)
    with memory.database.write() as connection:
        return keep(connection, memory, ready)


def _before(memory: Memory, scope: Scope, run: Run) -> str:
    """What the same speaker had said just before in this conversation; empty for its first words."""
    with memory.database.read() as connection:
        return runs.said_before(connection, scope, run)


def _heard(turn: Turn, before: str) -> tuple[tuple[Note, ...], tuple[Refused, ...]]:
    run = turn.run
    said = Said(
        text=run.request,
        at=run.started_at,
        run=run.id,
        scope=run.scope,
        project=run.project,
        speaker=run.principal,
        trusted=run.label.trusted,
        recalled=turn.recalled,
        before=before,
    )
    result = heard(said)
    return result.notes, result.refused


def _vectors(memory: Memory, words: Sequence[str]) -> list[Vector | None]:
    try:
        return memory.vectors(words)
    except NovaError:
        return [None] * len(words)  # found by words until memory.embed has read them; recall says so
