"""A memory on a real database, with the real encoder where a test needs meaning, and words that make short tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from nova.core.episodes import Episode
from nova.core.ids import new_id
from nova.core.labels import HOME, Label, Scope
from nova.core.notes import Note, NoteKind, NoteStatus, Source, SourceKind
from nova.memory.tiers import Memory, memory_of
from nova.models.encoders import Encoder
from nova.models.encoding import open_encoder
from nova.store import conversations, episodes
from nova.store.database import open_database

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
AIREP = Scope(own="airep", names=frozenset({"airep", HOME}))
BLOG = Scope(own="blog", names=frozenset({"blog", HOME}))


@cache
def encoder() -> Encoder:
    """The real sentence encoder, loaded once."""
    found = open_encoder()
    assert not found.degradations, "these tests need the encoder: ./nova setup"
    return found


def a_memory(
    folder: Path, *, now: Callable[[], datetime] = lambda: AT, meaning: bool = False, encoder: Encoder | None = None
) -> Memory:
    """A memory on a new file. meaning: with the real encoder; else words alone."""
    chosen = encoder or (globals()["encoder"]() if meaning else None)
    return memory_of(open_database(folder / "nova.db"), chosen, now)


def a_note(
    text: str, *, kind: NoteKind = NoteKind.FACT, scope: str = "airep", at: datetime = AT, **more: object
) -> Note:
    """A note as the rules would make it; more: any other field."""
    given: dict[str, object] = {
        "id": new_id("n"),
        "scope": scope,
        "kind": kind,
        "text": text,
        "recorded_at": at,
        "valid_from": at,
        "status": NoteStatus.ACTIVE,
        "label": Label(scopes=frozenset({scope})),
        "sources": (Source(kind=SourceKind.OWNER, ref="", at=at),),
        **more,
    }
    return Note(**given)  # pyright: ignore[reportArgumentType]


def keyed(subject: str, attribute: str, value: str, **more: object) -> Note:
    """A fact under a key."""
    text = f"The {attribute} of {subject} is {value}."
    return a_note(text, subject=subject, attribute=attribute, value=value, **more)  # pyright: ignore[reportArgumentType]


def say(
    memory: Memory, scope: str, *texts: str, conversation: str = "", at: datetime = AT, speaker: str = "owner"
) -> list[Episode]:
    """Turns of one conversation, written as the end of a run writes them."""
    talk = conversation or new_id("c")
    own = Scope.of(scope)
    with memory.database.write() as connection:
        if not conversation:
            conversations.start(connection, own, talk, at, project="", title="")
        last = episodes.last_number(connection, own, talk)
        turns = [
            Episode(
                id=new_id("e"),
                scope=scope,
                conversation=talk,
                number=last + place,
                speaker=speaker,
                at=at,
                text=text,
                label=Label(scopes=frozenset({scope})),
            )
            for place, text in enumerate(texts, start=1)
        ]
        episodes.append(connection, own, turns, memory.vectors([turn.spoken() for turn in turns]))
    return turns
