"""Whose file a Markdown file is, by its name, its neighbours and its first lines. Pure rules; opens nothing."""

from __future__ import annotations

import re
from collections.abc import Container
from enum import StrEnum
from pathlib import PurePosixPath


class Origin(StrEnum):
    """Where a file of memory comes from. The values that begin with `no ` are no memory, and say why."""

    NOVA = "nova"
    INSTRUCTIONS = "instructions"  # CLAUDE.md, AGENTS.md and their likes: how somebody wants the work done
    TOPIC = "topic"  # Claude Code's own memory: one file, one thing, with a type in the front matter
    DAY = "day"  # OpenClaw's memory/2026-11-20.md
    KEPT = "kept"  # OpenClaw's MEMORY.md and what else lies in memory/
    PERSON = "person"  # USER.md: who the owner is
    ENTRIES = "entries"  # Hermes: entries between lines of a section sign
    INDEX = "no memory: the index of the files beside it"
    AGENT = "no memory: it tells the other tool's agent who it is and how to work"
    SESSION = "no memory: the transcript of a session"
    MACHINERY = "no memory: what the other tool's machinery keeps for itself"
    UNKNOWN = "no memory of a tool that Nova knows"

    @property
    def is_memory(self) -> bool:
        """Whether notes are made of it."""
        return not self.value.startswith("no ")


_INSTRUCTIONS = frozenset({"CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", "AGENTS.override.md", "AGENTS.local.md"})
_AGENT = frozenset({"SOUL.md", "IDENTITY.md", "TOOLS.md", "HEARTBEAT.md", "BOOTSTRAP.md", "BOOT.md", "DREAMS.md"})
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[-_].*)?\.md")
_TOPIC = re.compile(r"^[ \t]*type:[ \t]*[\"']?(user|feedback|project|reference)\b", re.MULTILINE)
_OURS = re.compile(
    r"^(exported_as:|recorded_at:|format: transcript|kind: (fact|decision|question|intention|preference|howto)\b)",
    re.MULTILINE,
)
_INDEX_LINE = re.compile(r"\s*[-*] \[[^\]]+\]\([^)]+\.md\)")
_SECTION = re.compile(r"^§$", re.MULTILINE)


def origin_of(path: str, files: Container[str]) -> Origin:
    """By name and neighbours. files: every path of the folder."""
    pure = PurePosixPath(path)
    folders = pure.parts[:-1]
    if pure.name in _AGENT:
        return Origin.AGENT
    if pure.name in _INSTRUCTIONS:
        workspace = any(str(pure.with_name(name)) in files for name in ("SOUL.md", "IDENTITY.md"))
        return Origin.AGENT if workspace else Origin.INSTRUCTIONS
    if folders[-2:] == (".claude", "rules") or (".claude" in folders and "rules" in folders):
        return Origin.INSTRUCTIONS
    if any(folder in (".dreams", "dreaming", ".openclaw") for folder in folders):
        return Origin.MACHINERY
    if pure.name == "USER.md":
        return Origin.PERSON
    if pure.name in ("MEMORY.md", "memory.md"):
        return Origin.KEPT
    if "memory" in folders:
        return Origin.DAY if _DAY.fullmatch(pure.name) else Origin.KEPT
    return Origin.UNKNOWN


def sniffed(text: str, origin: Origin, *, alone: bool) -> Origin:
    """As the text itself says it. alone: the person named this very file, so it is taken for memory."""
    head = text[:4000]
    front = head[: head.find("\n---", 3)] if head.startswith("---\n") and "\n---" in head[3:] else ""
    if head.startswith("---") and _OURS.search(front or head):
        return Origin.NOVA
    if origin in (Origin.KEPT, Origin.UNKNOWN) and front and _TOPIC.search(front):
        return Origin.TOPIC
    if origin in (Origin.KEPT, Origin.PERSON) and _SECTION.search(text):
        return Origin.ENTRIES
    if origin is Origin.KEPT and _is_index(text):
        return Origin.INDEX
    if origin in (Origin.KEPT, Origin.DAY) and "**Session Key**:" in head and "**Session ID**:" in head:
        return Origin.SESSION
    return Origin.KEPT if alone and not origin.is_memory else origin


def _is_index(text: str) -> bool:
    items = [line for line in text.split("\n") if line.lstrip().startswith(("- ", "* "))]
    return bool(items) and all(_INDEX_LINE.match(line) for line in items)


def day_of(path: str) -> str:
    """The day that a file's name says, as 2026-11-20; empty when it says none."""
    match = _DAY.fullmatch(PurePosixPath(path).name)
    return match.group(1) if match else ""
