"""docs/reference/settings.md, written from the models that read nova.toml, so that the two cannot differ."""

from __future__ import annotations

import inspect
import re

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from nova.settings.file import (
    LimitsSection,
    ModelsSection,
    PriceSection,
    ProviderSection,
    RosterSection,
    RouterSection,
    SettingsFile,
    StoreSection,
)

_SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("models", ModelsSection),
    ("providers.NAME", ProviderSection),
    ("providers.NAME.prices.MODEL", PriceSection),
    ("router", RouterSection),
    ("limits", LimitsSection),
    ("store", StoreSection),
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


def _section(name: str, model: type[BaseModel]) -> str:
    about = " ".join(inspect.cleandoc(model.__doc__ or "").split())
    rows = [_row(key, field) for key, field in model.model_fields.items()]
    table = ["| key | value | default | meaning |", "|---|---|---|---|", *rows]
    return f"## [{name}]\n\n{about}\n\n" + "\n".join(table) + "\n"


def _row(key: str, field: FieldInfo) -> str:
    default = "required" if field.is_required() else _default(field)
    return f"| `{key}` | {_type(field)} | {default} | {field.description} |"


def _default(field: FieldInfo) -> str:
    if field.default is None:
        return ""
    return "`" + str(field.default).replace("'", '"') + "`"


def _type(field: FieldInfo) -> str:
    written = str(field.annotation)
    if choices := re.findall(r"'([^']+)'", written) if "Literal" in written else []:
        return ", ".join(f"`{choice}`" for choice in choices)
    words = {"dict[": "table", "list[": "list of text", "int": "whole number", "float": "number"}
    return next((word for sign, word in words.items() if sign in written), "text")
