"""The JSON Schema of pipeline files for editors, made from the models that read them.

It lies in catalog/schemas; after a change of a model: python -m nova.pipelines.schema catalog/schemas
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from nova.core.json import Json
from nova.pipelines.file import NODES, EventFile, PipelineFile
from nova.pipelines.types import obj
from nova.settings.check import FileModel

NAME = "pipeline.schema.json"
_MODE: JsonSchemaMode = "validation"
_IN_A_MAP = ("agent", "tool", "pipeline", "review", "wait")


class _Untitled(GenerateJsonSchema):
    """Without a title for each key that only repeats the key."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def pipeline_schema() -> str:
    """The schema as text (JSON Schema, draft 2020-12). An editor finds it by `# yaml-language-server: $schema=PATH`."""
    models: list[type[FileModel]] = [PipelineFile, EventFile, *NODES.values()]
    _, found = models_json_schema([(model, _MODE) for model in models], schema_generator=_Untitled)
    defs = obj(json.loads(json.dumps(found["$defs"])))
    whole = obj(defs.pop(PipelineFile.__name__))
    properties = obj(whole["properties"])
    nodes: Json = {**obj(properties["nodes"]), "additionalProperties": {"$ref": "#/$defs/Node"}}
    defs["Node"] = {"anyOf": [_ref(model) for model in NODES.values()]}
    inner = obj(obj(obj(defs["MapNode"])["properties"])["do"])
    inner.pop("additionalProperties", None)
    inner["anyOf"] = [_ref(NODES[kind]) for kind in _IN_A_MAP]
    head: dict[str, Json] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": defs}
    schema = {**head, **whole, "properties": {**properties, "nodes": nodes}, "title": "Pipeline of Nova"}
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _ref(model: type[FileModel]) -> Json:
    return {"$ref": f"#/$defs/{model.__name__}"}


def write_schema(folder: Path) -> None:
    """Writes the file into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(pipeline_schema(), encoding="utf-8")


if __name__ == "__main__":
    write_schema(Path(sys.argv[1]))
