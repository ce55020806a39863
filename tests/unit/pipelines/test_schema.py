"""The schema for editors and the page of the reference say what the loader takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from tests.unit.pipelines.test_load import RICH
from tests.unit.pipelines.test_mistakes import SOUND

from nova.pipelines.file import NODES, ConditionFile, PipelineFile, RetriesFile, TriggerFile
from nova.pipelines.reference import pipeline_reference
from nova.pipelines.schema import NAME, pipeline_schema, write_schema

SHIPPED = Path(__file__).parents[3] / "catalog" / "schemas" / NAME
VALIDATOR = Draft202012Validator(json.loads(pipeline_schema()))


def test_the_shipped_schema_is_current(tmp_path: Path) -> None:
    """After a change of a model it is written again: python -m nova.pipelines.schema catalog/schemas."""
    write_schema(tmp_path)
    assert (tmp_path / NAME).read_bytes() == SHIPPED.read_bytes()


def test_it_is_a_schema() -> None:
    """An editor can read it: it follows its own draft, and every reference in it leads somewhere."""
    schema = json.loads(pipeline_schema())
    Draft202012Validator.check_schema(schema)
    refs = {one["$ref"].removeprefix("#/$defs/") for one in _objects(schema) if "$ref" in one}
    assert refs <= set(schema["$defs"])


def _objects(value: object) -> list[dict[str, str]]:
    if isinstance(value, dict):
        return [value, *(one for inner in value.values() for one in _objects(inner))]  # pyright: ignore
    return [one for inner in value for one in _objects(inner)] if isinstance(value, list) else []  # pyright: ignore


@pytest.mark.parametrize("text", [SOUND, RICH])
def test_what_loads_pleases_the_editor(text: str) -> None:
    """No editor underlines what the loader takes."""
    assert [*VALIDATOR.iter_errors(yaml.safe_load(text))] == []  # pyright: ignore[reportUnknownMemberType]


@pytest.mark.parametrize(
    ("old", "new"),
    [("tool: echo", "tol: echo"), ("version: 1", "version: x"), ("then: [ask]", "than: [ask]"), ("{wait: 5}", "{}"),
     ("zone: Europe", "zoen: Europe"), ("continue-degraded", "carry-on")],
)  # fmt: skip
def test_what_does_not_load_is_underlined(old: str, new: str) -> None:
    """An editor shows mistakes in keys and choices while they are made."""
    assert old in SOUND
    assert [*VALIDATOR.iter_errors(yaml.safe_load(SOUND.replace(old, new)))] != []  # pyright: ignore[reportUnknownMemberType]


def test_the_reference_names_every_key() -> None:
    """The page is made from the models, so every key stands on it under the name that files use."""
    page = pipeline_reference()
    for model in (PipelineFile, ConditionFile, RetriesFile, TriggerFile, *NODES.values()):
        for name, field in model.model_fields.items():
            assert f"| `{field.alias or name}` |" in page
            assert field.description
    assert all(f"### `{kind}`" in page for kind in NODES)
