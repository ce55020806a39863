"""How often rows of a scope were changed or taken out: what is kept in memory of them knows by it that it is old.

Rows that are only added do not count: a reader finds them by their higher numbers.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, select, update

from nova.core.labels import Scope
from nova.store.tables import GENERATIONS

_KNOWN = select(GENERATIONS.c.scope, GENERATIONS.c.generation).where(
    GENERATIONS.c.scope.in_(bindparam("within", expanding=True))
)


def of(connection: Connection, scope: Scope) -> dict[str, int]:
    """The generation of each of these scopes; 0 where nothing was ever changed."""
    found = connection.execute(_KNOWN, {"within": list(scope.names)})
    known = {str(name): int(generation) for name, generation in found}
    return {name: known.get(name, 0) for name in scope.names}


def step(connection: Connection, scope: Scope) -> None:
    """Rows of the scope's own name have changed, in this transaction."""
    changed = connection.execute(
        update(GENERATIONS).where(GENERATIONS.c.scope == scope.own).values(generation=GENERATIONS.c.generation + 1)
    )
    if changed.rowcount == 0:
        connection.execute(insert(GENERATIONS).values(scope=scope.own, generation=1))
