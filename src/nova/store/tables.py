"""The tables, once, for both dialects. Every table that holds text carries a scope and a label.

Knows columns; refuses to know queries (one file per noun) and how an older database becomes this one (migrations).
Times are ISO 8601 text in UTC: they sort, they are readable in any SQL shell, and both dialects agree on them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from nova.store.halves import VectorColumn

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
    Column("name", String, nullable=False, default="", server_default=""),  # given by the owner
    Column("closed_at", String, nullable=False, default="", server_default=""),
    Column("forked_from", String, nullable=False, default="", server_default=""),  # a conversation's id
    Column("forked_at", String, nullable=False, default="", server_default=""),  # what came later there is not shared
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

# A row's number: 64 bits on both, and on SQLite the rowid that its text index shares.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

EPISODES = Table(
    "episodes",
    METADATA,
    Column("seq", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    _scope(),
    _label(),
    Column("conversation", String, nullable=False),
    Column("number", Integer, nullable=False),  # its place in the conversation, from 1
    Column("run", String, nullable=False, default=""),
    Column("project", String, nullable=False, default=""),
    Column("speaker", String, nullable=False),
    Column("at", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("encoder", String, nullable=False, default=""),  # whose vector it is; empty: not embedded yet
    Column("vector", VectorColumn),  # float16, unit length
    Index(None, "scope", "seq"),
    Index(None, "scope", "speaker"),
    Index(None, "scope", "encoder"),
    Index(None, "conversation", "number"),
    Index(None, "run"),
    sqlite_autoincrement=True,  # a number is never used twice: a matrix in another process would mix up two texts
)

NOTES = Table(
    "notes",
    METADATA,
    Column("seq", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    _scope(),
    _label(),
    Column("project", String, nullable=False, default=""),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("subject", String, nullable=False, default=""),
    Column("attribute", String, nullable=False, default=""),
    Column("value", Text, nullable=False, default=""),
    Column("key", String, nullable=False, default=""),  # subject and attribute, folded: what supersession goes by
    Column("why", Text, nullable=False, default=""),
    Column("alternatives", Text, nullable=False, default="[]"),  # JSON
    Column("by", String, nullable=False, default=""),
    Column("sources", Text, nullable=False, default="[]"),  # JSON
    Column("valid_from", String, nullable=False),
    Column("valid_to", String, nullable=False, default=""),
    Column("recorded_at", String, nullable=False),
    Column("retired_at", String, nullable=False, default=""),
    Column("answered_by", String, nullable=False, default=""),
    Column("waits_for", String, nullable=False, default=""),
    Column("checked_at", String, nullable=False, default=""),
    Column("doubt", Text, nullable=False, default=""),
    Column("doubted_at", String, nullable=False, default=""),
    Column("recheck", Text, nullable=False, default=""),
    Column("encoder", String, nullable=False, default=""),
    Column("vector", VectorColumn),
    Index(None, "scope", "seq"),
    Index(None, "scope", "kind", "status"),
    Index(None, "scope", "key"),
    Index(None, "scope", "encoder"),
    sqlite_autoincrement=True,
)

NOTE_LINKS = Table(
    "note_links",
    METADATA,
    Column("source", String, ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String, primary_key=True),  # supersedes, derived-from, conflicts-with
    Column("target", String, ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True),
    _scope(),
    _label(),
    Column("at", String, nullable=False),
    Column("why", Text, nullable=False, default=""),
    Column("settled_at", String, nullable=False, default=""),  # a conflict that the owner has decided
    Index(None, "target"),
    Index(None, "scope", "kind"),
)

NOTE_CHANGES = Table(
    "note_changes",
    METADATA,
    Column("seq", _NUMBER, primary_key=True, autoincrement=True),
    Column("note", String, nullable=False),
    _scope(),
    _label(),
    Column("at", String, nullable=False),
    Column("change", String, nullable=False),
    Column("by", String, nullable=False),
    Column("why", Text, nullable=False, default=""),
    Index(None, "note"),
    Index(None, "scope", "seq"),
)

# For each scope: how often rows or vectors that were there already changed or went. Matrices in memory go by it.
GENERATIONS = Table(
    "generations",
    METADATA,
    Column("scope", String, primary_key=True),
    Column("generation", Integer, nullable=False),
)

# An erasure that has begun. While a row is there, events may be rewritten; it goes when no byte is left (store.erase).
ERASURES = Table(
    "erasures",
    METADATA,
    Column("id", String, primary_key=True),
    _scope(),
    _label(),
    Column("at", String, nullable=False),
    Column("state", String, nullable=False),  # open: rows may change; scrub: words are still in the log
)

# The durable side of a run that has a plan (core.steps.Walk). The run's own row says what it is about and how it ended.
WALKS = Table(
    "walks",
    METADATA,
    Column("run", String, ForeignKey("runs.id"), primary_key=True),
    _scope(),
    _label(),
    Column("root", String, nullable=False),  # the run at the top of the tree
    Column("plan", String, nullable=False),  # digest of the frozen definition in `texts`
    Column("name", String, nullable=False),  # id@version
    Column("inputs", Text, nullable=False),  # JSON, or a reference to a blob
    Column("output", Text, nullable=False, default=""),
    Column("state", String, nullable=False),  # queued, running, parked, ended
    Column("queue", String, nullable=False, default=""),
    Column("leg", Integer, nullable=False, default=1),
    Column("holder", String, nullable=False, default=""),
    Column("heartbeat_at", String, nullable=False, default=""),
    Column("stop_asked_at", String, nullable=False, default=""),
    Column("stop_why", Text, nullable=False, default=""),
    Column("parked_on", Text, nullable=False, default="[]"),  # JSON
    Column("wakes_at", String, nullable=False, default=""),
    Column("trigger", String, nullable=False, default=""),
    Column("pinned", Integer, nullable=False, default=0),  # 1: never collected
    Column("created_at", String, nullable=False),
    Column("ended_at", String, nullable=False, default=""),
    Index(None, "state", "wakes_at"),
    Index(None, "root"),
    Index(None, "ended_at"),
    Index(None, "scope", "created_at"),
)

STEPS = Table(
    "steps",
    METADATA,
    Column("run", String, ForeignKey("runs.id"), primary_key=True),
    Column("path", String, primary_key=True),  # the node; each[3] for an element of a map
    _scope(),
    _label(),
    Column("name", String, nullable=False),  # pipe:ID@REV/node:PATH
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("started_at", String, nullable=False),
    Column("ended_at", String, nullable=False, default=""),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("child", String, nullable=False, default=""),
    Column("input", String, nullable=False, default=""),  # digest
    Column("output", Text, nullable=False, default=""),  # JSON, or a reference to a blob
    Column("error", String, nullable=False, default=""),
    Column("what", Text, nullable=False, default=""),
    Column("mend", Text, nullable=False, default=""),
    Column("waits_for", String, nullable=False, default=""),
    Column("wakes_at", String, nullable=False, default=""),
    Column("degradations", Text, nullable=False, default="[]"),  # JSON
    Column("model_calls", Integer, nullable=False, default=0),
    Column("tool_calls", Integer, nullable=False, default=0),
    Column("input_tokens", Integer, nullable=False, default=0),
    Column("output_tokens", Integer, nullable=False, default=0),
    Column("cost_usd", Float),
    Index(None, "waits_for"),
)

EFFECTS = Table(
    "effects",
    METADATA,
    Column("key", String, primary_key=True),  # the idempotency key
    _scope(),
    _label(),
    Column("run", String, nullable=False),
    Column("path", String, nullable=False),
    Column("tool", String, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("state", String, nullable=False),  # intended, done, failed
    Column("at", String, nullable=False),
    Column("ended_at", String, nullable=False, default=""),
    Column("result", Text, nullable=False, default=""),
    Index(None, "run"),
)

REVIEWS = Table(
    "reviews",
    METADATA,
    Column("id", String, primary_key=True),
    _scope(),
    _label(),
    Column("run", String, ForeignKey("runs.id"), nullable=False),
    Column("root", String, nullable=False),
    Column("path", String, nullable=False),
    Column("project", String, nullable=False, default=""),
    Column("question", Text, nullable=False),
    Column("payload", Text, nullable=False),  # JSON, or a reference to a blob
    Column("digest", String, nullable=False),
    Column("diff", Text, nullable=False, default=""),
    Column("evidence", Text, nullable=False, default="[]"),  # JSON
    Column("cost_usd", Float),
    Column("if_ignored", Text, nullable=False, default=""),
    Column("asked_at", String, nullable=False),
    Column("answer", String, nullable=False, default=""),  # approve, change, reject; empty while it waits
    Column("reason", Text, nullable=False, default=""),
    Column("edit", Text, nullable=False, default=""),
    Column("answered_at", String, nullable=False, default=""),
    Column("answered_by", String, nullable=False, default=""),
    Column("closed", Text, nullable=False, default=""),
    Index(None, "answer", "scope", "asked_at"),
    Index(None, "root"),
    Index(None, "run"),
)

# What a schedule was due for, and what became of it. A slot that nobody served is a row, not a silence.
SLOTS = Table(
    "slots",
    METADATA,
    Column("pipeline", String, primary_key=True),
    Column("trigger", String, primary_key=True),
    Column("due_at", String, primary_key=True),
    _scope(),
    _label(),
    Column("state", String, nullable=False),  # fired, idle, missed, failed
    Column("run", String, nullable=False, default=""),
    Column("why", Text, nullable=False, default=""),
    Column("at", String, nullable=False),
    Index(None, "scope", "due_at"),
)

# Things that happened and may start pipelines or wake waiting runs.
OCCURRENCES = Table(
    "occurrences",
    METADATA,
    Column("seq", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    _scope(),
    _label(),
    Column("kind", String, nullable=False),  # run-ended, pipeline-ended, note-recorded, issue-opened, webhook, ...
    Column("at", String, nullable=False),
    Column("project", String, nullable=False, default=""),
    Column("data", Text, nullable=False),  # JSON
    Column("handled_at", String, nullable=False, default=""),
    Index(None, "handled_at", "seq"),
    Index(None, "kind", "seq"),
    sqlite_autoincrement=True,
)

# How far something has been read: rows of ours by number, an issue folder by its listing.
CURSORS = Table(
    "cursors",
    METADATA,
    Column("name", String, primary_key=True),
    _scope(),
    _label(),
    Column("value", Text, nullable=False),
    Column("at", String, nullable=False),
)

# Circuit breakers of providers and tools, shared by all processes of a home.
BREAKERS = Table(
    "breakers",
    METADATA,
    Column("name", String, primary_key=True),  # provider:NAME, tool:NAME
    _scope(),
    _label(),
    Column("failures", Integer, nullable=False),  # in a row
    Column("open_until", String, nullable=False, default=""),
    Column("last_error", Text, nullable=False, default=""),
    Column("at", String, nullable=False),
)

# Workers as they are shown; that one is alive is known by its lease, not by this row.
WORKERS = Table(
    "workers",
    METADATA,
    Column("id", String, primary_key=True),  # unique for every start
    _scope(),
    _label(),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", String, nullable=False),
    Column("seen_at", String, nullable=False),
    Column("ended_at", String, nullable=False, default=""),
)
