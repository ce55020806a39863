"""When the owner was last in a project, and what he last worked on there. Pure: runs in.

A visit is a row of runs with less than three hours between one and the next. The visit that reaches up to now is the
present one; “since your last visit” means the end of the one before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from nova.core.runs import Run, RunState
from nova.models.words import words

GAP = timedelta(hours=3)
TELLING_WORDS_MIN = 4
# Agents that only look back. Having asked them where one was is not what one was doing.
LOOKING_BACK = frozenset({"orientation", "decisions", "memory-keeper"})


_ASKS = re.compile(
    r"\W*(?:what|where|when|who|whom|whose|which|why|how|is|are|was|were|do|does|did|can|could|has|have|had|show|list)\b",
    re.IGNORECASE,
)


def visits(runs: Sequence[Run], now: datetime) -> tuple[Sequence[Run], Sequence[Run]]:
    """(the runs of the visit that is going on, all before it), both newest first, as given."""
    edge = now
    for place, run in enumerate(runs):
        if edge - run.last_at > GAP:
            return runs[:place], runs[place:]
        edge = min(edge, run.started_at)
    return runs, ()


def last_visit(runs: Sequence[Run], now: datetime) -> datetime | None:
    """The end of the owner's last visit before the present one. runs: newest first. None: there was none."""
    before = visits(runs, now)[1]
    return before[0].last_at if before else None


def only_asks(run: Run) -> bool:
    """Whether the words are a question and nothing else: on the way back into a project one asks before one works."""
    return bool(_ASKS.match(run.request)) or run.request.rstrip().endswith("?")


def last_work(runs: Sequence[Run]) -> Run | None:
    """The last run in which something was done; one that only looked back when there is no other."""
    ended = [run for run in runs if run.state is not RunState.RUNNING]
    return next((run for run in ended if not looks_back(run)), ended[0] if ended else None)


def looks_back(run: Run) -> bool:
    """Whether only agents that look back have answered it."""
    return bool(run.agents) and LOOKING_BACK.issuperset(run.agents)


def tells(run: Run) -> bool:
    """Whether the words say something by themselves: “ok, thanks” does not."""
    return len(words(run.request)) >= TELLING_WORDS_MIN
