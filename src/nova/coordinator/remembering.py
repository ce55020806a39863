"""The last step of a run: what of it the memory keeps, ready to be written with the run's end. Knows runs and turns."""

from __future__ import annotations

from nova.coordinator.conversation import answer_of
from nova.core.events import Happening, Remembered
from nova.core.json import Json
from nova.core.runs import Run
from nova.memory.notes import Recorded
from nova.memory.remember import Turn, keep, prepare
from nova.memory.tiers import Memory
from nova.store.database import Connection
from nova.store.record import Work

NOVA = "nova"  # who speaks when no agent was engaged: a question back, a failure before


def remembering(memory: Memory, asked: Run, ended: Run, recalled: tuple[str, ...], *, noted: bool) -> Work:
    """Work for the transaction that ends the run. asked: the run as it was asked, with the label of the request.

    Reading words into vectors happens here, before the transaction; a run is never lost for its memory's sake.
    """
    turn = Turn(
        run=asked,
        answer=answer_of(ended.outcome) if ended.outcome else "",
        speaker=ended.agents[0] if ended.agents else NOVA,
        label=ended.label,
        recalled=recalled,
        noted=noted,
    )
    ready = prepare(memory, turn)

    def work(connection: Connection) -> tuple[Happening, ...]:
        taken = keep(connection, memory, ready)
        refused: list[Json] = [f"{one.what}: {one.sentence}" for one in ready.refused]
        told: list[Json] = [_note_json(one) for one in taken]
        return (Remembered(episodes=len(ready.spoken), notes=told, refused=refused),) if ready.spoken else ()

    return work


def _note_json(one: Recorded) -> Json:
    return {
        "id": one.note.id,
        "kind": one.note.kind.value,
        "status": one.note.status.value,
        "text": one.note.text,
        "how": one.how,
        "superseded": list(one.superseded),
        "doubted": list(one.doubted),
        "conflicts": list(one.conflicts),
        "answered": list(one.answered),
    }
