"""What an export writes, one file for each note and conversation. Knows both; refuses to know the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from nova.core.errors import BadFiles
from nova.core.notes import Note
from nova.memory.files.form import markdown
from nova.memory.files.merge import merged
from nova.memory.files.places import moved, place_of, place_of_conversation
from nova.memory.files.reading import Ground, read_note
from nova.memory.files.transcripts import Transcript, transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One file to be: of whom, where it belongs when it is new, where given one that was there before, and its text.

    has: whether a text that a person edited says nothing that the home does not have by now.
    """

    of: str
    place: str
    moved: Callable[[str], str]
    text: str
    has: Callable[[str], bool]


def notes_as_leaves(notes: Iterable[Note]) -> Iterator[Leaf]:
    """One file for each note."""
    for note in notes:
        yield Leaf(of=note.id, place=place_of(note), moved=_mover(note), text=markdown(note), has=_taken_in(note))


def _mover(note: Note) -> Callable[[str], str]:
    return lambda place: moved(place, note)


def _taken_in(note: Note) -> Callable[[str], bool]:
    def has(text: str) -> bool:
        try:
            file = read_note(text, "", Ground(now=note.recorded_at))
        except BadFiles:
            return False
        return merged(note, file, overwrite=False) == (note, False)

    return has


def leaf_of(conversation: str, scope: str) -> str:
    """How the list of an export names a transcript: a conversation has one in each scope it has turns in."""
    return f"{conversation} {scope}"


def conversations_as_leaves(conversations: Iterable[Transcript]) -> Iterator[Leaf]:
    """One file for each conversation."""
    for one in conversations:
        place = place_of_conversation(one.scope, one.conversation.id)
        yield Leaf(
            of=leaf_of(one.conversation.id, one.scope),
            place=place,
            moved=_stays(place),
            text=transcript(one),
            has=_never,
        )


def _never(_: str) -> bool:
    return False


def _stays(place: str) -> Callable[[str], str]:
    return lambda _: place
