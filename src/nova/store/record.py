"""The record of one run: every happening is on disk before anyone is shown it.

Guards three invariants: numbers run from 1 without gaps, what is told has been committed, and every degradation of an
outcome is an event before its last. Knows the order of things; refuses to know what they mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from nova.core.errors import StoreError
from nova.core.events import Degraded, Event, Happening, ModelCalled, RunFailed, RunFinished
from nova.core.labels import Label, Scope
from nova.core.runs import Run, degradations_of
from nova.store import conversations, events, ledger, runs, texts
from nova.store.database import Database

Work: TypeAlias = Callable[[Connection], tuple[Happening, ...]]


def _nobody(_event: Event) -> None:
    """The listener of a run that nobody watches."""


class Record:
    """Writes one run; `run` is the row as it stands now. heard: called with each event once it is on disk.

    number: of the last event that is there already, for a run that is taken up again. fence: raises when the run is
    no longer this process's; with one, others may add to the record too (the owner's answer to a review).
    """

    def __init__(
        self,
        database: Database,
        scope: Scope,
        run: Run,
        *,
        now: Callable[[], datetime],
        heard: Callable[[Event], None] = _nobody,
        number: int = 0,
    ) -> None:
        self._database = database
        self._now = now
        self._heard = heard
        self._number = number
        self._taken_up = number > 0
        self._degraded: set[tuple[str, str]] = set()
        self.fence: Callable[[Connection], None] | None = None
        self.scope = scope
        self.run = run

    def begin(self, *first: Happening, work: Work | None = None) -> None:
        """Stores the run's row and its first events in one transaction, other rows with them. Raises StoreError."""
        with self._database.write() as connection:
            runs.begin(connection, self.scope, self.run)
            self._touch(connection, self.run.started_at)
            said = work(connection) if work else ()
            added = self._add(connection, (*first, *said))
        self._tell(added)

    def append(self, *happenings: Happening, label: Label | None = None) -> None:
        """Stores the happenings in one transaction, then lets the listener hear them."""
        self._tell(self._written(lambda connection: self._add(connection, happenings, label)))

    def save(self, run: Run, *happenings: Happening, first: Work | None = None) -> None:
        """Stores the run's row as it is now, and what happened, in one transaction; then tells.

        first: more work in the same transaction; what it says happened comes before the rest.
        """

        def work(connection: Connection) -> list[Event]:
            before = first(connection) if first else ()
            self.run = replace(run, last_at=self._now())
            runs.save(connection, self.scope, self.run)
            return self._add(connection, (*before, *happenings))

        self._tell(self._written(work))

    def together(self, work: Work, *happenings: Happening) -> None:
        """Other rows and what happened, in one transaction; then tells. What `work` says happened comes first."""
        self._tell(self._written(lambda connection: self._add(connection, (*work(connection), *happenings))))

    def add(self, connection: Connection, *happenings: Happening) -> None:
        """Stores what happened in a transaction of the caller's, who tells nobody."""
        self._keep(self._add(connection, happenings))

    def move(self, scope: Scope, project: str) -> None:
        """The run turns out to belong to a project. Only before anything of that project was recorded.

        What was recorded so far (the request, how it was routed) stays under the scope it was said in.
        """
        before, self.scope = self.scope, scope
        with self._database.write() as connection:
            label = Label(scopes=frozenset({scope.own}), trusted=self.run.label.trusted)
            self.run = replace(self.run, scope=scope.own, project=project, label=label, last_at=self._now())
            runs.save(connection, before, self.run)
            self._touch(connection, self.run.last_at)

    def below(self, run: Run, scope: Scope | None = None, *, number: int = 0) -> Record:
        """The record of a part of this run: same database, clock and listener. number: as for the constructor."""
        return Record(self._database, scope or self.scope, run, now=self._now, heard=self._heard, number=number)

    @property
    def heard(self) -> Callable[[Event], None]:
        """Who is told of each event once it is on disk."""
        return self._heard

    def now(self) -> datetime:
        """The time of the clock that stamps the events."""
        return self._now()

    def keeping(self, digest: str, *, kind: str, name: str, body: str) -> Work:
        """The work of keeping the version of a file that this run uses, for the transaction of something else."""

        def work(connection: Connection) -> tuple[Happening, ...]:
            texts.keep(connection, self.scope, digest, self._now(), kind=kind, name=name, body=body)
            return ()

        return work

    def _touch(self, connection: Connection, at: datetime) -> None:
        """The conversation stands where its last run is; a part of a run says nothing about that."""
        if not self.run.parent:
            conversations.touch(connection, self.run.conversation, at, project=self.run.project)

    def _add(
        self, connection: Connection, happenings: tuple[Happening, ...], label: Label | None = None
    ) -> list[Event]:
        if not happenings:
            return []
        happenings = self._complete(connection, happenings)
        at = self._now()
        numbered = [
            Event(
                run=self.run.id,
                number=self._number + place,
                at=at,
                scope=self.scope.own,
                label=label or self.run.label,
                happening=happening,
            )
            for place, happening in enumerate(happenings, start=1)
        ]
        events.append(connection, self.scope, numbered)
        for happening in happenings:
            if isinstance(happening, ModelCalled):
                ledger.add(connection, self.scope, self.run.id, at, happening)
        return numbered

    def _written(self, work: Callable[[Connection], list[Event]]) -> list[Event]:
        """One transaction; made anew when somebody else has added to the record of this run since the last one."""
        try:
            with self._database.write() as connection:
                return work(connection)
        except StoreError as error:
            if self.fence is None or not outrun(error):
                raise
        with self._database.write() as connection:
            self.fence(connection)
            self._number = events.last_number(connection, self.scope, self.run.id)
            return work(connection)

    def _keep(self, added: list[Event]) -> None:
        """What has been written counts from now on."""
        self._number += len(added)
        self._degraded |= {_told(one.happening) for one in added if isinstance(one.happening, Degraded)}

    def _complete(self, connection: Connection, happenings: tuple[Happening, ...]) -> tuple[Happening, ...]:
        """With an event for each degradation that only the outcome has: nothing is degraded without one."""
        *before, last = happenings
        if not isinstance(last, RunFinished | RunFailed):
            return happenings
        earlier = events.of_kind(connection, self.scope, self.run.id, "Degraded") if self._taken_up else []
        told = self._degraded | {_told(one) for one in (*before, *earlier) if isinstance(one, Degraded)}
        listed = degradations_of(last.outcome)
        untold = [Degraded(degradation=one.kind.value, what=one.what, mend=one.mend) for one in dict.fromkeys(listed)]
        return (*before, *(one for one in untold if _told(one) not in told), last)

    def _tell(self, added: list[Event]) -> None:
        self._keep(added)
        for event in added:
            self._heard(event)


def outrun(error: StoreError) -> bool:
    """Whether a row of this key was there already: another process was faster."""
    return isinstance(error.__cause__, IntegrityError)


def _told(degraded: Degraded) -> tuple[str, str]:
    return degraded.degradation, degraded.what
