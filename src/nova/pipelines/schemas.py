"""Schemas as files give them: written out, or the name of a pydantic model. Refuses to follow a reference elsewhere."""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import Literal, TypeAlias, cast

from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema

from nova.core.errors import BadInput
from nova.core.json import Json
from nova.core.plans import Schema
from nova.core.text import nearest, shorten
from nova.pipelines.types import obj

PARTS_MAX = 5_000
DEPTH_MAX = 40
Mode: TypeAlias = Literal["validation", "serialization"]
_LOCAL = "#/$defs/"


def is_model(written: Json) -> bool:
    """Whether this is `{model: "package.module:Name"}`."""
    return isinstance(written, dict) and list(written) == ["model"] and isinstance(written["model"], str)


def model_schema(path: str, mode: Mode = "validation") -> Schema:
    """The schema of the pydantic model at `package.module:Name`. Raises BadInput when there is none."""
    module, _, name = path.partition(":")
    if not name.isidentifier() or not all(part.isidentifier() for part in module.split(".")):
        raise BadInput(f"“{shorten(path, 80)}” is no path of a model.", "Write package.module:Name.")
    model = _attribute(module, name)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise BadInput(f"{path} is no pydantic model.", "Name a subclass of pydantic.BaseModel.")
    try:
        return inlined(cast("Schema", model.model_json_schema(mode=mode)))
    except PydanticInvalidForJsonSchema as error:
        what = f"{path} has no JSON Schema: {shorten(error.message, 120)}."
        raise BadInput(what, "Use field types that JSON has.") from None


def _attribute(module: str, name: str) -> object:
    top = module.partition(".")[0]
    if top != "nova" and top not in importlib.metadata.packages_distributions():
        raise BadInput(f"{module} is not installed.", "Name a module of Nova, or of an installed package.")
    try:
        found = importlib.import_module(module)
    except Exception as error:  # whatever a module does while it is imported, the file that names it is told
        what = f"{module} cannot be imported: {shorten(f'{type(error).__name__}: {error}', 160)}."
        raise BadInput(what, "Mend the module, or write the schema out.") from error
    if not hasattr(found, name):
        near = nearest(name, [one for one in vars(found) if not one.startswith("_")], 2)
        mend = f"Did you mean {' or '.join(near)}?" if near else "Look into the module for its models."
        raise BadInput(f"{module} has no “{shorten(name, 60)}”.", mend)
    return cast("object", getattr(found, name))


def inlined(schema: Schema) -> Schema:
    """The schema without `$ref` and `$defs`; where one contains itself, anything goes. Raises BadInput.

    A reference that leads out of the schema is refused, and so is one that unfolds to more than PARTS_MAX parts.
    """
    left = [PARTS_MAX]
    whole = _inline(schema, obj(schema.get("$defs")), (), left, 0)
    return {key: one for key, one in obj(whole).items() if key not in ("$defs", "$schema", "$id")}


def _inline(value: Json, defs: dict[str, Json], inside: tuple[str, ...], left: list[int], depth: int) -> Json:
    left[0] -= 1
    if left[0] < 0 or depth > DEPTH_MAX:
        raise BadInput("This schema is too large.", f"Keep it under {PARTS_MAX:,} parts and {DEPTH_MAX} levels.")
    if isinstance(value, list):
        return [_inline(one, defs, inside, left, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(target := value.get("$ref"), str):
        name = target.removeprefix(_LOCAL)
        if not target.startswith(_LOCAL) or name not in defs:
            raise BadInput(f"The schema refers to “{shorten(target, 60)}”.", "Refer to “#/$defs/NAME” within it only.")
        return {} if name in inside else _inline(defs[name], defs, (*inside, name), left, depth + 1)
    kept = {key: one for key, one in value.items() if key != "$defs"}
    return {key: _inline(one, defs, inside, left, depth + 1) for key, one in kept.items()}
