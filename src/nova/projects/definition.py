"""What a project is: a name, a kind, a wall. A value; refuses to open the repository it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from nova.projects.file import Kind
from nova.settings.definition import Confidentiality
from nova.settings.secrets import SecretReference

KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One effort of the owner. scope: the wall around its text, its own for each project.

    repository: absolute, or None; whether it is there is found out when it is used. issues: absolute folder of
    Markdown issues. notes: the body of the file, values and notes in the owner's words. version: of the file, 12 hex.
    """

    name: str
    kind: str
    scope: str
    confidentiality: Confidentiality
    repository: Path | None
    database: SecretReference | None
    issues: Path | None
    aliases: tuple[str, ...]
    notes: str
    file: str
    version: str

    @property
    def names(self) -> tuple[str, ...]:
        """Everything the owner may call it by."""
        return (self.name, *self.aliases)
