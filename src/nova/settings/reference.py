"""docs/reference/settings.md, written from the models that read nova.toml, so that the two cannot differ."""

from __future__ import annotations

import inspect
import json
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from nova.settings.file import (
    LimitsSection,
    ModelsSection,
    PipelinesSection,
    PriceSection,
    ProviderSection,
    RosterSection,
    RouterSection,
    SettingsFile,
    StoreSection,
    TreeSection,
)

_SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("models", ModelsSection),
    ("providers.NAME", ProviderSection),
    ("providers.NAME.prices.MODEL", PriceSection),
    ("router", RouterSection),
    ("limits", LimitsSection),
    ("tree", TreeSection),
    ("store", StoreSection),
    ("pipelines", PipelinesSection),
    ("roster", RosterSection),
)
_HEAD = """\
# Settings: nova.toml

The file lies in the home's folder of text files. Every key is optional unless it says required; an unknown key is an
error that names the nearest known one. Secrets stand here only by reference.
"""


def settings_reference() -> str:
    """The page as Markdown: a table for each section."""
    tables = [_section(name, model) for name, model in _SECTIONS]
    variables = SettingsFile.model_fields["variables"].description or ""
    tables.append(f"## [variables]\n\n{variables} `${{home}}` is always the folder of nova.toml.\n")
    return "\n".join([_HEAD, *tables])


def keys_table(model: type[BaseModel]) -> str:
    """A Markdown table of the keys of one model: value, default and meaning."""
    rows = [_row(key, field) for key, field in model.model_fields.items()]
    return "\n".join(["| key | value | default | meaning |", "|---|---|---|---|", *rows]) + "\n"


def _section(name: str, model: type[BaseModel]) -> str:
    about = " ".join(inspect.cleandoc(model.__doc__ or "").split())
    return f"## [{name}]\n\n{about}\n\n{keys_table(model)}"


def _row(key: str, field: FieldInfo) -> str:
    default = "required" if field.is_required() else _default(field.default)
    return f"| `{key}` | {_type(field.annotation)} | {default} | {field.description} |"


def _default(value: object) -> str:
    if value is None or value == "" or isinstance(value, BaseModel):
        return ""
    return f"`{json.dumps(value) if isinstance(value, bool | list | dict) else value}`"


def _type(annotation: object) -> str:
    """What a person writes there: text, a number, one of some words, a list of these, a table."""
    origin, inner = get_origin(annotation), [part for part in get_args(annotation) if part is not NoneType]
    if origin is Literal:
        return ", ".join(f"`{choice}`" for choice in inner)
    if origin is list:
        return f"list of {_type(inner[0])}"
    if origin in (Annotated, Union, UnionType):
        return _type(inner[0])
    if origin is dict or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return "table"
    words = ((bool, "`true`, `false`"), (int, "whole number"), (float, "number"))
    return next((word for kind, word in words if annotation is kind), "text")
