"""Conversations, runs, events, the ledger and the texts that runs used."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _texts(*names: str) -> list[sa.Column[str]]:
    return [
        sa.Column(
            name,
            sa.Text if name in ("request", "outcome", "data", "body", "title", "failed") else sa.String,
            nullable=False,
        )
        for name in names
    ]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def upgrade() -> None:
    """From nothing."""
    op.create_table(
        "conversations",
        *_texts("id", "scope", "label", "project", "title", "started_at", "last_at"),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_scope_last_at", "conversations", ["scope", "last_at"])
    op.create_table(
        "runs",
        *_texts("id", "scope", "label", "conversation", "parent", "project", "principal", "request", "agents"),
        *_texts("agent_version", "route", "zone", "state", "started_at", "last_at", "ended_at"),
        *_numbers("model_calls", "tool_calls", "input_tokens", "output_tokens"),
        sa.Column("cost_usd", sa.Float, nullable=True),
        *_texts("outcome"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], name="fk_runs_conversation"),
    )
    op.create_index("ix_runs_scope_started_at", "runs", ["scope", "started_at"])
    op.create_index("ix_runs_conversation_started_at", "runs", ["conversation", "started_at"])
    op.create_index("ix_runs_parent", "runs", ["parent"])
    op.create_table(
        "events",
        *_texts("run"),
        *_numbers("number"),
        *_texts("at", "scope", "label", "kind", "data"),
        sa.PrimaryKeyConstraint("run", "number", name="pk_events"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_events_run"),
    )
    op.create_table(
        "ledger",
        *_texts("id", "scope", "label", "run", "at", "model", "purpose"),
        *_numbers("input_tokens", "output_tokens"),
        sa.Column("cost_usd", sa.Float, nullable=True),
        sa.Column("seconds", sa.Float, nullable=False),
        *_texts("failed"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger"),
    )
    op.create_index("ix_ledger_scope_at", "ledger", ["scope", "at"])
    op.create_table(
        "texts",
        *_texts("digest", "scope", "label", "kind", "name", "body", "at"),
        sa.PrimaryKeyConstraint("digest", name="pk_texts"),
    )
