"""Forgetting from where the owner stands: what is meant by an id or by words, and what of it stands in his own texts.

Knows the files of a home that may repeat what was said; refuses to change the owner's own words.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nova.app import corrections
from nova.app.house import Nova
from nova.app.memory import wordless
from nova.core.errors import Unknown
from nova.core.labels import Scope
from nova.memory import forget as forgetting
from nova.memory import revise
from nova.memory.forget import Forgotten, Plan
from nova.memory.tiers import Memory
from nova.store import conversations, runs
from nova.store.values import Blobs

FILE_BYTES_MAX = 5_000_000


def plan(nova: Nova, scope: Scope, what: str) -> Plan:
    """Everything that an id of a note, run or conversation, or these words, would take with it. Raises BadInput."""
    memory = _reaching(nova, wordless(nova))
    if " " not in what.strip():
        if what.startswith("n"):
            try:
                return forgetting.plan_note(memory, scope, revise.find(memory, scope, what))
            except Unknown:
                pass  # it may be a word that begins with n
        with nova.database.read() as connection:
            said = runs.beginning_with(connection, scope, what) if what.startswith("r") else []
            talks = conversations.beginning_with(connection, scope, what) if what.startswith("c") else []
        if len(said) == 1:
            return forgetting.plan_runs(memory, scope, [said[0].id])
        if len(talks) == 1:
            return forgetting.plan_conversation(memory, scope, talks[0].id)
    return forgetting.plan_words(memory, scope, what)


def forget(nova: Nova, scope: Scope, plan: Plan) -> Forgotten:
    """All of the plan at once; lines of corrections.jsonl that hold its words go before it. Raises StoreError.

    In this order, because whoever is killed in between still finds the plan in the database when he asks again.
    """
    corrections.drop(nova.home.root, [*plan.words])
    memory = nova.memory if "memory" in nova.__dict__ else wordless(nova)
    return forgetting.forget(_reaching(nova, memory), scope, plan)


def _reaching(nova: Nova, memory: Memory) -> Memory:
    """The same memory, with the folder where big values of steps lie."""
    return replace(memory, blobs=Blobs(nova.home.data / "blobs"))


def own_texts(nova: Nova, plan: Plan) -> tuple[str, ...]:
    """`file:line` of every place in the home's own text files that holds the words. They are the owner's to change.

    Corrections that are taken out stay in the home's git history; that is said as well.
    """
    found: list[str] = []
    if _lines_with(nova.home.root / corrections.NAME, plan.words):
        found.append(f"the git history of {nova.home.root / corrections.NAME}")
    files = [nova.home.profile_file, *sorted(nova.home.projects.glob("*.md")), *sorted(nova.home.agents.glob("*.md"))]
    for file in files:
        found += [f"{file}:{number}" for number in _lines_with(file, plan.words)]
    return tuple(found)


def _lines_with(file: Path, words: tuple[str, ...]) -> list[int]:
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            return []
        lines = file.read_text(encoding="utf-8", errors="replace").casefold().splitlines()
    except OSError:
        return []
    needles = [word.casefold() for word in words]
    return [number for number, line in enumerate(lines, start=1) if any(needle in line for needle in needles)]
