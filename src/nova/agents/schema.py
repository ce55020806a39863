"""JSON Schemas of Nova's files for editors, made from the models that read them.

They lie in catalog/schemas; after a change of a model: python -m nova.agents.schema catalog/schemas
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from nova.agents.file import AgentFile
from nova.projects.file import ProjectFile
from nova.settings.file import SettingsFile

_MODELS: Mapping[str, tuple[str, type[BaseModel]]] = {
    "agent.schema.json": ("Agent of Nova (front matter)", AgentFile),
    "project.schema.json": ("Project of Nova (front matter)", ProjectFile),
    "nova.schema.json": ("nova.toml", SettingsFile),
}


class _Untitled(GenerateJsonSchema):
    """Without a title for each key that only repeats the key."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def schemas() -> Mapping[str, str]:
    """File name -> text of the schema (JSON Schema, draft 2020-12)."""
    return {name: _schema(title, model) for name, (title, model) in _MODELS.items()}


def _schema(title: str, model: type[BaseModel]) -> str:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema = {**head, **model.model_json_schema(schema_generator=_Untitled), "title": title}
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def write_schemas(folder: Path) -> None:
    """Writes the three files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
