"""nova worker: takes up runs until it is stopped. Says what it does, one line each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from nova.cli import frame
from nova.cli.walked import Shown
from nova.core.events import Event, Parked, RunFailed, RunFinished, RunStarted, TakenUp
from nova.core.text import shorten


def work(*, quiet: bool) -> int:
    """Works until Ctrl-C or SIGTERM. Raises NotReady when another worker has this home's file."""
    from nova.app.working import Working

    with frame.opened() as nova:
        working = Working(nova, _nothing if quiet else _Told())
        frame.note(
            f"Worker {working.worker.executor} on {nova.database.place}. Ctrl-C ends it; runs are left where they are."
        )
        asyncio.run(working.worker.run(signals=True))
        frame.note("Ended. What was walked is left for the next worker.")
    return 0


def _nothing(_event: Event) -> None:
    """Nothing is said."""


@dataclass(slots=True)
class _Told:
    """Says what each run at the top does, and the steps below it. parts: runs that are parts of another."""

    shown: Shown = field(default_factory=Shown)
    going_on: set[str] = field(default_factory=set[str])
    parts: set[str] = field(default_factory=set[str])

    def __call__(self, event: Event) -> None:
        run = event.run
        match event.happening:
            case RunStarted(parent=parent, request=request):
                self.parts.add(run) if parent else self._begun(run, shorten(request, 100))
            case TakenUp(leg=leg):
                self._begun(run, f"taken up again, leg {leg}" if leg > 1 else "taken up")
            case Parked(on=on):
                self._over(run, f"waits for {' and '.join(map(str, on))}")
            case RunFinished(state=state):
                self._over(run, state)
            case RunFailed(what=what):
                self._over(run, f"failed: {what}")
            case _:
                if run not in self.parts and run not in self.going_on:
                    self._begun(run, "taken up")
                self.shown(event)

    def _begun(self, run: str, what: str) -> None:
        self.going_on.add(run)
        self._say(run, what)

    def _over(self, run: str, what: str) -> None:
        """Parts of a run end without a line of their own: their step has one."""
        if run not in self.parts:
            self._say(run, what)
        self.going_on.discard(run)
        self.parts.discard(run)

    def _say(self, run: str, what: str) -> None:
        self.shown.rest()
        frame.note(f"{run}  {what}")
