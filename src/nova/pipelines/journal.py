"""What one walk has done, as it is on disk: every step is written in the transaction of its event, by the holder only.

Knows rows and the fence; refuses to know what steps do and in which order they come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nova.core.events import Happening
from nova.core.steps import Step, Walk
from nova.store import steps, walks
from nova.store.database import Connection
from nova.store.record import Record
from nova.store.values import Blobs

More = Callable[[Connection], tuple[Happening, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Who walks the tree of runs under `root`, on which leg. Whatever he writes is refused once another holds it."""

    root: str
    executor: str
    leg: int


def _nothing(_connection: Connection) -> tuple[Happening, ...]:
    return ()


class Journal:
    """The steps of one run, in memory as they are on disk. walk: its row as it stands."""

    def __init__(self, record: Record, walk: Walk, hold: Hold, blobs: Blobs, known: Mapping[str, Step]) -> None:
        record.fence = self.check
        self.record = record
        self.walk = walk
        self.hold = hold
        self.blobs = blobs
        self.steps: dict[str, Step] = dict(known)

    def write(self, step: Step, *happenings: Happening, more: More = _nothing) -> None:
        """The step and what happened, together. Raises Superseded when another holds the walk, WrongShape, StoreError.

        more: other rows of the same moment.
        """
        new = step.path not in self.steps

        def work(connection: Connection) -> tuple[Happening, ...]:
            self.check(connection)
            steps.put(connection, self.record.scope, step, self.blobs, new=new)
            return more(connection)

        self.record.together(work, *happenings)
        self.steps[step.path] = step

    def check(self, connection: Connection) -> None:
        """Raises Superseded when another holds the walk."""
        hold = self.hold
        walks.check_holder(connection, self.record.scope, hold.root, hold.executor, hold.leg)

    def save(self, walk: Walk, *happenings: Happening, more: More = _nothing) -> None:
        """The walk's row and what happened, together. Raises Superseded, StoreError."""

        def work(connection: Connection) -> tuple[Happening, ...]:
            self.check(connection)
            walks.save(connection, self.record.scope, walk, self.blobs)
            return more(connection)

        self.record.together(work, *happenings)
        self.walk = walk
