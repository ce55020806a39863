"""The shape of a project file's front matter as pydantic reads it; its descriptions go into the editors' schema."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field

from nova.settings.check import FileModel, wrong
from nova.settings.file import Name, Secret

Kind: TypeAlias = Literal["django-erp", "marketplace", "parts-shop", "site", "blog", "nova", "general"]
RESERVED_SCOPES = frozenset({"home", "all", "public", "internal", "client"})


def _scope(text: str) -> str:
    if text in RESERVED_SCOPES:
        raise wrong(f"The scope “{text}” has a meaning of its own.", "Use the project's name.")
    return text


def _inside(text: str) -> str:
    if text.startswith(("/", "~", "$")) or ".." in text.split("/") or ":" in text or "\\" in text:
        raise wrong("This is not a folder inside the repository.", "Write its path from the repository's root: issues")
    return text


class ProjectFile(FileModel):
    """Front matter of a project: projects/NAME.md in the home."""

    name: Name = Field(description="Name of the project; the file is called the same.")
    kind: Kind = Field(description="What sort of project it is; it decides which specialists serve it.")
    scope: Annotated[Name, AfterValidator(_scope)] = Field(
        description="The wall around its text, files and runs; each project has its own."
    )
    confidentiality: Literal["public", "internal", "client"] = Field(
        description="How far its text may travel: public, internal (yours) or client (somebody else's)."
    )
    repository: str | None = Field(
        default=None, min_length=1, max_length=1000,
        description="Path of its git repository: absolute, ~, ${variable} of nova.toml, or from the home's folder.",
    )  # fmt: skip
    database: Secret | None = Field(default=None, description="Where the address of its database lies, by reference.")
    issues: Annotated[str, AfterValidator(_inside)] | None = Field(
        default=None, min_length=1, max_length=1000, description="Folder of Markdown issues inside the repository."
    )
    aliases: list[Annotated[str, Field(min_length=1, max_length=60)]] = Field(
        default=[], max_length=20, description="Other words the owner uses for it."
    )
