"""A project's own past read into notes: git, decision records, issues, to-dos, guidance. Glue; the rules are memory's.

Reading again changes only what its sources say differently; what they no longer leave open is settled.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from nova.app.house import Nova
from nova.coordinator.intake import wall_of
from nova.core.errors import Problem
from nova.core.json import Json
from nova.core.notes import Note, NoteStatus
from nova.memory.history import History, Reading, notes_of_history, settled
from nova.memory.notes import record
from nova.memory.tiers import memory_of
from nova.projects.definition import Project
from nova.store import notes

BY = "the project's history"
KNOWN_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRead:
    """What reading a project's past gave. kinds: how many notes of each kind the past holds now.

    became: how many of them were added, merged, changed, known, outdated; settled: what is no longer open.
    """

    project: str
    kinds: Mapping[str, int]
    became: Mapping[str, int]
    settled: int
    readings: tuple[Reading, ...]
    problems: tuple[Problem, ...]
    seconds: float

    @property
    def count(self) -> int:
        """How many notes the past holds."""
        return sum(self.kinds.values())


def read_past(nova: Nova, project: Project) -> PastRead | None:
    """Reads a project's past into notes behind its wall; None for one that names no repository. Raises StoreError.

    The notes are read into vectors later, by whoever has the encoder at hand: adding a project does not wait for it.
    """
    if project.repository is None:
        return None
    began, now, scope = time.monotonic(), nova.clock(), wall_of(project)
    history = notes_of_history(project.repository, project, scope, now)
    memory = memory_of(nova.database, None, nova.clock)
    over = settled(history, _open_ones(nova, project), now)
    kept = record(memory, scope, history.notes, by=BY)
    closed = record(memory, scope, over, by=BY, why="its source does not leave it open any more")
    return PastRead(
        project=project.name,
        kinds=_kinds(history),
        became=dict(Counter(one.how for one in kept)),
        settled=len(closed),
        readings=history.readings,
        problems=history.problems,
        seconds=time.monotonic() - began,
    )


def _open_ones(nova: Nova, project: Project) -> list[Note]:
    with nova.database.read() as connection:
        active = notes.listed(
            connection, wall_of(project), statuses=[NoteStatus.ACTIVE], project=project.name, count_max=KNOWN_MAX
        )
    return [note for note in active if note.scope == project.scope]


def _kinds(history: History) -> Mapping[str, int]:
    counted = Counter(note.kind.value for note in history.notes)
    return {kind: counted[kind] for kind in sorted(counted)}


def past_json(past: PastRead) -> dict[str, Json]:
    """What was found, for scripts."""
    return {
        "project": past.project,
        "notes": past.count,
        "kinds": dict(past.kinds),
        "became": dict(past.became),
        "settled": past.settled,
        "seconds": round(past.seconds, 2),
        "sources": [
            {"source": one.source, "read": one.count, "notes": one.notes, "unread": one.unread} for one in past.readings
        ],
        "problems": [{"file": one.file, "line": one.line, "what": one.what, "mend": one.mend} for one in past.problems],
    }
