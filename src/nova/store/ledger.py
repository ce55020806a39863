"""Rows of the ledger: every model call that was made, written where the transport is. Takes a Scope, always."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from nova.core.events import ModelCalled
from nova.core.ids import new_id
from nova.core.labels import Label, Scope, write_label
from nova.store import times
from nova.store.tables import LEDGER

_ADD = insert(LEDGER)


def add(connection: Connection, scope: Scope, run: str, at: datetime, call: ModelCalled) -> None:
    """One call, failed ones too."""
    row = {
        "id": new_id("m"),
        "scope": scope.own,
        "label": write_label(Label(scopes=frozenset({scope.own}))),
        "run": run,
        "at": times.written(at),
        "model": call.model,
        "purpose": call.purpose,
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "cost_usd": call.cost_usd,
        "seconds": call.seconds,
        "failed": call.failed,
    }
    connection.execute(_ADD, row)


def calls_since(connection: Connection, scope: Scope, since: datetime) -> int:
    """How many model calls were made in these scopes since then."""
    query = select(func.count()).where(LEDGER.c.scope.in_(scope.names), LEDGER.c.at >= times.written(since))
    return int(connection.execute(query).scalar_one())
