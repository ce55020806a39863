"""The pages of docs/reference and where each comes from. Knows names; each page's content is made beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from docs.generator import commands, notefiles, roster, tables, toolpage, vocabulary

from nova.agents.reference import agent_reference, project_reference
from nova.pipelines.reference import pipeline_reference
from nova.settings.reference import settings_reference

REFERENCE = Path(__file__).parents[1] / "reference"
NOTE = "<!-- Made by `python -m docs.generator` from {source}. Change the code, not this page. -->\n"


def pages() -> Mapping[str, str]:
    """File name -> text, for every page of the reference."""
    made = {
        "settings.md": ("src/nova/settings/file.py", settings_reference()),
        "agent-files.md": ("src/nova/agents/file.py", agent_reference()),
        "project-files.md": ("src/nova/projects/file.py", project_reference()),
        "pipeline-files.md": ("src/nova/pipelines/file.py", pipeline_reference()),
        "note-files.md": ("src/nova/memory/files/front.py", notefiles.page()),
        "cli.md": ("src/nova/cli", commands.page()),
        "errors.md": ("src/nova/core/errors.py", vocabulary.errors_page()),
        "degradations.md": ("src/nova/core/degradations.py", vocabulary.degradations_page()),
        "events.md": ("src/nova/core/events.py", vocabulary.events_page()),
        "tools.md": ("src/nova/tools and src/nova/policy/gate.py", toolpage.page()),
        "agents.md": ("catalog/agents", roster.page()),
        "store.md": ("src/nova/store/tables.py", tables.page()),
    }
    return {name: _noted(source, text) for name, (source, text) in made.items()}


def _noted(source: str, text: str) -> str:
    head, _, rest = text.partition("\n")
    return f"{head}\n\n{NOTE.format(source=source)}\n{rest.strip()}\n"
