"""Values of a file held against a pydantic model; each mismatch becomes one sentence at one line.

Knows pydantic's models; refuses to let its words or its addresses reach a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from nova.core.errors import BadFiles, Problem
from nova.core.text import nearest, shorten
from nova.settings.located import KeyPath, Located
from nova.settings.sentences import mismatch, shown

PROBLEMS_MAX = 50
Model = TypeVar("Model", bound=BaseModel)


class FileModel(BaseModel):
    """Base of all models of files: unknown keys are errors, nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def check(model: type[Model], located: Located) -> Model:
    """The value as `model`. Raises BadFiles with every mismatch, at most PROBLEMS_MAX of them."""
    try:
        return model.model_validate(located.value)
    except ValidationError as error:
        details = error.errors(include_url=False)
    misspelt = {_meant(model, detail["loc"]) for detail in details if detail["type"] == "extra_forbidden"}
    told = [one for one in details if one["type"] != "missing" or one["loc"] not in misspelt]
    problems = [_problem(model, located, detail) for detail in told[:PROBLEMS_MAX]]
    if (more := len(told) - PROBLEMS_MAX) > 0:
        problems.append(Problem(file=located.file, line=0, what=f"{more} more problems of the same kind follow."))
    raise BadFiles(problems)


def wrong(what: str, mend: str = "") -> PydanticCustomError:
    """What a validator of a model raises: its sentences are shown as they are."""
    return PydanticCustomError("nova", "{what}", {"what": what, "mend": mend})


def _problem(model: type[BaseModel], located: Located, detail: ErrorDetails) -> Problem:
    path = detail["loc"]
    if detail["type"] == "extra_forbidden":
        what, mend = _unknown_key(model, path)
    elif detail["type"] == "missing":
        what, mend = f"“{shown(path)}” is missing.", _meaning(model, path)
    elif detail["type"] == "nova":
        context: Mapping[str, str] = detail.get("ctx", {})
        what, mend = context["what"], context["mend"]
    else:
        what, mend = mismatch(path, detail)
    return Problem(file=located.file, line=located.line(path), what=what, mend=mend)


def _meant(model: type[BaseModel], path: KeyPath) -> KeyPath:
    """The known key that an unknown one was probably meant to be; the path itself when there is none."""
    near = nearest(str(path[-1]), _keys(_model_at(model, path[:-1])), 1)
    return (*path[:-1], *near) if near else path


def _unknown_key(model: type[BaseModel], path: KeyPath) -> tuple[str, str]:
    key = str(path[-1])
    parent = _model_at(model, path[:-1])
    what = f"“{shorten(key, 60)}” is no key here."
    for name, field in parent.model_fields.items():
        inner = _inner(field.annotation)
        if inner and key in _keys(inner):
            return what, f"It belongs under “{field.alias or name}”."
    if path[:-1] and key in _keys(model):
        return what, "It belongs one level further out."
    known = _keys(parent)
    if near := nearest(key, known, 2):
        return what, "Did you mean " + " or ".join(f"“{name}”" for name in near) + "?"
    return what, f"Known keys: {', '.join(known)}."


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[BaseModel], path: Iterable[int | str]) -> type[BaseModel]:
    """The model that describes the place `path`; items of lists and keys of tables are stepped over."""
    for part in path:
        for name, field in model.model_fields.items():
            if part == (field.alias or name):
                model = _inner(field.annotation) or model
    return model


def _inner(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((inner for part in get_args(annotation) if (inner := _inner(part))), None)


def _meaning(model: type[BaseModel], path: KeyPath) -> str:
    parent = _model_at(model, path[:-1])
    fields = {field.alias or name: field for name, field in parent.model_fields.items()}
    said = fields[str(path[-1])].description or ""
    return f"Write {shown(path[-1:])}: {said[:1].lower()}{said[1:]}" if said else "Add it."
