"""What was said in the durable side of runs, taken out: walks, steps, effects and reviews. Called by store.erase only.

Knows which of their columns hold words; refuses to decide which runs. A walk that has not ended cannot go on with words
that are blanked: it is asked to stop, and what it waits for is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Table, select, update

from nova.core.labels import Scope
from nova.core.steps import WalkState
from nova.store import times
from nova.store.blanking import FORGOTTEN, blank_text
from nova.store.tables import EFFECTS, REVIEWS, STEPS, WALKS

SPOKEN: Mapping[Table, Sequence[str]] = {
    WALKS: ("inputs", "output", "stop_why", "parked_on"),
    STEPS: ("output", "what", "mend", "degradations"),
    EFFECTS: ("arguments", "result"),
    REVIEWS: ("question", "payload", "diff", "evidence", "if_ignored", "reason", "edit", "closed"),
}
"""Columns that may hold what somebody said, or a reference to it."""
_JSON = frozenset(
    {"inputs", "output", "degradations", "arguments", "result", "payload", "evidence", "edit", "parked_on"}
)
_WAITS_FOR = "parked_on"  # ids, times and names of events: words with blanks between, which are needed
WHY = "What it was about was forgotten."


def redact(connection: Connection, scope: Scope, runs: AbstractSet[str], needles: Sequence[str], at: datetime) -> None:
    """Blanks the words of these runs, whole values where they lie beside the database."""
    for table in SPOKEN:
        for row in _rows(connection, table, scope, runs):
            changed = {name: _blanked(name, row, needles) for name in SPOKEN[table]}
            here = [column == row[column.name] for column in table.primary_key]
            connection.execute(update(table).where(*here).values(changed))
    _stop(connection, scope, runs, at)


def _rows(connection: Connection, table: Table, scope: Scope, runs: AbstractSet[str]) -> Iterable[RowMapping]:
    query = select(table).where(table.c.run.in_(runs), table.c.scope.in_(scope.names))
    return connection.execute(query).mappings().all()


def _blanked(name: str, row: RowMapping, needles: Sequence[str]) -> str:
    text = str(row[name])
    if name == _WAITS_FOR and not any(needle in text.casefold() for needle in needles):
        return text
    if name in _JSON:
        return blank_text(_known(text), needles)
    return FORGOTTEN if text else text


def _known(text: str) -> str:
    """What stands in the place of a reference: the value itself is not read, it goes."""
    return f'"{FORGOTTEN}"' if text.startswith('{"$blob"') else text


def _stop(connection: Connection, scope: Scope, runs: AbstractSet[str], at: datetime) -> None:
    """What waits is woken by the clock at the next look, and ends as stopped."""
    now = times.written(at)
    goes_on = WALKS.c.run.in_(runs) & (WALKS.c.state != WalkState.ENDED.value) & WALKS.c.scope.in_(scope.names)
    connection.execute(update(WALKS).where(goes_on).values(stop_asked_at=now, stop_why=WHY))
    parked = goes_on & (WALKS.c.state == WalkState.PARKED.value)
    connection.execute(update(WALKS).where(parked).values(wakes_at=now))
    waits = REVIEWS.c.run.in_(runs) & (REVIEWS.c.answer == "") & (REVIEWS.c.closed == "")
    connection.execute(update(REVIEWS).where(waits, REVIEWS.c.scope.in_(scope.names)).values(closed=WHY))
