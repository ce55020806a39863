"""What an agent is told from memory: recalled for its request and needs, and the preferences that always hold.

Knows what may go wrong with a memory and says so; refuses to rank.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import replace

from nova.agents.findings import Findings
from nova.core.citations import Citation
from nova.core.degradations import DegradationKind
from nova.core.episodes import Episode
from nova.core.errors import StoreError
from nova.core.labels import Scope
from nova.core.notes import Note, NoteKind, SourceKind
from nova.memory.echo import echoes
from nova.memory.embed import CATCH_UP_ROWS, embed
from nova.memory.recall import EPISODE_TOKENS, NOTE_TOKENS, WHOLE_TOKENS, Quota, Recall, recall
from nova.memory.tiers import Memory
from nova.store import notes

SEARCHED = tuple(kind for kind in NoteKind if kind is not NoteKind.PREFERENCE)


def recollect(
    memory: Memory,
    request: str,
    scope: Scope,
    needs: Collection[str],
    heard: AbstractSet[str],
    findings: Findings,
) -> Recall:
    """The pieces for one request. heard: runs that the conversation shows anyway.

    What cannot be searched costs the answer its memory, not the answer; the person is told. A little that no vector
    says yet is read on the way; what is left of much is said, with its number.
    """
    if not {"notes", "episodes"} & set(needs):
        return Recall()
    noted, said = "notes" in needs, "episodes" in needs
    quota = Quota(notes=NOTE_TOKENS * noted, whole=WHOLE_TOKENS * noted, episodes=EPISODE_TOKENS * said)
    try:
        recalled = recall(memory, request, scope, quota=quota, kinds=SEARCHED, without_runs=heard)
        unread = any(one.kind is DegradationKind.UNREAD_MEMORY for one in recalled.degradations)
        if unread and embed(memory, scope, rows_max=CATCH_UP_ROWS):
            recalled = recall(memory, request, scope, quota=quota, kinds=SEARCHED, without_runs=heard)
    except StoreError as error:
        findings.degrade(DegradationKind.NO_MEMORY, f"The memory could not be searched: {error.what}", error.mend)
        return Recall()
    telling = [one for one in recalled.pieces if isinstance(one.what, Note) or not echoes(one.what, request)]
    recalled = replace(recalled, pieces=tuple(telling))
    for degradation in recalled.degradations:
        findings.take(degradation)
    for piece in recalled.pieces:
        findings.saw(citations_of(piece.what), piece.what.label)
    return recalled


def preferences(memory: Memory, scope: Scope) -> str:
    """The preferences kept as notes, as a part of the profile: they bind always, so they are never searched for."""
    with memory.database.read() as connection:
        kept = notes.sayings(connection, scope, NoteKind.PREFERENCE, memory.now())
    lines = [f"- {text} [{note}]" for note, text in kept]
    return "\n".join(["# Standing preferences", "", *lines]) if lines else ""


def citations_of(what: Note | Episode) -> tuple[Citation, ...]:
    """What an answer may cite for a piece: the note and every place it rests on, or the run it was said in."""
    if isinstance(what, Episode):
        return (Citation(path=what.run),) if what.run else ()
    places = [
        Citation(path=source.ref, line=source.line)
        for source in what.sources
        if source.kind in (SourceKind.FILE, SourceKind.COMMIT, SourceKind.RUN)
    ]
    return (Citation(path=what.id), *places)
