"""Which of the runs that go on have gone silent. Knows the limit of this home; refuses to stop anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nova.app.house import Nova
from nova.core.runs import Run, RunState
from nova.store import signs


def silent(nova: Nova, found: Iterable[Run]) -> Mapping[str, float]:
    """Run -> seconds since the last event of it or below it, for those that run and are silent for too long.

    A run whose process is gone is among them: nobody gives signs of life for it any more.
    """
    limit, now = nova.settings.limits.tree.silence_seconds_max, nova.clock()
    seconds: dict[str, float] = {}
    with nova.database.read() as connection:
        for run in found:
            if run.state is RunState.RUNNING:
                last = signs.last_sign(connection, nova.everything, run.id) or run.last_at
                seconds[run.id] = (now - last).total_seconds()
    return {run: silence for run, silence in seconds.items() if silence > limit}
