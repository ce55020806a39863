"""The tables, once, for both dialects. Every table that holds text carries a scope and a label.

Knows columns; refuses to know queries (one file per noun) and how an older database becomes this one (migrations).
Times are ISO 8601 text in UTC: they sort, they are readable in any SQL shell, and both dialects agree on them.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


def _scope() -> Column[str]:
    return Column("scope", String, nullable=False)


def _label() -> Column[str]:
    return Column("label", String, nullable=False)


CONVERSATIONS = Table(
    "conversations",
    METADATA,
    Column("id", String, primary_key=True),
    _scope(),
    _label(),
    Column("project", String, nullable=False, default=""),
    Column("title", Text, nullable=False, default=""),
    Column("started_at", String, nullable=False),
    Column("last_at", String, nullable=False),
    Index(None, "scope", "last_at"),
)

RUNS = Table(
    "runs",
    METADATA,
    Column("id", String, primary_key=True),
    _scope(),
    _label(),
    Column("conversation", String, ForeignKey("conversations.id"), nullable=False),
    Column("parent", String, nullable=False, default=""),
    Column("project", String, nullable=False, default=""),
    Column("principal", String, nullable=False),
    Column("request", Text, nullable=False),
    Column("agents", String, nullable=False, default=""),  # names, separated by one blank
    Column("agent_version", String, nullable=False, default=""),
    Column("route", String, nullable=False, default=""),  # ToAgent, ToPlan, AskBack, ...
    Column("zone", String, nullable=False, default=""),
    Column("state", String, nullable=False),  # running, done, failed, needs-input, stopped
    Column("started_at", String, nullable=False),
    Column("last_at", String, nullable=False),  # the last sign of life
    Column("ended_at", String, nullable=False, default=""),
    Column("model_calls", Integer, nullable=False, default=0),
    Column("tool_calls", Integer, nullable=False, default=0),
    Column("input_tokens", Integer, nullable=False, default=0),
    Column("output_tokens", Integer, nullable=False, default=0),
    Column("cost_usd", Float),  # null: a price was unknown
    Column("outcome", Text, nullable=False, default=""),  # JSON of core.outcomes
    Index(None, "scope", "started_at"),
    Index(None, "conversation", "started_at"),
    Index(None, "parent"),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("run", String, ForeignKey("runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    _scope(),
    _label(),
    Column("kind", String, nullable=False),
    Column("data", Text, nullable=False),  # JSON of core.events
)

LEDGER = Table(
    "ledger",
    METADATA,
    Column("id", String, primary_key=True),
    _scope(),
    _label(),
    Column("run", String, nullable=False, default=""),
    Column("at", String, nullable=False),
    Column("model", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("cost_usd", Float),
    Column("seconds", Float, nullable=False),
    Column("failed", Text, nullable=False, default=""),
    Index(None, "scope", "at"),
)

TEXTS = Table(
    "texts",
    METADATA,
    Column("digest", String, primary_key=True),  # of the body: the version of an agent file that a run used
    _scope(),
    _label(),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", String, nullable=False),
)
