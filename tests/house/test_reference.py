"""The reference is made from the code and is up to date, and names everything that a person can meet."""

from __future__ import annotations

from typing import get_args

import pytest
from docs.generator.commands import commands
from docs.generator.pages import REFERENCE, pages
from docs.generator.vocabulary import error_classes

from nova.agents.load import agent_files
from nova.app.data import catalog
from nova.core.degradations import DegradationKind
from nova.core.events import Happening
from nova.policy import gate
from nova.settings.file import SettingsFile
from nova.store.tables import METADATA
from nova.tools.registry import toolbox

PAGES = pages()


def written(name: str) -> str:
    """A page as it lies in the repository."""
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(PAGES))
def test_each_page_is_current(name: str) -> None:
    """Every page of the reference says what the code says; renew them with python -m docs.generator."""
    assert written(name) == PAGES[name], f"docs/reference/{name} is stale: python -m docs.generator"


def test_no_page_is_left_over() -> None:
    """docs/reference holds the generated pages and no others."""
    assert sorted(file.name for file in REFERENCE.iterdir()) == sorted(PAGES)


def test_settings_are_documented() -> None:
    """Each section of nova.toml and each of its keys stands on the settings page."""
    page = written("settings.md")
    keys: list[str] = []
    for field in SettingsFile.model_fields.values():
        keys += getattr(field.annotation, "model_fields", {})
    assert len(keys) > 15
    assert [key for key in keys if f"`{key}`" not in page] == []
    assert [name for name in SettingsFile.model_fields if f"[{name}" not in page] == []


def test_commands_are_documented() -> None:
    """Each command and each of its options stands on the commands page, with a help text."""
    page = written("cli.md")
    assert {command.words for command in commands()} >= {"ask", "why", "correct", "agents lint", "projects add"}
    for command in commands():
        assert command.help
        assert not command.words or f"## `nova {command.words}`" in page
        silent = [one.name for one in (*command.arguments, *command.options) if not one.help]
        assert silent == [], f"nova {command.words} has parameters without help"
        assert [flag for option in command.options for flag in option.opts if f"`{flag}" not in page] == []


def test_errors_are_documented() -> None:
    """Each error of the tree stands on the errors page with its exit code and in the tree that is drawn there."""
    page = written("errors.md")
    drawn = page.partition("```text")[2].partition("```")[0].splitlines()
    for error in error_classes():
        assert f"| `{error.__name__}` | {error.exit_code} |" in page
        lines = [line for line in drawn if error.__name__ in line.replace("─", " ").split()]
        assert lines, f"{error.__name__} is not drawn in the tree of core/errors.py"
        assert error.__name__ == "NovaError" or str(error.exit_code) in lines[0].split()


def test_degradations_are_documented() -> None:
    """Each kind of degradation has a meaning and a way to get rid of it."""
    rows = {
        line.split("|")[1].strip(): line.split("|")[2:4]
        for line in written("degradations.md").splitlines()
        if "| `" in line
    }
    assert set(rows) == {f"`{kind.value}`" for kind in DegradationKind}
    assert all(len(cell.strip()) > 10 for cells in rows.values() for cell in cells)


def test_events_are_documented() -> None:
    """Each kind of event has a section."""
    headings = [line for line in written("events.md").splitlines() if line.startswith("## ")]
    assert headings == [f"## {kind.__name__}" for kind in get_args(Happening)]


def test_agents_tools_and_tables_are_documented() -> None:
    """Each agent, each tool, each rule of the gate and each table of the store is named."""
    agents, tools, store = written("agents.md"), written("tools.md"), written("store.md")
    assert [name for name in agent_files(catalog(), None) if f"### [{name}]" not in agents] == []
    assert [name for name in toolbox() if f"## {name}\n" not in tools] == []
    assert [table for table in METADATA.tables if f"## {table}\n" not in store] == []
    rules = [line.split()[0] for line in (gate.__doc__ or "").splitlines() if " deny  " in line or " allow  " in line]
    assert len(rules) > 8
    assert [rule for rule in rules if rule not in tools] == []
