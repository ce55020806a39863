"""Walks, steps, effects and reviews; what schedules were due for, what happened, breakers and workers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _word(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String, nullable=False) for name in names]


def _count(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def upgrade() -> None:
    """From 0002."""
    op.create_table(
        "walks",
        *_word("run", "scope", "label", "root", "plan", "name"),
        *_text("inputs", "output"),
        *_word("state", "queue"),
        *_count("leg"),
        *_word("holder", "heartbeat_at", "stop_asked_at"),
        *_text("stop_why", "parked_on"),
        *_word("wakes_at", "trigger"),
        *_count("pinned"),
        *_word("created_at", "ended_at"),
        sa.PrimaryKeyConstraint("run", name="pk_walks"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_walks_run"),
    )
    op.create_index("ix_walks_ended_at", "walks", ["ended_at"])
    op.create_index("ix_walks_root", "walks", ["root"])
    op.create_index("ix_walks_scope_created_at", "walks", ["scope", "created_at"])
    op.create_index("ix_walks_state_wakes_at", "walks", ["state", "wakes_at"])
    op.create_table(
        "steps",
        *_word("run", "path", "scope", "label", "name", "kind", "state"),
        *_count("attempt"),
        *_word("started_at", "ended_at"),
        sa.Column("seconds", sa.Float, nullable=False),
        *_word("child", "input"),
        *_text("output"),
        *_word("error"),
        *_text("what", "mend"),
        *_word("waits_for", "wakes_at"),
        *_text("degradations"),
        *_count("model_calls", "tool_calls", "input_tokens", "output_tokens"),
        sa.Column("cost_usd", sa.Float, nullable=True),
        sa.PrimaryKeyConstraint("run", "path", name="pk_steps"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_steps_run"),
    )
    op.create_index("ix_steps_waits_for", "steps", ["waits_for"])
    op.create_table(
        "effects",
        *_word("key", "scope", "label", "run", "path", "tool"),
        *_text("arguments"),
        *_word("state", "at", "ended_at"),
        *_text("result"),
        sa.PrimaryKeyConstraint("key", name="pk_effects"),
    )
    op.create_index("ix_effects_run", "effects", ["run"])
    op.create_table(
        "reviews",
        *_word("id", "scope", "label", "run", "root", "path", "project"),
        *_text("question", "payload"),
        *_word("digest"),
        *_text("diff", "evidence"),
        sa.Column("cost_usd", sa.Float, nullable=True),
        *_text("if_ignored"),
        *_word("asked_at", "answer"),
        *_text("reason", "edit"),
        *_word("answered_at", "answered_by"),
        *_text("closed"),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_reviews_run"),
    )
    op.create_index("ix_reviews_answer_scope_asked_at", "reviews", ["answer", "scope", "asked_at"])
    op.create_index("ix_reviews_root", "reviews", ["root"])
    op.create_index("ix_reviews_run", "reviews", ["run"])
    op.create_table(
        "slots",
        *_word("pipeline", "trigger", "due_at", "scope", "label", "state", "run"),
        *_text("why"),
        *_word("at"),
        sa.PrimaryKeyConstraint("pipeline", "trigger", "due_at", name="pk_slots"),
    )
    op.create_index("ix_slots_scope_due_at", "slots", ["scope", "due_at"])
    op.create_table(
        "occurrences",
        sa.Column("seq", _NUMBER, autoincrement=True, nullable=False),
        *_word("id", "scope", "label", "kind", "at", "project"),
        *_text("data"),
        *_word("handled_at"),
        sa.PrimaryKeyConstraint("seq", name="pk_occurrences"),
        sa.UniqueConstraint("id", name="uq_occurrences_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_occurrences_handled_at_seq", "occurrences", ["handled_at", "seq"])
    op.create_index("ix_occurrences_kind_seq", "occurrences", ["kind", "seq"])
    op.create_table(
        "cursors",
        *_word("name", "scope", "label"),
        *_text("value"),
        *_word("at"),
        sa.PrimaryKeyConstraint("name", name="pk_cursors"),
    )
    op.create_table(
        "breakers",
        *_word("name", "scope", "label"),
        *_count("failures"),
        *_word("open_until"),
        *_text("last_error"),
        *_word("at"),
        sa.PrimaryKeyConstraint("name", name="pk_breakers"),
    )
    op.create_table(
        "workers",
        *_word("id", "scope", "label", "host"),
        *_count("pid"),
        *_word("started_at", "seen_at", "ended_at"),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
    )
