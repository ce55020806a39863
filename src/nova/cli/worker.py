"""nova worker: takes up runs until it is stopped. Says what it does, one line each."""

from __future__ import annotations

import asyncio

from nova.cli import frame
from nova.cli.walked import show
from nova.core.events import Event, RunFailed, RunFinished, RunStarted, TakenUp
from nova.core.text import shorten


def work(*, quiet: bool) -> int:
    """Works until Ctrl-C or SIGTERM. Raises NotReady when another worker has this home's file."""
    from nova.app.working import Working

    with frame.opened() as nova:
        working = Working(nova, _nothing if quiet else _say)
        frame.note(
            f"Worker {working.worker.executor} on {nova.database.place}. Ctrl-C ends it; runs are left where they are."
        )
        asyncio.run(working.worker.run(signals=True))
        frame.note("Ended. What was walked is left for the next worker.")
    return 0


def _nothing(_event: Event) -> None:
    """Nothing is said."""


def _say(event: Event) -> None:
    match event.happening:
        case RunStarted(parent="", request=request):
            frame.note(f"{event.run}  {shorten(request, 100)}")
        case TakenUp() | RunFinished() | RunFailed():
            frame.note(f"{event.run}  {type(event.happening).__name__}")
        case _:
            show(event)
