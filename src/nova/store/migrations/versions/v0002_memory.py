"""Episodes and notes with their links and changes; conversations get names, ends and forks; erasures."""

import sqlalchemy as sa
from alembic import op

from nova.store.halves import VectorColumn

revision = "0002"
down_revision = "0001"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _word(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String, nullable=False) for name in names]


def _vector() -> list[sa.Column[bytes]]:
    return [sa.Column("vector", VectorColumn, nullable=True)]


def upgrade() -> None:
    """From 0001."""
    for name in ("name", "closed_at", "forked_from", "forked_at"):
        op.add_column("conversations", sa.Column(name, sa.String, nullable=False, server_default=""))
    op.create_table(
        "episodes",
        sa.Column("seq", _NUMBER, autoincrement=True, nullable=False),
        *_word("id", "scope", "label", "conversation"),
        sa.Column("number", sa.Integer, nullable=False),
        *_word("run", "project", "speaker", "at"),
        *_text("text"),
        *_word("encoder"),
        *_vector(),
        sa.PrimaryKeyConstraint("seq", name="pk_episodes"),
        sa.UniqueConstraint("id", name="uq_episodes_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_episodes_scope_seq", "episodes", ["scope", "seq"])
    op.create_index("ix_episodes_scope_speaker", "episodes", ["scope", "speaker"])
    op.create_index("ix_episodes_scope_encoder", "episodes", ["scope", "encoder"])
    op.create_index("ix_episodes_conversation_number", "episodes", ["conversation", "number"])
    op.create_index("ix_episodes_run", "episodes", ["run"])
    op.create_table(
        "notes",
        sa.Column("seq", _NUMBER, autoincrement=True, nullable=False),
        *_word("id", "scope", "label", "project", "kind", "status"),
        *_text("text"),
        *_word("subject", "attribute"),
        *_text("value"),
        *_word("key"),
        *_text("why", "alternatives"),
        *_word("by"),
        *_text("sources"),
        *_word("valid_from", "valid_to", "recorded_at", "retired_at", "answered_by", "waits_for", "checked_at"),
        *_text("doubt"),
        *_word("doubted_at"),
        *_text("recheck"),
        *_word("encoder"),
        *_vector(),
        sa.PrimaryKeyConstraint("seq", name="pk_notes"),
        sa.UniqueConstraint("id", name="uq_notes_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notes_scope_seq", "notes", ["scope", "seq"])
    op.create_index("ix_notes_scope_kind_status", "notes", ["scope", "kind", "status"])
    op.create_index("ix_notes_scope_key", "notes", ["scope", "key"])
    op.create_index("ix_notes_scope_encoder", "notes", ["scope", "encoder"])
    op.create_table(
        "note_links",
        *_word("source", "kind", "target", "scope", "label", "at"),
        *_text("why"),
        *_word("settled_at"),
        sa.PrimaryKeyConstraint("source", "kind", "target", name="pk_note_links"),
        sa.ForeignKeyConstraint(["source"], ["notes.id"], name="fk_note_links_source", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target"], ["notes.id"], name="fk_note_links_target", ondelete="CASCADE"),
    )
    op.create_index("ix_note_links_target", "note_links", ["target"])
    op.create_index("ix_note_links_scope_kind", "note_links", ["scope", "kind"])
    op.create_table(
        "note_changes",
        sa.Column("seq", _NUMBER, autoincrement=True, nullable=False),
        *_word("note", "scope", "label", "at", "change", "by"),
        *_text("why"),
        sa.PrimaryKeyConstraint("seq", name="pk_note_changes"),
    )
    op.create_index("ix_note_changes_note", "note_changes", ["note"])
    op.create_index("ix_note_changes_scope_seq", "note_changes", ["scope", "seq"])
    op.create_table(
        "generations",
        *_word("scope"),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_generations"),
    )
    op.create_table(
        "erasures",
        *_word("id", "scope", "label", "at", "state"),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
