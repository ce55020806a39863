"""The schemas in a pipeline file: read, models looked up, references unfolded. Notes those that are none."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nova.core.errors import BadInput
from nova.core.json import Json
from nova.core.plans import Schema
from nova.core.text import shorten
from nova.pipelines.fits import schema_problem, value_problem
from nova.pipelines.notes import Notes
from nova.pipelines.schemas import Mode, inlined, is_model, model_schema
from nova.pipelines.types import names, obj

_INPUT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")


def read_schema(written: Mapping[str, Json], notes: Notes, mode: Mode) -> Schema:
    """The schema, or what the model has that is named there; {} (anything) for one that is none."""
    value = dict(written)
    try:
        if is_model(value):
            notes = notes.below("model")
            return model_schema(str(value["model"]), mode)
        if found := schema_problem(value):
            place, said = found
            notes.add(place, f"This is no JSON Schema: it {said}.", "Write, for example, {type: string}.")
            return {}
        return inlined(value)
    except BadInput as error:
        notes.add((), error.what, error.mend)
        return {}


def read_inputs(written: Mapping[str, Json], notes: Notes) -> dict[str, Schema]:
    """The schema of each input."""
    if is_model(dict(written)):
        model = read_schema(written, notes, "validation")
        needed = names(model.get("required"))
        fields = {name: obj(one) for name, one in obj(model.get("properties")).items()}
        return {name: one if name in needed else {"default": None, **one} for name, one in fields.items()}
    return {name: _input(name, one, notes.below(name)) for name, one in written.items()}


def _input(name: str, written: Json, notes: Notes) -> Schema:
    if not _INPUT.fullmatch(name):
        notes.add((), f"“{shorten(name, 60)}” cannot be the name of an input.", "Use letters, digits, _ and -.")
    if not isinstance(written, dict):
        notes.add((), f"The input “{name}” has no schema.", "Write {type: string}, with description and default.")
        return {}
    schema = read_schema(written, notes, "validation")
    if "default" in schema and (said := value_problem(schema, schema["default"])):
        notes.add(("default",), f"The default of “{name}” does not fit: {said}.", "Make both alike.")
    return schema
