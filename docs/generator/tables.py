"""docs/reference/store.md from the tables themselves, with the comments that stand beside their columns."""

from __future__ import annotations

import inspect
import re

from sqlalchemy import Column, Table

from nova.store import migrate, postgres, sqlite, tables

_HEAD = """\
# The store

One SQLite file for each home, in WAL mode, where writers begin IMMEDIATE; or one PostgreSQL database with pgvector
(`database_url`), where each writer takes one advisory lock. Either way one writes at a time and readers see one moment.
`nova doctor` shows which it is. The columns are the same on both; `vector` holds float16 numbers, a `halfvec` on
PostgreSQL. Beside them lie the text indexes: FTS5 tables on SQLite, tsvector tables on PostgreSQL; and
the tables of the durable engine, which hold ids of runs and nothing that anybody said.

Times are ISO 8601 text in UTC. Every table that holds text has a `scope` (the wall the row lies behind) and a `label`
(the scopes its text came from, and whether it is trusted). No other part of Nova contains SQL.
"""
_MEANING = {
    "conversations": "A conversation and where it stands. Its turns are runs.",
    "runs": "One execution of a request, or of one part of it (`parent`).",
    "events": "What happened in a run, numbered from 1 without gaps. Append-only: the database itself refuses changes.",
    "ledger": "Every call of a model, failed ones too.",
    "texts": "Versions of agent files that runs used, by digest, so that a run can be traced to its words.",
    "episodes": "What was said in each conversation, with its vector. Its words are in the index `episodes_words`.",
    "notes": "What is kept for later: facts, decisions, questions, intentions, preferences, ways to do things.",
    "note_links": "How notes stand to each other: one supersedes, is derived from, or may contradict another.",
    "note_changes": "What happened to a note, when, through whom and why.",
    "generations": "How often rows of a scope changed or went; matrices in memory learn from it that they are old.",
    "walks": "The durable side of a run that has a plan: its frozen definition, who walks it, what it waits for.",
    "steps": "The steps of a walk by their paths. A settled one is never run again.",
    "effects": "What steps do to the world, written down before it is done, by idempotency key.",
    "reviews": "Questions to the owner, each bound to the hash of what it is about, and their one answer.",
    "slots": "What schedules were due for and what became of it; a time that nobody served is a row too.",
    "occurrences": "What happened that may start a pipeline or wake a run, and wishes that a run may end.",
    "cursors": "How far something has been read: rows by number, an issue folder by its listing.",
    "breakers": "Circuits of providers and tools that failed too often just now, shared by all processes.",
    "workers": "Workers as they are shown. That one lives is known by its lock or lease, not by its row.",
    "erasures": "Forgetting that has begun and is not yet finished to the last byte. Usually empty.",
}


def page() -> str:
    """The page as Markdown. Raises KeyError for a table that nobody has described."""
    sections = [_section(table) for table in tables.METADATA.sorted_tables]
    return "\n".join([_HEAD, *sections, _enforced()])


def _section(table: Table) -> str:
    comments = _comments()
    rows = [_row(column, comments.get((table.name, column.name), "")) for column in table.columns]
    indexes = [f"`{', '.join(one.columns.keys())}`" for one in sorted(table.indexes, key=lambda one: str(one.name))]
    also = [f"Indexes: {'; '.join(indexes)}.", ""] if indexes else []
    head = ["| column | type | | |", "|---|---|---|---|"]
    return "\n".join([f"## {table.name}", "", _MEANING[table.name], "", *head, *rows, "", *also])


def _row(column: Column[object], comment: str) -> str:
    facts = ["key"] if column.primary_key else []
    facts += [f"refers to {key.target_fullname}" for key in column.foreign_keys]
    facts += ["may be null"] if column.nullable else []
    return f"| `{column.name}` | {column.type} | {', '.join(facts)} | {comment} |"


def _comments() -> dict[tuple[str, str], str]:
    """(table, column) -> the comment beside the column in tables.py."""
    found: dict[tuple[str, str], str] = {}
    table = ""
    for line in inspect.getsource(tables).splitlines():
        if opened := re.match(r'    "(\w+)",$', line):
            table = opened.group(1)
        elif noted := re.match(r'    Column\("(\w+)".*#\s*(.+)$', line):
            found[table, noted.group(1)] = noted.group(2)
    return found


def _enforced() -> str:
    lines = [f"- SQLite: `{one.split(' BEGIN ')[0]}`" for one in sqlite.APPEND_ONLY if not one.startswith("DROP")]
    lines += [f"- PostgreSQL: `{one}`" for one in postgres.APPEND_ONLY if "TRIGGER" in one.split("events")[0]]
    versions = ", ".join(migrate.VERSIONS)
    return "\n".join(
        [
            "## Enforced by the database",
            "",
            *lines,
            "",
            "## Versions",
            "",
            f"Migrations in order: {versions}. The head is {migrate.HEAD}. An upgrade is one "
            "transaction: a kill leaves the old shape or the new. A database of a newer Nova is refused, unchanged.",
        ]
    )
