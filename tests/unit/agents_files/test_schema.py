"""The schemas for editors say what the loader takes."""

from __future__ import annotations

import json
from pathlib import Path

from nova.agents.file import AgentFile, LimitsFile, NovaKeys
from nova.agents.reference import agent_reference, project_reference
from nova.agents.schema import schemas, write_schemas
from nova.projects.definition import KINDS
from nova.projects.file import ProjectFile

CATALOG = Path(__file__).parents[3] / "catalog"


def test_the_shipped_schemas_are_current() -> None:
    """After a change of a model the schemas are written again: python -m nova.agents.schema catalog/schemas."""
    shipped = {name: (CATALOG / "schemas" / name).read_text(encoding="utf-8") for name in schemas()}
    assert shipped == dict(schemas())


def test_the_references_name_every_key() -> None:
    """The pages about agent and project files are made from the models, so every key stands in them."""
    pages = {agent_reference(): (AgentFile, NovaKeys, LimitsFile), project_reference(): (ProjectFile,)}
    for page, models in pages.items():
        for model in models:
            assert all(f"| `{key}` |" in page for key in model.model_fields)
    assert "| `model` | `quick`, `strong` | `quick` |" in agent_reference()
    assert "| `kind` | " + ", ".join(f"`{kind}`" for kind in KINDS) + " | required |" in project_reference()


def test_writing_them(tmp_path: Path) -> None:
    """The command writes exactly these files."""
    write_schemas(tmp_path / "new")
    assert {file.name for file in (tmp_path / "new").iterdir()} == set(schemas())


def test_they_hold_keys_choices_and_meanings() -> None:
    """An editor can complete keys and choices, show their meaning, and mark unknown keys."""
    schema = json.loads(schemas()["agent.schema.json"])
    assert set(schema["properties"]) == set(AgentFile.model_fields)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["model"]["enum"] == ["quick", "strong"]
    assert schema["required"] == ["name", "description"]
    own = schema["$defs"]["NovaKeys"]["properties"]
    assert own["kinds"]["items"]["enum"] == list(KINDS)
    assert all("description" in key for key in own.values())
